//! The end.

use std::time::Duration;

use pintle::hub::{HubState, Report};
use serde_json::json;

use crate::fake::FakeHub;
use crate::user::{options, reached, start};

const GRACE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn stopping_cancels_reports_leaves_and_says_good_bye() {
    let mut fake = FakeHub::start().await;
    let (hub, mut events) = start(options(&fake.url));
    let mut peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    events.next().await;
    peer.call("SlowAsync", json!(["a"])).await;
    events.next().await;
    let server = async {
        hub.report(Report { key: "a".into(), target: "Report".into(), arguments: vec!["last".into()] });
        assert_eq!(peer.complete(json!({})).await.1, json!(["last"]));
        assert_eq!(peer.complete(json!({})).await.0, "UnregisterOperatorAsync");
        assert_eq!(peer.read().await, json!({"type": 7}));
        assert_eq!(peer.read_any().await, None);
    };
    tokio::join!(hub.stop(GRACE), server);
    assert_eq!(events.next().await, "cancelled \"a\"");
    assert_eq!(events.next().await, "left true");
    assert_eq!(*hub.state().borrow(), HubState::Stopped);
    assert_eq!(hub.invoke::<()>("Go", &[]).await.unwrap_err().reason(), "NotConnected");
}

/// HUB-31: as upstream's tests of stopping.
#[tokio::test]
async fn stopping_twice_or_without_a_connection_does_no_harm() {
    let (hub, _events) = start(options(&"http://127.0.0.1:1/hub".parse().unwrap()));
    hub.stop(GRACE).await;
    hub.stop(GRACE).await;
    assert_eq!(*hub.state().borrow(), HubState::Stopped);
}

#[tokio::test]
async fn a_silent_server_cannot_keep_us_longer_than_the_grace() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(options(&fake.url));
    let _peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    hub.stop(Duration::from_millis(50)).await;
    assert_eq!(*hub.state().borrow(), HubState::Stopped);
}

#[tokio::test]
async fn dropping_the_client_ends_it() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(options(&fake.url));
    let mut peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    let mut state = hub.state();
    drop(hub);
    state.wait_for(|state| *state == HubState::Stopped).await.unwrap();
    assert_eq!(peer.read().await, json!({"type": 7}));
}

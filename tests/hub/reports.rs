//! Reports that must arrive.

use pintle::hub::{Hub, HubState, Report};
use serde_json::json;

use crate::fake::FakeHub;
use crate::user::{options, reached, start};

fn report(hub: &Hub, key: &str, text: &str) {
    hub.report(Report { key: key.into(), target: "Report".into(), arguments: vec![text.into()] });
}

/// HUB-18: an outbox, the last report of each key.
#[tokio::test]
async fn what_was_reported_without_a_connection_is_sent_after_registering_the_last_of_each_key() {
    let mut fake = FakeHub::start().await;
    let (hub, mut events) = start(options(&fake.url));
    report(&hub, "a", "progress");
    report(&hub, "b", "done");
    report(&hub, "a", "done");
    let mut peer = fake.connected().await;
    events.next().await;
    assert_eq!(peer.complete(json!({})).await.1, json!(["done"]));
    assert_eq!(peer.complete(json!({})).await.1, json!(["done"]));
    report(&hub, "a", "more");
    assert_eq!(peer.complete(json!({})).await.1, json!(["more"]));
}

#[tokio::test]
async fn a_report_that_was_under_way_when_the_connection_broke_is_sent_again() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(options(&fake.url));
    report(&hub, "a", "done");
    let mut peer = fake.connected().await;
    peer.read().await;
    drop(peer);
    let mut peer = fake.connected().await;
    assert_eq!(peer.complete(json!({})).await, ("Report".to_owned(), json!(["done"])));
}

#[tokio::test]
async fn a_refused_report_is_told_and_not_kept() {
    let mut fake = FakeHub::start().await;
    let (hub, mut events) = start(options(&fake.url));
    report(&hub, "a", "one");
    report(&hub, "b", "two");
    let mut peer = fake.connected().await;
    events.next().await;
    peer.complete(json!({"error": "unknown workload"})).await;
    assert_eq!(events.next().await, "refused a: Report was refused by the hub: unknown workload");
    assert_eq!(peer.complete(json!({})).await.1, json!(["two"]));
    reached(&hub, HubState::is_connected).await;
}

//! Calls of the server.

use serde_json::json;

use crate::fake::{FakeHub, Peer};
use crate::user::{Events, options, reached, start};

async fn connected() -> (FakeHub, pintle::hub::Hub, Events, Peer) {
    let mut fake = FakeHub::start().await;
    let (hub, mut events) = start(options(&fake.url));
    let peer = fake.connected().await;
    assert_eq!(events.next().await, "register reconnect=false fails=false");
    reached(&hub, pintle::hub::HubState::is_connected).await;
    (fake, hub, events, peer)
}

/// HUB-28: callbacks are run beside each other, in order for each key.
#[tokio::test]
async fn a_long_callback_does_not_hold_up_those_with_other_keys() {
    let (_fake, _hub, mut events, mut peer) = connected().await;
    peer.call("SlowAsync", json!(["a"])).await;
    assert_eq!(events.next().await, "SlowAsync \"a\"");
    peer.call("WaitingAsync", json!(["a"])).await;
    peer.call("OtherAsync", json!(["b"])).await;
    assert_eq!(events.next().await, "OtherAsync \"b\"");
}

#[tokio::test]
async fn a_callback_can_take_the_place_of_those_before_it() {
    let (_fake, _hub, mut events, mut peer) = connected().await;
    peer.call("SlowAsync", json!(["a"])).await;
    assert_eq!(events.next().await, "SlowAsync \"a\"");
    peer.call("WaitingAsync", json!(["a"])).await;
    peer.call("InsteadAsync", json!(["a"])).await;
    assert_eq!(events.next().await, "cancelled \"a\"");
    assert_eq!(events.next().await, "InsteadAsync \"a\"");
}

#[tokio::test]
async fn running_callbacks_survive_the_connection() {
    let (mut fake, _hub, mut events, mut peer) = connected().await;
    peer.call("SlowAsync", json!(["a"])).await;
    assert_eq!(events.next().await, "SlowAsync \"a\"");
    drop(peer);
    let mut peer = fake.connected().await;
    assert_eq!(events.next().await, "register reconnect=true fails=false");
    peer.call("InsteadAsync", json!(["a"])).await;
    assert_eq!(events.next().await, "cancelled \"a\"");
}

#[tokio::test]
async fn a_server_that_asks_is_answered_whatever_happens() {
    let (_fake, _hub, _events, mut peer) = connected().await;
    for (target, answer) in [
        ("AskAsync", json!({"type": 3, "invocationId": "s1", "result": {"answer": "a"}})),
        ("NopeAsync", json!({"type": 3, "invocationId": "s1", "error": "Client didn't provide a result."})),
        ("PanicAsync", json!({"type": 3, "invocationId": "s1", "error": "Client didn't provide a result."})),
    ] {
        peer.tell(json!({"type": 1, "invocationId": "s1", "target": target, "arguments": ["a"]})).await;
        assert_eq!(peer.read().await, answer);
    }
}

#[tokio::test]
async fn a_superseded_callback_is_answered_too() {
    let (_fake, _hub, mut events, mut peer) = connected().await;
    peer.call("SlowAsync", json!(["a"])).await;
    assert_eq!(events.next().await, "SlowAsync \"a\"");
    peer.tell(json!({"type": 1, "invocationId": "s1", "target": "WaitingAsync", "arguments": ["a"]})).await;
    peer.call("InsteadAsync", json!(["a"])).await;
    assert_eq!(peer.read().await["error"], "Client didn't provide a result.");
}

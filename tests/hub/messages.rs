//! Invocations, frames of every shape, pings and limits.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use pintle::hub::{HubOptions, HubState};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::fake::FakeHub;
use crate::user::{options, problem, reached, start};

#[tokio::test]
async fn invocations_give_results_nothing_or_the_error_of_the_hub() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(options(&fake.url));
    let mut peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    let server = async {
        let call = peer.complete(json!({"result": [{"tenantId": "acme"}]})).await;
        assert_eq!(call, ("RegisterOperatorAsync".to_owned(), json!([null])));
        peer.complete(json!({})).await;
        peer.complete(json!({"error": "Failed to invoke 'NoSuch'"})).await;
        peer.complete(json!({"result": "text"})).await;
    };
    let client = async {
        let pools: Value = hub.invoke("RegisterOperatorAsync", &[Value::Null]).await.unwrap();
        assert_eq!(pools, json!([{"tenantId": "acme"}]));
        hub.invoke::<()>("UnregisterOperatorAsync", &[]).await.unwrap();
        let refused = hub.invoke::<()>("NoSuch", &[]).await.unwrap_err();
        assert_eq!(refused.to_string(), "NoSuch was refused by the hub: Failed to invoke 'NoSuch'");
        assert_eq!(hub.invoke::<u8>("Text", &[]).await.unwrap_err().reason(), "Answer");
    };
    tokio::join!(server, client);
}

#[tokio::test]
async fn without_a_connection_an_invocation_fails_at_once() {
    let (hub, _events) = start(options(&"http://127.0.0.1:1/hub".parse().unwrap()));
    assert_eq!(hub.invoke::<()>("Go", &[]).await.unwrap_err().reason(), "NotConnected");
}

#[tokio::test]
async fn a_lost_connection_fails_what_is_under_way() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(options(&fake.url));
    let mut peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    let server = async {
        peer.read().await;
        drop(peer);
    };
    let (result, ()) = tokio::join!(hub.invoke::<()>("Go", &[]), server);
    assert_eq!(result.unwrap_err().reason(), "Network");
}

#[tokio::test]
async fn an_invocation_that_is_not_completed_times_out() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) =
        start(HubOptions { invocation_timeout: Duration::from_millis(50), ..options(&fake.url) });
    let _peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    assert_eq!(hub.invoke::<()>("Go", &[]).await.unwrap_err().reason(), "TimedOut");
}

/// HUB-3: records in any framing, split and joined.
#[tokio::test]
async fn frames_come_in_every_shape() {
    let mut fake = FakeHub::start().await;
    let (_hub, mut events) = start(options(&fake.url));
    let mut peer = fake.accept().await;
    peer.read().await;
    let call = |number: u8| format!("{}\u{1e}", json!({"type": 1, "target": "Go", "arguments": [number]}));
    // A call behind the handshake, and two that share a message with things to be ignored.
    peer.send(&format!("{{}}\u{1e}{}", call(1))).await;
    let ignored = r#"{"type":42}{"type":2,"invocationId":"x","item":1}{"type":4,"invocationId":"x","target":"y","arguments":[]}"#;
    peer.send(&format!("{}{}{}", call(2), ignored.replace("}{", "}\u{1e}{") + "\u{1e}", call(3))).await;
    // One in three frames with a WebSocket ping between them, one as binary, one in two messages.
    let text = call(4).into_bytes();
    for (from, to, code, last) in [
        (0, 7, OpCode::Data(Data::Text), false),
        (7, 9, OpCode::Data(Data::Continue), false),
        (9, text.len(), OpCode::Data(Data::Continue), true),
    ] {
        peer.socket.send(Message::Frame(Frame::message(text[from..to].to_vec(), code, last))).await.unwrap();
        if !last {
            peer.socket.send(Message::Ping("x".into())).await.unwrap();
        }
    }
    peer.socket.send(Message::binary(call(5))).await.unwrap();
    let (start, end) = (&call(6)[..9], &call(6)[9..]);
    peer.send(start).await;
    peer.send(end).await;
    assert_eq!(events.next().await, "register reconnect=false fails=false");
    let mut calls = Vec::new();
    for _ in 1..=6 {
        calls.push(events.next().await);
    }
    calls.sort();
    assert_eq!(calls, ["Go 1", "Go 2", "Go 3", "Go 4", "Go 5", "Go 6"]);
}

#[tokio::test]
async fn broken_messages_end_the_connection() {
    for (text, expected) in [
        ("hello\u{1e}", "the hub broke the protocol: a message is no JSON"),
        ("{}\u{1e}", "the hub broke the protocol: a message has no type"),
        ("{\"type\":7}\u{1e}", "the hub closed the connection"),
    ] {
        let mut fake = FakeHub::start().await;
        let (hub, _events) = start(options(&fake.url));
        let mut peer = fake.connected().await;
        reached(&hub, HubState::is_connected).await;
        peer.send(text).await;
        let problem = problem(&hub).await;
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[tokio::test]
async fn we_ping_and_give_up_a_silent_server() {
    let mut fake = FakeHub::start().await;
    let quick = HubOptions {
        keep_alive: Duration::from_millis(20),
        server_timeout: Duration::from_millis(300),
        ..options(&fake.url)
    };
    let (hub, _events) = start(quick);
    let mut peer = fake.connected().await;
    for _ in 0..3 {
        assert_eq!(peer.read_any().await, Some(json!({"type": 6})));
    }
    assert_eq!(problem(&hub).await, "a sign of life from the hub took longer than 0.3 seconds");
}

#[tokio::test]
async fn a_message_that_takes_longer_than_the_timeout_keeps_the_connection() {
    let mut fake = FakeHub::start().await;
    let quick = HubOptions { server_timeout: Duration::from_millis(400), ..options(&fake.url) };
    let (_hub, mut events) = start(quick);
    let mut peer = fake.connected().await;
    assert_eq!(events.next().await, "register reconnect=false fails=false");
    let text = format!("{}\u{1e}", json!({"type": 1, "target": "Go", "arguments": ["slow"]})).into_bytes();
    for (index, byte) in text.iter().enumerate() {
        let code = if index == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(vec![*byte], OpCode::Data(code), index + 1 == text.len());
        peer.socket.send(Message::Frame(frame)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(events.next().await, "Go \"slow\"");
}

#[tokio::test]
async fn large_messages_pass_and_larger_ones_than_the_limit_do_not() {
    const SIZE: usize = 8 << 20;
    let mut fake = FakeHub::start().await;
    let (hub, mut events) = start(HubOptions { max_message_bytes: SIZE + 1000, ..options(&fake.url) });
    let mut peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    events.next().await;
    peer.call("Go", json!(["x".repeat(SIZE)])).await;
    assert_eq!(events.next().await, format!("Go {} bytes", SIZE + 2));
    let arguments = ["y".repeat(SIZE).into()];
    let (sent, call) = tokio::join!(hub.invoke::<()>("Take", &arguments), peer.complete(json!({})));
    sent.unwrap();
    assert_eq!(call.1[0].as_str().unwrap().len(), SIZE);

    assert_eq!(
        hub.invoke::<()>("Take", &["y".repeat(SIZE + 1000).into()]).await.unwrap_err().reason(),
        "TooLarge"
    );
    let too_large = json!({"type": 1, "target": "Go", "arguments": ["x".repeat(SIZE + 1000)]});
    // The client may hang up before it has read all.
    let _ = peer.socket.send(Message::text(format!("{too_large}\u{1e}"))).await;
    let problem = problem(&hub).await;
    assert!(problem.contains("is larger than the limit"), "{problem}");
    while let Some(Ok(_)) = peer.socket.next().await {}
}

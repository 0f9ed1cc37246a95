//! What real servers sent, played to the client. The recordings are described in `fixtures/hub/README.md`.

use std::path::Path;

use futures::SinkExt as _;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::fake::FakeHub;
use crate::user::{options, problem, start};

#[tokio::test]
async fn recorded_sessions_are_understood() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hub");
    let mut sessions = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "session") {
            play(&path).await;
            sessions += 1;
        }
    }
    assert!(sessions > 0);
}

async fn play(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut fake = FakeHub::start().await;
    let (hub, mut events) = start(options(&fake.url));
    let mut peer = fake.accept().await;
    assert_eq!(peer.read().await, json!({"protocol": "json", "version": 1}));
    let mut expected = Vec::new();
    for line in text.lines() {
        match line.split_at_checked(2) {
            Some(("< ", frame)) => peer.send(&frame.replace('␞', "\u{1e}")).await,
            Some(("x ", code)) => {
                let code = code.parse::<u16>().unwrap().into();
                let close = Message::Close(Some(CloseFrame { code, reason: "".into() }));
                peer.socket.send(close).await.unwrap();
            }
            Some(("= ", event)) => expected.push(event),
            _ => assert!(line.is_empty() || line.starts_with('#'), "{}: {line}", path.display()),
        }
    }
    drop(peer);
    let problem = problem(&hub).await;
    let end = expected.pop().unwrap();
    assert!(problem.starts_with(end), "{}: {problem}", path.display());
    let mut seen = Vec::new();
    while seen.len() < expected.len() {
        match events.next().await {
            registered if registered.starts_with("register") => {}
            event => seen.push(event),
        }
    }
    // Callbacks with different keys run side by side.
    seen.sort();
    expected.sort_unstable();
    assert_eq!(seen, expected, "{}", path.display());
}

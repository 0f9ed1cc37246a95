//! Negotiation, handshake, TLS, and connecting again.

use std::sync::Arc;
use std::time::Duration;

use pintle::hub::{Hub, HubOptions, HubState, HubTls};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;

use crate::fake::{FakeHub, header, negotiated};
use crate::user::{options, problem, reached, start, user};

#[tokio::test]
async fn version_1_connects_with_the_token_and_shows_the_id() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(options(&fake.url));
    let _peer = fake.connected().await;
    let state = reached(&hub, HubState::is_connected).await;
    assert_eq!(state, HubState::Connected { connection_id: Some("the-id".into()) });
    let requests = fake.requests();
    assert!(
        requests[0].starts_with("POST /operatorHub/negotiate?negotiateVersion=1 HTTP/1.1"),
        "{}",
        requests[0]
    );
    assert_eq!(header(&requests[0], "content-length").as_deref(), Some("0"));
    assert_eq!(header(&requests[0], "authorization"), None);
    assert!(requests[1].starts_with("GET /operatorHub?id=the-token HTTP/1.1"), "{}", requests[1]);
}

#[tokio::test]
async fn version_0_connects_with_the_id() {
    let answer = |request: &str| request.starts_with("POST").then(|| (200, negotiated(0)));
    let mut fake = FakeHub::answering(answer).await;
    let (hub, _events) = start(options(&fake.url));
    let _peer = fake.connected().await;
    assert_eq!(reached(&hub, HubState::is_connected).await, HubState::Connected { connection_id: None });
    assert!(fake.requests()[1].starts_with("GET /operatorHub?id=the-id "));
}

#[tokio::test]
async fn negotiation_can_be_skipped() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(HubOptions { skip_negotiation: true, ..options(&fake.url) });
    let _peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    assert_eq!(fake.requests().len(), 1);
    assert!(fake.requests()[0].starts_with("GET /operatorHub HTTP/1.1"));
}

#[tokio::test]
async fn a_redirect_is_followed_with_the_token_it_gives() {
    let mut elsewhere = FakeHub::start().await;
    let body = json!({"url": format!("{}?redirected=1", elsewhere.url), "accessToken": "given"}).to_string();
    let fake = FakeHub::answering(move |_| Some((200, body.clone()))).await;
    let (hub, _events) = start(options(&fake.url));
    let _peer = elsewhere.connected().await;
    reached(&hub, HubState::is_connected).await;
    let requests = elsewhere.requests();
    assert!(
        requests[0].starts_with("POST /operatorHub/negotiate?redirected=1&negotiateVersion=1 "),
        "{}",
        requests[0]
    );
    assert!(requests[1].starts_with("GET /operatorHub?redirected=1&id=the-token "), "{}", requests[1]);
    for request in requests {
        assert_eq!(header(&request, "authorization").as_deref(), Some("Bearer given"));
    }
}

#[tokio::test]
async fn a_redirect_in_a_circle_ends() {
    let fake = FakeHub::answering(|request| {
        let host = header(request, "host")?;
        Some((200, json!({"url": format!("http://{host}/operatorHub")}).to_string()))
    });
    let fake = fake.await;
    let (hub, _events) = start(options(&fake.url));
    assert!(problem(&hub).await.ends_with("we were referred elsewhere too often"));
}

#[tokio::test]
async fn what_is_no_hub_is_said_so() {
    for (status, body, expected) in [
        (404, "Not Found", "the negotiation was answered with HTTP 404: Not Found"),
        (200, "<html></html>", "the answer can't be understood; is this a SignalR hub?"),
        (200, r#"{"error":"go away"}"#, "go away"),
        (200, r#"{"ProtocolVersion":"1.5","ConnectionId":"x"}"#, "does not offer WebSockets"),
    ] {
        let fake = FakeHub::answering(move |_| Some((status, body.to_owned()))).await;
        let (hub, _events) = start(options(&fake.url));
        let problem = problem(&hub).await;
        assert!(problem.contains(expected), "{problem}");
    }
}

#[tokio::test]
async fn a_refused_upgrade_is_shown_with_its_answer() {
    let answer = |request: &str| request.starts_with("GET").then(|| (409, "taken".to_owned()));
    let fake = FakeHub::answering(answer).await;
    let (hub, _events) = start(options(&fake.url));
    assert_eq!(problem(&hub).await, "the WebSocket upgrade was answered with HTTP 409: taken");
}

#[tokio::test]
async fn a_refused_handshake_is_tried_again() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) = start(options(&fake.url));
    let mut peer = fake.accept().await;
    peer.read().await;
    peer.tell(json!({"error": "not today"})).await;
    assert_eq!(problem(&hub).await, "the hub refused the handshake: not today");
    let _peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
}

#[tokio::test]
async fn a_handshake_without_an_answer_times_out() {
    let mut fake = FakeHub::start().await;
    let (hub, _events) =
        start(HubOptions { handshake_timeout: Duration::from_millis(50), ..options(&fake.url) });
    let _peer = fake.accept().await;
    assert_eq!(problem(&hub).await, "the handshake took longer than 0.05 seconds");
}

/// HUB-8: connecting goes on without end, and each connection is registered anew.
#[tokio::test]
async fn every_new_connection_is_registered() {
    let mut fake = FakeHub::start().await;
    let (hub, mut events) = start(options(&fake.url));
    let peer = fake.connected().await;
    assert_eq!(events.next().await, "register reconnect=false fails=false");
    reached(&hub, HubState::is_connected).await;
    drop(peer);
    let mut peer = fake.connected().await;
    assert_eq!(events.next().await, "register reconnect=true fails=false");
    reached(&hub, HubState::is_connected).await;
    peer.tell(json!({"type": 7, "error": "restarting", "allowReconnect": true})).await;
    assert_eq!(problem(&hub).await, "the hub closed the connection: restarting");
    let _peer = fake.connected().await;
    assert_eq!(events.next().await, "register reconnect=true fails=false");
}

#[tokio::test]
async fn a_failed_registration_is_repeated_on_the_same_connection() {
    let mut fake = FakeHub::start().await;
    let (user, mut events) = user(2);
    let hub = Hub::start(options(&fake.url), None, user).unwrap();
    let _peer = fake.connected().await;
    for fails in [true, true, false] {
        assert_eq!(events.next().await, format!("register reconnect=false fails={fails}"));
    }
    reached(&hub, HubState::is_connected).await;
    assert_eq!(fake.requests().len(), 2);
}

#[tokio::test]
async fn addresses_that_cannot_be_used_are_refused_at_once() {
    for address in ["ftp://hub/x", "data:text/plain,x"] {
        let (user, _events) = user(0);
        let error = Hub::start(HubOptions::new(address.parse().unwrap()), None, user).err().unwrap();
        assert_eq!(error.reason(), "Address");
    }
}

/// HUB-7: certificates are verified; another authority or nobody's only where asked for.
#[tokio::test]
async fn a_server_is_trusted_by_its_authority_or_on_request() {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pair.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config =
        builder.with_no_client_auth().with_single_cert(vec![pair.cert.der().clone()], key).unwrap();
    // A server that prefers HTTP/2 would speak it if we let it choose.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut fake = FakeHub::start_with(Arc::new(|_| None), Some(Arc::new(config).into())).await;

    let (stranger, _events) = start(options(&fake.url));
    let found = problem(&stranger).await;
    assert!(found.contains("certificate"), "{found}");
    drop(stranger);
    let authority = HubTls { extra_ca: Some(pair.cert.pem().into_bytes()), ..HubTls::default() };
    let anybody = HubTls { insecure_skip_verify: true, ..HubTls::default() };
    for tls in [authority, anybody] {
        let (hub, _events) = start(HubOptions { tls, ..options(&fake.url) });
        let _peer = fake.connected().await;
        reached(&hub, HubState::is_connected).await;
    }
}

//! The SignalR client against ASP.NET Core. `tests/hub-server/build.sh` builds the hub when it is first needed.
//!
//! `cargo test --test hub_server -- --ignored` runs them.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may")]

#[path = "hub/server.rs"]
mod server;
#[path = "hub/user.rs"]
mod user;

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use pintle::hub::{HubError, HubOptions, HubState, HubTls, Report, Token, TokenSource};
use serde_json::{Value, json};

use crate::server::Server;
use crate::user::{Events, options, problem, reached, start, start_as};

fn options_of(server: &Server) -> HubOptions {
    options(&format!("{}/operatorHub", server.base()).parse().unwrap())
}

async fn registered(events: &mut Events) {
    assert!(events.next().await.starts_with("register"));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn methods_callbacks_and_errors_are_those_of_aspnet_core() {
    let server = Server::start(&[]).await;
    server.tell("pools", json!([{"tenantId": "acme", "poolRtId": "65d5c447b420da3fb12381a0"}])).await;
    let (hub, mut events) = start(options_of(&server));
    let HubState::Connected { connection_id } = reached(&hub, HubState::is_connected).await else { panic!() };
    registered(&mut events).await;

    let pools: Value = hub.invoke("registeroperatorasync", &[Value::Null]).await.unwrap();
    assert_eq!(pools[0]["tenantId"], "acme");
    assert_eq!(server.state().await["open"], json!([connection_id]));
    hub.invoke::<()>("RegisterPoolAsync", &["acme".into(), "x".into()]).await.unwrap();
    let odd = json!({"text": "ümlaut ✓ \u{1e} \u{0} \"", "n": 1.5, "none": null});
    assert_eq!(hub.invoke::<Value>("Echo", std::slice::from_ref(&odd)).await.unwrap(), odd);
    for (target, arguments, expected) in [
        ("Refuse", vec!["no".into()], "HubException: no"),
        ("Fail", vec!["bad".into()], "InvalidOperationException: bad"),
        ("NoSuch", vec![], "Method does not exist"),
        ("RegisterPoolAsync", vec!["acme".into()], "provides 1 argument(s) but target expects 2"),
    ] {
        let error = hub.invoke::<()>(target, &arguments).await.unwrap_err();
        assert!(error.reason() == "Refused" && error.to_string().contains(expected), "{error}");
    }

    server.tell("call", json!({"method": "PoolDeployedAsync", "arguments": [{"tenantId": "acme"}]})).await;
    assert_eq!(events.next().await, "PoolDeployedAsync {\"tenantId\":\"acme\"}");
    let answer = server.tell("ask", json!({"method": "AskAsync", "arguments": [7]})).await;
    assert_eq!(answer, json!({"result": {"answer": 7}}));
    let answer = server.tell("ask", json!({"method": "NopeAsync", "arguments": []})).await;
    assert!(answer["error"].as_str().unwrap().contains("Client didn't provide a result."), "{answer}");

    assert_eq!(events.next().await, "AskAsync 7");
    hub.stop(Duration::from_secs(30)).await;
    let mut state = server.state().await;
    while state["open"] != json!([]) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        state = server.state().await;
    }
    assert_eq!(state["calls"].as_array().unwrap().last().unwrap()["method"], "UnregisterOperatorAsync");
    assert_eq!(state["disconnects"][0]["error"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn large_messages_pass_both_ways() {
    const SIZE: usize = 90 << 20;
    let server = Server::start(&[]).await;
    let (hub, _events) = start(options_of(&server));
    reached(&hub, HubState::is_connected).await;
    let text: Value = "x".repeat(SIZE).into();
    assert_eq!(hub.invoke::<usize>("Length", std::slice::from_ref(&text)).await.unwrap(), SIZE);
    assert_eq!(hub.invoke::<Value>("Echo", std::slice::from_ref(&text)).await.unwrap(), text);
    assert_eq!(server.state().await["connects"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn aborts_and_restarts_are_survived_and_reports_kept() {
    let mut server = Server::start(&[]).await;
    let (hub, mut events) = start(options_of(&server));
    reached(&hub, HubState::is_connected).await;
    registered(&mut events).await;
    // The server answers the handshake before it counts the connection, but calls only after.
    hub.invoke::<Value>("RegisterOperatorAsync", &[Value::Null]).await.unwrap();
    server.tell("abort", json!({})).await;
    registered(&mut events).await;
    reached(&hub, HubState::is_connected).await;

    server.tell("shutdown", json!({})).await;
    server.wait();
    reached(&hub, |state| !state.is_connected()).await;
    let target = "ReportWorkloadDeploymentStatusAsync";
    for success in [false, true] {
        hub.report(Report {
            key: "a".into(),
            target: target.into(),
            arguments: vec![json!({"success": success})],
        });
    }
    let server = Server::start_at(server.port, &[]).await;
    registered(&mut events).await;
    while hub.reports() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let calls = &server.state().await["calls"];
    assert_eq!(calls.as_array().unwrap().len(), 1, "{calls}");
    assert_eq!(calls[0]["arguments"], json!([{"success": true}]));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn pings_keep_an_idle_connection() {
    let server = Server::start(&[("HUB_KEEPALIVE_MS", "200"), ("HUB_CLIENT_TIMEOUT_MS", "1000")]).await;
    let lively = HubOptions {
        keep_alive: Duration::from_millis(200),
        server_timeout: Duration::from_secs(2),
        ..options_of(&server)
    };
    let (hub, _events) = start(lively);
    reached(&hub, HubState::is_connected).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(server.state().await["connects"].as_array().unwrap().len(), 1);
    assert!(hub.state().borrow().is_connected());
}

/// The first token is wrong.
struct SecondTry;

impl TokenSource for SecondTry {
    fn token<'a>(&'a self, rejected: Option<&'a Token>) -> BoxFuture<'a, Result<Token, HubError>> {
        let token = if rejected.is_some() { "right" } else { "wrong" };
        Box::pin(async move { Ok(Token::new(token.into())) })
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn tokens_are_shown_and_redirects_followed() {
    let guarded = Server::start(&[("HUB_TOKEN", "right")]).await;
    let (anonymous, _events) = start(options_of(&guarded));
    assert_eq!(problem(&anonymous).await, "the negotiation was answered with HTTP 401");
    let (hub, _events) = start_as(options_of(&guarded), Some(Arc::new(SecondTry)));
    reached(&hub, HubState::is_connected).await;

    let redirect = format!("http://127.0.0.1:{}/operatorHub?redirected=1 right", guarded.port);
    let referring = Server::start(&[("HUB_REDIRECT", redirect.as_str())]).await;
    let (hub, _events) = start(options_of(&referring));
    reached(&hub, HubState::is_connected).await;
    hub.invoke::<Value>("RegisterOperatorAsync", &[Value::Null]).await.unwrap();
    assert_eq!(guarded.state().await["open"].as_array().unwrap().len(), 2);
    assert_eq!(referring.state().await["open"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3, openssl and 450 MB of packages"]
async fn tls_is_verified_and_http_2_not_chosen() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("certificate"), made.cert.pem()).unwrap();
    std::fs::write(path("key"), made.signing_key.serialize_pem()).unwrap();
    let (certificate, key, pfx) = (path("certificate"), path("key"), path("pfx"));
    let arguments =
        ["pkcs12", "-export", "-passout", "pass:", "-in", &certificate, "-inkey", &key, "-out", &pfx];
    assert!(Command::new("openssl").args(arguments).status().unwrap().success());
    let server = Server::start(&[("HUB_PFX", pfx.as_str())]).await;
    let secure = options(&format!("https://localhost:{}/operatorHub", server.secure_port).parse().unwrap());

    let (stranger, _events) = start(secure.clone());
    let refused = problem(&stranger).await;
    assert!(refused.contains("certificate"), "{refused}");
    let tls = HubTls { extra_ca: Some(made.cert.pem().into_bytes()), ..HubTls::default() };
    let (hub, _events) = start(HubOptions { tls, ..secure });
    reached(&hub, HubState::is_connected).await;
    hub.invoke::<Value>("RegisterOperatorAsync", &[Value::Null]).await.unwrap();
    assert_eq!(server.state().await["connects"][0]["protocol"], "HTTP/1.1");
}

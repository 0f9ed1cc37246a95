//! Tokens, and what happens when they are not taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pintle::hub::{ClientCredentials, HubState, IdentityService, Token, TokenSource as _};
use serde_json::json;
use url::Url;

use crate::fake::{FakeHub, header};
use crate::user::{options, problem, reached, start_as};

/// An identity service whose tokens are `one`, `two`… and live so long; it fails when told to.
async fn identity(life: u32, fails_after: u32) -> (FakeHub, Url) {
    let given = Arc::new(AtomicU32::new(0));
    let fake = FakeHub::answering(move |request| {
        let host = header(request, "host")?;
        if request.starts_with("GET /realm/.well-known/openid-configuration ") {
            let issuer = format!("http://{host}/realm");
            return Some((
                200,
                json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token")}).to_string(),
            ));
        }
        assert!(request.starts_with("POST /realm/token "), "{request}");
        let number = given.fetch_add(1, Ordering::Relaxed);
        if number >= fails_after {
            return Some((400, json!({"error": "invalid_client", "error_description": "who?"}).to_string()));
        }
        let token = format!("token-{number}");
        Some((200, json!({"access_token": token, "token_type": "Bearer", "expires_in": life}).to_string()))
    });
    let fake = fake.await;
    let mut issuer = fake.url.clone();
    issuer.set_path("/realm/");
    (fake, issuer)
}

fn service(issuer: Url) -> IdentityService {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap();
    let credentials = ClientCredentials {
        issuer,
        client_id: "operator".into(),
        client_secret: "can&ary".into(),
        scope: "octo_api".into(),
        parameters: vec![("acr_values".into(), "tenant:OctoSystem".into())],
    };
    assert!(!format!("{credentials:?}").contains("can&ary"));
    IdentityService::new(http, credentials)
}

/// OCTO-112: client credentials by discovery, refreshed before their end.
#[tokio::test]
async fn a_token_is_asked_for_once_and_kept() {
    let (fake, issuer) = identity(3600, 9).await;
    let service = service(issuer);
    let (one, two) = tokio::join!(service.token(None), service.token(None));
    assert_eq!(one.unwrap(), Token::new("token-0".into()));
    assert_eq!(two.unwrap(), Token::new("token-0".into()));
    let requests = fake.requests();
    assert_eq!(requests.len(), 2);
    let form = "grant_type=client_credentials&client_id=operator&client_secret=can%26ary&scope=octo_api&acr_values=tenant%3AOctoSystem";
    assert!(requests[1].ends_with(form), "{}", requests[1]);
}

#[tokio::test]
async fn a_rejected_token_is_replaced() {
    let (_fake, issuer) = identity(3600, 9).await;
    let service = service(issuer);
    let first = service.token(None).await.unwrap();
    let second = service.token(Some(&first)).await.unwrap();
    assert_eq!(second, Token::new("token-1".into()));
    // Whoever was rejected with the first gets the second without asking for a third.
    assert_eq!(service.token(Some(&first)).await.unwrap(), second);
}

#[tokio::test]
async fn a_token_that_has_ended_is_not_given() {
    let (_fake, issuer) = identity(0, 1).await;
    let service = service(issuer);
    service.token(None).await.unwrap();
    let error = service.token(None).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "failed to get a token: the token request: HTTP 400 Bad Request: invalid_client (who?)"
    );
}

/// OCTO-112: the old token is kept while there is no new one.
#[tokio::test]
async fn when_refreshing_fails_the_old_token_serves_until_its_end() {
    // Of two seconds the last one is for refreshing.
    let (_fake, issuer) = identity(2, 1).await;
    let service = service(issuer);
    let first = service.token(None).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(service.token(None).await.unwrap(), first);
}

#[tokio::test]
async fn another_issuer_is_not_believed() {
    let fake = FakeHub::answering(|_| {
        Some((
            200,
            json!({"issuer": "https://else.example", "token_endpoint": "https://else.example/t"}).to_string(),
        ))
    });
    let fake = fake.await;
    let error = service(fake.url.clone()).token(None).await.unwrap_err().to_string();
    assert!(error.contains("another issuer's"), "{error}");
}

#[tokio::test]
async fn a_hub_that_says_401_gets_one_other_token() {
    let (_identity, issuer) = identity(3600, 9).await;
    let answer = |request: &str| {
        let known = header(request, "authorization").as_deref() == Some("Bearer token-1");
        (!known).then(|| (401, String::new()))
    };
    let mut fake = FakeHub::answering(answer).await;
    let (hub, _events) = start_as(options(&fake.url), Some(Arc::new(service(issuer))));
    let _peer = fake.connected().await;
    reached(&hub, HubState::is_connected).await;
    // The negotiation twice, the WebSocket once.
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn our_token_is_not_shown_to_another_host() {
    let (_identity, issuer) = identity(3600, 9).await;
    let mut elsewhere = FakeHub::start().await;
    let body = json!({"url": elsewhere.url.as_str()}).to_string();
    let fake = FakeHub::answering(move |_| Some((200, body.clone()))).await;
    let (hub, _events) = start_as(options(&fake.url), Some(Arc::new(service(issuer))));
    let _peer = elsewhere.connected().await;
    reached(&hub, HubState::is_connected).await;
    assert_eq!(header(&fake.requests()[0], "authorization").as_deref(), Some("Bearer token-0"));
    assert!(elsewhere.requests().iter().all(|request| header(request, "authorization").is_none()));
}

#[tokio::test]
async fn without_a_token_there_is_no_connection() {
    let (_identity, issuer) = identity(3600, 0).await;
    let fake = FakeHub::start().await;
    let (hub, _events) = start_as(options(&fake.url), Some(Arc::new(service(issuer))));
    let problem = problem(&hub).await;
    assert!(problem.contains("invalid_client") && !problem.contains("can&ary"), "{problem}");
    assert!(fake.requests().is_empty());
}

//! Fetching from a server that does what a test tells it to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use super::*;

/// Serves a router on a port of its own until the test's runtime ends, and gives its URL.
pub(super) async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Sources with empty configuration files.
pub(super) fn sources() -> Sources {
    Sources::new(HelmHome::from(&|name| (name == "HOME").then(|| "/does/not/exist".into())))
}

fn login() -> Access {
    let credentials = Credentials { username: "me".into(), password: "canary".into() };
    Access { credentials: Some(credentials), ..Access::default() }
}

fn index(archive: &str, digest: &str) -> String {
    format!(
        "apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    digest: \"{digest}\"\n    urls:\n    - {archive}\n"
    )
}

async fn fetch_web(repository: &str, access: &Access) -> Result<Fetched, SourceError> {
    let reference = ChartReference::parse("web", "1.0.0", Some(repository)).unwrap();
    sources().fetch(&reference, access).await
}

fn authorized(headers: &HeaderMap) -> String {
    if headers.contains_key("authorization") { "authorized".into() } else { "anonymous".into() }
}

#[tokio::test]
async fn a_chart_comes_from_a_repository_with_its_login() {
    let digest = Digest::of(b"authorized").hex();
    let router = Router::new()
        .route("/charts/index.yaml", get(move || async move { index("web-1.0.0.tgz", &digest) }))
        .route("/charts/web-1.0.0.tgz", get(|headers: HeaderMap| async move { authorized(&headers) }));
    let url = serve(router).await;
    let fetched = fetch_web(&format!("{url}/charts/"), &login()).await.unwrap();
    assert_eq!(fetched.archive, "authorized");
    assert_eq!(fetched.origin, format!("{url}/charts/web-1.0.0.tgz"));
}

#[tokio::test]
async fn another_host_does_not_hear_the_login() {
    let elsewhere =
        serve(Router::new().route("/web.tgz", get(|headers: HeaderMap| async move { authorized(&headers) })))
            .await;
    let archive = format!("{elsewhere}/web.tgz");
    let url =
        serve(Router::new().route("/index.yaml", get(move || async move { index(&archive, "") }))).await;
    assert_eq!(fetch_web(&url, &login()).await.unwrap().archive, "anonymous");
    let everywhere = Access { pass_credentials_all: true, ..login() };
    assert_eq!(fetch_web(&url, &everywhere).await.unwrap().archive, "authorized");
}

#[tokio::test]
async fn a_redirect_to_another_host_drops_the_login() {
    let elsewhere =
        serve(Router::new().route("/web.tgz", get(|headers: HeaderMap| async move { authorized(&headers) })))
            .await;
    let target = format!("{elsewhere}/web.tgz");
    let router = Router::new()
        .route("/index.yaml", get(|| async { index("web.tgz", "") }))
        .route("/web.tgz", get(move || async move { Redirect::temporary(&target) }));
    let url = serve(router).await;
    assert_eq!(fetch_web(&url, &login()).await.unwrap().archive, "anonymous");
}

#[tokio::test]
async fn bytes_that_were_not_promised_are_refused() {
    let promised = Digest::of(b"good").hex();
    let router = Router::new()
        .route("/index.yaml", get(move || async move { index("web.tgz", &promised) }))
        .route("/web.tgz", get(|| async { "evil" }));
    let error = fetch_web(&serve(router).await, &Access::default()).await.unwrap_err();
    assert!(matches!(error, SourceError::DigestMismatch { .. }), "{error}");
    assert_eq!(error.reason(), "DigestMismatch");
}

#[tokio::test]
async fn provenance_comes_from_beside_the_archive_with_the_same_login_and_query() {
    let answer = |uri: Uri, headers: HeaderMap| async move { format!("{uri} {}", authorized(&headers)) };
    let router = Router::new()
        .route("/index.yaml", get(|| async { index("charts/web%2Bb.tgz", "") }))
        .route("/charts/{file}", get(answer));
    let repository = format!("{}?token=1", serve(router).await);
    let reference = ChartReference::parse("web", "1.0.0", Some(&repository)).unwrap();
    let signed = sources().fetch_signed(&reference, &login()).await.unwrap();
    assert_eq!(signed.fetched.archive, "/charts/web%2Bb.tgz?token=1 authorized");
    assert_eq!(signed.fetched.file_name(), "web+b.tgz");
    assert_eq!(signed.provenance.unwrap(), "/charts/web%2Bb.tgz.prov?token=1 authorized");
}

#[tokio::test]
async fn why_there_is_no_provenance_is_told_unless_nobody_has_signed() {
    for (status, advice) in
        [(StatusCode::NOT_FOUND, ""), (StatusCode::FORBIDDEN, " : 403 Forbidden (check the credentials)\n")]
    {
        let router = Router::new()
            .route("/web.tgz", get(|| async { "archive" }))
            .route("/web.tgz.prov", get(move || async move { status }));
        let url = format!("{}/web.tgz", serve(router).await);
        let reference = ChartReference::parse(&url, "", None).unwrap();
        let signed = sources().fetch_signed(&reference, &Access::default()).await.unwrap();
        let error = signed.verified(std::path::Path::new("nope"), chart::Flavour::V4).unwrap_err();
        assert_eq!(error.to_string(), format!("failed to fetch provenance \"{url}.prov\""));
        assert!(error.advice().ends_with(advice) && error.advice().is_empty() == advice.is_empty());
    }
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let answer = move || async move {
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")]).into_response(),
            _ => "archive".into_response(),
        }
    };
    let url = serve(Router::new().route("/web.tgz", get(answer))).await;
    let reference = ChartReference::parse(&format!("{url}/web.tgz"), "", None).unwrap();
    assert_eq!(sources().fetch(&reference, &Access::default()).await.unwrap().archive, "archive");
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_server_that_says_no_is_asked_once() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let answer = move || async move {
        count.fetch_add(1, Ordering::Relaxed);
        StatusCode::NOT_FOUND
    };
    let url = serve(Router::new().route("/index.yaml", get(answer))).await;
    let error = fetch_web(&url, &Access::default()).await.unwrap_err();
    let text = format!(
        "looks like \"{url}/\" is not a valid chart repository or cannot be reached: \
         failed to fetch {url}/index.yaml : 404 Not Found"
    );
    assert_eq!(error.to_string(), text);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn nobody_at_home_is_told_with_the_number_of_attempts_and_no_password() {
    let reference =
        ChartReference::parse("http://me:canary@127.0.0.1:1/web.tgz?token=canary", "", None).unwrap();
    let error = sources().fetch(&reference, &Access::default()).await.unwrap_err();
    assert!(error.is_transient());
    assert!(
        error.to_string().starts_with("failed to fetch http://127.0.0.1:1/web.tgz after 4 attempts: "),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn an_archive_without_end_is_cut_off() {
    let endless = || async {
        let chunk = bytes::Bytes::from(vec![0; 1 << 20]);
        let stream = futures::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
        Response::new(axum::body::Body::from_stream(stream))
    };
    let url = serve(Router::new().route("/web.tgz", get(endless))).await;
    let reference = ChartReference::parse(&format!("{url}/web.tgz"), "", None).unwrap();
    let error = sources().fetch(&reference, &Access::default()).await.unwrap_err();
    assert!(matches!(error, SourceError::TooLarge { .. }), "{error}");
}

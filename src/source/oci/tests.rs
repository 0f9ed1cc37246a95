//! Pulling from a registry that speaks just enough of the protocol.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::source::tests::{serve, sources};
use crate::source::{Access, ChartReference, Credentials, Digest, Fetched, SourceError};

const ARCHIVE: &[u8] = b"archive";

fn manifest() -> String {
    let digest = Digest::of(ARCHIVE);
    format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"sha256:00","size":2}},
        "layers":[{{"mediaType":"{}","digest":"{digest}","size":{}}}]}}"#,
        super::CONFIG,
        super::CHART,
        ARCHIVE.len()
    )
}

/// A registry with `charts/web`; `door` decides who gets in.
fn registry(door: impl Fn(&HeaderMap) -> Option<Response> + Clone + Send + Sync + 'static) -> Router {
    let tags = r#"{"name":"charts/web","tags":["1.0.0","1.2.0_b1","latest","2.0.0-rc.1"]}"#;
    let answer = move |Path((kind, name)): Path<(String, String)>, headers: HeaderMap| {
        let refused = door(&headers);
        async move {
            let blob = format!("blobs/{}", Digest::of(ARCHIVE));
            match (refused, format!("{kind}/{name}").as_str()) {
                (Some(refused), _) => refused,
                (None, "tags/list") => tags.into_response(),
                (None, "manifests/1.0.0" | "manifests/1.2.0_b1") => manifest().into_response(),
                (None, path) if path == blob => ARCHIVE.into_response(),
                (None, path) if path.starts_with("manifests/sha256:") => manifest().into_response(),
                _ => StatusCode::NOT_FOUND.into_response(),
            }
        }
    };
    Router::new().route("/v2/charts/web/{kind}/{name}", get(answer))
}

fn challenge(header: String) -> Option<Response> {
    Some((StatusCode::UNAUTHORIZED, [("www-authenticate", header)]).into_response())
}

async fn pull(url: &str, below: &str, version: &str, login: Option<&str>) -> Result<Fetched, SourceError> {
    let host = url.trim_start_matches("http://");
    let reference = ChartReference::parse(&format!("oci://{host}/charts/web{below}"), version, None)?;
    let credentials = login.map(|password| Credentials { username: "me".into(), password: password.into() });
    sources().fetch(&reference, &Access { credentials, plain_http: true, ..Access::default() }).await
}

#[tokio::test]
async fn a_chart_is_pulled_by_version_range_and_digest() {
    let url = serve(registry(|_| None)).await;
    for version in ["1.0.0", "", "~1.0"] {
        let fetched = pull(&url, "", version, None).await.unwrap();
        assert_eq!((&fetched.archive[..], fetched.digest), (ARCHIVE, Digest::of(ARCHIVE)));
    }
    let pinned = format!("@{}", Digest::of(manifest().as_bytes()));
    assert!(pull(&url, &pinned, "", None).await.is_ok());
    assert!(pull(&url, &format!(":1.0.0{pinned}"), "", None).await.is_ok());
}

#[tokio::test]
async fn the_newest_version_may_have_a_build() {
    let url = serve(registry(|_| None)).await;
    let fetched = pull(&url, "", ">=1.1", None).await.unwrap();
    assert!(fetched.origin.ends_with("charts/web:1.2.0_b1"), "{}", fetched.origin);
    let error = pull(&url, "", "^9", None).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("could not locate a version matching provided version string ^9 (there is")
    );
}

#[tokio::test]
async fn another_manifest_than_the_pinned_one_is_refused() {
    let url = serve(registry(|_| None)).await;
    let other = format!("@{}", Digest::of(b"other"));
    let error = pull(&url, &other, "", None).await.unwrap_err();
    assert!(matches!(error, SourceError::DigestMismatch { .. }), "{error}");
}

#[tokio::test]
async fn a_token_is_fetched_with_the_login_and_scope_of_the_challenge() {
    let token = |uri: Uri, headers: HeaderMap| async move {
        let query = uri.query().unwrap_or_default();
        match query.contains("scope=repository%3Acharts%2Fweb%3Apull")
            && headers.contains_key("authorization")
        {
            true => r#"{"token":"opensesame"}"#.into_response(),
            false => StatusCode::UNAUTHORIZED.into_response(),
        }
    };
    let tokens = serve(Router::new().route("/token", get(token))).await;
    let door = move |headers: &HeaderMap| match headers.get("authorization") {
        Some(header) if header == "Bearer opensesame" => None,
        _ => challenge(format!(
            r#"Bearer realm="{tokens}/token",service="r",scope="repository:charts/web:pull""#
        )),
    };
    let url = serve(registry(door)).await;
    assert!(pull(&url, "", "1.0.0", Some("secret")).await.is_ok());
    let error = pull(&url, "", "1.0.0", None).await.unwrap_err();
    assert_eq!(error.reason(), "AccessDenied");
}

#[tokio::test]
async fn a_basic_login_is_sent_only_when_asked_for() {
    let door = |headers: &HeaderMap| match headers.get("authorization") {
        Some(header) if header == "Basic bWU6c2VjcmV0" => None,
        _ => challenge(r#"Basic realm="r""#.to_owned()),
    };
    let url = serve(registry(door)).await;
    assert!(pull(&url, "", "1.0.0", Some("secret")).await.is_ok());
    let error = pull(&url, "", "1.0.0", Some("canary")).await.unwrap_err();
    assert_eq!(error.reason(), "AccessDenied");
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn what_is_not_a_chart_is_refused() {
    let image = r#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"","size":0},"layers":[]}"#;
    let router = Router::new().route("/v2/charts/web/manifests/1.0.0", get(move || async move { image }));
    let error = pull(&serve(router).await, "", "1.0.0", None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not load config with mediatype application/vnd.cncf.helm.config.v1+json"
    );
}

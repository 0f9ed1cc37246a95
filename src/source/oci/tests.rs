//! Pulling from, and pushing to, a registry that speaks just enough of the protocol.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;

use crate::source::oci::{Artifact, Pushed};
use crate::source::tests::{serve, sources};
use crate::source::{Access, ChartReference, Credentials, Digest, Fetched, OciReference, SourceError};

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

/// What a registry was asked for: methods and paths, without digests.
type Asked = Arc<Mutex<Vec<String>>>;

/// A registry that takes pushes; `upload` gives the place for an upload, and whether that takes it, by its number.
fn taking(
    has_blobs: bool,
    upload: impl Fn(usize) -> (String, StatusCode) + Clone + Send + Sync + 'static,
) -> (Router, Asked) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let answer = move |method: Method, uri: Uri, body: Bytes| async move {
        let path =
            uri.path().trim_start_matches("/v2/charts/web/").split("sha256").next().unwrap_or_default();
        let begun = {
            let mut heard = heard.lock().unwrap();
            heard.push(format!("{method} {path} {}", body.len()));
            heard.iter().filter(|asked| asked.starts_with("POST")).count()
        };
        match (method.as_str(), path) {
            ("HEAD", "blobs/") if has_blobs => StatusCode::OK.into_response(),
            ("POST", "blobs/uploads/") => {
                (StatusCode::ACCEPTED, [("location", upload(begun).0)]).into_response()
            }
            ("PUT", "blobs/uploads/there") => upload(begun).1.into_response(),
            ("PUT", "manifests/1.0.0") => StatusCode::CREATED.into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    (Router::new().fallback(answer), asked)
}

async fn push(router: Router) -> Result<Pushed, SourceError> {
    let host = serve(router).await.trim_start_matches("http://").to_owned();
    let reference = OciReference::parse(&format!("oci://{host}/charts/web:1.0.0"), "").unwrap();
    let artifact = Artifact {
        config: Bytes::from_static(b"{}"),
        archive: Bytes::from_static(ARCHIVE),
        provenance: None,
        annotations: [("a".to_owned(), "<b>".to_owned())].into(),
    };
    let access = Access { plain_http: true, ..Access::default() };
    sources().push(&reference, &artifact, &access).await
}

const THERE: &str = "/v2/charts/web/blobs/uploads/there?state=1";

#[tokio::test]
async fn a_blob_that_is_there_is_not_uploaded_again() {
    let (router, asked) = taking(true, |_| unreachable!());
    let pushed = push(router).await.unwrap();
    assert!(pushed.reference.ends_with("/charts/web:1.0.0"), "{}", pushed.reference);
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked[..3], ["HEAD manifests/ 0", "HEAD blobs/ 0", "HEAD blobs/ 0"]);
    assert!(asked.len() == 4 && asked[3].starts_with("PUT manifests/1.0.0 "), "{asked:?}");
}

#[tokio::test]
async fn an_upload_that_fails_is_begun_anew() {
    let (router, asked) = taking(false, |begun| match begun {
        1 => (THERE.to_owned(), StatusCode::BAD_GATEWAY),
        _ => (THERE.to_owned(), StatusCode::CREATED),
    });
    push(router).await.unwrap();
    let asked = asked.lock().unwrap().clone();
    let uploads = asked.iter().filter(|asked| asked.contains("uploads")).cloned().collect::<Vec<_>>();
    let upload =
        |length: usize| ["POST blobs/uploads/ 0".to_owned(), format!("PUT blobs/uploads/there {length}")];
    assert_eq!(uploads, [upload(ARCHIVE.len()), upload(ARCHIVE.len()), upload(2)].concat());
}

#[tokio::test]
async fn an_upload_that_is_refused_is_told_once() {
    let (router, asked) = taking(false, |_| (THERE.to_owned(), StatusCode::FORBIDDEN));
    let error = push(router).await.err().unwrap();
    assert_eq!(error.reason(), "AccessDenied");
    let text = error.to_string();
    assert!(text.starts_with("failed to perform \"Push\" on destination: PUT \"http://127.0.0.1:"), "{text}");
    assert!(text.ends_with("/there\": response status code 403: Forbidden"), "{text}");
    assert_eq!(asked.lock().unwrap().iter().filter(|asked| asked.starts_with("PUT")).count(), 1);
}

#[tokio::test]
async fn nothing_is_uploaded_to_another_host() {
    let (elsewhere, heard) = taking(false, |_| unreachable!());
    let elsewhere = serve(elsewhere).await;
    let (router, _) = taking(false, move |_| (format!("{elsewhere}{THERE}"), StatusCode::CREATED));
    let error = push(router).await.err().unwrap();
    assert!(error.to_string().ends_with("the registry names no place of its own to upload to"), "{error}");
    assert_eq!(heard.lock().unwrap().len(), 0);
}

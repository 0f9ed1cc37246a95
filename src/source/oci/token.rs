//! The token dance of registries: a 401 names who hands out tokens, a token opens the door.
//!
//! Distribution specification, "Token Authentication" and "OAuth2 Token Authentication".

use http::Method;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use reqwest::Response;
use url::Url;

use super::logins::Login;
use super::refusal;
use crate::source::error::shown;
use crate::source::http::{Failed, Get, Http, Request, whole_body};
use crate::source::{Credentials, TlsOptions};

/// The largest answer of a token server.
const MAX_TOKEN_BYTES: u64 = 1024 * 1024;

/// What a registry asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    Bearer { realm: String, service: String, scope: String },
}

/// Reads the challenges of a 401. Bearer is preferred.
pub(super) fn challenge(response: &Response) -> Option<Challenge> {
    let headers = response.headers().get_all(WWW_AUTHENTICATE);
    let challenges: Vec<_> = headers.iter().filter_map(|header| parse(header.to_str().ok()?)).collect();
    challenges
        .into_iter()
        .reduce(|first, next| if matches!(first, Challenge::Bearer { .. }) { first } else { next })
}

fn parse(header: &str) -> Option<Challenge> {
    let (scheme, parameters) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service, mut scope) = (String::new(), String::new(), String::new());
    let mut rest = parameters.trim();
    while let Some((key, tail)) = rest.split_once('=') {
        let (value, tail) = match tail.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => tail.split_once(',').unwrap_or((tail, "")),
        };
        match key.trim().to_ascii_lowercase().as_str() {
            "realm" => realm = value.to_owned(),
            "service" => service = value.to_owned(),
            "scope" => scope = value.to_owned(),
            _ => {}
        }
        rest = tail.trim_start_matches([',', ' ']);
    }
    (!realm.is_empty()).then_some(Challenge::Bearer { realm, service, scope })
}

/// Asks for a token and gives the header to send with it, or why there is none.
pub(super) async fn bearer(
    http: &Http,
    registry: &Url,
    tls: &TlsOptions,
    login: Option<&Login>,
    (realm, service, scope): (&str, &str, &str),
) -> Result<HeaderValue, String> {
    let url = Url::parse(realm).map_err(|_| format!("the token server {realm:?} is not a URL"))?;
    if url.scheme() != "https" && (registry.scheme() == "https" || url.scheme() != "http") {
        return Err(format!("the token server {} is not reached by https", shown(&url)));
    }
    let (method, response) = match login {
        Some(Login::Refresh(token)) => (Method::POST, refresh(http, &url, tls, token, service, scope).await),
        Some(Login::Basic(credentials)) => {
            (Method::GET, ask(http, url.clone(), tls, Some(credentials), service, scope).await)
        }
        None => (Method::GET, ask(http, url.clone(), tls, None, service, scope).await),
    };
    let response = response.map_err(|failed| match failed {
        Failed::Final(error) => error.to_string(),
        Failed::Passing(problem) => format!("{}: {problem}", shown(&url)),
    })?;
    if response.status() != http::StatusCode::OK {
        // Scope and service are ours to show; what else the registry put into the URL is not.
        let is_plain = url.query().is_none() && url.username().is_empty();
        let asked = if is_plain { response.url().to_string() } else { shown(&url) };
        return Err(refusal::read_of(&method, asked, response).await.to_string());
    }
    let body = whole_body(response, &url, MAX_TOKEN_BYTES).await;
    let body = body.map_err(|_| format!("{} gave no readable answer", shown(&url)))?;
    header(&body).ok_or_else(|| format!("{} gave no token", shown(&url)))
}

async fn ask(
    http: &Http,
    mut url: Url,
    tls: &TlsOptions,
    credentials: Option<&Credentials>,
    service: &str,
    scope: &str,
) -> Result<Response, Failed> {
    for scope in scope.split(' ').filter(|scope| !scope.is_empty()) {
        url.query_pairs_mut().append_pair("scope", scope);
    }
    if !service.is_empty() {
        url.query_pairs_mut().append_pair("service", service);
    }
    let authorization = credentials.and_then(Credentials::basic_of_either);
    http.send(&Get { url: &url, accept: None, authorization, tls }).await
}

async fn refresh(
    http: &Http,
    url: &Url,
    tls: &TlsOptions,
    token: &str,
    service: &str,
    scope: &str,
) -> Result<Response, Failed> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", token)
        .append_pair("client_id", "pintle")
        .append_pair("service", service)
        .append_pair("scope", scope)
        .finish();
    let body = Some(("application/x-www-form-urlencoded", form.into()));
    http.request(&Request { method: Method::POST, url, accept: None, body, authorization: None, tls }).await
}

fn header(body: &[u8]) -> Option<HeaderValue> {
    #[derive(serde::Deserialize)]
    struct Answer {
        #[serde(default)]
        token: String,
        #[serde(default)]
        access_token: String,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let token = if answer.token.is_empty() { answer.access_token } else { answer.token };
    let mut header = HeaderValue::from_str(&format!("Bearer {token}")).ok().filter(|_| !token.is_empty())?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_with_and_without_quotes() {
        let header =
            r#"Bearer realm="https://auth.example/token",service=r.example,scope="repository:a/b:pull,push""#;
        let expected = Challenge::Bearer {
            realm: "https://auth.example/token".into(),
            service: "r.example".into(),
            scope: "repository:a/b:pull,push".into(),
        };
        assert_eq!(parse(header), Some(expected));
        assert_eq!(parse(r#"Basic realm="x""#), Some(Challenge::Basic));
        assert_eq!(parse("Negotiate"), None);
        assert_eq!(parse("Bearer realm=\"unclosed"), None);
    }

    #[test]
    fn either_name_of_the_token_will_do() {
        assert_eq!(header(br#"{"access_token":"t"}"#).unwrap(), "Bearer t");
        assert_eq!(header(br#"{"token":"t"}"#).unwrap(), "Bearer t");
        assert!(header(b"{}").is_none());
    }
}

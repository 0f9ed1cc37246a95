//! Negotiation: where to connect, and as whom.
//!
//! Source: the SignalR Transport Protocols specification (dotnet/aspnetcore, `TransportProtocols.md`), negotiation
//! versions 0 and 1. A redirect (`url` and `accessToken`) is how the Azure SignalR Service hands clients on.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH};
use serde::Deserialize;
use url::Url;

use super::{HubError, Token};
use crate::source::{causes, shown};

/// How often we let ourselves be sent elsewhere; what the official clients allow.
const REDIRECTS: usize = 100;
/// The most we read of an answer.
const LIMIT: usize = 64 * 1024;
const WHAT: &str = "the negotiation";

/// Where to open the WebSocket.
#[derive(Debug)]
pub(super) struct Target {
    /// A `ws` or `wss` URL. Its query may hold a secret.
    pub(super) url: Url,
    /// Shown to the server that is to be connected to.
    pub(super) token: Option<Token>,
    /// Known to the server's logs.
    pub(super) connection_id: Option<String>,
}

impl Target {
    /// The hub itself, without negotiation.
    pub(super) fn unnegotiated(hub: &Url, token: Option<Token>) -> Self {
        Self { url: websocket_url(hub, None), token, connection_id: None }
    }
}

/// Asks the hub, and whoever it refers us to.
pub(super) async fn negotiate(
    http: &reqwest::Client,
    hub: &Url,
    token: Option<Token>,
) -> Result<Target, HubError> {
    let (mut hub, mut token) = (hub.clone(), token);
    for _ in 0..REDIRECTS {
        let problem = |problem: &str| HubError::Negotiate { url: shown(&hub), problem: problem.to_owned() };
        let body = ask(http, &hub, token.as_ref()).await?;
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|_| problem("the answer can't be understood; is this a SignalR hub?"))?;
        if let Some(error) = &answer.error {
            return Err(problem(error));
        }
        let Some(elsewhere) = &answer.url else { return answer.target(&hub, token) };
        let elsewhere = Url::parse(elsewhere).map_err(|_| problem("it refers us to what is no URL"))?;
        if !matches!(elsewhere.scheme(), "http" | "https") || !elsewhere.has_host() {
            return Err(problem("it refers us to what is neither http nor https"));
        }
        if hub.scheme() == "https" && elsewhere.scheme() == "http" {
            return Err(problem("it refers us from https to http"));
        }
        // Our own token is the hub's business, not that of another host.
        token = match answer.access_token {
            Some(given) => Some(Token::new(given)),
            None => token.filter(|_| elsewhere.origin() == hub.origin()),
        };
        hub = elsewhere;
    }
    Err(HubError::Negotiate { url: shown(&hub), problem: "we were referred elsewhere too often".into() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<String>,
    url: Option<String>,
    access_token: Option<String>,
    #[serde(default)]
    negotiate_version: u32,
    connection_id: Option<String>,
    connection_token: Option<String>,
    #[serde(default)]
    available_transports: Vec<Transport>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transport {
    transport: String,
    #[serde(default)]
    transfer_formats: Vec<String>,
}

impl Answer {
    fn target(self, hub: &Url, token: Option<Token>) -> Result<Target, HubError> {
        let problem = |problem: &str| HubError::Negotiate { url: shown(hub), problem: problem.to_owned() };
        let usable = |offer: &Transport| {
            offer.transport == "WebSockets" && offer.transfer_formats.iter().any(|format| format == "Text")
        };
        if !self.available_transports.iter().any(usable) {
            return Err(problem("the server does not offer WebSockets; allow them there"));
        }
        // Version 0 has one id for all; version 1 keeps the id we connect with apart from the one that may be shown.
        let id = match self.negotiate_version {
            0 => self.connection_id.clone(),
            _ => self.connection_token,
        };
        let id =
            id.ok_or_else(|| problem("the answer holds no connection id; is this ASP.NET Core SignalR?"))?;
        // In version 0 the id is what we connect with, so it is not shown.
        let connection_id = self.connection_id.filter(|_| self.negotiate_version > 0);
        Ok(Target { url: websocket_url(hub, Some(&id)), token, connection_id })
    }
}

async fn ask(http: &reqwest::Client, hub: &Url, token: Option<&Token>) -> Result<Vec<u8>, HubError> {
    // .NET Core 3.1 answers a POST without Content-Length with 411.
    let mut request =
        http.post(negotiate_url(hub)).header(CONTENT_LENGTH, 0).header(ACCEPT, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, token.header()?);
    }
    let failed = |error: reqwest::Error| HubError::network("negotiate with the hub", causes(&error));
    let mut response = request.send().await.map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > LIMIT {
            return Err(HubError::TooLarge { bytes: body.len(), limit: LIMIT });
        }
    }
    let status = response.status();
    match status.is_success() {
        true => Ok(body),
        false => Err(HubError::Status { what: WHAT, status: status.as_u16(), detail: detail(&body) }),
    }
}

/// The start of an answer's text, to be shown after a status.
pub(super) fn detail(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text: String = text.trim().chars().filter(|character| !character.is_control()).take(200).collect();
    match text.is_empty() || text.starts_with('<') {
        true => String::new(),
        false => format!(": {text}"),
    }
}

fn negotiate_url(hub: &Url) -> Url {
    let mut url = hub.clone();
    url.set_path(&format!("{}/negotiate", hub.path().trim_end_matches('/')));
    if !url.query_pairs().any(|(name, _)| name == "negotiateVersion") {
        url.query_pairs_mut().append_pair("negotiateVersion", "1");
    }
    url
}

fn websocket_url(hub: &Url, id: Option<&str>) -> Url {
    let mut url = hub.clone();
    let scheme = if hub.scheme() == "https" { "wss" } else { "ws" };
    // Can't fail: all four schemes are of the kind that may stand for each other.
    let _ = url.set_scheme(scheme);
    url.set_fragment(None);
    if let Some(id) = id {
        url.query_pairs_mut().append_pair("id", id);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(hub: &str, answer: &str) -> Result<Target, HubError> {
        serde_json::from_str::<Answer>(answer).unwrap().target(&Url::parse(hub).unwrap(), None)
    }

    const WEBSOCKETS: &str =
        r#""availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]"#;

    #[test]
    fn the_query_of_the_hub_is_kept() {
        let url = |text: &str| negotiate_url(&Url::parse(text).unwrap()).to_string();
        assert_eq!(url("http://h/hub/"), "http://h/hub/negotiate?negotiateVersion=1");
        assert_eq!(url("http://h/hub?a=b"), "http://h/hub/negotiate?a=b&negotiateVersion=1");
        assert_eq!(url("http://h/hub?negotiateVersion=0"), "http://h/hub/negotiate?negotiateVersion=0");
    }

    #[test]
    fn version_1_connects_with_the_token_and_shows_the_id() {
        let answer =
            format!(r#"{{"negotiateVersion":1,"connectionId":"i","connectionToken":"t+",{WEBSOCKETS}}}"#);
        let found = target("https://h/hub?a=b", &answer).unwrap();
        assert_eq!(found.url.as_str(), "wss://h/hub?a=b&id=t%2B");
        assert_eq!(found.connection_id.as_deref(), Some("i"));
    }

    #[test]
    fn version_0_connects_with_the_id_and_shows_none() {
        let found = target("http://h/hub", &format!(r#"{{"connectionId":"i",{WEBSOCKETS}}}"#)).unwrap();
        assert_eq!((found.url.as_str(), found.connection_id), ("ws://h/hub?id=i", None));
    }

    #[test]
    fn a_server_without_websockets_is_named() {
        let answer = r#"{"connectionId":"i","availableTransports":[{"transport":"LongPolling","transferFormats":["Text"]}]}"#;
        let error = target("http://user:canary@h/hub?canary", answer).unwrap_err().to_string();
        assert!(
            error.contains("WebSockets") && error.contains("http://h/hub") && !error.contains("canary"),
            "{error}"
        );
    }

    #[test]
    fn a_page_of_html_is_not_shown() {
        assert_eq!(detail(b"<html>...</html>"), "");
        assert_eq!(detail(b" No Connection\r\nwith that ID "), ": No Connectionwith that ID");
    }
}

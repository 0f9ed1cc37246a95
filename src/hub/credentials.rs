//! Tokens by the client credentials grant.
//!
//! Sources: OpenID Connect Discovery 1.0 (section 4), RFC 6749 (section 4.4, and 2.3.1 for the credentials in the body).

use std::time::Duration;

use futures::future::BoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::{HubError, Token, TokenSource};
use crate::source::causes;

/// How long before its end a token is replaced. Of a token that lives shorter, the last half.
const REFRESH: Duration = Duration::from_secs(5 * 60);
/// The life of a token that doesn't say.
const UNKNOWN_LIFE: Duration = Duration::from_secs(10 * 60);
/// The most we read of an answer.
const LIMIT: usize = 1 << 20;

/// What to show to the identity service.
#[derive(Clone)]
pub struct ClientCredentials {
    /// The issuer, whose discovery document names the token endpoint.
    pub issuer: Url,
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`.
    pub client_secret: String,
    /// `scope`; several are separated by spaces.
    pub scope: String,
    /// More parameters of the token request, such as `acr_values`.
    pub parameters: Vec<(String, String)>,
}

impl ClientCredentials {
    fn form(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", &self.client_secret)
            .append_pair("scope", &self.scope)
            .extend_pairs(&self.parameters)
            .finish()
    }
}

impl std::fmt::Debug for ClientCredentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("ClientCredentials");
        shown.field("issuer", &self.issuer.as_str()).field("client_id", &self.client_id);
        shown.field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Gets tokens from an identity service and keeps the last one until shortly before its end.
pub struct IdentityService {
    http: reqwest::Client,
    credentials: ClientCredentials,
    last: Mutex<Option<Kept>>,
}

struct Kept {
    token: Token,
    refresh_at: Instant,
    ends_at: Instant,
}

impl IdentityService {
    /// Tokens for these credentials, asked for with `http`.
    #[must_use]
    pub fn new(http: reqwest::Client, credentials: ClientCredentials) -> Self {
        Self { http, credentials, last: Mutex::new(None) }
    }

    async fn current(&self, rejected: Option<&Token>) -> Result<Token, HubError> {
        // Held while a token is fetched: who comes meanwhile gets the same.
        let mut last = self.last.lock().await;
        let now = Instant::now();
        let kept = last.as_ref().filter(|kept| Some(&kept.token) != rejected && now < kept.ends_at);
        if let Some(kept) = kept.filter(|kept| now < kept.refresh_at) {
            return Ok(kept.token.clone());
        }
        match (self.fetch().await, kept) {
            (Ok(fetched), _) => Ok(last.insert(fetched).token.clone()),
            (Err(error), Some(kept)) => {
                tracing::warn!(%error, "the token could not be refreshed; the old one serves until it ends");
                Ok(kept.token.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn fetch(&self) -> Result<Kept, HubError> {
        let endpoint = self.token_endpoint().await?;
        let request = self.http.post(endpoint).body(self.credentials.form());
        let request = request.header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer: TokenAnswer = answered(request, "the token request").await?;
        let now = Instant::now();
        let life =
            answer.expires_in.map_or(UNKNOWN_LIFE, Duration::from_secs).min(Duration::from_secs(1 << 30));
        let refresh_at = now + life.saturating_sub(REFRESH).max(life / 2);
        Ok(Kept { token: Token::new(answer.access_token), refresh_at, ends_at: now + life })
    }

    async fn token_endpoint(&self) -> Result<Url, HubError> {
        let issuer = &self.credentials.issuer;
        let base = issuer.as_str().trim_end_matches('/');
        let request = self.http.get(format!("{base}/.well-known/openid-configuration"));
        let found: Discovery = answered(request, "the discovery request").await?;
        if found.issuer.trim_end_matches('/') != base {
            return Err(HubError::Token("the discovery document is another issuer's".into()));
        }
        let endpoint = Url::parse(&found.token_endpoint)
            .map_err(|error| HubError::Token(format!("the token endpoint is no URL: {error}")))?;
        if issuer.scheme() == "https" && endpoint.scheme() != "https" {
            return Err(HubError::Token("the token endpoint is not https, though its issuer is".into()));
        }
        Ok(endpoint)
    }
}

impl TokenSource for IdentityService {
    fn token<'a>(&'a self, rejected: Option<&'a Token>) -> BoxFuture<'a, Result<Token, HubError>> {
        Box::pin(self.current(rejected))
    }
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    token_endpoint: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<u64>,
}

/// RFC 6749, section 5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

async fn answered<T: DeserializeOwned>(request: reqwest::RequestBuilder, what: &str) -> Result<T, HubError> {
    let failed = |error: &reqwest::Error| HubError::Token(format!("{what}: {}", causes(error)));
    let mut response = request.send().await.map_err(|error| failed(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LIMIT {
            return Err(HubError::Token(format!("{what}: the answer is larger than {LIMIT} bytes")));
        }
    }
    let status = response.status();
    if !status.is_success() {
        let refusal = serde_json::from_slice::<Refusal>(&body).map(|refusal| {
            let description = refusal.error_description.map(|text| format!(" ({text})"));
            format!(": {}{}", refusal.error, description.unwrap_or_default())
        });
        return Err(HubError::Token(format!("{what}: HTTP {status}{}", refusal.unwrap_or_default())));
    }
    // The answer holds the token: no word of it may be quoted.
    serde_json::from_slice(&body)
        .map_err(|_| HubError::Token(format!("{what}: the answer can't be understood")))
}

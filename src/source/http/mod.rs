//! One way to ask servers: HTTP with our trust roots, retries, a deadline and limits.
//!
//! Credentials are a header of one request, never of a client: on a redirect to another host they are dropped.
//! Bodies come as sent, no `Content-Encoding` is undone (Helm does the same, indexes and charts are bytes).

mod body;
mod retry;
pub(crate) mod tls;
pub(crate) mod trust;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::Response;
use url::Url;

pub(crate) use body::{download, each_chunk, whole_body};
pub(crate) use retry::Attempts;
pub use tls::TlsOptions;

use super::SourceError;
use super::error::shown;

const USER_AGENT: &str = concat!("pintle/", env!("CARGO_PKG_VERSION"));
/// How long a whole request may take, its body included. Helm's default.
const DEADLINE: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a server may say nothing in the middle of a body.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const REDIRECTS: usize = 10;
/// How many sets of TLS options keep a client with its connections.
const CLIENTS: usize = 64;

/// The HTTP clients of the process: one for each set of TLS options, made when first needed.
#[derive(Clone, Default)]
pub struct Http {
    clients: Arc<Mutex<HashMap<TlsOptions, reqwest::Client>>>,
}

/// A GET request.
#[derive(Clone, Debug)]
pub(crate) struct Get<'a> {
    pub(crate) url: &'a Url,
    pub(crate) accept: Option<&'a str>,
    /// The `Authorization` header.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) tls: &'a TlsOptions,
}

/// A request of any kind.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    pub(crate) accept: Option<&'a str>,
    /// Media type and bytes.
    pub(crate) body: Option<(&'a str, Bytes)>,
    /// The `Authorization` header.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) tls: &'a TlsOptions,
}

impl Http {
    /// A client for these options; cheap after the first time.
    ///
    /// # Errors
    /// Fails when the certificates or the key can't be used.
    pub(crate) fn client(&self, options: &TlsOptions) -> Result<reqwest::Client, SourceError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(options) {
            return Ok(client.clone());
        }
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .tls_backend_preconfigured(tls::client_config(options)?)
            .redirect(reqwest::redirect::Policy::limited(REDIRECTS))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .timeout(DEADLINE)
            .build()
            .map_err(|error| SourceError::Tls(causes(&error)))?;
        if clients.len() >= CLIENTS {
            clients.clear();
        }
        clients.insert(options.clone(), client.clone());
        Ok(client)
    }

    /// Asks once and gives whatever status comes.
    pub(crate) async fn send(&self, get: &Get<'_>) -> Result<Response, Failed> {
        let Get { url, accept, authorization, tls } = get.clone();
        self.request(&Request { method: Method::GET, url, accept, body: None, authorization, tls }).await
    }

    /// Sends a request and gives whatever status comes.
    pub(crate) async fn request(&self, request: &Request<'_>) -> Result<Response, Failed> {
        let client = self.client(request.tls).map_err(Failed::Final)?;
        let mut headers = HeaderMap::new();
        if let Some(accept) = request.accept.and_then(|accept| HeaderValue::from_str(accept).ok()) {
            headers.insert(ACCEPT, accept);
        }
        if let Some(authorization) = &request.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let mut builder = client.request(request.method.clone(), request.url.clone());
        if let Some((media_type, body)) = &request.body {
            headers.extend(HeaderValue::from_str(media_type).ok().map(|value| (CONTENT_TYPE, value)));
            builder = builder.body(body.clone());
        }
        builder.headers(headers).send().await.map_err(|error| Failed::of(&error))
    }

    /// Asks until the server answers 200, as often as makes sense.
    pub(crate) async fn get(&self, get: &Get<'_>) -> Result<Response, SourceError> {
        let mut attempts = Attempts::new(get.url);
        loop {
            match self.send(get).await {
                Ok(response) if response.status() == http::StatusCode::OK => return Ok(response),
                Ok(response) => attempts.after_status(&response).await?,
                Err(failed) => attempts.after_failure(failed).await?,
            }
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failed {
    /// Asking again may help.
    Passing(String),
    /// Asking again won't help.
    Final(SourceError),
}

impl Failed {
    /// The chain of causes of a reqwest error, without the URL (it may hold a password).
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        Self::Passing(causes(error))
    }
}

/// An error and its causes, most general first, each said once. The URL reqwest appends is left out.
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !texts.iter().any(|seen| seen.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    match texts.is_empty() {
        true if error.is_timeout() => "timed out".to_owned(),
        true => "the request failed".to_owned(),
        false => texts.join(": "),
    }
}

/// The error for an answer that is not what was asked for.
pub(crate) fn unexpected(url: &Url, status: http::StatusCode) -> SourceError {
    let hint = match status.as_u16() {
        401 | 403 => " (check the credentials)",
        407 => " (the proxy wants credentials)",
        _ => "",
    };
    SourceError::Status { url: shown(url), status, hint }
}

//! From an address to an open WebSocket: TCP, a proxy where one is set, TLS, the upgrade.

use std::sync::Arc;

use http::header::{AUTHORIZATION, USER_AGENT};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, handshake::client::Request};
use url::{Host, Url};

use super::activity::{LastByte, Noted};
use super::negotiate::{Target, detail};
use super::{HubError, proxy};

const WHAT: &str = "the WebSocket upgrade";
const OPENING: &str = "open a WebSocket";

/// How we name ourselves.
pub(super) const NAME: &str = concat!("pintle/", env!("CARGO_PKG_VERSION"));

/// TCP or TLS.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

/// An open WebSocket.
pub(super) type WebSocket = WebSocketStream<Noted<Box<dyn Wire>>>;

/// Opens WebSockets.
pub(super) struct Transport {
    tls: Arc<ClientConfig>,
    proxies: Matcher,
    max_message_bytes: usize,
}

impl Transport {
    /// Proxies are the environment's.
    pub(super) fn new(tls: ClientConfig, max_message_bytes: usize) -> Self {
        Self { tls: Arc::new(tls), proxies: Matcher::from_env(), max_message_bytes }
    }

    /// Opens a WebSocket, and says when its last byte came.
    pub(super) async fn open(&self, target: &Target) -> Result<(WebSocket, LastByte), HubError> {
        let request = request(target)?;
        let (stream, last_byte) = Noted::new(self.wire(&target.url).await?);
        // A message may be one frame, and one more for the separator at its end.
        let limit = Some(self.max_message_bytes.saturating_add(1));
        let config = WebSocketConfig::default().max_message_size(limit).max_frame_size(limit);
        match tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Ok((socket, last_byte)),
            Err(tungstenite::Error::Http(response)) => Err(HubError::Status {
                what: WHAT,
                status: response.status().as_u16(),
                detail: response.body().as_deref().map(detail).unwrap_or_default(),
            }),
            Err(error) => Err(HubError::network(OPENING, error)),
        }
    }

    async fn wire(&self, url: &Url) -> Result<Box<dyn Wire>, HubError> {
        let secure = url.scheme() == "wss";
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(HubError::network(OPENING, "the address has no host")),
        };
        let stream = self.tcp(url, &host, secure).await?;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small messages to the hub may be held back by TCP");
        }
        if !secure {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host).map_err(|error| HubError::network(OPENING, error))?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await;
        Ok(Box::new(stream.map_err(|error| HubError::network("set up TLS with the hub", error))?))
    }

    async fn tcp(&self, url: &Url, host: &str, secure: bool) -> Result<TcpStream, HubError> {
        let port = url.port_or_known_default().unwrap_or(443);
        let authority = format!("{}:{port}", url.host_str().unwrap_or(host));
        let scheme = if secure { "https" } else { "http" };
        let seen =
            http::Uri::builder().scheme(scheme).authority(authority.as_str()).path_and_query("/").build();
        match seen.ok().and_then(|uri| self.proxies.intercept(&uri)) {
            Some(proxy) => proxy::tunnel(&proxy, &authority).await,
            None => TcpStream::connect((host, port))
                .await
                .map_err(|error| HubError::network("connect to the hub", error)),
        }
    }
}

fn request(target: &Target) -> Result<Request, HubError> {
    let request = target.url.as_str().into_client_request();
    let mut request = request.map_err(|error| HubError::network(OPENING, error))?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, http::HeaderValue::from_static(NAME));
    if let Some(token) = &target.token {
        headers.insert(AUTHORIZATION, token.header()?);
    }
    Ok(request)
}

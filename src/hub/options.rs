//! How to reach a hub.

use std::time::Duration;

use url::Url;

use super::{Backoff, DispatchLimits, HubError, HubTls};
use crate::source::shown;

/// How to reach a hub, and how patient to be. The defaults are those of ASP.NET Core's clients.
#[derive(Clone, Debug)]
pub struct HubOptions {
    /// The hub, as `https://host/path`.
    pub url: Url,
    /// Opens the WebSocket at once, without asking the server first. Default false.
    pub skip_negotiation: bool,
    /// Whom to trust.
    pub tls: HubTls,
    /// How long each step of connecting may take. Default 15 s.
    pub connect_timeout: Duration,
    /// How long the server may take to answer the handshake. Default 15 s.
    pub handshake_timeout: Duration,
    /// After how long without a message of ours we send a ping. Default 15 s.
    pub keep_alive: Duration,
    /// After how long without a byte from the server the connection is given up. Default 30 s.
    pub server_timeout: Duration,
    /// How long the server may take to complete an invocation. Default 60 s.
    pub invocation_timeout: Duration,
    /// The largest message taken or sent, in bytes. Default 100 MiB.
    pub max_message_bytes: usize,
    /// How long to wait before connecting again.
    pub backoff: Backoff,
    /// How much is done at once.
    pub dispatch: DispatchLimits,
}

impl HubOptions {
    /// The defaults for a hub.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            skip_negotiation: false,
            tls: HubTls::default(),
            connect_timeout: Duration::from_secs(15),
            handshake_timeout: Duration::from_secs(15),
            keep_alive: Duration::from_secs(15),
            server_timeout: Duration::from_secs(30),
            invocation_timeout: Duration::from_secs(60),
            max_message_bytes: 100 << 20,
            backoff: Backoff::default(),
            dispatch: DispatchLimits::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), HubError> {
        let problem = match self.url.scheme() {
            "http" | "https" if self.url.has_host() => return Ok(()),
            "http" | "https" => "it has no host",
            _ => "its scheme is neither http nor https",
        };
        Err(HubError::Address { url: shown(&self.url), problem })
    }
}

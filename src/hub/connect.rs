//! One attempt to connect: token, negotiation, WebSocket, handshake.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::activity::LastByte;
use super::handshake::shake_hands;
use super::negotiate::{Target, negotiate};
use super::record::Records;
use super::transport::{Transport, WebSocket};
use super::{HubError, HubOptions, Token, TokenSource, tls};

/// Makes connections.
pub(super) struct Connector {
    url: Url,
    skip_negotiation: bool,
    connect_timeout: Duration,
    handshake_timeout: Duration,
    max_message_bytes: usize,
    http: reqwest::Client,
    transport: Transport,
    tokens: Option<Arc<dyn TokenSource>>,
}

/// A WebSocket on which the JSON protocol is agreed.
pub(super) struct Connected {
    pub(super) socket: WebSocket,
    pub(super) last_byte: LastByte,
    /// What came behind the handshake.
    pub(super) records: Records,
    pub(super) connection_id: Option<String>,
}

impl Connector {
    pub(super) fn new(options: &HubOptions, tokens: Option<Arc<dyn TokenSource>>) -> Result<Self, HubError> {
        let config = tls::client_config(&options.tls)?;
        let http = options.tls.http_client()?;
        Ok(Self {
            url: options.url.clone(),
            skip_negotiation: options.skip_negotiation,
            connect_timeout: options.connect_timeout,
            handshake_timeout: options.handshake_timeout,
            max_message_bytes: options.max_message_bytes,
            http,
            transport: Transport::new(config, options.max_message_bytes),
            tokens,
        })
    }

    /// Connects. A token that is not taken is replaced once.
    pub(super) async fn connect(&self) -> Result<Connected, HubError> {
        let Some(tokens) = &self.tokens else { return self.connect_as(None).await };
        let token = within(self.connect_timeout, "getting a token", tokens.token(None)).await?;
        match self.connect_as(Some(token.clone())).await {
            Err(refused) if refused.wants_another_token() => {
                let other =
                    within(self.connect_timeout, "getting a token", tokens.token(Some(&token))).await?;
                match other == token {
                    true => Err(refused),
                    false => self.connect_as(Some(other)).await,
                }
            }
            other => other,
        }
    }

    async fn connect_as(&self, token: Option<Token>) -> Result<Connected, HubError> {
        let target = match self.skip_negotiation {
            true => Target::unnegotiated(&self.url, token),
            false => {
                let target = negotiate(&self.http, &self.url, token);
                within(self.connect_timeout, "the negotiation", target).await?
            }
        };
        let opened = self.transport.open(&target);
        let (mut socket, last_byte) = within(self.connect_timeout, "opening a WebSocket", opened).await?;
        let handshake = shake_hands(&mut socket, Records::new(self.max_message_bytes));
        let records = within(self.handshake_timeout, "the handshake", handshake).await?;
        Ok(Connected { socket, last_byte, records, connection_id: target.connection_id })
    }
}

async fn within<T>(
    after: Duration,
    what: &'static str,
    step: impl Future<Output = Result<T, HubError>>,
) -> Result<T, HubError> {
    tokio::time::timeout(after, step).await.map_err(|_| HubError::TimedOut { what, after })?
}

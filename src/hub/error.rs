//! What can go wrong between us and a hub.

use std::time::Duration;

/// Why a connection, an invocation or a token could not be had. Texts hold no token, and URLs no query.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The hub's address can't be used.
    #[error("{url} can't be a hub's address: {problem}; give one that starts with http:// or https://")]
    Address {
        /// The address, without query.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The certificates to trust can't be used.
    #[error("failed to set up TLS: {0}")]
    Tls(String),
    /// No token could be had from the identity service.
    #[error("failed to get a token: {0}")]
    Token(String),
    /// The hub, or a proxy before it, answered HTTP with something else than success.
    #[error("{what} was answered with HTTP {status}{detail}")]
    Status {
        /// Which request.
        what: &'static str,
        /// The HTTP status code.
        status: u16,
        /// The start of the answer, after `: `, or nothing.
        detail: String,
    },
    /// The negotiation gave nothing to connect to.
    #[error("failed to negotiate with {url}: {problem}")]
    Negotiate {
        /// The hub, without query.
        url: String,
        /// What the answer lacks, or the error it holds.
        problem: String,
    },
    /// No connection, or it broke.
    #[error("failed to {what}: {problem}")]
    Network {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        problem: String,
    },
    /// Nothing came in time.
    #[error("{what} took longer than {} seconds", .after.as_secs_f32())]
    TimedOut {
        /// What took too long.
        what: &'static str,
        /// How long we waited.
        after: Duration,
    },
    /// The server refused the handshake.
    #[error("the hub refused the handshake: {0}")]
    Handshake(String),
    /// The server sent something that is not the protocol.
    #[error("the hub broke the protocol: {0}")]
    Protocol(String),
    /// A message is larger than the limit.
    #[error("a message of {bytes} bytes is larger than the limit of {limit}")]
    TooLarge {
        /// The size of the message.
        bytes: usize,
        /// The most that may be sent or received.
        limit: usize,
    },
    /// The hub's method failed, doesn't exist or was called with other arguments than it takes.
    #[error("{target} was refused by the hub: {message}")]
    Refused {
        /// The hub's method.
        target: String,
        /// The completion's `error`.
        message: String,
    },
    /// The hub's method gave something else than expected.
    #[error("the answer of {target} can't be understood: {source}")]
    Answer {
        /// The hub's method.
        target: String,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// The hub closed the connection.
    #[error("the hub closed the connection{}{}", if .message.is_empty() { "" } else { ": " }, .message)]
    Closed {
        /// What the hub said, or nothing.
        message: String,
        /// The hub invites us to come back at once.
        allow_reconnect: bool,
    },
    /// What belongs to registering, besides calls of the hub, failed.
    #[error("failed to register: {0}")]
    Registration(String),
    /// There is no connection just now.
    #[error("not connected to the hub")]
    NotConnected,
    /// The client was stopped.
    #[error("the hub client has been stopped")]
    Stopped,
}

impl HubError {
    /// A stable word for metrics and events.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Address { .. } => "Address",
            Self::Tls(_) => "Tls",
            Self::Token(_) => "Token",
            Self::Status { status: 401 | 403, .. } => "Unauthorized",
            Self::Status { .. } => "Status",
            Self::Negotiate { .. } => "Negotiate",
            Self::Network { .. } => "Network",
            Self::TimedOut { .. } => "TimedOut",
            Self::Handshake(_) => "Handshake",
            Self::Protocol(_) => "Protocol",
            Self::TooLarge { .. } => "TooLarge",
            Self::Refused { .. } => "Refused",
            Self::Answer { .. } => "Answer",
            Self::Closed { .. } => "Closed",
            Self::Registration(_) => "Registration",
            Self::NotConnected => "NotConnected",
            Self::Stopped => "Stopped",
        }
    }

    /// The hub has no such method: it speaks an older or newer language than we.
    ///
    /// ASP.NET Core says so only in the text, and only there.
    #[must_use]
    pub fn is_unknown_method(&self) -> bool {
        let Self::Refused { message, .. } = self else { return false };
        let message = message.to_ascii_lowercase();
        message.contains("method does not exist") || message.contains("unknown hub method")
    }

    /// The hub does not take our token.
    pub(super) fn wants_another_token(&self) -> bool {
        matches!(self, Self::Status { status: 401, .. })
    }

    /// The same invocation may succeed on another connection.
    pub(super) fn is_passing(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::Answer { .. } | Self::TooLarge { .. })
    }

    pub(super) fn network(what: &'static str, problem: impl ToString) -> Self {
        Self::Network { what, problem: problem.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::source::shown;

    #[test]
    fn a_shown_url_keeps_neither_password_nor_query() {
        let url = Url::parse("https://user:canary@hub.example/operatorHub?id=canary#canary").unwrap();
        assert_eq!(shown(&url), "https://hub.example/operatorHub");
    }

    /// what ASP.NET Core 3.1 and 9 say, and not what a method says that failed.
    #[test]
    fn an_unknown_method_is_told_from_one_that_fails() {
        let refused = |message: &str| HubError::Refused { target: "X".into(), message: message.into() };
        let unknown =
            "Failed to invoke 'X' due to an error on the server. HubException: Method does not exist.";
        assert!(refused(unknown).is_unknown_method());
        let failed = "An unexpected error occurred invoking 'X' on the server. HubException: unknown site";
        assert!(!refused(failed).is_unknown_method());
    }

    #[test]
    fn a_close_without_a_message_reads_as_a_sentence() {
        let closed =
            |message: &str| HubError::Closed { message: message.into(), allow_reconnect: false }.to_string();
        assert_eq!(closed(""), "the hub closed the connection");
        assert_eq!(closed("bye"), "the hub closed the connection: bye");
    }
}

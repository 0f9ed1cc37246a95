//! What a hub client is doing.

/// How things stand between us and the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubState {
    /// A connection is being made.
    Connecting,
    /// The connection is there and [`register`](super::HubHandler::register) runs.
    Registering {
        /// Why it failed the last time on this connection.
        problem: Option<String>,
    },
    /// Connected and registered.
    Connected {
        /// The connection's id, which the server may show in its logs. Unknown without negotiation.
        connection_id: Option<String>,
    },
    /// Between two attempts.
    Waiting {
        /// Why there is no connection.
        problem: String,
    },
    /// The client was stopped.
    Stopped,
}

impl HubState {
    /// Connected and registered.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self, Self::Connected { .. })
    }
}

//! Connecting again and again, without end: what runs in the background.

use std::sync::Arc;

use tokio::time::{Instant, sleep};

use super::client::Common;
use super::connect::{Connected, Connector};
use super::session::Session;
use super::{Connection, HubError, HubState};

/// Keeps a client connected.
pub(super) struct Reconnector {
    common: Arc<Common>,
    connector: Connector,
    /// How often it went wrong since it last went well.
    failures: u32,
    /// Whether a connection has ever been registered.
    reconnect: bool,
}

impl Reconnector {
    pub(super) fn new(common: Arc<Common>, connector: Connector) -> Self {
        Self { common, connector, failures: 0, reconnect: false }
    }

    /// Runs until the client is stopped.
    pub(super) async fn run(mut self) {
        let common = Arc::clone(&self.common);
        while !common.stopping.is_cancelled() {
            common.state.send_replace(HubState::Connecting);
            let error = tokio::select! {
                connected = self.connector.connect() => match connected {
                    Ok(connected) => self.serve(connected).await,
                    Err(error) => error,
                },
                () = common.stopping.cancelled() => break,
            };
            if common.stopping.is_cancelled() {
                break;
            }
            let wait = common.options.backoff.wait(self.failures);
            self.failures = self.failures.saturating_add(1);
            tracing::warn!(%error, wait = ?wait, "not connected to the hub");
            common.state.send_replace(HubState::Waiting { problem: error.to_string() });
            tokio::select! {
                () = sleep(wait) => {}
                () = common.stopping.cancelled() => {}
            }
        }
        common.state.send_replace(HubState::Stopped);
    }

    /// Uses a connection until it ends, and says why it did.
    async fn serve(&mut self, connected: Connected) -> HubError {
        let common = Arc::clone(&self.common);
        let options = &common.options;
        let Connected { socket, last_byte, records, connection_id } = connected;
        let (connection, outgoing) =
            Connection::new(connection_id, options.invocation_timeout, options.max_message_bytes);
        let session = Session {
            socket,
            last_byte,
            records,
            connection: connection.clone(),
            outgoing,
            keep_alive: options.keep_alive,
            server_timeout: options.server_timeout,
            handler: Arc::clone(&common.handler),
            dispatcher: common.dispatcher.clone(),
            closing: common.stopping.clone(),
        };
        common.connection.send_replace(Some(connection.clone()));
        let mut registered_at = None;
        let ended = tokio::select! {
            ended = session.run() => ended,
            never = self.work(&connection, &mut registered_at) => match never {},
        };
        common.connection.send_replace(None);
        self.judge(&ended, registered_at);
        ended
    }

    /// Starts counting failures afresh after a connection that went well: one that lasted, or one whose end the server
    /// calls no fault of ours. Otherwise a server that drops us as soon as we have registered would see us all the time.
    fn judge(&mut self, ended: &HubError, registered_at: Option<Instant>) {
        let Some(registered_at) = registered_at else { return };
        let invited = matches!(ended, HubError::Closed { allow_reconnect: true, .. });
        if invited || registered_at.elapsed() >= self.common.options.backoff.longest {
            self.failures = 0;
        }
    }

    async fn work(
        &mut self,
        connection: &Connection,
        registered_at: &mut Option<Instant>,
    ) -> std::convert::Infallible {
        self.register(connection).await;
        self.reconnect = true;
        *registered_at = Some(Instant::now());
        let connection_id = connection.id().map(ToOwned::to_owned);
        tracing::info!(connection_id, "connected to the hub");
        self.common.state.send_replace(HubState::Connected { connection_id });
        loop {
            self.report(connection).await;
        }
    }

    /// Registers, as often as it takes.
    async fn register(&self, connection: &Connection) {
        let common = &self.common;
        common.state.send_replace(HubState::Registering { problem: None });
        let mut failures = 0;
        while let Err(error) = common.handler.register(connection, self.reconnect).await {
            tracing::warn!(%error, "failed to register with the hub");
            common.state.send_replace(HubState::Registering { problem: Some(error.to_string()) });
            sleep(common.options.backoff.wait(failures)).await;
            failures = failures.saturating_add(1);
        }
    }

    /// Sends the next report. It is kept when the connection is lost meanwhile: the next one will send it again.
    async fn report(&self, connection: &Connection) {
        let common = &self.common;
        let report = common.outbox.next().await;
        match connection.invoke::<serde::de::IgnoredAny>(&report.target, &report.arguments).await {
            Ok(_) => common.outbox.remove(&report),
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, key = report.key, "a report could not be sent yet");
                sleep(common.options.backoff.wait(0)).await;
            }
            Err(error) => {
                common.outbox.remove(&report);
                common.handler.refused(&report, &error);
            }
        }
    }
}

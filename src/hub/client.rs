//! The client: always connected, or on the way to it.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::dispatch::Dispatcher;
use super::reconnect::Reconnector;
use super::reports::Outbox;
use super::{
    Connection, HubError, HubHandler, HubOptions, HubState, Report, TokenSource, connect::Connector,
};

/// How long closing the connection may take.
const CLOSING: Duration = Duration::from_secs(5);

/// A client of one hub. It connects, and connects again, until it is stopped or the last clone is dropped. Cloning is
/// cheap.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    common: Arc<Common>,
    task: Mutex<Option<JoinHandle<()>>>,
    /// Ends the client with its last clone.
    _guard: DropGuard,
}

/// What the client and its background task share.
pub(super) struct Common {
    pub(super) options: HubOptions,
    pub(super) handler: Arc<dyn HubHandler>,
    pub(super) dispatcher: Dispatcher,
    pub(super) outbox: Outbox,
    pub(super) state: watch::Sender<HubState>,
    /// The connection, from the handshake on.
    pub(super) connection: watch::Sender<Option<Connection>>,
    pub(super) stopping: CancellationToken,
}

impl Hub {
    /// Starts connecting. `tokens` says who we are; without it we are nobody.
    ///
    /// # Errors
    /// When the options can't be used: the address, or the certificates to trust.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn start(
        options: HubOptions,
        tokens: Option<Arc<dyn TokenSource>>,
        handler: Arc<dyn HubHandler>,
    ) -> Result<Self, HubError> {
        options.check()?;
        let connector = Connector::new(&options, tokens)?;
        let stopping = CancellationToken::new();
        let common = Arc::new(Common {
            dispatcher: Dispatcher::new(options.dispatch),
            options,
            handler,
            outbox: Outbox::new(),
            state: watch::Sender::new(HubState::Connecting),
            connection: watch::Sender::new(None),
            stopping: stopping.clone(),
        });
        let task = tokio::spawn(Reconnector::new(Arc::clone(&common), connector).run());
        let shared = Shared { common, task: Mutex::new(Some(task)), _guard: stopping.drop_guard() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What the client is doing, now and from now on.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<HubState> {
        self.shared.common.state.subscribe()
    }

    /// Calls a method of the hub, as [`Connection::invoke`] does, on the connection there is.
    ///
    /// # Errors
    /// As [`Connection::invoke`], and when there is no connection just now.
    pub async fn invoke<T: DeserializeOwned>(
        &self,
        target: &str,
        arguments: &[Value],
    ) -> Result<T, HubError> {
        let connection = self.shared.common.connection.borrow().clone();
        connection.ok_or(HubError::NotConnected)?.invoke(target, arguments).await
    }

    /// Sends a report as soon as we are connected, and again until the hub has taken it. Reports are sent one after
    /// another, in the order given.
    pub fn report(&self, report: Report) {
        self.shared.common.outbox.put(report);
    }

    /// How many reports have not been taken yet.
    #[must_use]
    pub fn reports(&self) -> usize {
        self.shared.common.outbox.len()
    }

    /// Stops: no more callbacks, those that run are told to stop and waited for, reports are sent, then we leave. All of
    /// that takes no longer than `grace`; closing the connection up to 5 s more. Stopping twice does no harm.
    pub async fn stop(&self, grace: Duration) {
        let common = &self.shared.common;
        let mut task = self.shared.task.lock().await;
        let Some(mut running) = task.take() else { return };
        let until = Instant::now() + grace;
        if !common.dispatcher.stop(grace).await {
            tracing::warn!("callbacks of the hub are still running");
        }
        let connection = common.connection.borrow().clone();
        if let Some(connection) = connection {
            let last = async {
                common.outbox.empty().await;
                common.handler.leave(&connection).await;
            };
            if tokio::time::timeout_at(until, last).await.is_err() {
                tracing::warn!(
                    reports = common.outbox.len(),
                    "the hub could not be told everything before we stopped"
                );
            }
        }
        common.stopping.cancel();
        if timeout(CLOSING, &mut running).await.is_err() {
            running.abort();
        }
        common.connection.send_replace(None);
        common.state.send_replace(HubState::Stopped);
    }
}

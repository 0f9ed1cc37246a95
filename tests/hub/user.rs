//! A user of the client that writes down what happens to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use pintle::hub::{
    Backoff, Callback, Connection, Hub, HubError, HubHandler, HubOptions, HubState, Report, TokenSource, Turn,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

pub(crate) struct User {
    events: mpsc::UnboundedSender<String>,
    /// How often registering has yet to fail.
    failing: AtomicU32,
}

pub(crate) struct Events(mpsc::UnboundedReceiver<String>);

impl Events {
    pub(crate) async fn next(&mut self) -> String {
        tokio::time::timeout(Duration::from_secs(60), self.0.recv()).await.expect("nothing happened").unwrap()
    }
}

pub(crate) fn user(failing: u32) -> (Arc<User>, Events) {
    let (events, receiver) = mpsc::unbounded_channel();
    (Arc::new(User { events, failing: AtomicU32::new(failing) }), Events(receiver))
}

/// Options that don't let a test wait.
pub(crate) fn options(url: &Url) -> HubOptions {
    let backoff = Backoff { first: Duration::from_millis(20), longest: Duration::from_millis(50) };
    HubOptions { backoff, ..HubOptions::new(url.clone()) }
}

/// A client whose user registers without telling the hub.
pub(crate) fn start(options: HubOptions) -> (Hub, Events) {
    start_as(options, None)
}

pub(crate) fn start_as(options: HubOptions, tokens: Option<Arc<dyn TokenSource>>) -> (Hub, Events) {
    let (user, events) = user(0);
    (Hub::start(options, tokens, user).unwrap(), events)
}

/// Waits for a state, and gives it.
pub(crate) async fn reached(hub: &Hub, wanted: impl FnMut(&HubState) -> bool) -> HubState {
    let mut state = hub.state();
    let reached = tokio::time::timeout(Duration::from_secs(60), state.wait_for(wanted));
    reached.await.expect("the state was not reached").unwrap().clone()
}

/// Waits until there is no connection, and says why.
pub(crate) async fn problem(hub: &Hub) -> String {
    match reached(hub, |state| matches!(state, HubState::Waiting { .. })).await {
        HubState::Waiting { problem } => problem,
        other => panic!("{other:?}"),
    }
}

impl User {
    fn note(&self, event: String) {
        let _ = self.events.send(event);
    }
}

impl HubHandler for User {
    fn register<'a>(
        &'a self,
        _connection: &'a Connection,
        reconnect: bool,
    ) -> BoxFuture<'a, Result<(), HubError>> {
        Box::pin(async move {
            let failing =
                self.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            self.note(format!("register reconnect={reconnect} fails={}", failing.is_ok()));
            failing.map_or(Ok(()), |_| Err(HubError::Handshake("on purpose".into())))
        })
    }

    fn turn(&self, callback: &Callback) -> Option<Turn> {
        let key = || callback.argument::<Value>(0).unwrap_or_default().to_string();
        match callback.target() {
            "NopeAsync" => None,
            "InsteadAsync" => Some(Turn::Instead(key())),
            "NowAsync" | "AskAsync" => Some(Turn::Now),
            _ => Some(Turn::After(key())),
        }
    }

    fn call(&self, callback: Callback, cancelled: CancellationToken) -> BoxFuture<'_, Result<Value, String>> {
        Box::pin(async move {
            let argument = callback.argument::<Value>(0).unwrap_or_default();
            match argument.to_string() {
                short if short.len() < 200 => self.note(format!("{} {short}", callback.target())),
                long => self.note(format!("{} {} bytes", callback.target(), long.len())),
            }
            match callback.target() {
                "SlowAsync" => {
                    cancelled.cancelled().await;
                    self.note(format!("cancelled {argument}"));
                    Err("cancelled".into())
                }
                "PanicAsync" => panic!("on purpose"),
                "AskAsync" => Ok(json!({"answer": argument})),
                _ => Ok(Value::Null),
            }
        })
    }

    fn refused(&self, report: &Report, error: &HubError) {
        self.note(format!("refused {}: {error}", report.key));
    }

    fn leave<'a>(&'a self, connection: &'a Connection) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let left = connection.invoke::<()>("UnregisterOperatorAsync", &[]).await;
            self.note(format!("left {}", left.is_ok()));
        })
    }
}

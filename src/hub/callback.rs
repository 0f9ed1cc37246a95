//! Calls of the server, and what answers them.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::dispatch::{Dispatcher, Turn};
use super::message::{self, Invocation};
use super::reports::Report;
use super::{Connection, HubError};

/// A call of the server. Its arguments are kept as the JSON text they came as, and are not shown by `Debug`.
pub struct Callback {
    target: String,
    arguments: Vec<Box<RawValue>>,
}

impl Callback {
    /// The method, as the server spells it.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether this is a call of `method`. SignalR does not tell upper case from lower case.
    #[must_use]
    pub fn is(&self, method: &str) -> bool {
        self.target.eq_ignore_ascii_case(method)
    }

    /// How many arguments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arguments.len()
    }

    /// Whether there are no arguments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// Reads one argument, counted from 0. A missing one is read as `null`.
    ///
    /// # Errors
    /// Fails when the argument is not a `T`. The text names method, argument and place, and quotes nothing.
    pub fn argument<T: DeserializeOwned>(&self, index: usize) -> Result<T, HubError> {
        let text = self.arguments.get(index).map_or("null", |argument| argument.get());
        serde_json::from_str(text).map_err(|error| {
            let (target, line, column) = (&self.target, error.line(), error.column());
            HubError::Protocol(format!(
                "argument {index} of {target} is not what it should be, at line {line} column {column}"
            ))
        })
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Callback").field("target", &self.target).finish_non_exhaustive()
    }
}

/// The one who uses the hub: what to do on each connection, and with each call of the server.
pub trait HubHandler: Send + Sync + 'static {
    /// Runs on every new connection before it counts as connected; `reconnect` is false for the first that gets that
    /// far. After an error it is run again on the same connection, as long as that lasts. Calls of the server may come
    /// while it runs.
    fn register<'a>(
        &'a self,
        connection: &'a Connection,
        reconnect: bool,
    ) -> BoxFuture<'a, Result<(), HubError>>;

    /// When a call is to be run, or nothing when its method is not known. Must not take long: reading waits for it.
    fn turn(&self, callback: &Callback) -> Option<Turn>;

    /// Runs a call. The result goes to the server when it waits for one. `cancelled` says that it is no longer wanted.
    fn call(&self, callback: Callback, cancelled: CancellationToken) -> BoxFuture<'_, Result<Value, String>>;

    /// A report was refused for good by the hub, and is not kept.
    fn refused(&self, report: &Report, error: &HubError);

    /// Runs before the connection is closed because we stop.
    fn leave<'a>(&'a self, connection: &'a Connection) -> BoxFuture<'a, ()>;
}

/// What ASP.NET Core's clients answer when there is no handler.
const NO_RESULT: &str = "Client didn't provide a result.";

/// Owes the server an answer: gives it when dropped, whatever has become of the call.
struct Answer {
    invocation_id: Option<String>,
    result: Result<Value, String>,
    outgoing: mpsc::Sender<String>,
}

impl Answer {
    fn give(mut self, result: Result<Value, String>) {
        self.result = result;
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let Some(invocation_id) = &self.invocation_id else { return };
        let record = message::completion(invocation_id, &self.result);
        if self.outgoing.try_send(record).is_err() {
            tracing::warn!(invocation_id, "the result of a callback can't be sent any more");
        }
    }
}

/// Hands a call over to whoever runs it. `bytes` is the size of its message.
pub(super) async fn accept(
    handler: &Arc<dyn HubHandler>,
    dispatcher: &Dispatcher,
    outgoing: &mpsc::Sender<String>,
    invocation: Invocation,
    bytes: usize,
) {
    let Invocation { invocation_id, target, arguments } = invocation;
    let result = Err(NO_RESULT.to_owned());
    let answer = Answer { invocation_id, result, outgoing: outgoing.clone() };
    let callback = Callback { target, arguments };
    let Some(turn) = handler.turn(&callback) else {
        tracing::warn!(target = callback.target, "the hub called a method that is not known");
        return;
    };
    let handler = Arc::clone(handler);
    let work = move |cancelled| async move {
        answer.give(handler.call(callback, cancelled).await);
    };
    dispatcher.dispatch(turn, bytes, work).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(argument: &str) -> Callback {
        let argument = RawValue::from_string(argument.to_owned()).unwrap();
        Callback { target: "DeployedAsync".into(), arguments: vec![argument] }
    }

    #[test]
    fn methods_are_told_apart_without_regard_to_case() {
        assert!(callback("1").is("deployedasync"));
        assert!(!callback("1").is("deployed"));
    }

    #[test]
    fn a_missing_argument_is_null() {
        assert_eq!(callback("1").argument::<Option<u8>>(1).unwrap(), None);
        assert!(callback("1").argument::<u8>(1).is_err());
    }

    #[test]
    fn neither_debug_nor_errors_quote_arguments() {
        let callback = callback(r#"{"password":"canary"}"#);
        assert!(!format!("{callback:?}").contains("canary"));
        let error = callback.argument::<Vec<u8>>(0).unwrap_err().to_string();
        assert!(error.contains("argument 0 of DeployedAsync") && !error.contains("canary"), "{error}");
    }
}

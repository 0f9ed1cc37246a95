//! One connection, as those see it who call the hub's methods.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use super::{HubError, message};

/// How many messages may wait to be written.
const QUEUE: usize = 1024;

/// A completion: the result, or the server's error text.
type Completion = Result<Box<RawValue>, String>;

/// A connection to a hub, on which its methods can be called. Cloning is cheap. When the connection is lost, every call
/// fails; it does not come back, the next one is another.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

struct Shared {
    id: Option<String>,
    outgoing: mpsc::Sender<String>,
    /// The invocations that wait for their completion. Nothing once the connection is lost.
    pending: Mutex<Option<HashMap<String, oneshot::Sender<Completion>>>>,
    next_id: AtomicU64,
    timeout: Duration,
    max_message_bytes: usize,
}

impl Connection {
    /// A connection, and the messages to be written to it.
    pub(super) fn new(
        id: Option<String>,
        timeout: Duration,
        max_message_bytes: usize,
    ) -> (Self, mpsc::Receiver<String>) {
        let (outgoing, written) = mpsc::channel(QUEUE);
        let pending = Mutex::new(Some(HashMap::new()));
        let next_id = AtomicU64::new(1);
        let shared = Shared { id, outgoing, pending, next_id, timeout, max_message_bytes };
        (Self { shared: Arc::new(shared) }, written)
    }

    /// The id that the server may show in its logs. Unknown without negotiation.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.shared.id.as_deref()
    }

    /// Calls a method of the hub with exactly the arguments it takes and waits for its result; `()` for none.
    ///
    /// # Errors
    /// When the hub refuses the call, gives something else than a `T`, takes too long, or the connection is lost.
    pub async fn invoke<T: DeserializeOwned>(
        &self,
        target: &str,
        arguments: &[Value],
    ) -> Result<T, HubError> {
        let result = self.completed(target, arguments).await?;
        serde_json::from_str(result.get())
            .map_err(|source| HubError::Answer { target: target.to_owned(), source })
    }

    async fn completed(&self, target: &str, arguments: &[Value]) -> Result<Box<RawValue>, HubError> {
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed).to_string();
        let record = message::invocation(&id, target, arguments);
        let (bytes, limit) = (record.len(), self.shared.max_message_bytes);
        if bytes > limit {
            // Sent all the same, it would cost the connection.
            return Err(HubError::TooLarge { bytes, limit });
        }
        let (sender, completion) = oneshot::channel();
        self.shared.pending(|pending| pending.insert(id.clone(), sender)).ok_or(HubError::NotConnected)?;
        let _forget = Forget { shared: &self.shared, id: &id };
        let call = async {
            self.shared.outgoing.send(record).await.map_err(|_| lost())?;
            completion.await.map_err(|_| lost())
        };
        let after = self.shared.timeout;
        let completion = tokio::time::timeout(after, call)
            .await
            .map_err(|_| HubError::TimedOut { what: "the completion of an invocation", after })??;
        completion.map_err(|message| HubError::Refused { target: target.to_owned(), message })
    }

    /// Gives a completion to whoever waits for it. One that nobody waits for any more is ignored.
    pub(super) fn complete(&self, invocation_id: &str, completion: Completion) {
        if let Some(Some(waiting)) = self.shared.pending(|pending| pending.remove(invocation_id)) {
            let _ = waiting.send(completion);
        }
    }

    /// Fails all invocations, now and from now on.
    pub(super) fn lose(&self) {
        self.shared.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(super) fn outgoing(&self) -> &mpsc::Sender<String> {
        &self.shared.outgoing
    }
}

impl Shared {
    /// Nothing when the connection is lost.
    fn pending<T>(
        &self,
        use_it: impl FnOnce(&mut HashMap<String, oneshot::Sender<Completion>>) -> T,
    ) -> Option<T> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(use_it)
    }
}

/// Takes an invocation off the list, however waiting for it ends.
struct Forget<'a> {
    shared: &'a Shared,
    id: &'a str,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.shared.pending(|pending| pending.remove(self.id));
    }
}

fn lost() -> HubError {
    HubError::network("wait for the hub", "the connection was lost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> (Connection, mpsc::Receiver<String>) {
        Connection::new(None, Duration::from_secs(30), 1000)
    }

    fn waiting(connection: &Connection) -> usize {
        connection.shared.pending(|pending| pending.len()).unwrap()
    }

    #[tokio::test]
    async fn completions_find_their_invocations_in_any_order() {
        let (connection, _written) = connection();
        let (one, two) = (connection.clone(), connection.clone());
        let both = async { tokio::join!(one.invoke::<u8>("One", &[]), two.invoke::<u8>("Two", &[])) };
        let answers = async {
            connection.complete("9", Err("nobody's".into()));
            connection.complete("2", Ok(RawValue::from_string("22".into()).unwrap()));
            connection.complete("1", Err("no".into()));
        };
        let ((one, two), ()) = tokio::join!(both, answers);
        assert_eq!(one.unwrap_err().to_string(), "One was refused by the hub: no");
        assert_eq!((two.unwrap(), waiting(&connection)), (22, 0));
    }

    #[tokio::test]
    async fn losing_the_connection_fails_what_waits_and_what_comes() {
        let (connection, _written) = connection();
        let call = connection.invoke::<()>("One", &[]);
        let (call, ()) = tokio::join!(call, async { connection.lose() });
        assert_eq!(call.unwrap_err().reason(), "Network");
        assert_eq!(connection.invoke::<()>("One", &[]).await.unwrap_err().reason(), "NotConnected");
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_is_forgotten() {
        let (connection, _written) = connection();
        let mut call = Box::pin(connection.invoke::<()>("One", &[]));
        assert!(futures::poll!(&mut call).is_pending());
        assert_eq!(waiting(&connection), 1);
        drop(call);
        assert_eq!(waiting(&connection), 0);
    }

    #[tokio::test]
    async fn a_message_that_is_too_large_is_not_sent() {
        let (connection, mut written) = connection();
        let error = connection.invoke::<()>("One", &["x".repeat(1000).into()]).await.unwrap_err();
        assert_eq!(error.reason(), "TooLarge");
        assert!(written.try_recv().is_err());
    }
}

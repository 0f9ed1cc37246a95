//! Work that only the leader does, beside the `Release` controller.

use std::sync::Arc;

use futures::future::BoxFuture;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

/// Something else that this operator does as long as it leads.
pub trait Work: Send + Sync + 'static {
    /// Adds its metrics, before it runs.
    fn register(&self, registry: &mut Registry);

    /// Runs until `stopped` turns true, and then finishes what it is at. Dropped at once when the lease is lost.
    fn run(self: Arc<Self>, stopped: watch::Receiver<bool>) -> BoxFuture<'static, ()>;
}

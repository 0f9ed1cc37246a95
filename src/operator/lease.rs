//! One replica works, the others wait: a Lease says which.
//!
//! A holder that could not renew its lease stops working: another may be at it already.

use std::time::{Duration, Instant};

use kube::Client;

use crate::cluster::{LeaseClaim, Turn};

/// How long a lease holds without being renewed.
const LEASE: Duration = Duration::from_secs(15);
/// After how long a holder that can't renew stops working.
const RENEW_DEADLINE: Duration = Duration::from_secs(10);
/// How often holders renew and others look.
const RETRY: Duration = Duration::from_secs(2);

/// A place in the line of replicas.
pub(super) struct Candidate {
    claim: LeaseClaim,
}

impl Candidate {
    pub(super) fn new(client: Client, namespace: &str, name: &str, identity: String) -> Self {
        Self { claim: LeaseClaim::new(client, namespace, name, identity, LEASE) }
    }

    /// Waits until the lease is ours.
    pub(super) async fn acquire(&mut self) {
        loop {
            match self.claim.take().await {
                Ok(Turn::Ours) => return,
                Ok(Turn::Others { .. }) => {}
                Err(error) => tracing::warn!(%error, "failed to ask for the lease"),
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Renews the lease for as long as that works; ends when it is lost.
    pub(super) async fn hold(&mut self) {
        let mut renewed = Instant::now();
        while renewed.elapsed() < RENEW_DEADLINE {
            tokio::time::sleep(RETRY).await;
            match tokio::time::timeout(RENEW_DEADLINE, self.claim.take()).await {
                Ok(Ok(Turn::Ours)) => renewed = Instant::now(),
                Ok(Ok(Turn::Others { .. })) => return,
                Ok(Err(error)) => tracing::warn!(%error, "failed to renew the lease"),
                Err(_) => return,
            }
        }
    }

    /// Gives the lease up, so that another need not wait for its end.
    pub(super) async fn release(&mut self) {
        if let Err(error) = self.claim.release().await {
            tracing::warn!(%error, "failed to give the lease up");
        }
    }
}

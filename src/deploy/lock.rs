//! One actor works on a release at a time: a Lease beside its records says who, for as long as the action runs.
//!
//! Helm knows no such Lease. What protects against it, and where leases may not be used, is what protects Helm: a
//! revision is stored once, and a pending one is in the way of the next.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::{DeployError, Deployer, Progress};
use crate::cluster::{ApiError, LeaseClaim, Turn, process_identity};

/// How long a lease holds without being renewed.
const LEASE: Duration = Duration::from_secs(15);
/// How often the holder renews.
const RENEW: Duration = Duration::from_secs(3);
/// How often those who wait look, and a holder tries again who could not renew.
const LOOK: Duration = Duration::from_millis(500);
/// How long a single request about a lease may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How often a broken connection is met with another try before the release is held.
const UNHEARD: u32 = 5;

const RELEASE: &str = "pintle.dev/release";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// A release that nobody else works on while this exists, where the cluster lets us say so.
pub(super) struct Held {
    deployer: Deployer,
    heartbeat: Option<Heartbeat>,
}

/// Renews the lease until it is stopped.
struct Heartbeat {
    stop: CancellationToken,
    /// Names whoever took the lease from us.
    lost: watch::Receiver<Option<String>>,
    renewing: AbortOnDropHandle<Option<LeaseClaim>>,
}

/// The name of the Lease of a release.
pub(super) fn lease_name(release: &str) -> String {
    format!("pintle-release-{release}")
}

impl Deployer {
    /// Takes the lease of a release. A holder that is gone is replaced; a live one is waited for as long as `timeout`.
    ///
    /// Without a namespace there is nothing to hold yet, and nothing that could be held by others.
    ///
    /// # Errors
    /// [`DeployError::Busy`] names the live holder.
    pub(super) async fn hold(&self, release: &str, timeout: Duration) -> Result<Held, DeployError> {
        let free = || Held { deployer: self.clone(), heartbeat: None };
        let Some(namespace) = self.storage.namespace().filter(|_| self.storage.holder().is_none()) else {
            return Ok(free());
        };
        let identity = process_identity();
        let labels = [(MANAGED_BY, "pintle"), (RELEASE, release)];
        let labels = labels.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let claim =
            LeaseClaim::new(self.cluster.client(), namespace, &lease_name(release), identity.clone(), LEASE);
        let mut claim = claim.with_labels(BTreeMap::from(labels));
        // What is served is needed next, by every action.
        let served = self.cluster.discovery_with(|_| true);
        let (acquired, _) = tokio::join!(self.acquire(&mut claim, release, timeout), served);
        match acquired? {
            true => {
                let storage = self.storage.clone().held_by(identity);
                let deployer = Deployer { storage, ..self.clone() };
                Ok(Held { deployer, heartbeat: Some(Heartbeat::start(claim)) })
            }
            false => Ok(free()),
        }
    }

    /// Waits for the lease; false where leases can't be used here.
    async fn acquire(
        &self,
        claim: &mut LeaseClaim,
        release: &str,
        timeout: Duration,
    ) -> Result<bool, DeployError> {
        let deadline = Instant::now() + timeout;
        let mut told = String::new();
        let mut unheard = 0;
        loop {
            let (holder, alive) = match take(claim).await {
                Ok(Turn::Ours) => return Ok(true),
                Ok(Turn::Others { holder, alive }) => (holder, alive),
                Err(error) if error.is_forbidden() => {
                    self.observer.observe(&Progress::Note(&format!(
                        "not holding release {release} while working on it: {error}"
                    )));
                    return Ok(false);
                }
                Err(error) if error.is_not_found() => return Ok(false),
                // Asked again, we find ourselves, if only the answer was lost.
                Err(ApiError::Transport(_)) if unheard < UNHEARD => {
                    unheard += 1;
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
                Err(error) => {
                    return Err(DeployError::from(error).at(format!("failed to hold release {release}")));
                }
            };
            if alive && Instant::now() >= deadline {
                return Err(DeployError::Busy { release: release.to_owned(), holder: Some(holder) });
            }
            if told != holder {
                self.observer.observe(&Progress::Note(&format!(
                    "release {release} is being worked on by {holder}: waiting"
                )));
                told = holder;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Takes or renews, with a deadline.
async fn take(claim: &mut LeaseClaim) -> Result<Turn, ApiError> {
    let late = |_| ApiError::Timeout { request: "the request for a lease".into(), seconds: ANSWER.as_secs() };
    tokio::time::timeout(ANSWER, claim.take()).await.map_err(late)?
}

impl Held {
    /// The deployer that works while the release is held.
    pub(super) fn deployer(&self) -> Deployer {
        self.deployer.clone()
    }

    /// Runs an action, and then gives the release free. The action ends early when somebody else took the release: then
    /// nothing more may be written, not even that it failed.
    pub(super) async fn run<T>(
        self,
        action: impl Future<Output = Result<T, DeployError>>,
    ) -> Result<T, DeployError> {
        let Some(heartbeat) = self.heartbeat else { return action.await };
        let mut lost = heartbeat.lost.clone();
        let result = tokio::select! {
            result = action => result,
            Ok(holder) = lost.wait_for(Option::is_some) => {
                return Err(DeployError::Taken(holder.clone().unwrap_or_default()));
            }
        };
        heartbeat.end(self.deployer.observer.as_ref()).await;
        result
    }
}

impl Heartbeat {
    fn start(claim: LeaseClaim) -> Self {
        let (sender, lost) = watch::channel(None);
        let stop = CancellationToken::new();
        let renewing = AbortOnDropHandle::new(tokio::spawn(renew(claim, sender, stop.clone())));
        Self { stop, lost, renewing }
    }

    /// Stops renewing and gives the lease up.
    async fn end(self, observer: &dyn super::Observer) {
        self.stop.cancel();
        let Ok(Some(claim)) = self.renewing.await else { return };
        let failure = match tokio::time::timeout(ANSWER, claim.delete()).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        observer.observe(&Progress::Note(&format!("the release stays held for {LEASE:?}: {failure}")));
    }
}

/// Renews until told to stop; gives the claim back if the lease is still ours.
///
/// While the server gives no answer nobody else can take the lease either, so that is no loss.
async fn renew(
    mut claim: LeaseClaim,
    lost: watch::Sender<Option<String>>,
    stop: CancellationToken,
) -> Option<LeaseClaim> {
    let mut pause = RENEW;
    loop {
        tokio::select! {
            () = stop.cancelled() => return Some(claim),
            () = tokio::time::sleep(pause) => {}
        }
        pause = match take(&mut claim).await {
            Ok(Turn::Ours) => RENEW,
            // Between two of our own requests: whose it is will be seen with the next.
            Ok(Turn::Others { holder, .. }) if holder.is_empty() => LOOK,
            Ok(Turn::Others { holder, .. }) => {
                lost.send_replace(Some(holder));
                return None;
            }
            Err(_) => LOOK,
        };
    }
}

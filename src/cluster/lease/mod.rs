//! A Lease: who works on something, as long as it is renewed.
//!
//! client-go's rules: a holder renews well before its lease ends; others take over only when, by their own clock,
//! nothing was renewed for a whole lease. Beyond them, a holder that ran on this machine and whose process is gone need
//! not be waited for. What is leased, and what a loss means, is the caller's business.

mod process;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{DeleteParams, PostParams, Preconditions};
use kube::{Api, Client};

use super::ApiError;
use super::retry::while_broken;

pub use process::process_identity;

/// Where a Lease says which process of which machine holds it.
const PROCESS: &str = "pintle.dev/process";
/// A lease that was not renewed for so long is nobody's, however far two clocks are apart.
const LONG_PAST: Duration = Duration::from_secs(120);

/// A Lease, and somebody who wants to hold it.
pub struct LeaseClaim {
    leases: Api<Lease>,
    name: String,
    identity: String,
    duration: Duration,
    labels: BTreeMap<String, String>,
    /// The lease as we last wrote it; `None` while it is not ours.
    held: Option<Box<Lease>>,
    /// What we saw last of another's lease, and when.
    seen: Option<Seen>,
}

struct Seen {
    holder: Option<String>,
    renewed: Option<MicroTime>,
    since: Instant,
    /// Whether it was renewed under our eyes.
    alive: bool,
}

/// Whose the lease is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Ours, for as long as we renew it.
    Ours,
    /// Another's.
    Others {
        /// The holder's identity.
        holder: String,
        /// Whether it renewed the lease while we looked; until then it may be gone.
        alive: bool,
    },
}

impl LeaseClaim {
    /// Wants the lease of that name under that identity; it ends when it was not renewed for `duration`.
    pub fn new(client: Client, namespace: &str, name: &str, identity: String, duration: Duration) -> Self {
        Self {
            leases: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity,
            duration,
            labels: BTreeMap::new(),
            held: None,
            seen: None,
        }
    }

    /// The same with labels for a lease that is created.
    #[must_use]
    pub fn with_labels(mut self, labels: BTreeMap<String, String>) -> Self {
        self.labels = labels;
        self
    }

    /// Who wants it.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Takes or renews the lease, if it is ours or nobody's.
    ///
    /// # Errors
    /// Where the API server refuses or gives no answer; whose the lease is, is unknown then.
    pub async fn take(&mut self) -> Result<Turn, ApiError> {
        if let Some(lease) = self.held.take() {
            match self.write(*lease).await {
                Ok(true) => return Ok(Turn::Ours),
                Ok(false) => {}
                Err(error) => return Err(error),
            }
        } else if self.seen.is_none() && self.create().await? {
            return Ok(Turn::Ours);
        }
        let Some(lease) = self.leases.get_opt(&self.name).await? else {
            return Ok(if self.create().await? { Turn::Ours } else { unknown() });
        };
        // What we wrote arrived, and only its answer was lost.
        if self.is_ours(&lease) && self.is_fresh(&lease) {
            return self.note(Ok(lease)).map(|_| Turn::Ours);
        }
        if !self.may_take(&lease, Instant::now()) {
            let holder = lease.spec.and_then(|spec| spec.holder_identity).unwrap_or_default();
            return Ok(Turn::Others { holder, alive: self.seen.as_ref().is_some_and(|seen| seen.alive) });
        }
        Ok(if self.write(lease).await? { Turn::Ours } else { unknown() })
    }

    /// Gives the lease up, so that another need not wait for its end: deletes it, or where that is not allowed leaves
    /// it to nobody. A lease that is no longer ours stays as it is.
    ///
    /// # Errors
    /// Where the API server refuses or gives no answer; the lease then ends by itself.
    pub async fn delete(mut self) -> Result<(), ApiError> {
        let Some(lease) = self.ours().await? else { return Ok(()) };
        let preconditions = Preconditions {
            uid: lease.metadata.uid.clone(),
            resource_version: lease.metadata.resource_version.clone(),
        };
        let parameters = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
        match while_broken(|| self.leases.delete(&self.name, &parameters)).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 || status.code == 409 => Ok(()),
            Err(kube::Error::Api(status)) if status.is_forbidden() => {
                self.held = Some(lease);
                self.release().await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Leaves the lease to nobody, if it is ours.
    ///
    /// # Errors
    /// Where the API server refuses or gives no answer; the lease then ends by itself.
    pub async fn release(&mut self) -> Result<(), ApiError> {
        let Some(mut lease) = self.ours().await? else { return Ok(()) };
        lease.spec.get_or_insert_default().holder_identity = None;
        match self.leases.replace(&self.name, &PostParams::default(), &lease).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 || status.code == 409 => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The lease, if we hold it. A renewal that was cut short leaves us not knowing; then the server is asked.
    async fn ours(&mut self) -> Result<Option<Box<Lease>>, ApiError> {
        if let Some(lease) = self.held.take() {
            return Ok(Some(lease));
        }
        let found = self.leases.get_opt(&self.name).await?;
        Ok(found.filter(|lease| self.is_ours(lease)).map(Box::new))
    }

    fn is_ours(&self, lease: &Lease) -> bool {
        lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_ref()) == Some(&self.identity)
    }

    async fn create(&mut self) -> Result<bool, ApiError> {
        let mut lease = Lease::default();
        lease.metadata.name = Some(self.name.clone());
        lease.metadata.labels = Some(self.labels.clone()).filter(|labels| !labels.is_empty());
        self.sign(&mut lease);
        let created = self.leases.create(&PostParams::default(), &lease).await;
        self.note(created)
    }

    async fn write(&mut self, mut lease: Lease) -> Result<bool, ApiError> {
        self.sign(&mut lease);
        lease.metadata.managed_fields = None;
        let written = self.leases.replace(&self.name, &PostParams::default(), &lease).await;
        if let Err(error) = &written
            && !matches!(error, kube::Error::Api(_))
        {
            // Without an answer the lease may still be ours: the next try asks with what we had.
            self.held = Some(Box::new(lease));
        }
        self.note(written)
    }

    /// A conflict means that another was faster.
    fn note(&mut self, answer: Result<Lease, kube::Error>) -> Result<bool, ApiError> {
        match answer {
            Ok(lease) => {
                self.held = Some(Box::new(lease));
                self.seen = None;
                Ok(true)
            }
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
            // It was given up between our look and our write.
            Err(kube::Error::Api(status)) if status.code == 404 && status.message.contains("leases") => {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ours, nobody's, that of a process that is gone, or not renewed for a whole lease as we saw it.
    fn may_take(&mut self, lease: &Lease, now: Instant) -> bool {
        let spec = lease.spec.clone().unwrap_or_default();
        let holder = spec.holder_identity.as_deref().unwrap_or_default();
        if holder.is_empty() || holder == self.identity || process::is_gone(mark(lease)) {
            return true;
        }
        if spec.renew_time.as_ref().is_none_or(|renewed| is_long_past(renewed, Timestamp::now())) {
            return true;
        }
        match &mut self.seen {
            Some(seen) if seen.holder == spec.holder_identity && seen.renewed == spec.renew_time => {
                let lasts = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
                now.duration_since(seen.since) >= lasts.map_or(self.duration, Duration::from_secs)
            }
            seen => {
                let alive = seen.as_ref().is_some_and(|seen| seen.holder == spec.holder_identity);
                *seen =
                    Some(Seen { holder: spec.holder_identity, renewed: spec.renew_time, since: now, alive });
                false
            }
        }
    }

    /// Whether a lease was written so lately that nobody takes it for abandoned yet.
    fn is_fresh(&self, lease: &Lease) -> bool {
        let renewed = lease.spec.as_ref().and_then(|spec| spec.renew_time.as_ref());
        renewed.is_some_and(|at| Timestamp::now().duration_since(at.0).unsigned_abs() < self.duration / 3)
    }

    /// Writes us into a lease.
    fn sign(&self, lease: &mut Lease) {
        let now = MicroTime(Timestamp::now());
        let spec: &mut LeaseSpec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_ref() != Some(&self.identity) {
            spec.acquire_time = Some(now.clone());
            spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default() + 1);
        }
        spec.holder_identity = Some(self.identity.clone());
        spec.lease_duration_seconds = i32::try_from(self.duration.as_secs()).ok();
        spec.renew_time = Some(now);
        if let Some(own) = process::own_mark() {
            lease.metadata.annotations.get_or_insert_default().insert(PROCESS.to_owned(), own.to_owned());
        }
    }
}

fn unknown() -> Turn {
    Turn::Others { holder: String::new(), alive: false }
}

fn mark(lease: &Lease) -> Option<&str> {
    lease.metadata.annotations.as_ref()?.get(PROCESS).map(String::as_str)
}

fn is_long_past(renewed: &MicroTime, now: Timestamp) -> bool {
    now.duration_since(renewed.0).unsigned_abs() > LONG_PAST && renewed.0 < now
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> LeaseClaim {
        let config = kube::Config::new("http://127.0.0.1:1".parse().unwrap());
        let client = Client::try_from(config).unwrap();
        LeaseClaim::new(client, "ns", "lease", "me".into(), Duration::from_secs(15))
    }

    fn held_by(holder: &str, renewed: Timestamp) -> Lease {
        let spec = LeaseSpec {
            holder_identity: Some(holder.into()),
            lease_duration_seconds: Some(15),
            renew_time: Some(MicroTime(renewed)),
            ..LeaseSpec::default()
        };
        Lease { spec: Some(spec), ..Lease::default() }
    }

    #[tokio::test]
    async fn a_lease_is_taken_only_after_it_was_not_renewed_for_its_whole_time() {
        let mut claim = claim();
        let (start, now) = (Instant::now(), Timestamp::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let (first, renewed) = (held_by("other", now - Duration::from_secs(1)), held_by("other", now));
        assert!(!claim.may_take(&first, start));
        assert!(!claim.may_take(&first, after(14)));
        assert!(!claim.seen.as_ref().unwrap().alive);
        assert!(!claim.may_take(&renewed, after(20)));
        assert!(claim.seen.as_ref().unwrap().alive, "it was renewed while we looked");
        assert!(!claim.may_take(&renewed, after(34)));
        assert!(claim.may_take(&renewed, after(35)));
    }

    #[tokio::test]
    async fn ones_own_and_nobodys_lease_may_be_taken_at_once() {
        let mut claim = claim();
        let now = Timestamp::now();
        assert!(claim.may_take(&held_by("me", now), Instant::now()));
        assert!(claim.may_take(&held_by("", now), Instant::now()));
        assert!(claim.may_take(&Lease::default(), Instant::now()));
        assert!(claim.may_take(&held_by("other", Timestamp::UNIX_EPOCH), Instant::now()), "long past");
    }

    #[tokio::test]
    async fn a_lease_is_fresh_for_a_third_of_its_time() {
        let before = |seconds| held_by("me", Timestamp::now() - Duration::from_secs(seconds));
        let fresh = [before(0), before(4), before(6), Lease::default()].map(|lease| claim().is_fresh(&lease));
        assert_eq!(fresh, [true, true, false, false]);
    }

    #[tokio::test]
    async fn the_lease_of_a_process_that_is_gone_may_be_taken_at_once() {
        let mut claim = claim();
        let mut lease = held_by("other", Timestamp::now());
        let Some(own) = process::own_mark() else { return };
        let annotated = |mark: &str| Some([(PROCESS.to_owned(), mark.to_owned())].into());
        lease.metadata.annotations = annotated(own);
        assert!(!claim.may_take(&lease, Instant::now()));
        let mut parts: Vec<&str> = own.split('/').collect();
        *parts.last_mut().unwrap() = "1";
        lease.metadata.annotations = annotated(&parts.join("/"));
        assert!(claim.may_take(&lease, Instant::now()), "the number was given to another process");
    }
}

//! One replica works, the others wait: a Lease says which.
//!
//! client-go's rules: a holder renews well before its lease ends, and stops working when it could not; others take
//! over only when, by their own clock, nothing was renewed for a whole lease.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::PostParams;
use kube::{Api, Client};

/// How long a lease holds without being renewed.
const LEASE: Duration = Duration::from_secs(15);
/// After how long a holder that can't renew stops working.
const RENEW_DEADLINE: Duration = Duration::from_secs(10);
/// How often holders renew and others look.
const RETRY: Duration = Duration::from_secs(2);

/// A place in the line of replicas.
pub(super) struct Candidate {
    leases: Api<Lease>,
    name: String,
    identity: String,
    /// What we saw last of another's lease, and when.
    seen: Option<(Option<String>, Option<MicroTime>, Instant)>,
}

impl Candidate {
    pub(super) fn new(client: Client, namespace: &str, name: &str, identity: String) -> Self {
        Self { leases: Api::namespaced(client, namespace), name: name.to_owned(), identity, seen: None }
    }

    /// Waits until the lease is ours.
    pub(super) async fn acquire(&mut self) {
        loop {
            match self.try_hold().await {
                Ok(true) => return,
                Ok(false) => {}
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
            match tokio::time::timeout(RENEW_DEADLINE, self.try_hold()).await {
                Ok(Ok(true)) => renewed = Instant::now(),
                Ok(Ok(false)) => return,
                Ok(Err(error)) => tracing::warn!(%error, "failed to renew the lease"),
                Err(_) => return,
            }
        }
    }

    /// Gives the lease up, so that another need not wait for its end.
    pub(super) async fn release(&mut self) {
        let Ok(Some(mut lease)) = self.leases.get_opt(&self.name).await else { return };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_ref() != Some(&self.identity) {
            return;
        }
        spec.holder_identity = None;
        if let Err(error) = self.leases.replace(&self.name, &PostParams::default(), &lease).await {
            tracing::warn!(%error, "failed to give the lease up");
        }
    }

    /// Takes or renews the lease; false if it is another's.
    async fn try_hold(&mut self) -> Result<bool, kube::Error> {
        let Some(mut lease) = self.leases.get_opt(&self.name).await? else {
            let mut lease = Lease::default();
            lease.metadata.name = Some(self.name.clone());
            lease.spec = Some(self.spec(LeaseSpec::default()));
            return taken(self.leases.create(&PostParams::default(), &lease).await);
        };
        let spec = lease.spec.take().unwrap_or_default();
        if !self.may_take(&spec, Instant::now()) {
            return Ok(false);
        }
        lease.spec = Some(self.spec(spec));
        taken(self.leases.replace(&self.name, &PostParams::default(), &lease).await)
    }

    /// Ours, nobody's, or not renewed for a whole lease as we saw it.
    fn may_take(&mut self, spec: &LeaseSpec, now: Instant) -> bool {
        match &spec.holder_identity {
            None => return true,
            Some(holder) if holder.is_empty() || *holder == self.identity => return true,
            Some(_) => {}
        }
        match &self.seen {
            Some((holder, renewed, since))
                if *holder == spec.holder_identity && *renewed == spec.renew_time =>
            {
                let lasts = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
                now.duration_since(*since) >= lasts.map_or(LEASE, Duration::from_secs)
            }
            _ => {
                self.seen = Some((spec.holder_identity.clone(), spec.renew_time.clone(), now));
                false
            }
        }
    }

    fn spec(&self, mut spec: LeaseSpec) -> LeaseSpec {
        let now = MicroTime(Timestamp::now());
        if spec.holder_identity.as_ref() != Some(&self.identity) {
            spec.acquire_time = Some(now.clone());
            spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default() + 1);
        }
        spec.holder_identity = Some(self.identity.clone());
        spec.lease_duration_seconds = i32::try_from(LEASE.as_secs()).ok();
        spec.renew_time = Some(now);
        spec
    }
}

/// A conflict means that another was faster.
fn taken(answer: Result<Lease, kube::Error>) -> Result<bool, kube::Error> {
    match answer {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate() -> Candidate {
        let config = kube::Config::new("http://127.0.0.1:1".parse().unwrap());
        Candidate::new(Client::try_from(config).unwrap(), "ns", "lease", "me".into())
    }

    fn held_by(holder: &str) -> LeaseSpec {
        LeaseSpec {
            holder_identity: Some(holder.into()),
            lease_duration_seconds: Some(15),
            renew_time: Some(MicroTime(Timestamp::UNIX_EPOCH)),
            ..LeaseSpec::default()
        }
    }

    #[tokio::test]
    async fn a_lease_is_taken_only_after_it_was_not_renewed_for_its_whole_time() {
        let mut candidate = candidate();
        let start = Instant::now();
        assert!(!candidate.may_take(&held_by("other"), start));
        assert!(!candidate.may_take(&held_by("other"), start + Duration::from_secs(14)));
        let mut renewed = held_by("other");
        renewed.renew_time = Some(MicroTime(Timestamp::now()));
        assert!(!candidate.may_take(&renewed, start + Duration::from_secs(20)));
        assert!(!candidate.may_take(&renewed, start + Duration::from_secs(34)));
        assert!(candidate.may_take(&renewed, start + Duration::from_secs(35)));
    }

    #[tokio::test]
    async fn ones_own_and_nobodys_lease_may_be_taken_at_once() {
        let mut candidate = candidate();
        assert!(candidate.may_take(&held_by("me"), Instant::now()));
        assert!(candidate.may_take(&held_by(""), Instant::now()));
        assert!(candidate.may_take(&LeaseSpec::default(), Instant::now()));
    }
}

//! One cluster of the fleet: the way to it, and what is remembered of it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::link::{Fault, Link};
use crate::api::Phase;
use crate::cluster::Cluster;
use crate::operator::deployer::Deployer;
use crate::operator::looks::Looks;
use crate::operator::placement::Owner;

/// A cluster, by the Secret with its kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::operator) struct ClusterKey {
    /// The Secret's namespace.
    pub(in crate::operator) namespace: String,
    /// The Secret's name, which is the cluster's.
    pub(in crate::operator) name: String,
    /// The key in it.
    pub(in crate::operator) data_key: String,
}

impl fmt::Display for ClusterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.name)
    }
}

/// The way to a cluster.
#[derive(Clone)]
pub(in crate::operator) struct Access {
    pub(in crate::operator) cluster: Cluster,
    pub(in crate::operator) deployer: Arc<dyn Deployer>,
}

/// A cluster of the fleet. A changed Secret makes another member in its place.
pub(in crate::operator) struct Member {
    pub(in crate::operator) key: ClusterKey,
    /// The labels of its Secret.
    pub(in crate::operator) labels: BTreeMap<String, String>,
    /// The annotations of its Secret.
    pub(in crate::operator) annotations: BTreeMap<String, String>,
    /// Whether its Secret has the label of clusters; otherwise a resource named it.
    pub(in crate::operator) is_discovered: bool,
    /// What its Secret was when it was read.
    pub(super) version: String,
    /// None where the Secret holds nothing that can be used; the link then says why.
    pub(super) access: Option<Access>,
    pub(super) link: watch::Sender<Link>,
    permits: Arc<Semaphore>,
    /// Ends what works on this cluster.
    pub(in crate::operator) gone: CancellationToken,
    /// What is remembered of each release's objects.
    pub(in crate::operator) looks: Looks<Owner>,
    phases: Mutex<HashMap<Owner, Phase>>,
    /// When a resource asked for it last.
    pub(super) used: Mutex<Instant>,
}

/// A place among those who work on a cluster, until the last clone is gone or it is given up.
#[derive(Clone)]
pub(in crate::operator) struct Permit(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Permit {
    /// Makes place for others: nothing is left to do but to wait.
    pub(in crate::operator) fn give_up(&self) {
        self.0.lock().take();
    }
}

/// What a member is made from.
pub(super) struct Parts {
    pub(super) key: ClusterKey,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) is_discovered: bool,
    pub(super) version: String,
    pub(super) access: Result<Access, Fault>,
    pub(super) at_once: usize,
}

impl Member {
    pub(super) fn new(parts: Parts) -> Self {
        let (access, link) = match parts.access {
            Ok(access) => (Some(access), Link::Unknown),
            Err(fault) => (None, Link::Down(fault)),
        };
        Self {
            key: parts.key,
            labels: parts.labels,
            annotations: parts.annotations,
            is_discovered: parts.is_discovered,
            version: parts.version,
            access,
            link: watch::Sender::new(link),
            permits: Arc::new(Semaphore::new(parts.at_once)),
            gone: CancellationToken::new(),
            looks: Looks::default(),
            phases: Mutex::default(),
            used: Mutex::new(Instant::now()),
        }
    }

    /// The cluster's name.
    pub(in crate::operator) fn name(&self) -> &str {
        &self.key.name
    }

    /// The way to the cluster, if it can be reached. Waits for the first answer, which has a deadline of its own.
    pub(in crate::operator) async fn reach(&self) -> Result<&Access, Fault> {
        let mut link = self.link.subscribe();
        let known = tokio::select! {
            known = link.wait_for(|link| *link != Link::Unknown) => known.map(|link| link.clone()),
            () = self.gone.cancelled() => return Err(let_go()),
        };
        match (known, &self.access) {
            (Ok(Link::Up(_)), Some(access)) => Ok(access),
            (Ok(Link::Down(fault)), _) => Err(fault),
            _ => Err(let_go()),
        }
    }

    /// Waits until the state of the connection changes, or the time is over, or the cluster is let go.
    pub(in crate::operator) async fn changed_within(&self, time: Duration) {
        let mut link = self.link.subscribe();
        link.mark_unchanged();
        tokio::select! {
            _ = link.changed() => {}
            () = self.gone.cancelled() => {}
            () = tokio::time::sleep(time) => {}
        }
    }

    /// The state of the connection as it is now.
    pub(in crate::operator) fn link(&self) -> Link {
        self.link.borrow().clone()
    }

    /// A place among those who work on this cluster at once.
    pub(in crate::operator) async fn permit(&self) -> Result<Permit, Fault> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| let_go())?;
        Ok(Permit(Arc::new(Mutex::new(Some(permit)))))
    }

    /// Notes the phase of a resource, `None` when it is gone, and counts the phases.
    pub(in crate::operator) fn count(&self, owner: &Owner, phase: Option<Phase>) -> BTreeMap<Phase, i64> {
        let mut phases = self.phases.lock();
        match phase {
            Some(phase) => drop(phases.insert(owner.clone(), phase)),
            None => drop(phases.remove(owner)),
        }
        let mut counts: BTreeMap<Phase, i64> =
            [Phase::Pending, Phase::Ready, Phase::Error].into_iter().map(|phase| (phase, 0)).collect();
        for phase in phases.values() {
            *counts.entry(*phase).or_default() += 1;
        }
        counts
    }
}

fn let_go() -> Fault {
    Fault::new("ClusterLetGo", "the cluster's Secret was changed or removed; it is looked at again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_only_waits_makes_place_for_others() {
        let permits = Arc::new(Semaphore::new(1));
        let first = Arc::clone(&permits).acquire_owned().await.unwrap();
        let permit = Permit(Arc::new(Mutex::new(Some(first))));
        assert_eq!(permits.available_permits(), 0);
        permit.clone().give_up();
        assert_eq!(permits.available_permits(), 1);
    }
}

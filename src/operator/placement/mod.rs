//! One release on one cluster: the way that `Tenant`, `KryptonDeployment` and `ReleaseSet` share.
//!
//! ```text
//! Template (read once) ─► Placement (a cluster's values) ─► inspect (reads) ─► carry out (writes)
//! ```
//!
//! The record's labels say whose the release is and which fingerprint made it, so that a look at them decides whether
//! anything is to be done, and one that was killed at any point goes on. What is said about it, and when, is the
//! controllers' business.

mod charts;
mod fingerprint;
mod namespace;
mod owner;

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use serde_json::{Map, Value};

pub(super) use self::charts::{ChartFailure, Charts};
pub(super) use self::fingerprint::fingerprint;
pub(super) use self::namespace::NamespaceEnd;
pub(super) use self::owner::{Owner, shortened};

use super::deployer::{Current, DeployFailure, Deployed, Order};
use super::dereference::Reader;
use super::error::ReconcileError;
use super::fleet::{Access, Fault, Member, Permit};
use super::looks::{Left, Subject};
use super::redact::Redactor;
use super::values::{Resolved, compose};
use crate::api::ReleaseSpec;
use crate::cluster::ApiError;
use crate::deploy::Drift;
use crate::deploy::patch::{Patch, resource_patches};
use crate::source::Fetched;

/// A release as a resource asks for it, with all that it refers to. The same for every cluster.
pub(super) struct Template {
    pub(super) place: Place,
    pub(super) spec: ReleaseSpec,
    pub(super) chart: Fetched,
    pub(super) redactor: Redactor,
    maps: Vec<Map<String, Value>>,
    overrides: Vec<Resolved>,
    patches: Vec<Patch>,
}

/// Whose release it is, and where it goes.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) owner: Owner,
    /// The release's name for Helm.
    pub(super) release: String,
    /// The namespace to install into.
    pub(super) namespace: String,
    /// Whether the namespace is made where it is missing.
    pub(super) creates_namespace: bool,
}

impl Template {
    /// Reads what a spec refers to, beside the resource on `client`; `scope` names that place.
    ///
    /// # Errors
    /// Where something that is referred to is missing, or the chart can't be had.
    pub(super) async fn read(
        place: Place,
        spec: ReleaseSpec,
        client: Client,
        scope: &str,
        charts: &Charts,
    ) -> Result<Self, PlacementError> {
        let mut reader = Reader::new(client, &place.owner.namespace);
        let patches = resource_patches("spec.patches", &spec.patches).map_err(|error| {
            PlacementError::Reference { reason: "SpecInvalid", message: error.to_string() }
        })?;
        let layers = reader.layers(&spec).await.map_err(|error| PlacementError::read(&reader, &error))?;
        let scope = format!("{scope}/{}", place.owner.namespace);
        let chart = charts.get(&mut reader, &spec.chart, &scope).await?;
        Ok(Self {
            place,
            spec,
            chart,
            redactor: reader.redactor,
            maps: layers.maps,
            overrides: layers.overrides,
            patches,
        })
    }

    /// The release on one cluster, with values of its own between the resource's layers and its overrides.
    ///
    /// # Errors
    /// Where the path of a value means nothing.
    pub(super) fn on(&self, values: Vec<Resolved>) -> Result<Placement<'_>, PlacementError> {
        let overrides = values.into_iter().chain(self.overrides.iter().cloned()).collect();
        let values = compose(self.maps.clone(), overrides)
            .map_err(|error| PlacementError::Values(error.to_string()))?;
        let fingerprint = fingerprint(self.chart.digest, &values, &self.spec);
        Ok(Placement { template: self, values, fingerprint })
    }
}

/// A release on a cluster, all known.
pub(super) struct Placement<'a> {
    template: &'a Template,
    values: Value,
    pub(super) fingerprint: String,
}

/// What there is of a release on a cluster.
#[derive(Clone, Debug)]
pub(super) enum Finding {
    /// What is asked for; what of it is not ready yet, and what is not as it was applied and left so.
    Reached { revision: i64, not_ready: Vec<String>, left: Option<Left> },
    /// What is asked for, but not as it was applied.
    Drifted { revision: i64, drift: Vec<Drift> },
    /// Nothing, or nothing that is installed.
    Missing { revision: Option<i64> },
    /// Something else than what is asked for.
    Outdated { revision: i64 },
}

/// What was done.
pub(super) struct Placed {
    pub(super) deployed: Deployed,
    pub(super) created_namespace: bool,
}

/// A release that belongs to another resource.
#[derive(Debug, thiserror::Error)]
#[error(
    "the release {release} in namespace {namespace} belongs to {found}, not to {wanted}; rename one of them"
)]
pub(super) struct ForeignRelease {
    release: String,
    namespace: String,
    found: String,
    wanted: Owner,
}

/// Why a release is not on its cluster.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlacementError {
    /// The cluster can't be worked on.
    #[error("{0}")]
    Cluster(#[from] Fault),
    /// The release belongs to another resource.
    #[error("{0}")]
    Foreign(Box<ForeignRelease>),
    /// The namespace goes away.
    #[error("the namespace {0} is being deleted; the release is installed when it is gone")]
    NamespaceTerminating(String),
    /// The chart can't be had.
    #[error("{}", .0.message)]
    Chart(ChartFailure),
    /// Something that is referred to can't be read.
    #[error("{message}")]
    Reference { reason: &'static str, message: String },
    /// The values can't be put together.
    #[error("{0}")]
    Values(String),
    /// The cluster's API refused, or gave no answer.
    #[error("failed to {action}: {source}")]
    Api { action: &'static str, source: ApiError },
    /// What there is can't be found out.
    #[error("{0}")]
    Lookup(DeployFailure),
    /// The pipeline failed.
    #[error("{0}")]
    Deploy(DeployFailure),
}

impl PlacementError {
    fn api(action: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { action, source: source.into() }
    }

    fn read(reader: &Reader, error: &ReconcileError) -> Self {
        Self::Reference { reason: error.reason(), message: reader.redactor.clean(&error.to_string()) }
    }

    /// A stable word for conditions, events and metrics.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Cluster(fault) => fault.reason,
            Self::Foreign(_) => "ReleaseOfAnother",
            Self::NamespaceTerminating(_) => "NamespaceTerminating",
            Self::Chart(failure) => failure.reason,
            Self::Reference { reason, .. } => reason,
            Self::Values(_) => "ValuesInvalid",
            Self::Api { .. } => "ApiFailed",
            Self::Lookup(failure) | Self::Deploy(failure) => failure.reason,
        }
    }
}

impl Placement<'_> {
    /// Looks what there is. Reads only; where nothing has changed, the record's labels and each object once.
    ///
    /// # Errors
    /// Where the cluster gives no answer, and where the release is another's.
    pub(super) async fn inspect(&self, member: &Member, access: &Access) -> Result<Finding, PlacementError> {
        let Place { owner, release, namespace, .. } = &self.template.place;
        let current = access.deployer.current(namespace, release).await.map_err(PlacementError::Lookup)?;
        let Some(current) = current else { return Ok(Finding::Missing { revision: None }) };
        self.check(&current)?;
        let Current { revision, status, labels } = &current;
        if matches!(status.as_str(), "uninstalled" | "uninstalling") {
            return Ok(Finding::Missing { revision: Some(*revision) });
        }
        let mark = fingerprint::mark(&self.fingerprint, *revision);
        if status != "deployed" || labels.get(fingerprint::LABEL) != Some(&mark) {
            return Ok(Finding::Outdated { revision: *revision });
        }
        let detection = &self.template.spec.drift_detection;
        let subject = Subject { namespace, name: release, revision: *revision, detection };
        let look = member.looks.look(owner, &*access.deployer, subject).await;
        let look = look.map_err(PlacementError::Lookup)?;
        if !look.drift.is_empty() {
            return Ok(Finding::Drifted { revision: *revision, drift: look.drift });
        }
        let not_ready = look.not_ready.into_iter().map(|(object, why)| format!("{object}: {why}")).collect();
        Ok(Finding::Reached { revision: *revision, not_ready, left: look.left })
    }

    fn check(&self, current: &Current) -> Result<(), PlacementError> {
        let Place { owner, release, namespace, .. } = &self.template.place;
        owner.check(&current.labels).map_err(|found| {
            let (release, namespace) = (release.clone(), namespace.clone());
            let foreign = ForeignRelease { release, namespace, found, wanted: owner.clone() };
            PlacementError::Foreign(Box::new(foreign))
        })
    }

    /// Makes the release what is asked for: installs, upgrades or repairs, as the finding says. The permit is given up when
    /// nothing is left to do but to wait.
    ///
    /// # Errors
    /// Where the namespace can't be had, or the pipeline fails.
    pub(super) async fn carry_out(
        &self,
        member: &Member,
        access: &Access,
        permit: &Permit,
        finding: &Finding,
    ) -> Result<Placed, PlacementError> {
        let Template { place, chart, spec, redactor, .. } = self.template;
        let Place { owner, release, namespace, creates_namespace } = place;
        let created_namespace = match creates_namespace {
            true => namespace::ensure(&access.cluster.client(), namespace, owner).await?,
            false => false,
        };
        let (revision, repaired): (i64, &[Drift]) = match finding {
            Finding::Missing { revision } => (revision.unwrap_or_default(), &[]),
            Finding::Drifted { revision, drift } => (*revision, drift),
            Finding::Outdated { revision } | Finding::Reached { revision, .. } => (*revision, &[]),
        };
        let mut labels = owner.labels();
        labels.insert(fingerprint::LABEL.to_owned(), fingerprint::mark(&self.fingerprint, revision + 1));
        let mut spec = spec.clone();
        // It is there, and marked as ours if it is.
        spec.install.create_namespace = false;
        // Whoever changed a field owns it now.
        spec.upgrade.force_conflicts |= !repaired.is_empty();
        member.looks.changing(owner, repaired);
        let (redactor, said, cluster) = (redactor.clone(), release.clone(), member.name().to_owned());
        let permit = permit.clone();
        let order = Order {
            name: release.clone(),
            namespace: namespace.clone(),
            chart: chart.clone(),
            values: values(&self.values)?,
            patches: self.template.patches.clone(),
            timeout: spec.timeout().unwrap_or(Duration::from_secs(300)),
            spec,
            labels,
            progress: Arc::new(move |step| {
                tracing::info!(cluster, release = said, step = redactor.clean(step), "deploying");
            }),
            waiting: Arc::new(move || permit.give_up()),
        };
        let deployed = access.deployer.deploy(order).await.map_err(|failure| self.redacted(failure))?;
        Ok(Placed { deployed, created_namespace })
    }

    /// What there is after the work: what was waited for is there and ready, anything else is looked at.
    ///
    /// # Errors
    /// Where the cluster gives no answer.
    pub(super) async fn outcome(
        &self,
        member: &Member,
        access: &Access,
        placed: &Placed,
    ) -> Result<Finding, PlacementError> {
        if self.template.spec.disable_wait {
            return self.inspect(member, access).await;
        }
        Ok(Finding::Reached { revision: placed.deployed.revision, not_ready: Vec::new(), left: None })
    }

    fn redacted(&self, failure: DeployFailure) -> PlacementError {
        let message = self.template.redactor.clean(&failure.message);
        PlacementError::Deploy(DeployFailure { message, ..failure })
    }
}

fn values(values: &Value) -> Result<value::Map, PlacementError> {
    let read = value::json::from_slice(values.to_string().as_bytes());
    let read = read.map_err(|error| PlacementError::Values(error.to_string()))?;
    Ok(read.as_map().cloned().unwrap_or_default())
}

/// Takes a release away, and its namespace if it was made for it. A release of another is left alone.
///
/// # Errors
/// Where the release can't be uninstalled, or the namespace not be deleted.
pub(super) async fn remove(
    member: &Member,
    access: &Access,
    place: &Place,
    spec: &ReleaseSpec,
) -> Result<NamespaceEnd, PlacementError> {
    let Place { owner, release, namespace, .. } = place;
    member.looks.forget(owner);
    let current = access.deployer.current(namespace, release).await.map_err(PlacementError::Lookup)?;
    if current.is_none_or(|current| owner.check(&current.labels).is_ok()) {
        let gone = access.deployer.uninstall(namespace, release, spec).await;
        gone.map_err(PlacementError::Deploy)?;
    }
    namespace::remove(&access.cluster.client(), namespace, owner).await
}

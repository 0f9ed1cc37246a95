//! The krypton operator's work: `Tenant`s on every cluster, and `KryptonDeployment`s of the watch cluster on the clusters
//! of their regions. Both build a template and hand it to `placement`; nothing is deployed here.

mod deployment;
mod deployment_voice;
mod drive;
mod names;
mod settings;
mod state;
mod template;
mod tenant;
mod tenant_voice;
mod watching;

use std::time::Duration;

use kube::runtime::finalizer;

pub(super) use self::names::FINGERPRINT;
pub use self::settings::{DefaultChart, Given, InvalidSetting, NAMESPACE_FILE, Settings, WatchCluster};
pub use self::template::ValuesFileError;
pub(super) use self::watching::control;

use self::template::Defaults;
use super::cluster_metrics::ClusterMetrics;
use super::error::ReconcileError;
use super::fleet::{Fleet, Member};
use super::placement::{Charts, Owner, PlacementError};
use super::written::Written;
use crate::api::Phase;

/// The annotation that lets a resource go though its cluster can't be reached.
pub(super) const ABANDON: &str = "pintle.dev/abandon";

/// What the controllers share.
pub(super) struct Context {
    settings: Settings,
    defaults: Defaults,
    charts: Charts,
    fleet: Fleet,
    metrics: ClusterMetrics,
    /// The name of our pod, for events.
    instance: Option<String>,
    written: Written,
}

impl Context {
    /// # Errors
    /// Where the values file of the settings can't be used.
    pub(super) fn new(
        settings: Settings,
        charts: Charts,
        fleet: Fleet,
        metrics: ClusterMetrics,
        instance: Option<String>,
    ) -> Result<Self, ValuesFileError> {
        let defaults = Defaults::new(&settings)?;
        Ok(Self { settings, defaults, charts, fleet, metrics, instance, written: Written::default() })
    }

    /// When to look again at what is ready: the interval, a tenth more or less by chance, so that not all come at once.
    fn look_again(&self) -> Duration {
        self.settings.check_interval.mul_f64(rand::random_range(0.9..1.1))
    }

    /// Counts a resource of a cluster in its phase; `None` when it is gone.
    fn count(&self, member: &Member, owner: &Owner, phase: Option<Phase>) {
        self.metrics.phases(member.name(), &member.count(owner, phase));
    }
}

/// Why a reconciliation ended without having reported it in the status.
type Failure = finalizer::Error<KryptonError>;

/// What stops a reconciliation.
#[derive(Debug, thiserror::Error)]
enum KryptonError {
    /// The release could not be taken away.
    #[error(transparent)]
    Placement(#[from] PlacementError),
    /// What happened could not be reported.
    #[error(transparent)]
    Report(#[from] ReconcileError),
}

impl KryptonError {
    fn api(action: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Report(ReconcileError::api(action)(source))
    }
}

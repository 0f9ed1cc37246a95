//! Why a workload could not be deployed, taken away or scaled.

use super::event::WorkloadId;
use super::layers::LayersError;
use super::names::NoName;
use crate::deploy::DeployError;
use crate::release::StorageError;
use crate::source::SourceError;

/// Why something was not done to a workload. The text may quote what a chart or server said: it is not redacted yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkloadError {
    /// Its ids give no name.
    #[error(transparent)]
    Name(#[from] NoName),
    /// The event lacks what is needed.
    #[error("the event has no {0}")]
    Missing(&'static str),
    /// Its values can't be put together.
    #[error(transparent)]
    Layers(#[from] LayersError),
    /// The name is another workload's.
    #[error(
        "the release {release} in the namespace {namespace} belongs to the workload {owner}, and the workload {wanted} \
         would have the same name; nothing was changed. Names hold at most 53 characters: give one of them a shorter \
         tenant id, or undeploy the other first"
    )]
    Taken {
        /// The release's name.
        release: String,
        /// Its namespace.
        namespace: String,
        /// Whose it is: tenant and id as labels have them.
        owner: String,
        /// Who wants it.
        wanted: WorkloadId,
    },
    /// The chart can't be had.
    #[error("failed to fetch the chart {chart} from {repository}: {source}")]
    Source {
        /// The chart's name.
        chart: String,
        /// The repository, without login.
        repository: String,
        /// Why.
        source: Box<SourceError>,
    },
    /// The archive holds no chart.
    #[error("the archive of the chart {chart} can't be used: {source}")]
    Chart {
        /// The chart's name.
        chart: String,
        /// Why.
        source: Box<chart::LoadError>,
    },
    /// The API server refused.
    #[error("failed to {action}: {source}")]
    Api {
        /// What was tried.
        action: &'static str,
        /// What came.
        source: Box<kube::Error>,
    },
    /// Records can't be read.
    #[error("failed to read the records of the release {release}: {source}")]
    Records {
        /// The release's name.
        release: String,
        /// Why.
        source: Box<StorageError>,
    },
    /// The trial run failed; nothing of the release was changed.
    #[error("{text}\n\n(upgrade --install {release} --dry-run=server: nothing was changed)")]
    Trial {
        /// The release's name.
        release: String,
        /// What is wrong.
        text: String,
    },
    /// The release could not be installed, upgraded or uninstalled.
    #[error("{0}")]
    Release(String),
    /// The workload was undeployed meanwhile.
    #[error("the deployment was cancelled because the workload was undeployed")]
    Cancelled,
}

impl WorkloadError {
    pub(super) fn api(action: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { action, source: Box::new(source) }
    }

    /// A stable word for events and metrics.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Name(_) | Self::Missing(_) => "EventInvalid",
            Self::Layers(_) => "ValuesInvalid",
            Self::Taken { .. } => "NameTaken",
            Self::Source { source, .. } => source.reason(),
            Self::Chart { .. } => "ChartInvalid",
            Self::Api { .. } => "ApiFailed",
            Self::Records { .. } => "RecordFailed",
            Self::Trial { .. } => "TrialFailed",
            Self::Release(_) => "DeployFailed",
            Self::Cancelled => "Cancelled",
        }
    }
}

impl From<DeployError> for WorkloadError {
    fn from(error: DeployError) -> Self {
        match error {
            DeployError::Cancelled => Self::Cancelled,
            error => Self::Release(error.to_string()),
        }
    }
}

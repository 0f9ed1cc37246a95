//! Why a `Release` is not what it should be.

use super::deployer::DeployFailure;
use super::values::PathError;
use crate::api::InvalidDuration;
use crate::source::SourceError;

/// What stops a reconciliation.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The API server refused or did not answer.
    #[error("failed to {action}: {source}")]
    Api {
        /// What was tried.
        action: &'static str,
        /// What came.
        source: Box<kube::Error>,
    },
    /// A Secret or ConfigMap that the spec names does not exist, or lacks the key.
    #[error("{kind} {name:?} {problem}")]
    Reference {
        /// `Secret` or `ConfigMap`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// The spec contradicts itself in a way its schema can't tell.
    #[error("{0}")]
    Spec(String),
    /// An override's path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A duration.
    #[error(transparent)]
    Duration(#[from] InvalidDuration),
    /// The chart can't be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What there is can't be found out. Nothing was tried.
    #[error(transparent)]
    Lookup(DeployFailure),
    /// Releases of a set that is being deleted are still on clusters.
    #[error("the release is still on {0} clusters")]
    Remaining(usize),
    /// The deploy pipeline failed.
    #[error(transparent)]
    Deploy(#[from] DeployFailure),
}

impl ReconcileError {
    pub(super) fn api(action: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { action, source: Box::new(source) }
    }

    /// A stable word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Api { .. } => "ApiFailed",
            Self::Reference { .. } => "ReferenceNotFound",
            Self::Spec(_) | Self::Duration(_) => "SpecInvalid",
            Self::Path(_) => "ValuesInvalid",
            Self::Source(error) => error.reason(),
            Self::Remaining(_) => "StillInstalled",
            Self::Lookup(failure) | Self::Deploy(failure) => failure.reason,
        }
    }

    /// Whether only a change of the spec can help.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Spec(_) | Self::Duration(_) | Self::Path(_))
    }
}

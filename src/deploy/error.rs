//! Why an action failed. The texts are Helm's where Helm has one.

use pintle_render::RenderError;

use super::{Permission, SavedPlanError};
use crate::cluster::{ApiError, ConnectError, WaitError};
use crate::release::{RecordError, StorageError};

/// A field that belongs to another manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldConflict {
    /// The object: namespace, name and kind, as Helm prints them.
    pub object: String,
    /// The field's path: `.spec.replicas`.
    pub field: String,
    /// Whose it is.
    pub manager: String,
}

/// Why an action failed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The cluster can't be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Records could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A record's content can't be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The chart can't be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The chart is not for this cluster.
    #[error(transparent)]
    KubeVersion(#[from] chart::capabilities::IncompatibleKubeVersion),
    /// What was rendered can't be changed as the user wants it.
    #[error(transparent)]
    PostRender(#[from] super::PostRenderError),
    /// The API server refused.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Objects did not become what they should in time.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// Helm's text for whatever a user can set right.
    #[error("{0}")]
    Refused(String),
    /// A step failed; its place in the action is said in front.
    #[error("{context}: {source}")]
    Step {
        /// The step, in Helm's words.
        context: String,
        /// Why.
        source: Box<DeployError>,
    },
    /// A failure, and what came of clearing up after it.
    #[error("{context}: {source}: {second}")]
    Twice {
        /// What was being done at the second failure, in Helm's words.
        context: &'static str,
        /// The first failure.
        source: Box<DeployError>,
        /// The second one.
        second: Box<DeployError>,
    },
    /// An object could not be changed.
    #[error("{context} {object}: {source}")]
    Object {
        /// What was being done.
        context: &'static str,
        /// Namespace, name and kind, as Helm prints them.
        object: String,
        /// What the server said.
        source: ApiError,
    },
    /// Several objects failed.
    #[error("{}", joined(.0))]
    Several(Vec<DeployError>),
    /// Several objects of a new release failed: one in each line, as Helm joins these.
    #[error("{}", lines(.0))]
    Lines(Vec<DeployError>),
    /// Somebody works on the release, or did when they ended without a word. Helm's text, and the holder's name.
    #[error("another operation (install/upgrade/rollback) is in progress{}", holder_text(.holder.as_deref()))]
    Busy {
        /// The release.
        release: String,
        /// Who holds it; `None` for a pending revision that Helm left.
        holder: Option<String>,
    },
    /// Permissions are missing; nothing was changed.
    #[error("not permitted; nothing was changed. Missing permissions:{}", lines_of(.0))]
    Forbidden(Vec<Permission>),
    /// A saved plan can't be used.
    #[error(transparent)]
    Plan(#[from] SavedPlanError),
    /// Somebody else took the release over while we could not say that we are still at it.
    #[error("release was taken over by {0}; what was begun here is theirs to finish")]
    Taken(String),
    /// Somebody wanted it to end.
    #[error("context canceled")]
    Cancelled,
}

fn conflict_advice(conflicts: &[FieldConflict]) -> String {
    if conflicts.is_empty() {
        return String::new();
    }
    let fields = conflicts.iter().map(|FieldConflict { object, field, manager }| {
        format!("{object}: {field} belongs to {manager:?}\n")
    });
    let fields: String = fields.collect();
    format!("{fields}Leave these fields out of the chart, or take them over with --force-conflicts.\n")
}

fn lines_of(permissions: &[Permission]) -> String {
    permissions.iter().map(|permission| format!("\n  {permission}")).collect()
}

fn holder_text(holder: Option<&str>) -> String {
    holder
        .filter(|holder| !holder.is_empty())
        .map_or_else(String::new, |holder| format!(": held by {holder}"))
}

fn busy_advice(release: &str, holder: Option<&str>) -> String {
    match holder {
        Some(_) => "Wait for it with --lock-timeout, or try again later.\n".to_owned(),
        None => format!(
            "The last revision is pending and does not say who works on it, so Helm made it. If nobody does any more, go \
             back with `pintle rollback {release}`, or remove the release with `pintle uninstall {release}`.\n"
        ),
    }
}

fn lines(errors: &[DeployError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn joined(errors: &[DeployError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" && ")
}

impl DeployError {
    /// What can be done about it, for people; empty where nobody knows. For a conflict of field managers: whose field
    /// it is, and how to get it.
    pub fn advice(&self) -> String {
        match self {
            DeployError::Step { source, .. } => source.advice(),
            DeployError::Twice { source, second, .. } => source.advice() + &second.advice(),
            DeployError::Several(errors) | DeployError::Lines(errors) => {
                errors.iter().map(DeployError::advice).collect()
            }
            DeployError::Object { .. } => conflict_advice(&self.conflicts()),
            DeployError::Busy { release, holder } => busy_advice(release, holder.as_deref()),
            _ => String::new(),
        }
    }

    /// The fields of other managers that were in the way; empty where it failed for another reason.
    pub fn conflicts(&self) -> Vec<FieldConflict> {
        match self {
            DeployError::Step { source, .. } => source.conflicts(),
            DeployError::Twice { source, second, .. } => [source.conflicts(), second.conflicts()].concat(),
            DeployError::Several(errors) | DeployError::Lines(errors) => {
                errors.iter().flat_map(DeployError::conflicts).collect()
            }
            DeployError::Object { object, source, .. } => {
                let named = |(field, manager)| FieldConflict { object: object.clone(), field, manager };
                source.conflicts().into_iter().map(named).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Says in front which step failed.
    pub(super) fn at(self, context: impl Into<String>) -> Self {
        DeployError::Step { context: context.into(), source: Box::new(self) }
    }

    /// Says that what followed on this failure failed, too.
    pub(super) fn and(self, context: &'static str, second: impl Into<DeployError>) -> Self {
        DeployError::Twice { context, source: Box::new(self), second: Box::new(second.into()) }
    }

    /// One error of many.
    pub(super) fn collect(mut errors: Vec<DeployError>) -> Result<(), DeployError> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(DeployError::Several(errors)),
        }
    }

    /// Whether a release that was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        match self {
            DeployError::Storage(error) => error.is_not_found(),
            DeployError::Step { source, .. } => source.is_not_found(),
            _ => false,
        }
    }
}

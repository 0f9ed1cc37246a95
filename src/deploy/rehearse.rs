//! Rehearsing a plan: every object goes to the server as a dry run.
//!
//! Helm's dry run on the server only renders there. Sending the objects shows what schemas, admission and other field
//! managers say before anything is changed.

use futures::StreamExt as _;

use super::apply::{AT_ONCE, Method, apply_error};
use super::plan::{Change, Plan, Step};
use super::{Action, DeployError, DryRun};
use crate::cluster::{ApiError, ApplyOptions, FIELD_MANAGER};

impl Action<'_> {
    /// Sends the objects of a plan as dry runs, where the options ask for it.
    ///
    /// Objects that only the real run can tell of are passed over: those that need others of the same release to be
    /// there first, and those whose admission can't be rehearsed.
    pub(super) async fn rehearse(&self, plan: &Plan, method: Method) -> Result<(), DeployError> {
        if self.options.dry_run != DryRun::Rehearse {
            return Ok(());
        }
        let stays = |step: &&Step| {
            matches!(step.change, Change::Create | Change::Update) && !step.object.generates_name()
        };
        let trials: Vec<_> = plan.steps.iter().filter(stays).map(|step| self.try_out(step, method)).collect();
        let results = futures::stream::iter(trials).buffered(AT_ONCE);
        DeployError::collect(results.filter_map(|result| async { result.err() }).collect().await)
    }

    async fn try_out(&self, step: &Step, method: Method) -> Result<(), DeployError> {
        // Whoever merges or replaces takes fields from nobody's hands but by force.
        let force = method.force_conflicts || method.force_replace || !method.server_side;
        let options = ApplyOptions { force, validation: method.validation, dry_run: true };
        match self.cluster().apply(&step.object, options).await {
            Err(error) if is_undecided(&error) || method.migrate && is_our_own(&error) => Ok(()),
            applied => applied.map(drop).map_err(|error| apply_error(&step.object, error)),
        }
    }
}

/// A conflict with fields that we own from client-side times, which the real run migrates first.
fn is_our_own(error: &ApiError) -> bool {
    let conflicts = error.conflicts();
    !conflicts.is_empty() && conflicts.iter().all(|(_, manager)| manager == FIELD_MANAGER)
}

/// What only the real run decides: a namespace or role that is not there yet, a webhook that knows no dry runs.
fn is_undecided(error: &ApiError) -> bool {
    error.is_not_found() || error.to_string().contains("does not support dry run")
}

//! What the server says an object would become.

use serde_json::Value;

use super::PlannedChange;
use super::effect::{Effect, hide_secrets, stripped};
use crate::cluster::{ApiError, ApplyOptions, Cluster, Object};
use crate::deploy::apply::{Method, apply_error, managed_fields_patch};
use crate::deploy::ownership::Owner;
use crate::deploy::plan::{Change, Step};
use crate::deploy::recreate::{is_immutable, may_go};
use crate::deploy::{Action, DeployError, merge};

impl Action<'_> {
    /// What would become of one object. Writes of `dry` change nothing.
    pub(super) async fn look_at(
        &self,
        dry: &Cluster,
        step: &Step,
        owner: Owner<'_>,
        method: Method,
    ) -> Result<PlannedChange, DeployError> {
        let mut before = step.live.as_ref().map(stripped);
        let (effect, after) = match (step.change, &step.live) {
            (Change::Delete, _) => (Effect::Delete, None),
            (Change::Keep, _) => (Effect::Keep, None),
            (Change::Create, _) | (_, None) => {
                (Effect::Create, Some(created(dry, &step.object, method).await?))
            }
            (Change::Update, Some(live)) => self.changed(dry, step, live, owner, method).await?,
        };
        let mut after = after.as_ref().map(stripped);
        let effect = if effect == Effect::Change && before == after { Effect::Unchanged } else { effect };
        hide_secrets(&mut before, &mut after);
        if effect == Effect::Keep {
            after.clone_from(&before);
        }
        Ok(PlannedChange { object: step.object.key(), effect, before, after })
    }

    async fn changed(
        &self,
        dry: &Cluster,
        step: &Step,
        live: &Value,
        owner: Owner<'_>,
        method: Method,
    ) -> Result<(Effect, Option<Value>), DeployError> {
        let object = &step.object;
        // What a client-side manager owns becomes ours first; two writes in a row can't be tried, their outcome can.
        let by_merge = !method.server_side || method.migrate && managed_fields_patch(live).is_some();
        let answer = if method.force_replace {
            dry.replace(object, method.validation).await
        } else if by_merge {
            merged(dry, step, live).await
        } else {
            applied(dry, object, method).await
        };
        match answer {
            Ok(after) if owner.check(live).is_err() => Ok((Effect::TakeOver, Some(after))),
            Ok(after) => Ok((Effect::Change, Some(after))),
            Err(error) if self.options.recreate_immutable && is_immutable(&error) && may_go(step) => {
                Ok((Effect::Recreate, Some(object.body.clone())))
            }
            Err(error) => Err(apply_error(object, error)),
        }
    }
}

/// What an object that is not there would be.
pub(super) async fn created(dry: &Cluster, object: &Object, method: Method) -> Result<Value, DeployError> {
    let answer = if !method.server_side || object.generates_name() {
        dry.create(object).await
    } else {
        applied(dry, object, method).await
    };
    match answer {
        Ok(created) => Ok(created),
        // Its namespace or its kind comes with the action itself.
        Err(error) if error.is_not_found() => Ok(object.body.clone()),
        Err(error) => Err(apply_error(object, error)),
    }
}

pub(super) async fn applied(dry: &Cluster, object: &Object, method: Method) -> Result<Value, ApiError> {
    let options =
        ApplyOptions { force: method.force_conflicts, validation: method.validation, dry_run: true };
    dry.apply(object, options).await
}

async fn merged(dry: &Cluster, step: &Step, live: &Value) -> Result<Value, ApiError> {
    let object = &step.object;
    let original = step.original.as_ref().unwrap_or(live);
    match merge::three_way(original, &object.body, live, &object.resource) {
        Some(patch) => dry.patch(object, patch.media_type, &patch.body).await,
        None => Ok(live.clone()),
    }
}

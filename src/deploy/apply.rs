//! Carrying a plan out.

use std::collections::BTreeSet;

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::merge;
use super::objects::defined_by;
use super::order::{Wave, leaving_waves, warnings, waves};
use super::plan::{Change, Plan, Step};
use super::{Action, DeployError, Progress};
use crate::cluster::{
    ApiError, ApplyOptions, FIELD_MANAGER, FieldValidation, Object, Propagation, Resource, Rules,
};

/// Requests under way at a time.
pub(super) const AT_ONCE: usize = 16;

/// Helm's words where conflicts are to be forced and a release turns out to be client-side, which knows none.
const NO_CONFLICTS: &str = "forceConflicts enabled when serverSideApply disabled";

/// How objects are changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    /// On the server, or by a merge computed here.
    pub(super) server_side: bool,
    /// Take fields of other managers.
    pub(super) force_conflicts: bool,
    /// Replace instead of changing.
    pub(super) force_replace: bool,
    /// Turn what a client-side manager of our name owns into server-side fields first.
    pub(super) migrate: bool,
    /// What becomes of unknown fields.
    pub(super) validation: FieldValidation,
    /// Whether something that exists is changed: then Helm says of a failed creation that it was one.
    pub(super) updates: bool,
}

impl Method {
    /// Server-side or not, without force.
    pub(super) fn plain(server_side: bool) -> Self {
        Self {
            server_side,
            force_conflicts: false,
            force_replace: false,
            migrate: false,
            validation: FieldValidation::Strict,
            updates: false,
        }
    }
}

/// What was carried out, as far as it went.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Objects that did not exist before.
    pub(super) created: Vec<Object>,
}

impl Action<'_> {
    /// Carries out a plan wave by wave; deletions at the end, and only when everything else succeeded. As in Helm a
    /// creation that fails ends an upgrade, while a new release gets all of its objects that can be made.
    pub(super) async fn carry_out(&self, plan: &Plan, method: Method) -> (Applied, Result<(), DeployError>) {
        let mut applied = Applied::default();
        if method.force_conflicts && !method.server_side {
            let step = if method.updates { "update" } else { "create" };
            return (
                applied,
                Err(DeployError::Refused(format!("invalid client {step} option(s): {NO_CONFLICTS}"))),
            );
        }
        let (leaving, staying): (Vec<&Step>, Vec<&Step>) =
            plan.steps.iter().partition(|step| matches!(step.change, Change::Delete | Change::Keep));
        warnings(plan).iter().for_each(|warning| self.warn(warning));
        let waves = match waves(&staying, &plan.before) {
            Ok(waves) => waves,
            Err(problem) => return (applied, Err(DeployError::Refused(problem))),
        };
        let mut errors = Vec::new();
        for wave in waves {
            let creates = wave.steps.iter().filter(|step| step.change == Change::Create);
            applied.created.extend(creates.map(|step| step.object.clone()));
            let changes: Vec<_> = wave.steps.iter().map(|step| self.change(step, method)).collect();
            let failed = failures(changes).await;
            let created = wave.steps.iter().any(|step| step.change == Change::Create);
            let stop = !failed.is_empty() && created && method.updates;
            errors.extend(failed);
            if stop || !errors.is_empty() && wave.is_needed() {
                return (applied, DeployError::collect(errors));
            }
            if let Err(error) = self.settle_wave(&wave, &staying).await {
                errors.push(error);
                return (applied, DeployError::collect(errors));
            }
        }
        if !method.updates && errors.len() > 1 {
            return (applied, Err(DeployError::Lines(errors)));
        }
        for wave in leaving_waves(&leaving) {
            if errors.is_empty() {
                errors = failures(wave.into_iter().map(|step| self.remove(step)).collect()).await;
            }
        }
        (applied, DeployError::collect(errors))
    }

    /// Waits for what has to be before the next wave.
    async fn settle_wave(&self, wave: &Wave<'_>, staying: &[&Step]) -> Result<(), DeployError> {
        let objects = |steps: &[&Step]| steps.iter().map(|step| step.object.clone()).collect::<Vec<_>>();
        if wave.defines {
            let defined: Vec<_> = wave.steps.iter().flat_map(|step| defined_by(&step.object.body)).collect();
            let needed: BTreeSet<&Resource> = staying
                .iter()
                .map(|step| &step.object.resource)
                .filter(|resource| defined.contains(resource))
                .collect();
            if !needed.is_empty() {
                let waiter = self.waiter();
                waiter.ready(&objects(&wave.steps), Rules::Objects).await?;
                for resource in needed {
                    waiter.served(resource).await?;
                }
                self.cluster().forget_discovery().await;
            }
        }
        if wave.awaited.is_empty() {
            return Ok(());
        }
        let awaited = objects(&wave.awaited);
        self.tell(&Progress::Waiting { objects: awaited.len() });
        Ok(self.waiter().ready(&awaited, Rules::ObjectsAndJobs).await?)
    }

    async fn change(&self, step: &Step, method: Method) -> Result<(), DeployError> {
        match (step.change, &step.live) {
            (Change::Create, _) | (_, None) => {
                self.create(&step.object, method).await.map_err(|error| match method.updates {
                    true => error.at("failed to create resource"),
                    false => error,
                })?;
            }
            (_, Some(live)) => {
                if let Err(refusal) = self.update(step, live, method).await {
                    self.recreate(step, method, refusal).await?;
                }
            }
        }
        self.tell(&Progress::Changed { object: &step.object.key(), change: step.change });
        Ok(())
    }

    /// Creates an object that is not there.
    pub(super) async fn create(&self, object: &Object, method: Method) -> Result<(), DeployError> {
        if !method.server_side || object.generates_name() {
            return Ok(self.cluster().create(object).await.map(drop)?);
        }
        self.apply(object, method).await
    }

    /// Applies an object on the server.
    pub(super) async fn apply(&self, object: &Object, method: Method) -> Result<(), DeployError> {
        let options =
            ApplyOptions { force: method.force_conflicts, validation: method.validation, dry_run: false };
        self.cluster().apply(object, options).await.map(drop).map_err(|source| apply_error(object, source))
    }

    async fn update(&self, step: &Step, live: &Value, method: Method) -> Result<(), DeployError> {
        let object = &step.object;
        if method.force_replace {
            let replaced = self.cluster().replace(object, method.validation).await;
            return replaced
                .map(drop)
                .map_err(|source| DeployError::Api(source).at("failed to replace object"));
        }
        if !method.server_side {
            return self.merge(step, live).await;
        }
        if method.migrate {
            self.migrate(object, live).await?;
        }
        self.apply(object, method).await
    }

    /// Helm 3's way: a patch from what was, what is and what shall be.
    async fn merge(&self, step: &Step, live: &Value) -> Result<(), DeployError> {
        let object = &step.object;
        let original = step.original.as_ref().unwrap_or(live);
        let Some(patch) = merge::three_way(original, &object.body, live, &object.resource) else {
            return Ok(());
        };
        let patched = self.cluster().patch(object, patch.media_type, &patch.body).await;
        patched.map(drop).map_err(|source| {
            let kind = &object.resource.kind;
            DeployError::Api(source).at(format!("cannot patch {:?} with kind {kind}", object.name))
        })
    }

    /// Fields that a client-side manager of our name owns become fields that we apply; otherwise what a chart no
    /// longer sets would stay for ever.
    pub(super) async fn migrate(&self, object: &Object, live: &Value) -> Result<(), DeployError> {
        let mut live = Some(live.clone());
        for _ in 0..5 {
            let Some(patch) = live.as_ref().and_then(managed_fields_patch) else { return Ok(()) };
            match self.cluster().patch(object, "application/json-patch+json", &patch).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_conflict() => live = self.cluster().get(object).await?,
                Err(error) => {
                    return Err(DeployError::Object {
                        context: "failed to patch object to upgrade CSA field manager",
                        object: printed(object),
                        source: error,
                    });
                }
            }
        }
        Ok(())
    }

    async fn remove(&self, step: &Step) -> Result<(), DeployError> {
        let object = &step.object;
        if step.change == Change::Delete {
            self.cluster().delete(object, Propagation::Background).await.map_err(|source| {
                let Object { namespace, name, resource, .. } = object;
                let kind = &resource.kind;
                DeployError::Api(source)
                    .at(format!("failed to delete resource namespace={namespace}, name={name}, kind={kind}"))
            })?;
        }
        self.tell(&Progress::Changed { object: &object.key(), change: step.change });
        Ok(())
    }

    /// Deletes objects; those that are gone already don't matter. Every failure is reported.
    pub(super) async fn delete_all(&self, objects: &[Object], propagation: Propagation) -> Vec<ApiError> {
        let mut errors = Vec::new();
        for kind in objects.chunk_by(|a, b| a.resource.kind == b.resource.kind) {
            let deletions: Vec<_> = kind.iter().map(|object| self.delete_one(object, propagation)).collect();
            let results = futures::stream::iter(deletions).buffered(AT_ONCE);
            let failed = results.filter_map(|result| async { result.err() });
            errors.extend(failed.collect::<Vec<_>>().await);
        }
        errors
    }

    async fn delete_one(&self, object: &Object, propagation: Propagation) -> Result<(), ApiError> {
        self.cluster().delete(object, propagation).await?;
        self.tell(&Progress::Changed { object: &object.key(), change: Change::Delete });
        Ok(())
    }
}

/// Carries changes out, so many at a time, and gives their failures.
async fn failures<Change>(changes: Vec<Change>) -> Vec<DeployError>
where
    Change: Future<Output = Result<(), DeployError>>,
{
    let results = futures::stream::iter(changes).buffered(AT_ONCE);
    results.filter_map(|result| async { result.err() }).collect().await
}

/// `default/web apps/v1, Kind=Deployment`
fn printed(object: &Object) -> String {
    format!("{}/{} {}", object.namespace, object.name, object.go_kind())
}

pub(super) fn apply_error(object: &Object, source: ApiError) -> DeployError {
    let context = match source.is_conflict() {
        true => "conflict occurred while applying object",
        false => "server-side apply failed for object",
    };
    DeployError::Object { context, object: printed(object), source }
}

/// The JSON patch that makes our client-side entries in `managedFields` server-side ones; `None` where there are none.
///
/// Kubernetes: `client-go/util/csaupgrade`. The sets of both entries are united, the client-side one goes, and the
/// patch only holds for the version it was made from.
pub(super) fn managed_fields_patch(live: &Value) -> Option<Value> {
    let entries = live.pointer("/metadata/managedFields")?.as_array()?;
    let field =
        |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_ours = |entry: &Value, operation: &str| {
        field(entry, "manager") == FIELD_MANAGER
            && field(entry, "operation") == operation
            && field(entry, "subresource").is_empty()
    };
    let (ours, mut others): (Vec<&Value>, Vec<&Value>) =
        entries.iter().partition(|entry| is_ours(entry, "Update"));
    let first = *ours.first()?;
    let applied = others.iter().position(|entry| is_ours(entry, "Apply"));
    let mut united = applied.map(|at| others.remove(at)).unwrap_or(first).clone();
    united["operation"] = json!("Apply");
    for entry in &ours {
        if let (Some(fields), Some(more)) = (united.get_mut("fieldsV1"), entry.get("fieldsV1")) {
            unite(fields, more);
        }
    }
    let mut entries: Vec<Value> = others.into_iter().cloned().collect();
    entries.push(united);
    let version = live.pointer("/metadata/resourceVersion")?;
    Some(json!([
        { "op": "replace", "path": "/metadata/managedFields", "value": entries },
        { "op": "replace", "path": "/metadata/resourceVersion", "value": version },
    ]))
}

/// Unites two sets of fields.
fn unite(fields: &mut Value, more: &Value) {
    let (Some(fields), Some(more)) = (fields.as_object_mut(), more.as_object()) else { return };
    for (name, below) in more {
        match fields.get_mut(name) {
            Some(known) => unite(known, below),
            None => drop(fields.insert(name.clone(), below.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_side_fields_of_our_name_become_applied_ones() {
        let live = json!({"metadata": {"resourceVersion": "7", "managedFields": [
            {"manager": "helm", "operation": "Update", "fieldsV1": {"f:data": {"f:a": {}}}},
            {"manager": "kubectl", "operation": "Update", "fieldsV1": {}},
            {"manager": "helm", "operation": "Apply", "fieldsV1": {"f:data": {"f:b": {}}}},
        ]}});
        let patch = managed_fields_patch(&live).unwrap();
        let entries = patch[0]["value"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1]["operation"], "Apply");
        assert_eq!(entries[1]["fieldsV1"], json!({"f:data": {"f:a": {}, "f:b": {}}}));
        assert_eq!(patch[1]["value"], "7");
    }

    #[test]
    fn without_client_side_fields_nothing_is_patched() {
        let live = json!({"metadata": {"resourceVersion": "7", "managedFields": [
            {"manager": "helm", "operation": "Apply", "fieldsV1": {}},
            {"manager": "helm", "operation": "Update", "subresource": "status", "fieldsV1": {}},
        ]}});
        assert_eq!(managed_fields_patch(&live), None);
    }
}

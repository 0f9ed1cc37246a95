//! Making an object anew because a field changed that can't: only when asked, and never what holds data.

use super::apply::Method;
use super::plan::{Change, Plan, Step, is_kept};
use super::{Action, DeployError, Progress};
use crate::cluster::{ApiError, Object, Propagation, Waiter};

/// Kinds that are never made anew: with the object would go its data, or other people's objects.
const HOLD_DATA: [&str; 4] =
    ["PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"];

impl Action<'_> {
    /// Deletes the pods of the workloads that a plan changed, as Helm 3's `--recreate-pods` does. A failure to do so is
    /// no failure of the action.
    pub(super) async fn renew_pods(&self, plan: &Plan) {
        for step in plan.steps.iter().filter(|step| step.change == Change::Update) {
            if let Err(error) = self.cluster().delete_pods(&step.object).await {
                self.warn(&format!("unable to recreate pods for object {}: {error}", step.object.key()));
            }
        }
    }

    /// Deletes an object and creates it as the plan has it, if the server refused to change it for that reason only.
    ///
    /// # Errors
    /// `refusal`, where the object must not be made anew; else what became of it.
    pub(super) async fn recreate(
        &self,
        step: &Step,
        method: Method,
        refusal: DeployError,
    ) -> Result<(), DeployError> {
        let object = &step.object;
        let immutable = refusal.api().is_some_and(is_immutable);
        if !self.options.recreate_immutable || !immutable || !may_go(step) {
            return Err(refusal);
        }
        self.tell(&Progress::Note(&format!("making {} anew: {refusal}", object.key())));
        self.cluster().delete(object, propagation(object)).await?;
        Waiter::new(self.cluster(), self.options.timeout).gone(std::slice::from_ref(object)).await?;
        self.create(object, method).await
    }
}

/// Whether the server refused because of fields that can't change.
pub(super) fn is_immutable(error: &ApiError) -> bool {
    let ApiError::Status(status) = error else { return false };
    let texts = status
        .details
        .iter()
        .flat_map(|details| details.causes.iter().map(|cause| cause.message.as_str()))
        .chain([status.message.as_str()]);
    let words =
        ["field is immutable", "may not be changed", "may not change once set", "for fields other than"];
    let mut says_so = texts.map(|text| words.iter().any(|word| text.contains(word)));
    status.code == 422 && says_so.any(|says| says)
}

/// Whether the object may be deleted for a while.
pub(super) fn may_go(step: &Step) -> bool {
    let kept = step.live.as_ref().is_some_and(is_kept) || is_kept(&step.object.body);
    !kept && !HOLD_DATA.contains(&step.object.resource.kind.as_str())
}

/// A StatefulSet leaves its pods, and with them their volumes, to its successor; others start anew.
fn propagation(object: &Object) -> Propagation {
    if object.resource.kind == "StatefulSet" { Propagation::Orphan } else { Propagation::Background }
}

impl DeployError {
    /// What the API server said, wherever it stands in the error.
    pub(super) fn api(&self) -> Option<&ApiError> {
        match self {
            DeployError::Api(error) | DeployError::Object { source: error, .. } => Some(error),
            DeployError::Step { source, .. } => source.api(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(code: u16, message: &str) -> ApiError {
        let status = json!({"status": "Failure", "code": code, "reason": "Invalid", "message": message});
        ApiError::Status(serde_json::from_value::<Box<_>>(status).unwrap())
    }

    #[test]
    fn immutable_fields_are_told_by_the_servers_words() {
        let immutable = [
            "Deployment.apps \"a\" is invalid: spec.selector: Invalid value: {}: field is immutable",
            "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: [\"None\"]: may not change once set",
            "StatefulSet.apps \"a\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than \
             'replicas', 'ordinals' are forbidden",
        ];
        assert!(immutable.iter().all(|message| is_immutable(&refusal(422, message))));
        assert!(!is_immutable(&refusal(422, "spec.replicas: Invalid value: -1")));
        assert!(!is_immutable(&refusal(500, "field is immutable")));
    }
}

//! Whether an object is as it should be.
//!
//! The rules are those of kstatus (sigs.k8s.io/cli-utils, in the fork Helm 4 uses), so that what pintle calls ready
//! Helm calls ready. This only looks at the object's JSON; who fetches it is `wait`'s business.

use serde_json::Value;

use super::workloads;

/// What an object's state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadyState {
    /// As it should be.
    Current,
    /// On its way.
    InProgress,
    /// It will not become ready by itself.
    Failed,
    /// It is being deleted.
    Terminating,
    /// It does not exist.
    NotFound,
    /// Nobody has looked yet.
    Unknown,
}

impl ReadyState {
    /// kstatus' word.
    pub fn as_str(self) -> &'static str {
        match self {
            ReadyState::Current => "Current",
            ReadyState::InProgress => "InProgress",
            ReadyState::Failed => "Failed",
            ReadyState::Terminating => "Terminating",
            ReadyState::NotFound => "NotFound",
            ReadyState::Unknown => "Unknown",
        }
    }
}

/// A state and kstatus' sentence on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The state.
    pub state: ReadyState,
    /// Why.
    pub message: String,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// Every object is current; a Job as soon as it has started.
    #[default]
    Objects,
    /// Every object is current; a Job when it is complete.
    ObjectsAndJobs,
    /// Jobs and Pods have run to their end; nothing else is waited for.
    Hooks,
}

impl Readiness {
    pub(super) fn new(state: ReadyState, message: impl Into<String>) -> Self {
        Self { state, message: message.into() }
    }

    pub(super) fn current(message: impl Into<String>) -> Self {
        Self::new(ReadyState::Current, message)
    }

    pub(super) fn in_progress(message: impl Into<String>) -> Self {
        Self::new(ReadyState::InProgress, message)
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(ReadyState::Failed, message)
    }

    /// The state of an object as the server gave it.
    pub fn of(object: &Value, rules: Rules) -> Self {
        let kind = group_kind(object);
        match (rules, kind.as_str()) {
            (Rules::Hooks, "batch/Job") | (Rules::ObjectsAndJobs, "batch/Job") => finished_job(object),
            (Rules::Hooks, "Pod") => finished_pod(object),
            (Rules::Hooks, _) => Self::current("Resource is current"),
            _ => Self::kstatus(object, &kind),
        }
    }

    fn kstatus(object: &Value, kind: &str) -> Self {
        if object.pointer("/metadata/deletionTimestamp").is_some() {
            return Self::new(ReadyState::Terminating, "Resource scheduled for deletion");
        }
        if let Some(readiness) = generation(object).or_else(|| standard_conditions(object)) {
            return readiness;
        }
        workloads::readiness(object, kind)
            .or_else(|| ready_condition(object))
            .unwrap_or_else(|| Self::current("Resource is current"))
    }
}

/// Kinds that are ready as soon as they exist: nobody need watch them.
pub(super) fn is_always_ready(group: &str, kind: &str) -> bool {
    matches!(
        (group, kind),
        ("", "Secret" | "ConfigMap" | "ServiceAccount")
            | ("batch", "CronJob")
            | ("policy", "PodDisruptionBudget")
            | ("rbac.authorization.k8s.io", _)
    )
}

/// `apps/Deployment`; only the kind in the core group.
pub(super) fn group_kind(object: &Value) -> String {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("apiVersion").split_once('/') {
        Some((group, _)) => format!("{group}/{}", text("kind")),
        None => text("kind").to_owned(),
    }
}

/// An integer at a JSON pointer.
pub(super) fn integer(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer).and_then(Value::as_i64)
}

/// A string at a JSON pointer; empty where there is none.
pub(super) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// One entry of `status.conditions`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a>(&'a Value);

impl<'a> Condition<'a> {
    fn field(self, name: &str) -> &'a str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn status(self) -> &'a str {
        self.field("status")
    }

    pub(super) fn reason(self) -> &'a str {
        self.field("reason")
    }

    pub(super) fn message(self) -> &'a str {
        self.field("message")
    }

    pub(super) fn is_true(self) -> bool {
        self.status() == "True"
    }
}

/// The condition of that type.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<Condition<'a>> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    conditions.iter().map(Condition).find(|condition| condition.field("type") == kind)
}

fn generation(object: &Value) -> Option<Readiness> {
    let observed = integer(object, "/status/observedGeneration")?;
    let wanted = integer(object, "/metadata/generation")?;
    let message = format!(
        "{} generation is {wanted}, but latest observed generation is {observed}",
        text(object, "/kind")
    );
    (observed != wanted).then(|| Readiness::in_progress(message))
}

fn standard_conditions(object: &Value) -> Option<Readiness> {
    let active = |kind| condition(object, kind).filter(|condition| condition.is_true());
    let reconciling = active("Reconciling").map(|found| Readiness::in_progress(found.message()));
    reconciling.or_else(|| active("Stalled").map(|found| Readiness::failed(found.message())))
}

/// What objects of other kinds say about themselves.
fn ready_condition(object: &Value) -> Option<Readiness> {
    let ready = condition(object, "Ready")?;
    Some(match ready.status() {
        "True" => return None,
        _ => Readiness::in_progress(ready.message()),
    })
}

fn finished_job(object: &Value) -> Readiness {
    let name = text(object, "/metadata/name");
    let ended = |kind| condition(object, kind).is_some_and(Condition::is_true);
    match (ended("Complete"), ended("Failed")) {
        (true, _) => {
            let succeeded = integer(object, "/status/succeeded").unwrap_or(0);
            let wanted =
                integer(object, "/spec/completions").or(integer(object, "/spec/parallelism")).unwrap_or(1);
            Readiness::current(format!("Job Completed. succeeded: {succeeded}/{wanted}"))
        }
        (_, true) => {
            let failed = integer(object, "/status/failed").unwrap_or(0);
            let why = condition(object, "Failed").map_or("", Condition::message);
            Readiness::failed(format!("Job Failed. failed: {failed}. {why}").trim_end_matches([' ', '.']))
        }
        _ => Readiness::in_progress(format!("Job {name} has not completed yet")),
    }
}

fn finished_pod(object: &Value) -> Readiness {
    let name = text(object, "/metadata/name");
    match text(object, "/status/phase") {
        "Succeeded" => Readiness::current(format!("pod {name} succeeded")),
        "Failed" => Readiness::failed(format!("pod {name} failed")),
        _ => Readiness::in_progress(format!("pod {name} is running or not started")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn state(object: &Value) -> (ReadyState, String) {
        let readiness = Readiness::of(object, Rules::Objects);
        (readiness.state, readiness.message)
    }

    #[test]
    fn an_object_whose_change_was_not_observed_is_in_progress() {
        let object = json!({"kind": "X", "apiVersion": "g/v1", "metadata": {"generation": 2}, "status": {"observedGeneration": 1}});
        let message = "X generation is 2, but latest observed generation is 1";
        assert_eq!(state(&object), (ReadyState::InProgress, message.to_owned()));
    }

    #[test]
    fn custom_resources_speak_for_themselves() {
        let object = |kind: &str, status: &str| json!({"kind": "X", "apiVersion": "g/v1", "status": {"conditions": [{"type": kind, "status": status, "message": "m"}]}});
        assert_eq!(state(&object("Ready", "False")), (ReadyState::InProgress, "m".into()));
        assert_eq!(state(&object("Ready", "True")).0, ReadyState::Current);
        assert_eq!(state(&object("Stalled", "True")), (ReadyState::Failed, "m".into()));
        assert_eq!(state(&object("Reconciling", "True")).0, ReadyState::InProgress);
        assert_eq!(state(&json!({"kind": "X", "apiVersion": "g/v1"})).0, ReadyState::Current);
    }

    #[test]
    fn a_hook_waits_for_jobs_and_pods_only() {
        let job = json!({"kind": "Job", "apiVersion": "batch/v1", "status": {"startTime": "now"}});
        assert_eq!(Readiness::of(&job, Rules::Hooks).state, ReadyState::InProgress);
        assert_eq!(Readiness::of(&job, Rules::Objects).state, ReadyState::Current);
        let failed = json!({"kind": "Job", "apiVersion": "batch/v1", "status": {"failed": 1, "conditions": [
            {"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}]}});
        assert_eq!(Readiness::of(&failed, Rules::Hooks).state, ReadyState::Failed);
        let deployment = json!({"kind": "Deployment", "apiVersion": "apps/v1"});
        assert_eq!(Readiness::of(&deployment, Rules::Hooks).state, ReadyState::Current);
    }
}

//! kstatus' rules for the kinds Kubernetes brings along.

use serde_json::Value;

use super::readiness::{Condition, Readiness, condition, integer, text};

const NO_DEADLINE: i64 = i32::MAX as i64;

/// The readiness of a kind we know; `None` for others.
pub(super) fn readiness(object: &Value, kind: &str) -> Option<Readiness> {
    Some(match kind {
        "Service" => service(object),
        "Pod" => pod(object),
        "PersistentVolumeClaim" => claim(object),
        "apps/StatefulSet" => stateful_set(object),
        "apps/DaemonSet" | "extensions/DaemonSet" => daemon_set(object),
        "apps/Deployment" | "extensions/Deployment" => deployment(object),
        "apps/ReplicaSet" | "extensions/ReplicaSet" => replica_set(object),
        "batch/Job" => job(object),
        "apiextensions.k8s.io/CustomResourceDefinition" => definition(object),
        _ => return None,
    })
}

fn count(object: &Value, field: &str) -> i64 {
    integer(object, &format!("/status/{field}")).unwrap_or(0)
}

/// `word: have/want` while there are too few.
fn too_few(word: &str, have: i64, want: i64) -> Option<Readiness> {
    (want > have).then(|| Readiness::in_progress(format!("{word}: {have}/{want}")))
}

fn too_many(have: i64, want: i64) -> Option<Readiness> {
    (have > want).then(|| Readiness::in_progress(format!("Pending termination: {}", have - want)))
}

fn deployment(object: &Value) -> Readiness {
    let deadline = integer(object, "/spec/progressDeadlineSeconds").unwrap_or(NO_DEADLINE);
    let progress = condition(object, "Progressing");
    if progress.is_some_and(|found| found.reason() == "ProgressDeadlineExceeded") {
        return Readiness::failed("Progress deadline exceeded");
    }
    let rolled_out = |found: Condition<'_>| found.is_true() && found.reason() == "NewReplicaSetAvailable";
    let progressing = deadline == NO_DEADLINE || progress.is_some_and(rolled_out);
    let available = condition(object, "Available").is_some_and(Condition::is_true);
    let want = integer(object, "/spec/replicas").unwrap_or(1);
    let have = count(object, "replicas");
    let updated = count(object, "updatedReplicas");
    let missing = too_few("Replicas", have, want)
        .or_else(|| too_few("Updated", updated, want))
        .or_else(|| too_many(have, want))
        .or_else(|| too_few("Available", count(object, "availableReplicas"), updated))
        .or_else(|| too_few("Ready", count(object, "readyReplicas"), want));
    match missing {
        Some(missing) => missing,
        None if !progressing => Readiness::in_progress("ReplicaSet not Available"),
        None if !available => Readiness::in_progress("Deployment not Available"),
        None => Readiness::current(format!("Deployment is available. Replicas: {have}")),
    }
}

fn replica_set(object: &Value) -> Readiness {
    if condition(object, "ReplicaFailure").is_some_and(Condition::is_true) {
        return Readiness::in_progress("Replica Failure condition. Check Pods");
    }
    let want = integer(object, "/spec/replicas").unwrap_or(1);
    let have = count(object, "replicas");
    too_few("Labelled", count(object, "fullyLabeledReplicas"), want)
        .or_else(|| too_few("Available", count(object, "availableReplicas"), want))
        .or_else(|| too_few("Ready", count(object, "readyReplicas"), want))
        .or_else(|| too_many(have, want))
        .unwrap_or_else(|| Readiness::current(format!("ReplicaSet is available. Replicas: {have}")))
}

fn stateful_set(object: &Value) -> Readiness {
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return Readiness::current("StatefulSet is using the ondelete update strategy");
    }
    let want = integer(object, "/spec/replicas").unwrap_or(1);
    let have = count(object, "replicas");
    let updated = count(object, "updatedReplicas");
    let missing = too_few("Replicas", have, want)
        .or_else(|| too_few("Ready", count(object, "readyReplicas"), want))
        .or_else(|| too_many(have, want));
    if let Some(missing) = missing {
        return missing;
    }
    if let Some(partition) = integer(object, "/spec/updateStrategy/rollingUpdate/partition") {
        return too_few("updated", updated, want - partition).unwrap_or_else(|| {
            Readiness::current(format!("Partition rollout complete. updated: {updated}"))
        });
    }
    if let Some(missing) = too_few("current", count(object, "currentReplicas"), want) {
        return missing;
    }
    match text(object, "/status/currentRevision") == text(object, "/status/updateRevision") {
        true => Readiness::current(format!("All replicas scheduled as expected. Replicas: {have}")),
        false => Readiness::in_progress("Waiting for updated revision to match current"),
    }
}

fn daemon_set(object: &Value) -> Readiness {
    if integer(object, "/metadata/generation").is_none() {
        return Readiness::in_progress("DaemonSet metadata.generation not found");
    }
    if integer(object, "/status/observedGeneration").is_none() {
        return Readiness::in_progress("DaemonSet status.observedGeneration not found");
    }
    let Some(want) = integer(object, "/status/desiredNumberScheduled") else {
        return Readiness::in_progress("Missing .status.desiredNumberScheduled");
    };
    too_few("Current", count(object, "currentNumberScheduled"), want)
        .or_else(|| too_few("Updated", count(object, "updatedNumberScheduled"), want))
        .or_else(|| too_few("Available", count(object, "numberAvailable"), want))
        .or_else(|| too_few("Ready", count(object, "numberReady"), want))
        .unwrap_or_else(|| {
            Readiness::current(format!("All replicas scheduled as expected. Replicas: {want}"))
        })
}

fn job(object: &Value) -> Readiness {
    let parallelism = integer(object, "/spec/parallelism").unwrap_or(1);
    let completions = integer(object, "/spec/completions").unwrap_or(parallelism);
    let (succeeded, active, failed) =
        (count(object, "succeeded"), count(object, "active"), count(object, "failed"));
    if condition(object, "Complete").is_some_and(Condition::is_true) {
        return Readiness::current(format!("Job Completed. succeeded: {succeeded}/{completions}"));
    }
    if condition(object, "Failed").is_some_and(Condition::is_true) {
        return Readiness::failed(format!("Job Failed. failed: {failed}/{completions}"));
    }
    match text(object, "/status/startTime") {
        "" => Readiness::in_progress("Job not started"),
        _ => Readiness::current(format!(
            "Job in progress. success:{succeeded}, active: {active}, failed: {failed}"
        )),
    }
}

fn pod(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        "Succeeded" => Readiness::current("Pod has completed successfully"),
        "Failed" => Readiness::current("Pod has completed, but not successfully"),
        "Running" if condition(object, "Ready").is_some_and(Condition::is_true) => {
            Readiness::current("Pod is Ready")
        }
        "Running" => match crash_looping(object) {
            containers if containers.is_empty() => Readiness::in_progress("Pod is running but is not Ready"),
            containers => {
                Readiness::failed(format!("Containers in CrashLoop state: {}", containers.join(",")))
            }
        },
        "Pending" => Readiness::in_progress("Pod is in the Pending phase"),
        _ => Readiness::in_progress("Pod phase not available"),
    }
}

/// The containers of a pod that start and end again and again.
fn crash_looping(pod: &Value) -> Vec<&str> {
    let statuses = pod.pointer("/status/containerStatuses").and_then(Value::as_array);
    let looping = statuses
        .into_iter()
        .flatten()
        .filter(|status| text(status, "/state/waiting/reason") == "CrashLoopBackOff");
    looping.map(|status| text(status, "/name")).collect()
}

fn service(object: &Value) -> Readiness {
    match (text(object, "/spec/type"), text(object, "/spec/clusterIP")) {
        ("LoadBalancer", "") => Readiness::in_progress("ClusterIP not set. Service type: LoadBalancer"),
        _ => Readiness::current("Service is ready"),
    }
}

fn claim(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        "Bound" => Readiness::current("PVC is Bound"),
        "" => Readiness::in_progress("PVC is not Bound. phase: unknown"),
        phase => Readiness::in_progress(format!("PVC is not Bound. phase: {phase}")),
    }
}

fn definition(object: &Value) -> Readiness {
    let named = condition(object, "NamesAccepted").filter(|found| found.status() == "False");
    let established = condition(object, "Established");
    let refused = established.filter(|found| found.status() == "False" && found.reason() != "Installing");
    match (named.or(refused), established) {
        (Some(refused), _) => Readiness::failed(refused.message()),
        (None, Some(established)) if established.is_true() => Readiness::current("CRD is established"),
        _ => Readiness::in_progress("Install in progress"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::ReadyState;
    use serde_json::json;

    fn deployment_status(status: Value) -> (ReadyState, String) {
        let object = json!({"spec": {"replicas": 2, "progressDeadlineSeconds": 600}, "status": status});
        let readiness = deployment(&object);
        (readiness.state, readiness.message)
    }

    #[test]
    fn a_deployment_is_current_when_its_new_replicas_are_available() {
        assert_eq!(deployment_status(json!({})), (ReadyState::InProgress, "Replicas: 0/2".into()));
        let half = json!({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 1, "readyReplicas": 1});
        assert_eq!(deployment_status(half), (ReadyState::InProgress, "Available: 1/2".into()));
        let done = json!({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2, "conditions": [
            {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
            {"type": "Available", "status": "True"}]});
        assert_eq!(
            deployment_status(done),
            (ReadyState::Current, "Deployment is available. Replicas: 2".into())
        );
        let stuck = json!({"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]});
        assert_eq!(deployment_status(stuck).0, ReadyState::Failed);
    }

    #[test]
    fn a_crash_loop_is_a_failure() {
        let pod_object = json!({"status": {"phase": "Running", "containerStatuses": [
            {"name": "a", "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
            {"name": "b", "state": {"running": {}}}]}});
        assert_eq!(pod(&pod_object), Readiness::failed("Containers in CrashLoop state: a"));
    }

    #[test]
    fn a_partitioned_rollout_ends_at_its_partition() {
        let object = |updated: i64| {
            json!({
            "spec": {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
            "status": {"replicas": 3, "readyReplicas": 3, "updatedReplicas": updated}})
        };
        assert_eq!(stateful_set(&object(0)), Readiness::in_progress("updated: 0/1"));
        assert_eq!(stateful_set(&object(1)).state, ReadyState::Current);
    }
}

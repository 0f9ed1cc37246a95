//! Why an object is not ready: what its containers and the last warning say.

use serde_json::Value;

use super::readiness::text;
use super::{Cluster, Object, Resource};

/// Pods and events looked at for one object.
const LOOKED_AT: &str = "50";
/// Characters of a log line that are shown.
const LONGEST_LINE: usize = 200;

fn core(kind: &str, plural: &str) -> Resource {
    Resource {
        group: String::new(),
        version: "v1".into(),
        kind: kind.into(),
        plural: plural.into(),
        namespaced: true,
    }
}

pub(super) fn pod_resource() -> Resource {
    core("Pod", "pods")
}

/// The label selector of the pods that belong to a workload.
pub(super) fn selector(object: &Object) -> Option<String> {
    match object.resource.kind.as_str() {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => {
            labels(&object.body, "/spec/selector/matchLabels")
        }
        "Job" => Some(format!("job-name={}", object.name)),
        _ => None,
    }
}

impl Cluster {
    /// The pods an object's selector selects; empty where it has none or they can't be read.
    pub(super) async fn pods_of(&self, object: &Object) -> Vec<Value> {
        let Some(selector) = selector(object) else { return Vec::new() };
        let query = [("labelSelector", selector.as_str()), ("limit", LOOKED_AT)];
        let listed = self.list(&pod_resource(), &object.namespace, &query).await;
        listed.map(items).unwrap_or_default()
    }

    /// A sentence for people on why the object is not ready; empty where nothing more is known.
    pub(super) async fn culprit(&self, object: &Object) -> String {
        let pods = match object.resource.kind.as_str() {
            "Pod" => self.get(object).await.ok().flatten().into_iter().collect(),
            _ => self.pods_of(object).await,
        };
        let container = pods.iter().find_map(container_problem);
        let mut suspects: Vec<&str> = pods.iter().map(|pod| text(pod, "/metadata/name")).collect();
        suspects.push(&object.name);
        let warning = self.last_warning(&object.namespace, &suspects).await;
        [container, warning].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// As [`Cluster::culprit`], and the last line that a container wrote which fails.
    pub(super) async fn explanation(&self, object: &Object) -> (String, Option<String>) {
        let culprit = self.culprit(object).await;
        let pods = match object.resource.kind.as_str() {
            "Pod" => self.get(object).await.ok().flatten().into_iter().collect(),
            _ => self.pods_of(object).await,
        };
        for pod in &pods {
            if let Some(container) = failing_container(pod) {
                let name = text(pod, "/metadata/name");
                let logs = self.last_log(&object.namespace, name, container).await.ok();
                let last =
                    logs.as_deref().and_then(|logs| logs.lines().rfind(|line| !line.trim().is_empty()));
                return (culprit, last.map(|line| line.chars().take(LONGEST_LINE).collect()));
            }
        }
        (culprit, None)
    }

    async fn last_warning(&self, namespace: &str, names: &[&str]) -> Option<String> {
        let query = [("fieldSelector", "type=Warning"), ("limit", "500")];
        let events = items(self.list(&core("Event", "events"), namespace, &query).await.ok()?);
        let about = events.iter().filter(|event| names.contains(&text(event, "/involvedObject/name")));
        let last = about.max_by_key(|event| seen(event))?;
        Some(format!(
            "{} {}: {}: {}",
            text(last, "/involvedObject/kind"),
            text(last, "/involvedObject/name"),
            text(last, "/reason"),
            text(last, "/message").trim()
        ))
    }
}

fn items(mut list: Value) -> Vec<Value> {
    match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn seen(event: &Value) -> &str {
    ["/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"]
        .into_iter()
        .map(|field| text(event, field))
        .find(|time| !time.is_empty())
        .unwrap_or_default()
}

/// A map of labels as a selector; `None` where there is none.
pub(super) fn labels(body: &Value, pointer: &str) -> Option<String> {
    let labels = body.pointer(pointer)?.as_object()?;
    let pairs = labels.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    Some(pairs.collect::<Vec<_>>().join(",")).filter(|text| !text.is_empty())
}

/// What the first container that does not run says.
fn container_problem(pod: &Value) -> Option<String> {
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let all = statuses.into_iter().filter_map(|field| pod.pointer(field)?.as_array()).flatten();
    let mut described = all.filter_map(|status| {
        let state = ["/state/waiting", "/state/terminated", "/lastState/terminated"];
        let state = state
            .into_iter()
            .find_map(|field| status.pointer(field).filter(|_| !ended_well(status, field)))?;
        let (reason, message) = (text(state, "/reason"), text(state, "/message"));
        let separator = if message.is_empty() { "" } else { ": " };
        let (pod, container) = (text(pod, "/metadata/name"), text(status, "/name"));
        Some(format!("container {container} of pod {pod}: {reason}{separator}{message}"))
    });
    described.next()
}

/// The first container that ended with an error, now or the last time.
fn failing_container(pod: &Value) -> Option<&str> {
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let mut all = statuses.into_iter().filter_map(|field| pod.pointer(field)?.as_array()).flatten();
    let failed = |status: &&Value| {
        let ended = ["/state/terminated", "/lastState/terminated"];
        ended.iter().any(|field| status.pointer(field).is_some() && !ended_well(status, field))
    };
    all.find(failed).map(|status| text(status, "/name"))
}

fn ended_well(status: &Value, field: &str) -> bool {
    status.pointer(field).and_then(|state| state.get("exitCode")).and_then(Value::as_i64) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_container_that_can_not_start_is_named_with_its_reason() {
        let pod = json!({"metadata": {"name": "web-1"}, "status": {
            "initContainerStatuses": [{"name": "init", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}],
            "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]}});
        assert_eq!(
            container_problem(&pod).unwrap(),
            "container web of pod web-1: ImagePullBackOff: no such image"
        );
    }
}

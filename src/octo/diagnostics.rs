//! Why a workload does not come up: what its containers wait for or ended with, and warnings about its objects.
//!
//! The lines are upstream's, which its user interface shows. Unlike upstream's they are only about this release and
//! this attempt, and of bounded length.

use std::collections::HashSet;
use std::time::Duration;

use futures::join;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, PersistentVolumeClaim, Pod};
use kube::api::ListParams;
use kube::{Api, Client, Resource, ResourceExt as _};

use super::replicas::INSTANCE;

/// The longest text that is made, in bytes.
const LONGEST: usize = 8 * 1024;
/// How many events are read.
const MOST_EVENTS: u32 = 500;
/// What a container waits for that is no problem.
const USUAL: [&str; 2] = ["PodInitializing", "ContainerCreating"];

/// The objects of a release, by kind and name.
type Owned = HashSet<(String, String)>;

/// Looks for what keeps a release from becoming ready. Whatever can't be read is left out; empty when nothing is found.
pub(super) async fn collect(client: &Client, namespace: &str, release: &str, since: Timestamp) -> String {
    let pods = listed::<Pod>(client, namespace, release);
    let warnings = warnings(client, namespace);
    let (pods, owned, events) = join!(pods, owned(client, namespace, release), warnings);
    let mut owned = owned;
    owned.extend(pods.iter().map(|pod| ("Pod".to_owned(), pod.name_any())));
    describe(&pods, &events, &owned, since)
}

/// The same, given up after `bound`.
pub(super) async fn collect_within(
    bound: Duration,
    client: &Client,
    namespace: &str,
    release: &str,
    since: Timestamp,
) -> Option<String> {
    let found = collect(client, namespace, release, since);
    tokio::time::timeout(bound, found).await.ok().filter(|text| !text.is_empty())
}

/// What was seen before and is not seen any more, and what is seen now.
pub(super) fn united(before: &str, now: &str) -> String {
    let new = now.lines().filter(|line| !before.lines().any(|seen| seen == *line));
    shortened(before.lines().chain(new).map(str::to_owned).collect())
}

fn of_release(release: &str) -> ListParams {
    ListParams::default().labels(&format!("{INSTANCE}={release}"))
}

async fn listed<K>(client: &Client, namespace: &str, release: &str) -> Vec<K>
where
    K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(client.clone(), namespace);
    api.list(&of_release(release)).await.map(|list| list.items).unwrap_or_default()
}

async fn named<K>(client: &Client, namespace: &str, release: &str) -> Vec<(String, String)>
where
    K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(client.clone(), namespace);
    let found = api.list_metadata(&of_release(release)).await.map(|list| list.items).unwrap_or_default();
    found.iter().map(|object| (K::kind(&()).into_owned(), object.name_any())).collect()
}

async fn owned(client: &Client, namespace: &str, release: &str) -> Owned {
    let found = join!(
        named::<Deployment>(client, namespace, release),
        named::<ReplicaSet>(client, namespace, release),
        named::<StatefulSet>(client, namespace, release),
        named::<Job>(client, namespace, release),
        named::<PersistentVolumeClaim>(client, namespace, release),
    );
    [found.0, found.1, found.2, found.3, found.4].into_iter().flatten().collect()
}

async fn warnings(client: &Client, namespace: &str) -> Vec<Event> {
    let query = ListParams::default().fields("type=Warning").limit(MOST_EVENTS);
    let api: Api<Event> = Api::namespaced(client.clone(), namespace);
    api.list(&query).await.map(|list| list.items).unwrap_or_default()
}

fn describe(pods: &[Pod], events: &[Event], owned: &Owned, since: Timestamp) -> String {
    let mut lines: Vec<String> = Vec::new();
    for pod in pods {
        let Some(status) = &pod.status else { continue };
        let name = pod.name_any();
        for container in status.container_statuses.iter().flatten() {
            lines.extend(container_lines(&name, "container", container));
        }
        for container in status.init_container_statuses.iter().flatten() {
            lines.extend(container_lines(&name, "initContainer", container));
        }
    }
    lines.extend(events.iter().filter(|event| concerns(event, owned, since)).map(event_line));
    let mut seen = HashSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    shortened(lines)
}

fn container_lines(pod: &str, kind: &str, container: &ContainerStatus) -> Vec<String> {
    let subject = format!("Pod {pod} {kind} '{}'", container.name);
    let mut lines = Vec::new();
    let waiting = container.state.as_ref().and_then(|state| state.waiting.as_ref());
    let waiting = waiting.map(|waiting| (waiting.reason.clone().unwrap_or_default(), waiting));
    if let Some((reason, waiting)) =
        waiting.filter(|(reason, _)| !reason.is_empty() && !USUAL.contains(&reason.as_str()))
    {
        lines.push(format!("{subject} waiting: {reason}{}", dashed(waiting.message.as_deref())));
    }
    let states = [(&container.state, "terminated"), (&container.last_state, "previously terminated")];
    for (state, word) in states {
        let Some(ended) = state.as_ref().and_then(|state| state.terminated.as_ref()) else { continue };
        if ended.exit_code != 0 {
            let reason = ended.reason.as_deref().filter(|reason| !reason.is_empty());
            let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            let message = dashed(ended.message.as_deref());
            lines.push(format!("{subject} {word}: exit code {}{reason}{message}", ended.exit_code));
        }
    }
    lines
}

fn dashed(message: Option<&str>) -> String {
    let message = message.map(str::trim).filter(|message| !message.is_empty());
    message.map(|message| format!(" \u{2014} {message}")).unwrap_or_default()
}

/// Whether an event is about an object of the release, and happened since the attempt began.
fn concerns(event: &Event, owned: &Owned, since: Timestamp) -> bool {
    let object = &event.involved_object;
    let key = (object.kind.clone().unwrap_or_default(), object.name.clone().unwrap_or_default());
    let series =
        event.series.as_ref().and_then(|series| series.last_observed_time.as_ref()).map(|time| time.0);
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    let single = event.event_time.as_ref().map(|time| time.0);
    let created = event.metadata.creation_timestamp.as_ref().map(|time| time.0);
    let at = series.or(last).or(single).or(created);
    // Times of events have whole seconds.
    owned.contains(&key) && at.is_some_and(|at| at.as_second() >= since.as_second())
}

fn event_line(event: &Event) -> String {
    let object = &event.involved_object;
    format!(
        "Event {}/{}: {}{}",
        object.kind.as_deref().unwrap_or_default(),
        object.name.as_deref().unwrap_or_default(),
        event.reason.as_deref().unwrap_or_default(),
        dashed(event.message.as_deref()),
    )
}

/// Whole lines up to the longest text.
fn shortened(lines: Vec<String>) -> String {
    let mut text = String::new();
    let count = lines.len();
    for (index, line) in lines.into_iter().enumerate() {
        if text.len() + line.len() > LONGEST {
            text.push_str(&format!("and {} more lines", count - index));
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(name: &str, containers: Value, init: Value) -> Pod {
        serde_json::from_value(json!({"metadata": {"name": name},
            "status": {"containerStatuses": containers, "initContainerStatuses": init}}))
        .unwrap()
    }

    fn status(name: &str, state: Value, last: Value) -> Value {
        json!({"name": name, "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state, "lastState": last})
    }

    fn event(kind: &str, name: &str, message: &str, at: &str) -> Event {
        serde_json::from_value(
            json!({"metadata": {"name": "e"}, "involvedObject": {"kind": kind, "name": name},
            "reason": "FailedCreate", "message": message, "lastTimestamp": at}),
        )
        .unwrap()
    }

    fn owned(keys: &[(&str, &str)]) -> Owned {
        keys.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect()
    }

    const START: Timestamp = Timestamp::constant(1_800_000_000, 500_000_000);
    const NOW: &str = "2027-01-15T08:00:01Z";
    const BEFORE: &str = "2027-01-15T07:00:00Z";

    /// OCTO-81: the lines of waiting and ended containers, containers before init containers.
    #[test]
    fn containers_that_wait_or_ended_badly_are_told() {
        let containers = json!([
            status(
                "app",
                json!({"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}),
                json!({})
            ),
            status("slow", json!({"waiting": {"reason": "ContainerCreating"}}), json!({})),
            status(
                "old",
                json!({"running": {}}),
                json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}})
            ),
            status("good", json!({"terminated": {"exitCode": 0}}), json!({})),
        ]);
        let init =
            json!([status("wait", json!({"terminated": {"exitCode": 3, "message": "no db\n"}}), json!({}))]);
        let text = describe(&[pod("web-1", containers, init)], &[], &owned(&[]), START);
        assert_eq!(
            text,
            "Pod web-1 container 'app' waiting: ImagePullBackOff \u{2014} no such image\n\
             Pod web-1 container 'old' previously terminated: exit code 137 (OOMKilled)\n\
             Pod web-1 initContainer 'wait' terminated: exit code 3 \u{2014} no db"
        );
    }

    /// OCTO-81, OCTO-82: warnings once each, of this release's objects and this attempt only.
    #[test]
    fn only_this_releases_warnings_of_this_attempt_are_told() {
        let events = [
            event("ReplicaSet", "web-1", "quota", NOW),
            event("ReplicaSet", "web-1", "quota", NOW),
            event("ReplicaSet", "web-1", "of an hour ago", BEFORE),
            event("ReplicaSet", "web-other-1", "another's", NOW),
        ];
        let text = describe(&[], &events, &owned(&[("ReplicaSet", "web-1")]), START);
        assert_eq!(text, "Event ReplicaSet/web-1: FailedCreate \u{2014} quota");
    }

    #[test]
    fn what_is_gone_is_still_told_once() {
        assert_eq!(united("a\nb", "b\nc"), "a\nb\nc");
        assert_eq!(
            (united("", "a"), united("a", ""), united("", "")),
            ("a".into(), "a".into(), String::new())
        );
    }

    /// OCTO-82: the text is bounded and says that there is more.
    #[test]
    fn long_texts_are_cut_at_a_line() {
        let events: Vec<Event> =
            (0..200).map(|at| event("Job", "j", &format!("{at:03}{}", "x".repeat(100)), NOW)).collect();
        let text = describe(&[], &events, &owned(&[("Job", "j")]), START);
        assert!(text.len() < LONGEST + 40 && text.ends_with("more lines"), "{}", text.len());
    }
}

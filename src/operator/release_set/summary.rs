//! What a `ReleaseSet` says of itself, summed up over its clusters. Pure.

use crate::api::{ClusterState, ClusterStatus, Condition, ReleaseSetStatus};
use crate::operator::report::shortened;

/// How many clusters are named in the sentence.
const NAMED: usize = 5;

/// Counts the clusters and sets the conditions. `stopped` if clusters are held back because one has failed.
pub(super) fn sum_up(status: &mut ReleaseSetStatus, generation: i64, stopped: bool) {
    let chosen = || status.clusters.iter().filter(|cluster| cluster.state != ClusterState::Removing);
    let (selected, ready) =
        (chosen().count(), chosen().filter(|cluster| cluster.state == ClusterState::Ready).count());
    let has = |state| status.clusters.iter().any(|cluster| cluster.state == state);
    let is_moving =
        has(ClusterState::Progressing) || has(ClusterState::Removing) || has(ClusterState::Waiting);
    let reason = match () {
        () if selected == 0 && !has(ClusterState::Removing) => "NoClusters",
        () if stopped => "StoppedOnFailure",
        () if has(ClusterState::Failed) => "Failed",
        () if is_moving => "Progressing",
        () if has(ClusterState::Unreachable) => "Unreachable",
        () => "Ready",
    };
    let message = sentence(&status.clusters, selected, ready);
    status.selected = u32::try_from(selected).unwrap_or(u32::MAX);
    status.ready = u32::try_from(ready).unwrap_or(u32::MAX);
    status.summary = format!("{ready}/{selected}");
    status.observed_generation = generation;
    let is_ready = ready == selected && reason == "Ready";
    for (kind, holds) in [("Ready", is_ready), ("Progressing", is_moving && !stopped), ("Stalled", stopped)] {
        set(status, kind, holds, generation, reason, &message);
    }
}

/// Sets conditions and sentence for a state of the whole: suspended, or a spec that means nothing.
pub(super) fn whole(
    status: &mut ReleaseSetStatus,
    generation: i64,
    reason: &str,
    message: &str,
    stalled: bool,
) {
    status.observed_generation = generation;
    for (kind, holds) in [("Ready", false), ("Progressing", false), ("Stalled", stalled)] {
        set(status, kind, holds, generation, reason, message);
    }
}

fn set(status: &mut ReleaseSetStatus, kind: &str, holds: bool, generation: i64, reason: &str, message: &str) {
    Condition::new(kind, holds, generation, reason, shortened(message)).set_in(&mut status.conditions);
}

/// `2/4 ready; edge03: Failed: …; edge04: Unreachable: …`
fn sentence(clusters: &[ClusterStatus], selected: usize, ready: usize) -> String {
    let mut others = clusters.iter().filter(|cluster| cluster.state != ClusterState::Ready);
    let mut sentence = format!("{ready}/{selected} ready");
    for cluster in others.by_ref().take(NAMED) {
        let ClusterStatus { name, state, message, .. } = cluster;
        let message: String = message.chars().take(160).collect();
        let separator = if message.is_empty() { "" } else { ": " };
        sentence.push_str(&format!("; {name}: {state:?}{separator}{message}"));
    }
    match others.count() {
        0 => sentence,
        more => format!("{sentence}; and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ConditionStatus;

    fn status(states: &[ClusterState]) -> ReleaseSetStatus {
        let clusters = states.iter().enumerate().map(|(index, state)| ClusterStatus {
            name: format!("edge{index}"),
            state: *state,
            message: if *state == ClusterState::Failed { "no".into() } else { String::new() },
            ..ClusterStatus::default()
        });
        ReleaseSetStatus { clusters: clusters.collect(), ..ReleaseSetStatus::default() }
    }

    fn ready(status: &ReleaseSetStatus) -> (&str, ConditionStatus, &str) {
        let ready = status.conditions.iter().find(|condition| condition.kind == "Ready").unwrap();
        (&status.summary, ready.status, &ready.reason)
    }

    #[test]
    fn all_ready_is_ready() {
        let mut status = status(&[ClusterState::Ready, ClusterState::Ready]);
        sum_up(&mut status, 3, false);
        assert_eq!(ready(&status), ("2/2", ConditionStatus::True, "Ready"));
        assert_eq!(status.observed_generation, 3);
    }

    #[test]
    fn who_is_not_ready_and_why_is_said() {
        let mut status = status(&[
            ClusterState::Ready,
            ClusterState::Failed,
            ClusterState::Waiting,
            ClusterState::Removing,
        ]);
        sum_up(&mut status, 1, true);
        assert_eq!(ready(&status), ("1/3", ConditionStatus::False, "StoppedOnFailure"));
        let message = &status.conditions[0].message;
        assert_eq!(message, "1/3 ready; edge1: Failed: no; edge2: Waiting; edge3: Removing");
    }

    #[test]
    fn a_long_list_is_counted() {
        let mut status = status(&[ClusterState::Unreachable; 8]);
        sum_up(&mut status, 1, false);
        assert!(status.conditions[0].message.ends_with("edge4: Unreachable; and 3 more"));
        assert_eq!(ready(&status).2, "Unreachable");
    }

    #[test]
    fn no_clusters_is_not_ready() {
        let mut status = status(&[]);
        sum_up(&mut status, 1, false);
        assert_eq!(ready(&status), ("0/0", ConditionStatus::False, "NoClusters"));
    }
}

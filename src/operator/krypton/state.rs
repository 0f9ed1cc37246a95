//! Conditions and phase of a Tenant, from what happened on its cluster. Pure.

use crate::api::{Condition, ConditionStatus, Phase, PlacementStatus};
use crate::operator::looks::{DRIFTED, Left, say_left};
use crate::operator::report::shortened;

/// The words of the reference for what a Tenant's cluster is at, in front of which the cluster's name stands.
pub(super) const READY: &str = "ClusterReady";
pub(super) const ERROR: &str = "ClusterError";
pub(super) const PROGRESS: &str = "ClusterProgress";

/// Errors of the chart, not of the cluster: what is installed may be fine.
const OF_THE_CHART: [&str; 3] = ["ChartNotLoaded", "VersionNotFound", "VersionInvalid"];

/// A status that is being changed.
pub(super) struct Conditions<'a> {
    pub(super) status: &'a mut PlacementStatus,
    pub(super) generation: i64,
    /// The cluster's name, in front of its conditions; none for the resource's own.
    pub(super) cluster: &'a str,
}

impl Conditions<'_> {
    /// Sets a condition of the cluster.
    pub(super) fn cluster(&mut self, word: &str, holds: bool, reason: &str, message: &str) {
        let kind = condition_type(self.cluster, word);
        self.set(kind, holds, reason, message);
    }

    /// Sets the condition that sums up: Ready.
    pub(super) fn ready(&mut self, holds: bool, reason: &str, message: &str) {
        self.set("Ready".to_owned(), holds, reason, message);
    }

    /// Says whether drift is left as it is, and gives what of it is news.
    pub(super) fn left<'l>(&mut self, left: Option<&'l Left>) -> Option<&'l Left> {
        let kind = match self.cluster {
            "" => DRIFTED.to_owned(),
            cluster => condition_type(cluster, DRIFTED),
        };
        say_left(&mut self.status.conditions, &kind, self.generation, left)
    }

    fn set(&mut self, kind: String, holds: bool, reason: &str, message: &str) {
        let condition = Condition::new(&kind, holds, self.generation, reason, shortened(message));
        condition.set_in(&mut self.status.conditions);
    }
}

/// The type of a condition of a cluster. What stands before the slash must be a DNS subdomain, which a Secret's name is.
pub(super) fn condition_type(cluster: &str, word: &str) -> String {
    format!("{cluster}/{word}")
}

/// The phase by the conditions of a cluster: Error if there is an error, save one of the chart that may be passed over;
/// Ready if it is ready; else Pending.
pub(super) fn phase(status: &PlacementStatus, cluster: &str, allow_chart_skip: bool) -> Phase {
    let holds = |word: &str| {
        let condition = status.condition(&condition_type(cluster, word))?;
        (condition.status == ConditionStatus::True).then_some(condition.reason.as_str())
    };
    let is_ready = holds(READY).is_some();
    match holds(ERROR) {
        Some(reason) if allow_chart_skip && is_ready && OF_THE_CHART.contains(&reason) => Phase::Ready,
        Some(_) => Phase::Error,
        None if is_ready => Phase::Ready,
        None => Phase::Pending,
    }
}

/// How the reference calls an error of the chart, if it is one.
pub(super) fn chart_error(reason: &str, version: &str) -> Option<&'static str> {
    match reason {
        "ChartNotFound" if !version.is_empty() => Some("VersionNotFound"),
        "ReferenceInvalid" => Some("VersionInvalid"),
        "ChartNotFound"
        | "ChartInvalid"
        | "DigestMismatch"
        | "IndexInvalid"
        | "RepositoryUnreachable"
        | "AccessDenied"
        | "CertificateInvalid" => Some("ChartNotLoaded"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(conditions: &[(&str, bool, &str)]) -> PlacementStatus {
        let mut status = PlacementStatus::default();
        let mut changes = Conditions { status: &mut status, generation: 1, cluster: "edge01" };
        for (word, holds, reason) in conditions {
            changes.cluster(word, *holds, reason, "");
        }
        status
    }

    /// KRY-70: valid types of metav1.Condition.
    #[test]
    fn the_clusters_name_stands_before_the_word() {
        let status = status(&[(READY, true, "Installed")]);
        assert_eq!(status.conditions[0].kind, "edge01/ClusterReady");
    }

    /// KRY-71
    #[test]
    fn an_error_is_an_error_and_ready_is_ready() {
        let of = |conditions: &[(&str, bool, &str)]| phase(&status(conditions), "edge01", false);
        assert_eq!(of(&[]), Phase::Pending);
        assert_eq!(of(&[(PROGRESS, true, "Installing")]), Phase::Pending);
        assert_eq!(of(&[(READY, true, "Installed")]), Phase::Ready);
        assert_eq!(of(&[(READY, true, "Installed"), (ERROR, true, "UpgradeFailed")]), Phase::Error);
    }

    /// KRY-69: an error that is over no longer counts.
    #[test]
    fn an_error_that_is_over_leaves_the_phase() {
        let conditions =
            [(READY, true, "Upgraded"), (ERROR, true, "UpgradeFailed"), (ERROR, false, "UpgradeComplete")];
        assert_eq!(phase(&status(&conditions), "edge01", false), Phase::Ready);
    }

    /// KRY-71: ALLOW_CHART_SKIP
    #[test]
    fn a_missing_chart_may_be_passed_over_where_something_is_installed() {
        let missing = (ERROR, true, "ChartNotLoaded");
        let installed = status(&[(READY, true, "Installed"), missing]);
        assert_eq!(phase(&installed, "edge01", true), Phase::Ready);
        assert_eq!(phase(&installed, "edge01", false), Phase::Error);
        assert_eq!(phase(&status(&[missing]), "edge01", true), Phase::Error);
        let failed = status(&[(READY, true, "Installed"), (ERROR, true, "UpgradeFailed")]);
        assert_eq!(phase(&failed, "edge01", true), Phase::Error);
    }

    /// KRY-72
    #[test]
    fn errors_of_the_chart_have_the_references_names() {
        assert_eq!(chart_error("ChartNotFound", "1.0"), Some("VersionNotFound"));
        assert_eq!(chart_error("ChartNotFound", ""), Some("ChartNotLoaded"));
        assert_eq!(chart_error("ReferenceInvalid", "x"), Some("VersionInvalid"));
        assert_eq!(chart_error("RepositoryUnreachable", "1.0"), Some("ChartNotLoaded"));
        assert_eq!(chart_error("ApplyFailed", ""), None);
    }
}

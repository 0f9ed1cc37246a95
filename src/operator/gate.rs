//! Nothing changed, nothing written: the digest that tells.

use serde_json::json;

use super::deployer::Current;
use crate::api::{ReleaseSpec, ReleaseStatus};
use crate::source::Digest;

/// The digest of everything that decides what a release becomes: chart, values, and how it is deployed.
pub(super) fn desired(chart: Digest, values: &str, spec: &ReleaseSpec) -> String {
    let mut options = json!({
        "hooks": !spec.disable_hooks,
        "skipCrds": spec.install.skip_crds,
        "takeOwnership": spec.take_ownership,
        "forceConflicts": spec.upgrade.force_conflicts,
    });
    // Without patches the digest is that of the time before there were any.
    if let Some(options) = options.as_object_mut().filter(|_| !spec.patches.is_empty()) {
        options.insert("patches".to_owned(), json!(spec.patches));
    }
    Digest::of(format!("{chart}\n{options}\n{values}").as_bytes()).to_string()
}

/// Whether the release is already what is desired: the same digest led to the revision that is still the newest.
pub(super) fn is_reached(status: &ReleaseStatus, digest: &str, current: Option<&Current>) -> bool {
    let (Some(last), Some(current)) = (&status.last_attempt, current) else { return false };
    last.digest == digest
        && last.succeeded
        && last.revision == Some(current.revision)
        && current.status == "deployed"
}

/// How often this generation has now failed in a row.
pub(super) fn failures(status: &ReleaseStatus, generation: i64) -> u32 {
    let before = if status.observed_generation == generation { status.failures } else { 0 };
    before.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::LastAttempt;

    fn status(digest: &str, succeeded: bool) -> ReleaseStatus {
        let last = LastAttempt { digest: digest.into(), revision: Some(3), succeeded };
        ReleaseStatus { last_attempt: Some(last), ..ReleaseStatus::default() }
    }

    fn current(revision: i64, status: &str) -> Option<Current> {
        Some(Current { revision, status: status.into(), labels: Default::default() })
    }

    #[test]
    fn the_gate_is_shut_only_for_the_same_digest_and_revision() {
        let reached =
            |status: &ReleaseStatus, current: Option<Current>| is_reached(status, "a", current.as_ref());
        assert!(reached(&status("a", true), current(3, "deployed")));
        assert!(!reached(&status("b", true), current(3, "deployed")));
        assert!(!reached(&status("a", false), current(3, "deployed")));
        assert!(!reached(&status("a", true), current(4, "deployed")));
        assert!(!reached(&status("a", true), current(3, "failed")));
        assert!(!reached(&status("a", true), None));
        assert!(!reached(&ReleaseStatus::default(), current(3, "deployed")));
    }

    #[test]
    fn chart_values_and_options_make_the_digest() {
        let spec = ReleaseSpec::default();
        let digest = desired(Digest::of(b"a"), "{}", &spec);
        assert_eq!(
            digest,
            desired(Digest::of(b"a"), "{}", &ReleaseSpec { interval: Some("1h".into()), ..spec.clone() })
        );
        assert_ne!(digest, desired(Digest::of(b"b"), "{}", &spec));
        assert_ne!(digest, desired(Digest::of(b"a"), "{\"a\":1}", &spec));
        assert_ne!(digest, desired(Digest::of(b"a"), "{}", &ReleaseSpec { disable_hooks: true, ..spec }));
    }

    #[test]
    fn failures_count_for_one_generation() {
        let status = ReleaseStatus { observed_generation: 4, failures: 2, ..ReleaseStatus::default() };
        assert_eq!(failures(&status, 4), 3);
        assert_eq!(failures(&status, 5), 1);
    }
}

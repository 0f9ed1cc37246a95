//! Looks at the objects of releases that were reached: what of them is no longer as it was applied, and whether that is to
//! be repaired. What was found is remembered, so that the next look costs little, and a repair that does not last is not
//! repeated at each.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::time::Instant;

use parking_lot::Mutex;

use super::deployer::{DeployFailure, Deployer};
use super::repairs::{Contested, Repairs};
use super::report::shortened;
use crate::api::{Condition, ConditionStatus, DriftDetection, DriftMode};
use crate::cluster::ObjectKey;
use crate::deploy::{Drift, Ignored, Seen};

/// What is remembered of releases, by what they are known by.
pub(super) struct Looks<K> {
    seen: Mutex<HashMap<K, (DriftDetection, Seen)>>,
    repairs: Repairs<K>,
}

/// A release to be looked at.
pub(super) struct Subject<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) revision: i64,
    pub(super) detection: &'a DriftDetection,
}

/// What a look found.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// What is to be repaired.
    pub(super) drift: Vec<Drift>,
    /// What is not as it was applied, and is left so.
    pub(super) left: Option<Left>,
    /// The objects that are not ready, and why.
    pub(super) not_ready: Vec<(ObjectKey, String)>,
}

/// Drift that is not repaired now.
#[derive(Clone, Debug)]
pub(super) struct Left {
    drift: Vec<Drift>,
    /// None where the resource says so.
    contested: Option<Contested>,
}

impl Left {
    /// A stable word for conditions and events.
    pub(super) fn reason(&self) -> &'static str {
        match self.contested {
            Some(_) => "Contested",
            None => "DriftDetected",
        }
    }
}

impl fmt::Display for Left {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&listed(&self.drift))?;
        match self.contested {
            Some(Contested { times, pause }) => write!(
                formatter,
                "; repaired {times} times, and changed again each time: somebody else sets it, and the next repair comes {} s after the last",
                pause.as_secs()
            ),
            None => formatter.write_str("; left so, as spec.driftDetection.mode says"),
        }
    }
}

/// The condition that there is drift which is left as it is.
pub(super) const DRIFTED: &str = "Drifted";

/// Says in the condition of that type whether drift is left, and gives what of it is news to be told in an event. Nothing
/// is said of a release that never drifted.
pub(super) fn say_left<'a>(
    conditions: &mut Vec<Condition>,
    kind: &str,
    generation: i64,
    left: Option<&'a Left>,
) -> Option<&'a Left> {
    let before = conditions.iter().find(|condition| condition.kind == kind);
    let was_left = before.is_some_and(|before| before.status == ConditionStatus::True);
    let (status, reason, message) = match left {
        Some(left) => (ConditionStatus::True, left.reason(), shortened(&left.to_string())),
        None if was_left => {
            (ConditionStatus::False, "AsApplied", "the objects are as they were applied".to_owned())
        }
        None => return None,
    };
    let is_news = left.is_some() && before.is_none_or(|before| !was_left || before.message != message);
    Condition::new(kind, status, generation, reason, message).set_in(conditions);
    left.filter(|_| is_news)
}

/// `ConfigMap/n/a is missing, ConfigMap/n/b differs in /data/x`
pub(super) fn listed(drift: &[Drift]) -> String {
    drift.iter().map(Drift::to_string).collect::<Vec<_>>().join(", ")
}

impl<K> Default for Looks<K> {
    fn default() -> Self {
        Self { seen: Mutex::default(), repairs: Repairs::default() }
    }
}

impl<K: Eq + Hash + Clone> Looks<K> {
    /// Compares a revision's objects with the cluster. Reads only.
    pub(super) async fn look(
        &self,
        of: &K,
        deployer: &dyn Deployer,
        subject: Subject<'_>,
    ) -> Result<Look, DeployFailure> {
        let Subject { namespace, name, revision, detection } = subject;
        let ignored = Ignored::new(&detection.ignore).map_err(|error| DeployFailure {
            reason: "SpecInvalid",
            message: error.to_string(),
            revision: None,
        })?;
        let seen =
            self.seen.lock().get(of).filter(|(as_now, _)| as_now == detection).map(|(_, seen)| seen.clone());
        let found = deployer.inspect(namespace, name, revision, seen.as_ref(), &ignored).await?;
        match found.seen {
            Some(seen) => drop(self.seen.lock().insert(of.clone(), (detection.clone(), seen))),
            None => drop(self.seen.lock().remove(of)),
        }
        let (drift, left) = self.judged(of, detection.mode, found.drift);
        Ok(Look { drift, left, not_ready: found.not_ready })
    }

    fn judged(&self, of: &K, mode: DriftMode, drift: Vec<Drift>) -> (Vec<Drift>, Option<Left>) {
        if drift.is_empty() || mode == DriftMode::Disabled {
            return (Vec::new(), None);
        }
        if mode == DriftMode::Warn {
            return (Vec::new(), Some(Left { drift, contested: None }));
        }
        match self.repairs.contested(of, &drift, Instant::now()) {
            None => (drift, None),
            contested => (Vec::new(), Some(Left { drift, contested })),
        }
    }

    /// What was seen of a release is about to change, and this drift is about to be repaired.
    pub(super) fn changing(&self, of: &K, repaired: &[Drift]) {
        self.seen.lock().remove(of);
        if !repaired.is_empty() {
            self.repairs.note(of, repaired, Instant::now());
        }
    }

    /// Forgets a release.
    pub(super) fn forget(&self, of: &K) {
        self.seen.lock().remove(of);
        self.repairs.forget(of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift() -> Vec<Drift> {
        vec![Drift { managers: vec!["mesh".into()], ..Drift::of_config_map("n", "a", &["/data/x"]) }]
    }

    #[test]
    fn the_mode_decides_what_happens_to_drift() {
        let looks = Looks::<u8>::default();
        let (repaired, left) = looks.judged(&1, DriftMode::Enabled, drift());
        assert!(repaired.len() == 1 && left.is_none());
        let (repaired, left) = looks.judged(&1, DriftMode::Warn, drift());
        assert!(repaired.is_empty() && left.unwrap().reason() == "DriftDetected");
        let (repaired, left) = looks.judged(&1, DriftMode::Disabled, drift());
        assert!(repaired.is_empty() && left.is_none());
    }

    #[test]
    fn drift_that_comes_back_each_time_is_left_for_a_while() {
        let looks = Looks::<u8>::default();
        (0..4).for_each(|_| looks.changing(&1, &drift()));
        let (repaired, left) = looks.judged(&1, DriftMode::Enabled, drift());
        assert!(repaired.is_empty());
        let left = left.unwrap();
        assert_eq!(left.reason(), "Contested");
        let text = left.to_string();
        assert!(
            text.starts_with("ConfigMap/n/a differs in /data/x (set by mesh); repaired 4 times"),
            "{text}"
        );
        looks.forget(&1);
        assert_eq!(looks.judged(&1, DriftMode::Enabled, drift()).0.len(), 1);
    }

    #[test]
    fn drift_that_is_left_is_said_once_and_its_end_without_an_event() {
        let (mut conditions, left) = (Vec::new(), Left { drift: drift(), contested: None });
        assert!(say_left(&mut conditions, DRIFTED, 1, None).is_none() && conditions.is_empty());
        assert!(say_left(&mut conditions, DRIFTED, 1, Some(&left)).is_some());
        assert!(say_left(&mut conditions, DRIFTED, 1, Some(&left)).is_none());
        assert!(say_left(&mut conditions, DRIFTED, 1, None).is_none());
        assert_eq!((conditions.len(), conditions[0].status), (1, ConditionStatus::False));
    }
}

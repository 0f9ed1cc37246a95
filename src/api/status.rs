//! What the operator reports of a `Release`. Nothing of it ever holds a value of the chart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;

/// The state of a `Release`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseStatus {
    /// The generation of the spec that this speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// Ready, Progressing and Stalled.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The release's current revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// The current revision's status, in Helm's words: `deployed`, `failed`, `pending-upgrade`…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The chart of the current revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartStatus>,
    /// What was last tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<LastAttempt>,
    /// How many reconciliations of this generation have failed in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(extend("format" = "int32"))]
    pub failures: u32,
    /// The last revisions, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
}

pub(super) fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A chart that was installed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ChartStatus {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what it installs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub app_version: String,
    /// The digest of its archive.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

/// An attempt to reach what the spec asks for.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct LastAttempt {
    /// The digest of chart, values and options. As long as it stays and the attempt succeeded, nothing is written.
    pub digest: String,
    /// The revision it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// Whether the release became what it should.
    #[serde(default)]
    pub succeeded: bool,
}

/// A revision that Helm's history has.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// The revision.
    pub revision: i64,
    /// Its status, in Helm's words.
    pub status: String,
}

impl ReleaseStatus {
    /// The condition of that type.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }

    /// Sets a condition. Its time changes only when its status does.
    pub fn set_condition(&mut self, condition: Condition) {
        condition.set_in(&mut self.conditions);
    }
}

#[cfg(test)]
mod tests {
    use super::super::ConditionStatus;
    use super::*;

    fn ready(status: ConditionStatus, time: &str) -> Condition {
        Condition {
            kind: "Ready".into(),
            status,
            observed_generation: 1,
            last_transition_time: time.into(),
            reason: "R".into(),
            message: String::new(),
        }
    }

    #[test]
    fn a_conditions_time_is_that_of_its_last_change() {
        let mut status = ReleaseStatus::default();
        for (now, condition) in
            [("1", ConditionStatus::False), ("2", ConditionStatus::False), ("3", ConditionStatus::True)]
        {
            status.set_condition(ready(condition, now));
        }
        assert_eq!(status.conditions, [ready(ConditionStatus::True, "3")]);
        status.set_condition(ready(ConditionStatus::True, "4"));
        assert_eq!(status.condition("Ready").unwrap().last_transition_time, "3");
    }
}

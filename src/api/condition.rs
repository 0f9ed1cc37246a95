//! Conditions, as Kubernetes shapes them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// A condition in Kubernetes' shape.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What it is about; of several clusters, `<cluster>/<word>`.
    #[serde(rename = "type")]
    #[schemars(length(max = 316))]
    pub kind: String,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// The generation of the spec that this speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// When `status` changed last.
    #[schemars(schema_with = "schema::time")]
    pub last_transition_time: String,
    /// A word for programs.
    #[schemars(length(min = 1, max = 1024))]
    pub reason: String,
    /// A sentence for people.
    #[schemars(length(max = 32768))]
    pub message: String,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody knows yet.
    Unknown,
}

impl From<bool> for ConditionStatus {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl Condition {
    /// A condition that changes now. Its time is as conditions have it: RFC 3339, in whole seconds.
    pub fn new(
        kind: &str,
        status: impl Into<ConditionStatus>,
        generation: i64,
        reason: &str,
        message: String,
    ) -> Self {
        Self {
            kind: kind.to_owned(),
            status: status.into(),
            observed_generation: generation,
            last_transition_time: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            reason: reason.to_owned(),
            message,
        }
    }

    /// Takes the place of the condition of the same type. Its time changes only when its status does.
    pub fn set_in(mut self, conditions: &mut Vec<Self>) {
        match conditions.iter_mut().find(|old| old.kind == self.kind) {
            Some(old) => {
                if old.status == self.status {
                    self.last_transition_time = std::mem::take(&mut old.last_transition_time);
                }
                *old = self;
            }
            None => conditions.push(self),
        }
    }
}

//! What is reported of a resource that stands for one release on one cluster: `Tenant` and `KryptonDeployment`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;
use super::status::is_zero;

/// How far a resource has come, in one word.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq, Hash, PartialOrd, Ord,
)]
pub enum Phase {
    /// On its way, or waiting for something.
    #[default]
    Pending,
    /// The chart is installed, and its objects are ready.
    Ready,
    /// The last attempt failed.
    Error,
}

impl Phase {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Pending => "Pending",
            Phase::Ready => "Ready",
            Phase::Error => "Error",
        }
    }
}

/// The state of a release on a cluster. Nothing of it ever holds a value of the chart.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PlacementStatus {
    /// Pending, Ready or Error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// What happened last, as a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_message: String,
    /// The chart that was applied last: `<repository>/<name>:<version>`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_applied_chart: String,
    /// The release's current revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// The generation of the spec that this speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// How many attempts of this generation have failed in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(extend("format" = "int32"))]
    pub failures: u32,
    /// `Ready`, and for a Tenant those of its cluster: `<cluster>/ClusterReady`, `ClusterError` and `ClusterProgress`.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

impl PlacementStatus {
    /// The condition of that type.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }
}

//! What is said and reported of a resource that stands for one release on one cluster: `Tenant` and `KryptonDeployment`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::status::is_zero;
use super::{ChartSource, Condition, ValueSource, schema};

/// What such a resource says of its release. What it leaves out is the operator's setting.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseContent {
    /// The chart; the operator's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartSource>,
    /// Values files in ConfigMaps and Secrets beside this resource, over those of the operator, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub values_from: Vec<ValueSource>,
    /// Values over all others.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "schema::any_object")]
    pub values: Map<String, Value>,
}

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
    /// `Drifted` (of a Tenant `<cluster>/Drifted`) where something was changed and is left so.
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

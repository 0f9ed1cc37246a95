//! What is done about objects that are no longer as they were applied. The names are Flux's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ObjectSelector;

/// Whether missing and changed objects are looked for at each interval, and what happens then.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct DriftDetection {
    /// What happens to drift; `enabled` by default.
    #[serde(default)]
    pub mode: DriftMode,
    /// Fields that others may change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub ignore: Vec<IgnoredFields>,
}

/// What happens to drift.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum DriftMode {
    /// It is repaired, by a new revision.
    #[default]
    Enabled,
    /// It is told, and left.
    Warn,
    /// Nobody looks.
    Disabled,
}

/// Fields that are no drift, however they are.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub struct IgnoredFields {
    /// JSON pointers such as `/spec/replicas`, each with all below it; an empty one stands for the object and that it
    /// exists.
    #[schemars(length(min = 1, max = 64))]
    pub paths: Vec<String>,
    /// Of which objects; of all by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ObjectSelector>,
}

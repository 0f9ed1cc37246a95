//! The `ReleaseSet` resource: one release on many clusters.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chart::is_false;
use super::status::is_zero;
use super::{ClusterSelector, Condition, ReleaseSpec, schema};

/// A release that shall be on every chosen cluster.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[kube(
    group = "pintle.dev",
    version = "v1alpha1",
    kind = "ReleaseSet",
    plural = "releasesets",
    shortname = "rset",
    category = "pintle",
    namespaced,
    status = "ReleaseSetStatus",
    derive = "PartialEq",
    derive = "Default",
    doc = "A Helm chart that shall be installed on many clusters and stay so.",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.summary"}"#,
    printcolumn = r#"{"name":"Reason","type":"string","jsonPath":".status.conditions[?(@.type=='Ready')].reason"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","priority":1,"jsonPath":".status.conditions[?(@.type=='Ready')].message"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseSetSpec {
    /// The clusters, by the labels of the Secrets with their kubeconfigs; all by default.
    #[serde(default)]
    pub cluster_selector: ClusterSelector,
    /// The release on each of them.
    pub template: ReleaseTemplate,
    /// Values that differ from cluster to cluster, over the template's `base` and under its `overrides`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub cluster_values: Vec<ClusterValue>,
    /// Which clusters come first. A wave begins when all before it are ready; clusters of none come last. A cluster that
    /// can't be reached holds nobody back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub waves: Vec<Wave>,
    /// How many clusters may be not ready at a time, as a number or a percentage of the wave; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<MaxUnavailable>,
    /// Goes on with further clusters although one has failed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub continue_on_failure: bool,
}

/// What is released on each cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct ReleaseTemplate {
    /// As in a `Release`. Secrets and ConfigMaps that it names lie beside the `ReleaseSet`.
    pub spec: ReleaseSpec,
}

/// A value that comes from a cluster: exactly one of `label`, `annotation` and `name`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.label), has(self.annotation), has(self.name) && self.name].filter(set, set).size() == 1",
    "message": "exactly one of label, annotation and name must be set"
}]))]
pub struct ClusterValue {
    /// Where it is set, as in the overrides of a `Release`.
    #[schemars(length(min = 1, max = 1024))]
    pub path: String,
    /// A label of the cluster's Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// An annotation of the cluster's Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotation: Option<String>,
    /// The cluster's name.
    #[serde(default, skip_serializing_if = "is_false")]
    pub name: bool,
    /// What is set where the cluster has no such label or annotation; without it that cluster fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// Clusters that are brought up to date together.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Wave {
    /// The clusters, by labels; those of an earlier wave are left out.
    pub cluster_selector: ClusterSelector,
    /// How many of them may be not ready at a time; the set's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<MaxUnavailable>,
}

/// A number of clusters, or a percentage of them such as `25%`, rounded down and at least one.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum MaxUnavailable {
    /// As many.
    Number(u32),
    /// That part of them.
    Percentage(String),
}

impl JsonSchema for MaxUnavailable {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MaxUnavailable".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schema::number_or_percentage(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

impl MaxUnavailable {
    /// How many of `total`, at least one.
    pub fn of(&self, total: usize) -> usize {
        let number = match self {
            MaxUnavailable::Number(number) => usize::try_from(*number).unwrap_or(usize::MAX),
            MaxUnavailable::Percentage(text) => {
                let percent: usize = text.trim_end_matches('%').parse().unwrap_or_default();
                total.saturating_mul(percent.min(100)) / 100
            }
        };
        number.max(1)
    }
}

/// The state of a `ReleaseSet`, over all its clusters.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseSetStatus {
    /// The generation of the spec that this speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `3/4`: how many of the chosen clusters are ready.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// How many clusters are chosen.
    #[serde(default)]
    #[schemars(extend("format" = "int32"))]
    pub selected: u32,
    /// How many of them are ready and up to date.
    #[serde(default)]
    #[schemars(extend("format" = "int32"))]
    pub ready: u32,
    /// Ready, Progressing and Stalled.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Each cluster, by name.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub clusters: Vec<ClusterStatus>,
}

/// The state of the release on one cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ClusterStatus {
    /// The cluster's name: that of its Secret.
    pub name: String,
    /// How far it is.
    pub state: ClusterState,
    /// A word for programs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// A sentence for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The release's current revision there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// What was last tried there: the fingerprint of chart and values.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
    /// How many attempts at that fingerprint have failed in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(extend("format" = "int32"))]
    pub failures: u32,
}

/// How far a cluster is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub enum ClusterState {
    /// Not yet its turn.
    #[default]
    Waiting,
    /// Being worked on, or its objects are not ready yet.
    Progressing,
    /// Up to date and ready.
    Ready,
    /// The last attempt failed.
    Failed,
    /// The cluster can't be reached.
    Unreachable,
    /// No longer chosen; the release is being taken away.
    Removing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_rounded_down_and_never_nothing() {
        let percent = |text: &str| MaxUnavailable::Percentage(text.into());
        assert_eq!(percent("25%").of(10), 2);
        assert_eq!(percent("25%").of(3), 1);
        assert_eq!(percent("100%").of(7), 7);
        assert_eq!(MaxUnavailable::Number(0).of(5), 1);
        assert_eq!(MaxUnavailable::Number(9).of(5), 9);
    }
}

//! The `Release` resource: a chart, its values, and that it shall be installed.

use std::time::Duration;

use kube::{CustomResource, ResourceExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chart::is_false;
use super::{
    ChartSource, DriftDetection, InstallOptions, InvalidDuration, PatchSpec, ReleaseStatus, UninstallOptions,
    UpgradeOptions, ValuesSpec, parse_duration, schema,
};

/// A Helm chart that shall be installed and stay so.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[kube(
    group = "pintle.dev",
    version = "v1alpha1",
    kind = "Release",
    plural = "releases",
    shortname = "rel",
    category = "pintle",
    namespaced,
    status = "ReleaseStatus",
    derive = "PartialEq",
    doc = "A Helm chart that shall be installed and stay so.",
    printcolumn = r#"{"name":"Chart","type":"string","jsonPath":".status.chart.name"}"#,
    printcolumn = r#"{"name":"Version","type":"string","jsonPath":".status.chart.version"}"#,
    printcolumn = r#"{"name":"Revision","type":"integer","jsonPath":".status.revision"}"#,
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type=='Ready')].status"}"#,
    printcolumn = r#"{"name":"Status","type":"string","jsonPath":".status.status"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","priority":1,"jsonPath":".status.conditions[?(@.type=='Ready')].message"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "(has(self.releaseName) ? self.releaseName : '') == (has(oldSelf.releaseName) ? oldSelf.releaseName : '')",
    "message": "releaseName can't be changed"
}, {
    "rule": "(has(self.targetNamespace) ? self.targetNamespace : '') == (has(oldSelf.targetNamespace) ? oldSelf.targetNamespace : '')",
    "message": "targetNamespace can't be changed"
}]))]
pub struct ReleaseSpec {
    /// The chart.
    pub chart: ChartSource,
    /// The values, in layers.
    #[serde(default)]
    pub values: ValuesSpec,
    /// Changes to rendered objects, applied in order. A patch that finds no object is an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub patches: Vec<PatchSpec>,
    /// The release's name for Helm; the resource's name by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 53),
        regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
    )]
    pub release_name: Option<String>,
    /// The namespace to install into; the resource's own by default. The release's record lies there too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub target_namespace: Option<String>,
    /// How often the repository is asked for a newer chart that satisfies the range, and the objects are compared with
    /// what was applied; 10m by default, at least 30s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub interval: Option<String>,
    /// How long objects may take to become ready, and hooks to complete; 5m by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub timeout: Option<String>,
    /// Calls the release deployed without waiting for its objects to be ready.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disable_wait: bool,
    /// Leaves the chart's hooks out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disable_hooks: bool,
    /// Goes back to the last good revision when an upgrade fails, and uninstalls what failed to install.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rollback_on_failure: bool,
    /// Takes over objects that belong to no release or to another.
    #[serde(default, skip_serializing_if = "is_false")]
    pub take_ownership: bool,
    /// How many revisions are kept; 10 by default, 0 for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000), extend("format" = "int32"))]
    pub history_max: Option<u32>,
    /// Changes nothing until it is unset. Deleting a suspended `Release` leaves what it installed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub suspend: bool,
    /// What only an installation heeds.
    #[serde(default)]
    pub install: InstallOptions,
    /// What only an upgrade heeds.
    #[serde(default)]
    pub upgrade: UpgradeOptions,
    /// What is done about objects that went missing or were changed.
    #[serde(default)]
    pub drift_detection: DriftDetection,
    /// What happens when this resource is deleted.
    #[serde(default)]
    pub uninstall: UninstallOptions,
}

const INTERVAL: Duration = Duration::from_secs(600);
const SHORTEST_INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(300);
const HISTORY_MAX: u32 = 10;

impl ReleaseSpec {
    /// How often to look again.
    ///
    /// # Errors
    /// Fails when the text is no duration.
    pub fn interval(&self) -> Result<Duration, InvalidDuration> {
        let asked = self.interval.as_deref().map_or(Ok(INTERVAL), parse_duration)?;
        Ok(asked.max(SHORTEST_INTERVAL))
    }

    /// How long to wait.
    ///
    /// # Errors
    /// Fails when the text is no duration.
    pub fn timeout(&self) -> Result<Duration, InvalidDuration> {
        self.timeout.as_deref().map_or(Ok(TIMEOUT), parse_duration)
    }

    /// How many revisions are kept; 0 for all.
    pub fn history_max(&self) -> u32 {
        self.history_max.unwrap_or(HISTORY_MAX)
    }
}

impl Release {
    /// The release's name for Helm.
    pub fn release_name(&self) -> String {
        self.spec.release_name.clone().unwrap_or_else(|| self.name_any())
    }

    /// The namespace to install into.
    pub fn target_namespace(&self) -> String {
        let own = || self.namespace().unwrap_or_else(|| "default".to_owned());
        self.spec.target_namespace.clone().unwrap_or_else(own)
    }
}

//! How a `Release` is installed, upgraded and taken away. Names and defaults are those of Helm's flags.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chart::is_false;

/// What only an installation heeds.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct InstallOptions {
    /// Creates the target namespace if there is none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub create_namespace: bool,
    /// Leaves the chart's CRDs out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub skip_crds: bool,
}

/// What only an upgrade heeds.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeOptions {
    /// Takes fields over that others own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub force_conflicts: bool,
    /// Deletes what a failed upgrade has created.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cleanup_on_fail: bool,
}

/// What happens when the `Release` is deleted.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct UninstallOptions {
    /// Leaves the release installed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub orphan: bool,
    /// Keeps the record, as `helm uninstall --keep-history` does.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keep_history: bool,
}

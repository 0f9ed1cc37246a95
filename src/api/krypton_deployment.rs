//! The `KryptonDeployment` resource of the krypton operator: a chart for an account, on the cluster of a region.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PlacementStatus, ReleaseContent};

/// A chart for an account in a region. It lies on the watch cluster; its name is the namespace on the region's cluster.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[kube(
    group = "mesh.openkcm.io",
    version = "v1alpha1",
    kind = "KryptonDeployment",
    plural = "kryptondeployments",
    shortname = "kd",
    namespaced,
    status = "PlacementStatus",
    derive = "PartialEq",
    derive = "Default",
    doc = "A chart for an account, on the cluster of a region.",
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Region","type":"string","jsonPath":".spec.region.name"}"#,
    printcolumn = r#"{"name":"Account","type":"string","jsonPath":".spec.account.name"}"#,
    printcolumn = r#"{"name":"Chart","type":"string","jsonPath":".status.lastAppliedChart"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","priority":1,"jsonPath":".status.lastMessage"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct KryptonDeploymentSpec {
    /// Whose it is.
    pub account: Account,
    /// Where it goes.
    pub region: Region,
    /// What is released there.
    #[serde(flatten)]
    pub content: ReleaseContent,
}

/// Whose a deployment is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The account's name. Empty, the phase is Error.
    pub name: String,
    /// The name to show.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
}

/// Where a deployment goes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// The region's name; without anything else, its cluster is that of the Secret `<name>-kubeconfig`.
    pub name: String,
    /// The cluster's kubeconfig.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<KubeconfigReference>,
    /// The Secret with the kubeconfig in the operator's namespace. Deprecated: `kubeconfig.secret`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kubeconfig_secret_name: String,
}

/// Where a kubeconfig is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub struct KubeconfigReference {
    /// The Secret with it.
    #[serde(default)]
    pub secret: KubeconfigSecret,
}

/// A Secret with a kubeconfig.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub struct KubeconfigSecret {
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its namespace; the operator's when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The key in it; the operator's setting when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

//! The `Tenant` resource of the krypton operator: a chart in a workspace of the cluster that the resource lies on.

use kube::{CustomResource, ResourceExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PlacementStatus, ReleaseContent};

/// A tenant of a cluster. It lies on the cluster it is for; what it does not say itself is the operator's setting.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[kube(
    group = "mesh.openkcm.io",
    version = "v1alpha1",
    kind = "Tenant",
    plural = "tenants",
    namespaced,
    status = "PlacementStatus",
    derive = "PartialEq",
    derive = "Default",
    doc = "A tenant of a cluster: a chart in a namespace of its own.",
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Workspace","type":"string","jsonPath":".spec.workspace"}"#,
    printcolumn = r#"{"name":"Chart","type":"string","jsonPath":".status.lastAppliedChart"}"#,
    printcolumn = r#"{"name":"Revision","type":"integer","jsonPath":".status.revision"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","priority":1,"jsonPath":".status.lastMessage"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct TenantSpec {
    /// The cluster it is for, by the Secret with its kubeconfig. On any other cluster the resource is left alone.
    /// Without it, the resource is for every cluster it lies on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_ref: Option<ClusterReference>,
    /// The namespace to install into; the resource's name by default.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 63), regex(pattern = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"))]
    pub workspace: String,
    /// What is released there.
    #[serde(flatten)]
    pub content: ReleaseContent,
}

/// A cluster, by the Secret with its kubeconfig.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ClusterReference {
    /// The Secret's name; any when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub secret_name: String,
    /// The Secret's namespace; the operator's when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub secret_namespace: String,
}

impl Tenant {
    /// The namespace to install into.
    pub fn workspace(&self) -> String {
        match self.spec.workspace.as_str() {
            "" => self.name_any(),
            workspace => workspace.to_owned(),
        }
    }
}

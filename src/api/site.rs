//! `CommunicationPool` and `DeploymentSite`: places that workloads of a tenant are deployed to, in the two generations
//! of the communication operator's resources.
//!
//! Both say only which tenant and which id; all else is the operator's configuration. Older resources that lack the id
//! can still be read, and are reported as failed.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;

/// A pool of a tenant that the communication operator registers with the hub.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[kube(
    group = "octo-mesh.meshmakers.io",
    version = "v1alpha1",
    kind = "CommunicationPool",
    plural = "communicationpools",
    singular = "communicationpool",
    namespaced,
    status = "SiteStatus",
    derive = "PartialEq",
    doc = "A pool of a tenant that the communication operator registers with the hub.",
    printcolumn = r#"{"name":"Tenant","type":"string","jsonPath":".spec.tenantId"}"#,
    printcolumn = r#"{"name":"Pool","type":"string","jsonPath":".spec.poolRtId"}"#,
    printcolumn = r#"{"name":"Registered","type":"string","jsonPath":".status.conditions[?(@.type=='Registered')].status"}"#,
    printcolumn = r#"{"name":"Status","type":"string","jsonPath":".status.communicationStatus"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","priority":1,"jsonPath":".status.conditions[?(@.type=='Registered')].message"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("required" = ["tenantId", "poolRtId"]))]
pub struct CommunicationPoolSpec {
    /// The tenant that the pool belongs to.
    #[serde(default)]
    #[schemars(!default)]
    pub tenant_id: String,
    /// The pool's id: 24 hexadecimal digits.
    #[serde(default)]
    #[schemars(!default, regex(pattern = r"^[a-f0-9]{24}$"))]
    pub pool_rt_id: String,
}

/// A deployment site of a tenant that the communication operator registers with the hub.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[kube(
    group = "octo-mesh.meshmakers.io",
    version = "v1",
    kind = "DeploymentSite",
    plural = "deploymentsites",
    singular = "deploymentsite",
    namespaced,
    status = "SiteStatus",
    derive = "PartialEq",
    doc = "A deployment site of a tenant that the communication operator registers with the hub.",
    printcolumn = r#"{"name":"Tenant","type":"string","jsonPath":".spec.tenantId"}"#,
    printcolumn = r#"{"name":"Site","type":"string","jsonPath":".spec.deploymentSiteRtId"}"#,
    printcolumn = r#"{"name":"Registered","type":"string","jsonPath":".status.conditions[?(@.type=='Registered')].status"}"#,
    printcolumn = r#"{"name":"Status","type":"string","jsonPath":".status.communicationStatus"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","priority":1,"jsonPath":".status.conditions[?(@.type=='Registered')].message"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("required" = ["tenantId", "deploymentSiteRtId"]))]
pub struct DeploymentSiteSpec {
    /// The tenant that the site belongs to.
    #[serde(default)]
    #[schemars(!default)]
    pub tenant_id: String,
    /// The site's id: 24 hexadecimal digits.
    #[serde(default)]
    #[schemars(!default, regex(pattern = r"^[a-f0-9]{24}$"))]
    pub deployment_site_rt_id: String,
}

/// How things stand between a site and the hub.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct SiteStatus {
    /// `In Progress`, `Registered` (which the hub has confirmed on the connection there is) or `Failed: …`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub communication_status: String,
    /// The generation of the spec that this speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// Registered: the hub knows on this connection that the site is ours.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

impl SiteStatus {
    /// The condition of that type.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }
}

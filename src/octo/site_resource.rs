//! The two kinds of resources that stand for sites, as one.

use kube::Resource;
use kube::core::NamespaceResourceScope;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::event::{Dialect, SiteId};
use crate::api::{CommunicationPool, CommunicationPoolSpec, DeploymentSite, DeploymentSiteSpec, SiteStatus};

/// A resource that stands for a site.
pub(super) trait SiteResource:
    Resource<Scope = NamespaceResourceScope, DynamicType = ()>
    + Clone
    + std::fmt::Debug
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
    /// Its generation.
    const DIALECT: Dialect;
    /// Its kind.
    const KIND: &'static str;
    /// The upstream operator's finalizer, so that either can let go what the other held.
    const FINALIZER: &'static str;

    /// The site, or why it names none.
    fn site(&self) -> Result<SiteId, String>;

    /// A resource for a site.
    fn of(name: &str, site: &SiteId) -> Self;

    fn status(&self) -> Option<&SiteStatus>;
}

/// The ids of a site, checked.
fn site(tenant: &str, rt_id: &str, field: &str) -> Result<SiteId, String> {
    if rt_id.is_empty() {
        return Err(format!("{field} is missing: give the 24 hexadecimal digits of the site's id"));
    }
    if rt_id.len() != 24 || !rt_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(format!("{field} is {rt_id:?}, and not 24 lower-case hexadecimal digits"));
    }
    Ok(SiteId { tenant: tenant.to_owned(), rt_id: rt_id.to_owned() })
}

impl SiteResource for CommunicationPool {
    const DIALECT: Dialect = Dialect::Pool;
    const KIND: &'static str = "CommunicationPool";
    const FINALIZER: &'static str = "octo-mesh.meshmakers.io/communicationpoolfinalizer";

    fn site(&self) -> Result<SiteId, String> {
        site(&self.spec.tenant_id, &self.spec.pool_rt_id, "spec.poolRtId")
    }

    fn of(name: &str, site: &SiteId) -> Self {
        let spec = CommunicationPoolSpec { tenant_id: site.tenant.clone(), pool_rt_id: site.rt_id.clone() };
        Self::new(name, spec)
    }

    fn status(&self) -> Option<&SiteStatus> {
        self.status.as_ref()
    }
}

impl SiteResource for DeploymentSite {
    const DIALECT: Dialect = Dialect::Site;
    const KIND: &'static str = "DeploymentSite";
    const FINALIZER: &'static str = "octo-mesh.meshmakers.io/deploymentsitefinalizer";

    fn site(&self) -> Result<SiteId, String> {
        site(&self.spec.tenant_id, &self.spec.deployment_site_rt_id, "spec.deploymentSiteRtId")
    }

    fn of(name: &str, site: &SiteId) -> Self {
        let spec =
            DeploymentSiteSpec { tenant_id: site.tenant.clone(), deployment_site_rt_id: site.rt_id.clone() };
        Self::new(name, spec)
    }

    fn status(&self) -> Option<&SiteStatus> {
        self.status.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// OCTO-11, OCTO-21: a resource of old times can be read; a missing id is named, a malformed one quoted, and the
    /// tenant is not checked.
    #[test]
    fn ids_are_checked_and_old_resources_can_be_read() {
        let pool = |spec: serde_json::Value| -> Result<SiteId, String> {
            let object = json!({"apiVersion": "octo-mesh.meshmakers.io/v1alpha1", "kind": "CommunicationPool",
                "metadata": {"name": "p"}, "spec": spec});
            serde_json::from_value::<CommunicationPool>(object).unwrap().site()
        };
        let old = json!({"tenantId": "a", "poolName": "p", "brokerPort": 5672, "ignoreCertificateValidation": true});
        assert!(pool(old).unwrap_err().starts_with("spec.poolRtId is missing"));
        assert!(pool(json!({"poolRtId": "65D5"})).unwrap_err().contains("\"65D5\""));
        assert!(pool(json!({"tenantId": "a", "poolRtId": "65d5c447b420da3fb12381a0"})).is_ok());
    }

    /// OCTO-16, KOPS-21: finalizers are upstream's: group, class name in lower case.
    #[test]
    fn finalizers_are_upstreams() {
        assert_eq!(CommunicationPool::FINALIZER, "octo-mesh.meshmakers.io/communicationpoolfinalizer");
        assert_eq!(DeploymentSite::FINALIZER, "octo-mesh.meshmakers.io/deploymentsitefinalizer");
    }
}

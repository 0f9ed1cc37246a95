//! Adapter pools belong to the site of the tenant that lends them: they go when it goes.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{Patch, PatchParams};
use kube::core::NamespaceResourceScope;
use kube::{Api, Client, Resource, ResourceExt as _};
use serde_json::json;

use super::event::{Dialect, Subject, WorkloadType};
use super::names::{FIELD_MANAGER, dns_name};
use super::replicas::deployments;
use super::settings::Settings;
use crate::api::{CommunicationPool, DeploymentSite};

/// The owner of a workload's objects, if it has one.
pub(super) struct Owners(Option<OwnerReference>);

impl Owners {
    /// Looks for the site of an adapter pool. An owner in another namespace would have its objects collected as
    /// garbage, so there it has none; nor where the site is not found.
    pub(super) async fn find(
        client: &Client,
        settings: &Settings,
        subject: &Subject,
        namespace: &str,
    ) -> Self {
        if subject.workload_type != WorkloadType::ADAPTER_POOL {
            return Self(None);
        }
        let site = subject.site();
        if namespace != settings.site_namespace {
            tracing::warn!(%site, namespace, "the adapter pool is in another namespace than its site and has no owner");
            return Self(None);
        }
        let Ok(name) = dns_name(&[&site.tenant, &site.rt_id]) else { return Self(None) };
        let found = match subject.dialect() {
            Dialect::Pool => reference::<CommunicationPool>(client, namespace, &name).await,
            Dialect::Site => reference::<DeploymentSite>(client, namespace, &name).await,
        };
        Self(found.unwrap_or_else(|error| {
            tracing::warn!(%site, %error, "the adapter pool's site was not found; it has no owner");
            None
        }))
    }

    pub(super) fn reference(&self) -> Option<OwnerReference> {
        self.0.clone()
    }

    /// Gives the release's Deployments to the owner. What fails is logged.
    pub(super) async fn own_deployments(&self, client: &Client, namespace: &str, release: &str) {
        let Some(owner) = &self.0 else { return };
        if let Err(error) = own(client, namespace, release, owner).await {
            tracing::warn!(release, %error, "the release's Deployments could not be given an owner");
        }
    }
}

async fn own(
    client: &Client,
    namespace: &str,
    release: &str,
    owner: &OwnerReference,
) -> Result<(), kube::Error> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let patch = Patch::Merge(json!({ "metadata": { "ownerReferences": [owner] } }));
    let manager = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
    for deployment in deployments(client, namespace, release).await? {
        api.patch(&deployment.name_any(), &manager, &patch).await?;
    }
    Ok(())
}

async fn reference<K>(
    client: &Client,
    namespace: &str,
    name: &str,
) -> Result<Option<OwnerReference>, kube::Error>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned,
{
    let sites: Api<K> = Api::namespaced(client.clone(), namespace);
    let found = sites.get_metadata_opt(name).await?;
    Ok(found.and_then(|site| {
        Some(OwnerReference {
            api_version: K::api_version(&()).into_owned(),
            kind: K::kind(&()).into_owned(),
            name: name.to_owned(),
            uid: site.metadata.uid?,
            controller: Some(false),
            block_owner_deletion: Some(false),
        })
    }))
}

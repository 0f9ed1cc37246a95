//! Resources of sites and the broker's logins beside them: made and deleted by a central operator.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{ObjectMeta, Patch, PatchParams};
use kube::{Api, Client};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::event::{Dialect, SiteId};
use super::names::{FIELD_MANAGER, MANAGED_BY, MANAGER, NoName, broker_secret, dns_name, site_labels};
use super::settings::{Broker, Settings};
use super::site_resource::SiteResource;
use crate::api::{CommunicationPool, DeploymentSite};

/// Why a site's objects are not what they should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum SiteError {
    /// Its ids give no name.
    #[error(transparent)]
    Name(#[from] NoName),
    /// The name is another site's.
    #[error("the {kind} {name} stands for another site; {site} would have the same name and is left out")]
    Taken {
        /// The resource's kind.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Who wants it.
        site: SiteId,
    },
    /// The API server refused.
    #[error("failed to {action}: {source}")]
    Api {
        /// What was tried.
        action: &'static str,
        /// What came.
        source: Box<kube::Error>,
    },
}

impl SiteError {
    fn api(action: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { action, source: Box::new(source) }
    }
}

/// Makes and deletes the objects of sites in one namespace.
pub(super) struct SiteObjects {
    client: Client,
    namespace: String,
    broker: Broker,
}

impl SiteObjects {
    pub(super) fn new(client: Client, settings: &Settings) -> Self {
        Self { client, namespace: settings.site_namespace.clone(), broker: settings.broker.clone() }
    }

    /// Makes what a site lacks, and brings the broker's login up to date.
    pub(super) async fn ensure(&self, site: &SiteId, dialect: Dialect) -> Result<(), SiteError> {
        match dialect {
            Dialect::Pool => self.ensure_as::<CommunicationPool>(site).await,
            Dialect::Site => self.ensure_as::<DeploymentSite>(site).await,
        }
    }

    /// Deletes a site's resource and its broker's login.
    pub(super) async fn remove(&self, site: &SiteId, dialect: Dialect) -> Result<(), SiteError> {
        match dialect {
            Dialect::Pool => self.remove_as::<CommunicationPool>(site).await,
            Dialect::Site => self.remove_as::<DeploymentSite>(site).await,
        }
    }

    async fn ensure_as<K>(&self, site: &SiteId) -> Result<(), SiteError>
    where
        K: SiteResource + Serialize + DeserializeOwned,
    {
        let name = dns_name(&[&site.tenant, &site.rt_id])?;
        let resources: Api<K> = Api::namespaced(self.client.clone(), &self.namespace);
        let found = resources.get_opt(&name).await.map_err(SiteError::api("read the resource of a site"))?;
        if let Some(found) = &found
            && found.site().is_ok_and(|other| other != *site)
        {
            return Err(SiteError::Taken { kind: K::KIND, name, site: site.clone() });
        }
        let labels = site_labels(K::DIALECT, site);
        self.ensure_secret(&name, &labels).await?;
        if found.is_none() {
            let mut resource = K::of(&name, site);
            resource.meta_mut().labels = Some(labels);
            self.apply(&resources, &name, &resource).await.map_err(SiteError::api("make a site"))?;
            tracing::info!(%site, name, "made the resource of a site");
        }
        Ok(())
    }

    async fn ensure_secret(&self, name: &str, labels: &BTreeMap<String, String>) -> Result<(), SiteError> {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
        let name = broker_secret(name);
        let data = self.login();
        let found = secrets.get_opt(&name).await.map_err(SiteError::api("read a broker's login"))?;
        if found.is_some_and(|secret| secret.data.as_ref() == Some(&data)) {
            return Ok(());
        }
        let secret = Secret {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                labels: Some(labels.clone()),
                ..ObjectMeta::default()
            },
            type_: Some("Opaque".to_owned()),
            data: Some(data),
            ..Secret::default()
        };
        self.apply(&secrets, &name, &secret).await.map_err(SiteError::api("write a broker's login"))
    }

    fn login(&self) -> BTreeMap<String, ByteString> {
        let bytes = |text: &Option<String>| ByteString(text.clone().unwrap_or_default().into_bytes());
        [("brokerusername", bytes(&self.broker.user)), ("brokerpassword", bytes(&self.broker.password))]
            .map(|(key, value)| (key.to_owned(), value))
            .into()
    }

    async fn apply<K>(&self, api: &Api<K>, name: &str, object: &K) -> Result<(), kube::Error>
    where
        K: Clone + std::fmt::Debug + Serialize + DeserializeOwned,
    {
        let ours = PatchParams::apply(FIELD_MANAGER).force();
        api.patch(name, &ours, &Patch::Apply(object)).await.map(drop)
    }

    async fn remove_as<K>(&self, site: &SiteId) -> Result<(), SiteError>
    where
        K: SiteResource + DeserializeOwned,
    {
        let name = dns_name(&[&site.tenant, &site.rt_id])?;
        let resources: Api<K> = Api::namespaced(self.client.clone(), &self.namespace);
        let found = resources.get_opt(&name).await.map_err(SiteError::api("read the resource of a site"))?;
        if let Some(found) = &found {
            if found.site().is_ok_and(|other| other != *site) {
                return Err(SiteError::Taken { kind: K::KIND, name, site: site.clone() });
            }
            gone(resources.delete(&name, &Default::default()).await.map(drop))
                .map_err(SiteError::api("delete a site"))?;
            tracing::info!(%site, name, "deleted the resource of a site");
        }
        self.remove_secret(&broker_secret(&name)).await
    }

    /// Deletes a broker's login that is an operator's, also when the site was gone before.
    async fn remove_secret(&self, name: &str) -> Result<(), SiteError> {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
        let found = secrets.get_metadata_opt(name).await.map_err(SiteError::api("read a broker's login"))?;
        let labels = found.and_then(|secret| secret.metadata.labels).unwrap_or_default();
        if labels.get(MANAGED_BY).is_none_or(|manager| manager != MANAGER) {
            return Ok(());
        }
        gone(secrets.delete(name, &Default::default()).await.map(drop))
            .map_err(SiteError::api("delete a broker's login"))
    }
}

/// What is not there is gone.
fn gone(deleted: Result<(), kube::Error>) -> Result<(), kube::Error> {
    match deleted {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other,
    }
}

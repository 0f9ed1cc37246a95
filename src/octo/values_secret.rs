//! The Secret with a release's secret values: written before a deployment, and put back when that fails.
//!
//! While a deployment is under way, what was there before lies in a second Secret, so that it can be put back even by
//! the operator's next life. The first Secret is never missing meanwhile.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};

use super::names::{FIELD_MANAGER, previous_values_secret, values_secret};

/// What the Secret shall be.
pub(super) struct Wanted {
    /// Its labels.
    pub(super) labels: BTreeMap<String, String>,
    /// Its annotations.
    pub(super) annotations: BTreeMap<String, String>,
    /// Whose it is, for the garbage collector.
    pub(super) owner: Option<OwnerReference>,
    /// Texts by key.
    pub(super) data: BTreeMap<String, String>,
}

/// The Secret of one release.
pub(super) struct ValuesSecret {
    secrets: Api<Secret>,
    name: String,
    previous: String,
}

impl ValuesSecret {
    pub(super) fn new(client: Client, namespace: &str, release: &str) -> Self {
        Self {
            secrets: Api::namespaced(client, namespace),
            name: values_secret(release),
            previous: previous_values_secret(release),
        }
    }

    /// The labels of the Secret there is.
    pub(super) async fn labels(&self) -> Result<Option<BTreeMap<String, String>>, kube::Error> {
        let found = self.secrets.get_metadata_opt(&self.name).await?;
        Ok(found.map(|secret| secret.metadata.labels.unwrap_or_default()))
    }

    /// Writes the Secret. With nothing to hold, one that exists stays until [`Self::keep`].
    pub(super) async fn write(&self, wanted: &Wanted) -> Result<(), kube::Error> {
        let found = self.secrets.get_opt(&self.name).await?;
        if wanted.data.is_empty() {
            return Ok(());
        }
        let secret = self.secret(wanted);
        if let Some(found) = &found {
            if is_as(found, &secret) {
                return Ok(());
            }
            self.save(found).await?;
        }
        self.put(secret, found.is_some()).await
    }

    /// The deployment went well: what was before is no longer needed, nor a Secret with nothing in it.
    pub(super) async fn keep(&self, wanted: &Wanted) -> Result<(), kube::Error> {
        if wanted.data.is_empty() {
            delete(&self.secrets, &self.name).await?;
        }
        delete(&self.secrets, &self.previous).await
    }

    /// The deployment failed: puts back what was before. Where nothing was, nothing stays once the release is gone too.
    pub(super) async fn put_back(&self, release_stays: bool) -> Result<(), kube::Error> {
        let Some(previous) = self.secrets.get_opt(&self.previous).await? else {
            return match release_stays {
                true => Ok(()),
                false => delete(&self.secrets, &self.name).await,
            };
        };
        let mut secret = Secret { metadata: described(&previous.metadata), ..previous };
        secret.metadata.name = Some(self.name.clone());
        self.put(secret, true).await?;
        delete(&self.secrets, &self.previous).await
    }

    /// Deletes all of it.
    pub(super) async fn delete(&self) -> Result<(), kube::Error> {
        delete(&self.secrets, &self.name).await?;
        delete(&self.secrets, &self.previous).await
    }

    /// Keeps what there is under the second name, unless a life before has already.
    async fn save(&self, found: &Secret) -> Result<(), kube::Error> {
        let mut saved = Secret { metadata: described(&found.metadata), ..found.clone() };
        saved.metadata.name = Some(self.previous.clone());
        match self.secrets.create(&parameters(), &saved).await {
            Err(kube::Error::Api(status)) if status.reason == "AlreadyExists" => Ok(()),
            created => created.map(drop),
        }
    }

    async fn put(&self, secret: Secret, exists: bool) -> Result<(), kube::Error> {
        let stored = match exists {
            true => self.secrets.replace(&self.name, &parameters(), &secret).await,
            false => self.secrets.create(&parameters(), &secret).await,
        };
        stored.map(drop)
    }

    fn secret(&self, wanted: &Wanted) -> Secret {
        let bytes = |(key, text): (&String, &String)| (key.clone(), ByteString(text.clone().into_bytes()));
        Secret {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                labels: Some(wanted.labels.clone()),
                annotations: Some(wanted.annotations.clone()),
                owner_references: wanted.owner.clone().map(|owner| vec![owner]),
                ..ObjectMeta::default()
            },
            type_: Some("Opaque".to_owned()),
            data: Some(wanted.data.iter().map(bytes).collect()),
            ..Secret::default()
        }
    }
}

fn parameters() -> PostParams {
    PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() }
}

/// What describes an object, without what the server says of it.
fn described(metadata: &ObjectMeta) -> ObjectMeta {
    ObjectMeta {
        labels: metadata.labels.clone(),
        annotations: metadata.annotations.clone(),
        owner_references: metadata.owner_references.clone(),
        ..ObjectMeta::default()
    }
}

fn is_as(found: &Secret, wanted: &Secret) -> bool {
    let holds = |found: &Option<BTreeMap<String, String>>, wanted: &Option<BTreeMap<String, String>>| {
        let found = found.clone().unwrap_or_default();
        wanted.iter().flatten().all(|(key, value)| found.get(key) == Some(value))
    };
    found.data == wanted.data
        && holds(&found.metadata.labels, &wanted.metadata.labels)
        && holds(&found.metadata.annotations, &wanted.metadata.annotations)
        && found.metadata.owner_references == wanted.metadata.owner_references
}

async fn delete(secrets: &Api<Secret>, name: &str) -> Result<(), kube::Error> {
    match secrets.delete(name, &Default::default()).await {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        deleted => deleted.map(drop),
    }
}

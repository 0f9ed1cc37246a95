//! Records in Secrets and ConfigMaps.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::core::{DynamicObject, ObjectMeta, TypeMeta};
use kube::discovery::ApiResource;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{DriverKind, Query};
use crate::cluster::{ApiError, Cluster, while_broken};
use crate::release::labels::{OWNER, object_labels, object_name, user_labels};
use crate::release::record::Stored;
use crate::release::{Entry, Head, Record, RecordError, StorageError, codec};

/// Helm writes records under this name (from its User-Agent), and objects under `helm`.
const FIELD_MANAGER: &str = "Helm";
/// The annotation of a pending record that says who works on it. Helm drops it with its own writes.
const HOLDER: &str = "pintle.dev/holder";
/// Records a request of a listing asks for; bodies and labels only.
const BODIES_A_PAGE: u32 = 50;
const HEADS_A_PAGE: u32 = 500;
/// How often an update is repeated when something else than the record itself changed on the object.
const UPDATE_ATTEMPTS: usize = 4;

/// Records in Secrets or ConfigMaps of one namespace, or (to list) of all.
#[derive(Clone, Debug)]
pub struct KubernetesDriver {
    kind: DriverKind,
    cluster: Cluster,
    namespace: String,
}

impl KubernetesDriver {
    pub(super) fn new(kind: DriverKind, cluster: &Cluster, namespace: &str) -> Self {
        Self { kind, cluster: cluster.clone(), namespace: namespace.to_owned() }
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    fn resource(&self) -> ApiResource {
        match self.kind {
            DriverKind::ConfigMap => ApiResource::erase::<ConfigMap>(&()),
            DriverKind::Secret | DriverKind::Memory => ApiResource::erase::<Secret>(&()),
        }
    }

    fn api(&self, namespace: &str) -> Api<DynamicObject> {
        match namespace {
            "" => Api::all_with(self.cluster.client(), &self.resource()),
            namespace => Api::namespaced_with(self.cluster.client(), namespace, &self.resource()),
        }
    }

    pub(super) async fn create(&self, record: &mut Record) -> Result<(), StorageError> {
        let key = object_name(&record.name, record.revision);
        let text = codec::encode(record).map_err(|source| {
            let action = format!("create: failed to encode release {:?}", record.name);
            StorageError::Record { action, source }
        })?;
        let metadata = ObjectMeta {
            name: Some(key),
            namespace: Some(record.namespace.clone()),
            labels: Some(object_labels(record, ("createdAt", seconds()), None)),
            annotations: annotations(None, record.holder.as_deref()),
            ..ObjectMeta::default()
        };
        let (api, object, parameters) =
            (self.api(&self.namespace), self.object(metadata, &text), parameters());
        let mut tries = 0;
        let created = while_broken(|| {
            tries += 1;
            api.create(&parameters, &object)
        });
        match created.await {
            Ok(object) => {
                record.stored = Some(Stored::new(object.metadata, &text));
                Ok(())
            }
            // The answer to our own creation may have been lost.
            Err(kube::Error::Api(status)) if status.is_already_exists() && tries > 1 => {
                self.find_own(record, &text).await
            }
            Err(kube::Error::Api(status)) if status.is_already_exists() => Err(StorageError::Exists),
            Err(error) => Err(api_error("create: failed to create", error)),
        }
    }

    /// The record that we stored without hearing of it; somebody else's is in the way.
    async fn find_own(&self, record: &mut Record, text: &str) -> Result<(), StorageError> {
        let object = self.fetch(&self.namespace, &object_name(&record.name, record.revision)).await?;
        if self.text(&object) != text.as_bytes() {
            return Err(StorageError::Exists);
        }
        record.stored = Some(Stored::new(object.metadata, text));
        Ok(())
    }

    /// Replaces the object, as Helm does; what others added to its metadata stays. Unlike Helm this notices when
    /// somebody else changed the record itself.
    pub(super) async fn update(&self, record: &mut Record) -> Result<(), StorageError> {
        let key = object_name(&record.name, record.revision);
        let text = codec::encode(record).map_err(|source| {
            let action = format!("update: failed to encode release {:?}", record.name);
            StorageError::Record { action, source }
        })?;
        for _ in 0..UPDATE_ATTEMPTS {
            let mut metadata =
                record.stored.as_ref().map(|stored| stored.metadata.clone()).unwrap_or_default();
            let created = metadata.labels.as_ref().and_then(|labels| labels.get("createdAt")).cloned();
            metadata.name = Some(key.clone());
            metadata.labels = Some(object_labels(record, ("modifiedAt", seconds()), created.as_ref()));
            metadata.annotations = annotations(metadata.annotations, record.holder.as_deref());
            metadata.managed_fields = None;
            let object = self.object(metadata, &text);
            let (api, parameters) = (self.api(&self.namespace), parameters());
            match while_broken(|| api.replace(&key, &parameters, &object)).await {
                Ok(object) => {
                    record.stored = Some(Stored::new(object.metadata, &text));
                    return Ok(());
                }
                Err(kube::Error::Api(status)) if status.is_conflict() => {
                    if self.look_again(record, &key, &text).await? {
                        return Ok(());
                    }
                }
                Err(error) => return Err(api_error("update: failed to update", error)),
            }
        }
        Err(changed(record))
    }

    /// After a conflict: takes over the object's new version, if the record in it is still the one we know. True where
    /// it is already the one we are writing: the answer to that was lost.
    async fn look_again(&self, record: &mut Record, key: &str, text: &str) -> Result<bool, StorageError> {
        let object = self.fetch(&self.namespace, key).await?;
        let found = self.text(&object);
        if found == text.as_bytes() {
            record.stored = Some(Stored::new(object.metadata, text));
            return Ok(true);
        }
        let stored = record.stored.as_mut().filter(|stored| stored.digest == digest(&found));
        match stored {
            Some(stored) => {
                stored.metadata = object.metadata;
                Ok(false)
            }
            None => Err(changed(record)),
        }
    }

    pub(super) async fn delete(&self, name: &str, revision: i64) -> Result<(), StorageError> {
        let key = object_name(name, revision);
        let (api, parameters) = (self.api(&self.namespace), DeleteParams::default());
        match while_broken(|| api.delete(&key, &parameters)).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.is_not_found() => Err(StorageError::NotFound),
            Err(error) => Err(api_error("delete: failed to delete", error)),
        }
    }

    pub(super) async fn get(&self, name: &str, revision: i64) -> Result<Record, StorageError> {
        let key = object_name(name, revision);
        let object = self.fetch(&self.namespace, &key).await?;
        self.record(object).map_err(|source| StorageError::Record {
            action: format!("get: failed to decode data {key:?}"),
            source,
        })
    }

    async fn fetch(&self, namespace: &str, key: &str) -> Result<DynamicObject, StorageError> {
        let api = self.api(namespace);
        match while_broken(|| api.get_opt(key)).await {
            Ok(Some(object)) => Ok(object),
            Ok(None) => Err(StorageError::NotFound),
            Err(error) => Err(api_error(&format!("get: failed to get {key:?}"), error)),
        }
    }

    pub(super) async fn entries(&self, query: Query<'_>) -> Result<Vec<Entry>, StorageError> {
        let api = self.api(&self.namespace);
        let mut list = ListParams::default().labels(&selector(query)).limit(BODIES_A_PAGE);
        let mut entries = Vec::new();
        loop {
            let page = while_broken(|| api.list(&list))
                .await
                .map_err(|error| api_error("query: failed to query with labels", error))?;
            entries.extend(page.items.into_iter().filter_map(|object| self.entry(object)));
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => list.continue_token = Some(token),
                None => return Ok(entries),
            }
        }
    }

    pub(super) async fn heads(&self, query: Query<'_>) -> Result<Vec<Head>, StorageError> {
        let api = self.api(&self.namespace);
        let mut list = ListParams::default().labels(&selector(query)).limit(HEADS_A_PAGE);
        let mut heads = Vec::new();
        loop {
            let page = while_broken(|| api.list_metadata(&list))
                .await
                .map_err(|error| api_error("list: failed to list", error))?;
            heads.extend(page.items.iter().filter_map(|object| Head::of(&object.metadata)));
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => list.continue_token = Some(token),
                None => return Ok(heads),
            }
        }
    }

    pub(super) async fn open(&self, head: &Head) -> Result<Entry, StorageError> {
        let object = self.fetch(&head.namespace, &head.object_name).await?;
        Ok(match self.record(object) {
            Ok(record) => Entry::Whole(Box::new(record)),
            Err(error) => Entry::Broken { head: Box::new(head.clone()), error },
        })
    }

    fn entry(&self, object: DynamicObject) -> Option<Entry> {
        let head = Head::of(&object.metadata)?;
        Some(match self.record(object) {
            Ok(record) => Entry::Whole(Box::new(record)),
            Err(error) => Entry::Broken { head: Box::new(head), error },
        })
    }

    fn record(&self, object: DynamicObject) -> Result<Record, RecordError> {
        let text = self.text(&object);
        let text = text.as_slice();
        let mut record = codec::decode(text)?;
        record.labels = object.metadata.labels.as_ref().map(user_labels).unwrap_or_default();
        record.holder =
            object.metadata.annotations.as_ref().and_then(|annotations| annotations.get(HOLDER)).cloned();
        record.stored = Some(Box::new(Stored { metadata: object.metadata, digest: digest(text) }));
        Ok(record)
    }

    /// What the object holds under `release`: in a Secret once more in base64.
    fn text(&self, object: &DynamicObject) -> Vec<u8> {
        let held = object.data.pointer("/data/release").and_then(|text| text.as_str()).unwrap_or_default();
        match self.kind {
            DriverKind::ConfigMap => held.as_bytes().to_vec(),
            DriverKind::Secret | DriverKind::Memory => STANDARD.decode(held).unwrap_or_default(),
        }
    }

    fn object(&self, metadata: ObjectMeta, text: &str) -> DynamicObject {
        let resource = self.resource();
        let data = match self.kind {
            DriverKind::ConfigMap => json!({ "data": { "release": text } }),
            DriverKind::Secret | DriverKind::Memory => json!({
                "data": { "release": STANDARD.encode(text) },
                "type": "helm.sh/release.v1",
            }),
        };
        let types = Some(TypeMeta { api_version: resource.api_version, kind: resource.kind });
        DynamicObject { types, metadata, data }
    }
}

impl Stored {
    fn new(metadata: ObjectMeta, text: &str) -> Box<Self> {
        Box::new(Self { metadata, digest: digest(text.as_bytes()) })
    }
}

/// The annotations of others, and who works on the record.
fn annotations(
    others: Option<BTreeMap<String, String>>,
    holder: Option<&str>,
) -> Option<BTreeMap<String, String>> {
    let mut annotations = others.unwrap_or_default();
    annotations.remove(HOLDER);
    annotations.extend(holder.map(|holder| (HOLDER.to_owned(), holder.to_owned())));
    Some(annotations).filter(|annotations| !annotations.is_empty())
}

fn digest(text: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn changed(record: &Record) -> StorageError {
    StorageError::Changed { name: record.name.clone(), revision: record.revision }
}

fn parameters() -> PostParams {
    PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() }
}

fn selector(query: Query<'_>) -> String {
    let mut selector = OWNER.to_owned();
    for requirement in [query.name.map(|name| format!("name={name}")), query.selector.map(str::to_owned)] {
        if let Some(requirement) = requirement.filter(|text| !text.is_empty()) {
            selector.push(',');
            selector.push_str(&requirement);
        }
    }
    selector
}

fn api_error(action: &str, error: kube::Error) -> StorageError {
    StorageError::Api { action: action.to_owned(), source: ApiError::from(error) }
}

fn seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}

//! Records in Secrets and ConfigMaps.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::Api;
use kube::api::{DeleteParams, GetParams, ListParams, PostParams};
use kube::core::{DynamicObject, ObjectMeta, Request, TypeMeta};
use kube::discovery::ApiResource;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::list::{self, Page};
use super::{DriverKind, Query};
use crate::cluster::{ApiError, Cluster, answered};
use crate::release::labels::{OWNER, object_labels, object_name, user_labels};
use crate::release::record::Stored;
use crate::release::{Head, Record, RecordError, StorageError, Summary, codec};

/// Helm writes records under this name (from its User-Agent), and objects under `helm`.
const FIELD_MANAGER: &str = "Helm";
/// The annotation of a pending record that says who works on it. Helm drops it with its own writes.
const HOLDER: &str = "pintle.dev/holder";
/// Records whose labels one request of a listing asks for. The API server answers a first page out of its memory; for a
/// further one it reads the records themselves out of etcd, which takes ten times as long.
const HEADS_A_PAGE: u32 = 10_000;
/// How often an update is repeated when something else than the record itself changed on the object.
const UPDATE_ATTEMPTS: usize = 4;

/// Records in Secrets or ConfigMaps of one namespace, or (to list) of all.
#[derive(Clone, Debug)]
pub struct KubernetesDriver {
    kind: DriverKind,
    cluster: Cluster,
    namespace: String,
}

/// A Secret or ConfigMap, as far as a listing reads it. Nothing of it is copied.
#[derive(Deserialize)]
struct Holder<'a> {
    #[serde(borrow, default)]
    data: Held<'a>,
}

/// What such an object holds.
#[derive(Default, Deserialize)]
struct Held<'a> {
    #[serde(borrow, default)]
    release: Cow<'a, str>,
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

    /// What a request for a record is called where it gets no answer.
    fn request(&self, verb: &str, key: &str) -> String {
        format!("{verb} {} {}/{key}", self.resource().plural, self.namespace)
    }

    pub(super) async fn create(&self, record: &mut Record, text: &str) -> Result<(), StorageError> {
        let key = object_name(&record.name, record.revision);
        let metadata = ObjectMeta {
            name: Some(key.clone()),
            namespace: Some(record.namespace.clone()),
            labels: Some(object_labels(record, ("createdAt", seconds()))),
            annotations: annotations(None, record.holder.as_deref()),
            ..ObjectMeta::default()
        };
        let (api, object, parameters) =
            (self.api(&self.namespace), self.object(metadata, text), parameters());
        let mut tries = 0;
        let create = || {
            tries += 1;
            api.create(&parameters, &object)
        };
        match answered(|| self.request("create", &key), create).await {
            Ok(object) => {
                record.stored = Some(Stored::new(object.metadata, text));
                Ok(())
            }
            // The answer to our own creation may have been lost.
            Err(error) if error.is_already_exists() && tries > 1 => self.find_own(record, text).await,
            Err(error) if error.is_already_exists() => Err(StorageError::Exists),
            Err(error) => Err(failed("create: failed to create", error)),
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
    pub(super) async fn update(&self, record: &mut Record, text: &str) -> Result<(), StorageError> {
        let key = object_name(&record.name, record.revision);
        let api = self.api(&self.namespace);
        for _ in 0..UPDATE_ATTEMPTS {
            let mut metadata =
                record.stored.as_ref().map(|stored| stored.metadata.clone()).unwrap_or_default();
            metadata.name = Some(key.clone());
            metadata.labels = Some(object_labels(record, ("modifiedAt", seconds())));
            metadata.annotations = annotations(metadata.annotations, record.holder.as_deref());
            metadata.managed_fields = None;
            let (object, parameters) = (self.object(metadata, text), parameters());
            let replace = || api.replace(&key, &parameters, &object);
            match answered(|| self.request("update", &key), replace).await {
                Ok(object) => {
                    record.stored = Some(Stored::new(object.metadata, text));
                    return Ok(());
                }
                Err(error) if error.is_conflict() => {
                    if self.look_again(record, &key, text).await? {
                        return Ok(());
                    }
                }
                Err(error) => return Err(failed("update: failed to update", error)),
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
        let api = self.api(&self.namespace);
        let parameters = DeleteParams::default();
        match answered(|| self.request("delete", &key), || api.delete(&key, &parameters)).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Err(StorageError::NotFound),
            Err(error) => Err(failed("delete: failed to delete", error)),
        }
    }

    pub(super) async fn get(&self, name: &str, revision: i64) -> Result<Record, StorageError> {
        self.open(&self.namespace, &object_name(name, revision)).await
    }

    /// Reads the record that an object holds.
    pub(super) async fn open(&self, namespace: &str, key: &str) -> Result<Record, StorageError> {
        let object = self.fetch(namespace, key).await?;
        self.record(object).map_err(|source| StorageError::Record {
            action: format!("get: failed to decode data {key:?}"),
            source,
        })
    }

    async fn fetch(&self, namespace: &str, key: &str) -> Result<DynamicObject, StorageError> {
        let api = self.api(namespace);
        match answered(|| self.request("get", key), || api.get_opt(key)).await {
            Ok(Some(object)) => Ok(object),
            Ok(None) => Err(StorageError::NotFound),
            Err(error) => Err(failed(&format!("get: failed to get {key:?}"), error)),
        }
    }

    pub(super) async fn heads(&self, query: Query<'_>) -> Result<Vec<Head>, StorageError> {
        let mut list = ListParams::default().labels(&selector(query)).limit(HEADS_A_PAGE);
        let mut heads = Vec::new();
        loop {
            let page = self.page(&list).await.map_err(|error| failed("list: failed to list", error))?;
            heads.extend(page.items);
            if page.token.is_empty() {
                return Ok(heads);
            }
            list.continue_token = Some(page.token);
        }
    }

    pub(super) fn client(&self) -> kube::Client {
        self.cluster.client()
    }

    /// Makes requests for the records of the namespace, or of all.
    pub(super) fn request_of_all(&self) -> Request {
        Request::new(self.api(&self.namespace).resource_url())
    }

    async fn page(&self, list: &ListParams) -> Result<Page<Head>, ApiError> {
        let (client, resource) = (self.client(), self.request_of_all());
        let build = || resource.list(list).map_err(kube::Error::BuildRequest);
        let head = |object: list::Object| Head::of(object.metadata?);
        let get = || async { list::ask(&client, build()?, list::METADATA, head).await };
        answered(|| self.request("list", ""), get).await
    }

    /// What a listing shows of a record.
    pub(super) async fn summary(&self, head: &Head) -> Result<Result<Summary, RecordError>, StorageError> {
        let key = &head.object_name;
        let (client, resource) =
            (self.cluster.client(), Request::new(self.api(&head.namespace).resource_url()));
        let build = || resource.get(key, &GetParams::default()).map_err(kube::Error::BuildRequest);
        let get = || async { client.request_text(build()?).await };
        match answered(|| self.request("get", key), get).await {
            Ok(text) => Ok(self.summarize(&text)),
            Err(error) if error.is_not_found() => Err(StorageError::NotFound),
            Err(error) => Err(failed(&format!("get: failed to get {key:?}"), error)),
        }
    }

    fn summarize(&self, object: &str) -> Result<Summary, RecordError> {
        let holder: Holder<'_> =
            serde_json::from_str(object).map_err(|error| RecordError::Json(error.to_string()))?;
        let held = holder.data.release.as_bytes();
        match self.kind {
            DriverKind::ConfigMap => Summary::read(held),
            DriverKind::Secret | DriverKind::Memory => Summary::read(DecoderReader::new(held, &STANDARD)),
        }
    }

    fn record(&self, object: DynamicObject) -> Result<Record, RecordError> {
        let text = self.text(&object);
        let text = text.as_slice();
        let mut record = codec::decode(text)?;
        record.labels = object.metadata.labels.clone().map(user_labels).unwrap_or_default();
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

pub(super) fn failed(action: &str, source: ApiError) -> StorageError {
    StorageError::Api { action: action.to_owned(), source }
}

fn seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_object_without_a_record_nothing_is_held() {
        for object in [r#"{"metadata":{}}"#, r#"{"data":{}}"#, r#"{"data":{"other":"x"}}"#] {
            assert_eq!(serde_json::from_str::<Holder<'_>>(object).unwrap().data.release, "", "{object}");
        }
    }
}

//! Where records are kept.

mod kubernetes;
mod list;
mod memory;
mod together;

use kubernetes::KubernetesDriver;
use memory::MemoryDriver;
pub(super) use together::{Named, TOGETHER, is_selectable};

use super::{Head, Record, RecordError, StorageError, Summary};
use crate::cluster::Cluster;

/// A kind of place to keep records in; Helm's `HELM_DRIVER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriverKind {
    /// Secrets of type `helm.sh/release.v1`.
    #[default]
    Secret,
    /// ConfigMaps.
    ConfigMap,
    /// Nowhere: gone with the process.
    Memory,
}

impl DriverKind {
    /// Reads `HELM_DRIVER`; the empty word is the default.
    ///
    /// # Errors
    /// Where the word is none of ours.
    pub fn parse(word: &str) -> Result<Self, StorageError> {
        match word {
            "" | "secret" | "secrets" => Ok(DriverKind::Secret),
            "configmap" | "configmaps" => Ok(DriverKind::ConfigMap),
            "memory" => Ok(DriverKind::Memory),
            other => Err(StorageError::UnknownDriver(other.to_owned())),
        }
    }
}

/// Which records are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Query<'a> {
    /// Of one release.
    pub(super) name: Option<&'a str>,
    /// Further requirements in the syntax of label selectors.
    pub(super) selector: Option<&'a str>,
}

/// A place to keep records in, for one namespace or for all.
#[derive(Clone, Debug)]
pub enum Driver {
    /// In the cluster.
    Kubernetes(KubernetesDriver),
    /// In this process.
    Memory(MemoryDriver),
}

impl Driver {
    /// A place of that kind. The empty namespace stands for all: good for listings only.
    pub fn new(kind: DriverKind, cluster: &Cluster, namespace: &str) -> Self {
        match kind {
            DriverKind::Memory => Self::memory(),
            kind => Driver::Kubernetes(KubernetesDriver::new(kind, cluster, namespace)),
        }
    }

    /// A place of its own in this process.
    pub fn memory() -> Self {
        Driver::Memory(MemoryDriver::default())
    }

    /// The namespace of records in a cluster.
    pub(super) fn namespace(&self) -> Option<&str> {
        match self {
            Driver::Kubernetes(driver) => Some(driver.namespace()),
            Driver::Memory(_) => None,
        }
    }

    /// Stores a record whose text is that.
    pub(super) async fn create(&self, record: &mut Record, text: &str) -> Result<(), StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.create(record, text).await,
            Driver::Memory(driver) => driver.create(record),
        }
    }

    /// Replaces a record by one whose text is that.
    pub(super) async fn update(&self, record: &mut Record, text: &str) -> Result<(), StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.update(record, text).await,
            Driver::Memory(driver) => driver.update(record),
        }
    }

    pub(super) async fn delete(&self, name: &str, revision: i64) -> Result<(), StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.delete(name, revision).await,
            Driver::Memory(driver) => driver.delete(name, revision),
        }
    }

    pub(super) async fn get(&self, name: &str, revision: i64) -> Result<Record, StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.get(name, revision).await,
            Driver::Memory(driver) => driver.get(name, revision),
        }
    }

    pub(super) async fn heads(&self, query: Query<'_>) -> Result<Vec<Head>, StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.heads(query).await,
            Driver::Memory(driver) => Ok(driver.heads(query)),
        }
    }

    /// The record that the labels belong to.
    pub(super) async fn open(&self, head: &Head) -> Result<Record, StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.open(&head.namespace, &head.object_name).await,
            Driver::Memory(driver) => driver.get(&head.name, head.revision),
        }
    }

    /// What a listing shows of those of these records that can be read together.
    pub(super) async fn summaries(&self, heads: &[Head]) -> Result<Vec<Named>, StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.summaries(heads).await,
            Driver::Memory(_) => Ok(Vec::new()),
        }
    }

    /// What a listing shows of that record.
    pub(super) async fn summary(&self, head: &Head) -> Result<Result<Summary, RecordError>, StorageError> {
        match self {
            Driver::Kubernetes(driver) => driver.summary(head).await,
            Driver::Memory(driver) => {
                driver.get(&head.name, head.revision).map(|record| Ok(Summary::of(&record)))
            }
        }
    }
}

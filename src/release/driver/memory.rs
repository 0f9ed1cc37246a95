//! Records in this process: for dry runs and tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Query;
use crate::release::head::ItemMetadata;
use crate::release::labels::{object_labels, object_name};
use crate::release::{Head, Record, StorageError};

type Records = BTreeMap<(String, i64), Record>;

/// Records that are gone with the process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryDriver(Arc<Mutex<Records>>);

impl MemoryDriver {
    fn records(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn create(&self, record: &Record) -> Result<(), StorageError> {
        let key = (record.name.clone(), record.revision);
        let mut records = self.records();
        if records.contains_key(&key) {
            return Err(StorageError::Exists);
        }
        records.insert(key, record.clone());
        Ok(())
    }

    pub(super) fn update(&self, record: &Record) -> Result<(), StorageError> {
        let key = (record.name.clone(), record.revision);
        let mut records = self.records();
        records.get_mut(&key).map(|kept| *kept = record.clone()).ok_or(StorageError::NotFound)
    }

    pub(super) fn delete(&self, name: &str, revision: i64) -> Result<(), StorageError> {
        self.records().remove(&(name.to_owned(), revision)).map(drop).ok_or(StorageError::NotFound)
    }

    pub(super) fn get(&self, name: &str, revision: i64) -> Result<Record, StorageError> {
        self.records().get(&(name.to_owned(), revision)).cloned().ok_or(StorageError::NotFound)
    }

    pub(super) fn heads(&self, query: Query<'_>) -> Vec<Head> {
        let records = self.records();
        let matching = records.values().filter(|record| query.name.is_none_or(|name| name == record.name));
        matching.filter_map(|record| Head::of(metadata(record))).collect()
    }
}

fn metadata(record: &Record) -> ItemMetadata {
    ItemMetadata {
        name: object_name(&record.name, record.revision),
        namespace: record.namespace.clone(),
        labels: object_labels(record, ("modifiedAt", 0)),
    }
}

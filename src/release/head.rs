//! What a listing knows of a record without opening it.

use std::collections::BTreeMap;

use kube::core::ObjectMeta;

use super::labels::parse_object_name;
use super::{Record, RecordError, Status};

/// A record as the labels of its object describe it.
#[derive(Clone, Debug)]
pub struct Head {
    /// The release.
    pub name: String,
    /// The namespace of the record.
    pub namespace: String,
    /// The revision.
    pub revision: i64,
    /// The status by label.
    pub status: Status,
    /// All labels.
    pub labels: BTreeMap<String, String>,
    /// The name of the storing object.
    pub object_name: String,
}

/// A record, or what is known of one that can't be read: a broken record hides neither itself nor others.
#[derive(Debug)]
pub enum Entry {
    /// It was read.
    Whole(Box<Record>),
    /// It could not be read.
    Broken {
        /// What its labels say.
        head: Box<Head>,
        /// Why it could not be read.
        error: RecordError,
    },
}

impl Head {
    /// Reads labels and name; `None` for an object whose labels and name name no release.
    pub(super) fn of(metadata: &ObjectMeta) -> Option<Self> {
        let labels = metadata.labels.clone().unwrap_or_default();
        let object_name = metadata.name.clone()?;
        let parsed = parse_object_name(&object_name);
        let revision = labels.get("version").and_then(|text| text.parse().ok());
        Some(Self {
            name: labels.get("name").cloned().or_else(|| parsed.map(|(name, _)| name.to_owned()))?,
            namespace: metadata.namespace.clone().unwrap_or_default(),
            revision: revision.or(parsed.map(|(_, revision)| revision))?,
            status: labels.get("status").map_or(Status::Unknown, |word| word.as_str().into()),
            labels,
            object_name,
        })
    }
}

impl Entry {
    /// The revision, by content or by label.
    pub fn revision(&self) -> i64 {
        match self {
            Entry::Whole(record) => record.revision,
            Entry::Broken { head, .. } => head.revision,
        }
    }

    /// The record, if it could be read.
    pub fn into_record(self) -> Option<Record> {
        match self {
            Entry::Whole(record) => Some(*record),
            Entry::Broken { .. } => None,
        }
    }
}

//! What a listing knows of a record without opening it.

use std::collections::BTreeMap;

use super::labels::{parse_object_name, user_labels};
use super::{RecordError, Status, Summary};

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
    /// The labels that are not Helm's own.
    pub labels: BTreeMap<String, String>,
    /// The name of the storing object.
    pub object_name: String,
}

/// A record in a listing. One that can't be read hides neither itself nor others.
#[derive(Debug)]
pub struct Listed {
    /// What its labels say.
    pub head: Head,
    /// What it holds, or why it could not be read.
    pub summary: Result<Summary, RecordError>,
}

/// What an object's metadata says of the record it holds; the numbers are those of `meta/v1/generated.proto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ItemMetadata {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "3")]
    pub(super) namespace: String,
    #[prost(btree_map = "string, string", tag = "11")]
    pub(super) labels: BTreeMap<String, String>,
}

impl Head {
    /// Reads labels and name; `None` for an object whose labels and name name no release.
    pub(super) fn of(metadata: ItemMetadata) -> Option<Self> {
        let ItemMetadata { name: object_name, namespace, mut labels } = metadata;
        let parsed = parse_object_name(&object_name);
        let revision = labels.get("version").and_then(|text| text.parse().ok());
        Some(Self {
            name: labels.remove("name").or_else(|| parsed.map(|(name, _)| name.to_owned()))?,
            revision: revision.or(parsed.map(|(_, revision)| revision))?,
            namespace,
            status: labels.get("status").map_or(Status::Unknown, |word| word.as_str().into()),
            labels: user_labels(labels),
            object_name,
        })
    }
}

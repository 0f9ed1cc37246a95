//! One object of any kind.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use super::Resource;

/// An object and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The kind and where it is served.
    pub resource: Resource,
    /// The namespace; empty for kinds without.
    pub namespace: String,
    /// `metadata.name`; empty where the server is to generate it.
    pub name: String,
    /// The whole object as JSON.
    pub body: Value,
}

/// What tells two objects apart. The version does not: both are views of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace; empty for kinds without.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl Object {
    /// What tells this object apart.
    pub fn key(&self) -> ObjectKey {
        ObjectKey {
            group: self.resource.group.clone(),
            kind: self.resource.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    /// `apps/v1, Kind=Deployment`, as Go prints a kind; `/v1, Kind=Secret` in the core group.
    pub fn go_kind(&self) -> String {
        let Resource { group, version, kind, .. } = &self.resource;
        format!("{group}/{version}, Kind={kind}")
    }

    /// A label of the object.
    pub fn label(&self, name: &str) -> Option<&str> {
        entry(&self.body, "labels", name)
    }

    /// An annotation of the object.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        entry(&self.body, "annotations", name)
    }

    /// Adds labels (`labels`) or annotations (`annotations`).
    pub fn add_metadata(&mut self, field: &str, entries: &BTreeMap<&str, &str>) {
        let Some(metadata) = member(&mut self.body, "metadata") else { return };
        let slot = metadata.entry(field).or_insert_with(|| json!({}));
        if !slot.is_object() {
            *slot = json!({});
        }
        if let Some(map) = slot.as_object_mut() {
            map.extend(entries.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
        }
    }

    /// Whether the server is to generate the name.
    pub fn generates_name(&self) -> bool {
        self.body
            .pointer("/metadata/generateName")
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    }
}

fn entry<'a>(body: &'a Value, field: &str, name: &str) -> Option<&'a str> {
    body.get("metadata")?.get(field)?.get(name)?.as_str()
}

/// A member that is a map, made where it is missing.
pub(super) fn member<'a>(body: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    body.as_object_mut()?.entry(name).or_insert_with(|| json!({})).as_object_mut()
}

impl fmt::Display for ObjectKey {
    /// `Deployment/default/web`, as Helm's waiting prints it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.kind, self.namespace, self.name)
    }
}

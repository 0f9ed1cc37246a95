//! The layers of a `Release`'s values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::KeyReference;
use super::chart::is_false;
use super::schema;

/// The layers, each over the one before: `context`, `from`, `base`, `overrides`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ValuesSpec {
    /// What is true wherever the chart is installed: cluster, stage, domain.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "schema::any_object")]
    pub context: Map<String, Value>,
    /// Values files in ConfigMaps and Secrets of the same namespace, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub from: Vec<ValueSource>,
    /// The values of this release.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "schema::any_object")]
    pub base: Map<String, Value>,
    /// Single values over all others, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    pub overrides: Vec<Override>,
}

/// A values file in a ConfigMap or Secret.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ValueSource {
    /// Which kind of object it is.
    pub kind: ValueSourceKind,
    /// The object's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key with the YAML text; `values.yaml` by default.
    #[serde(default = "values_yaml")]
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
    /// Goes on without it if the object or the key does not exist.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
}

fn values_yaml() -> String {
    "values.yaml".to_owned()
}

/// What holds a values file.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub enum ValueSourceKind {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
}

/// One value at a path.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    /// Names joined by dots, list elements in brackets: `server.ports[0].name`. A backslash before a dot or bracket
    /// makes it part of a name.
    #[schemars(length(min = 1, max = 1024))]
    pub path: String,
    /// The value; `null` removes what the layers below say.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "schema::anything")]
    pub value: Value,
    /// The value is secret: the operator moves it to a Secret of its own and puts `valueFrom` in its place.
    #[serde(default, skip_serializing_if = "is_false")]
    pub secret: bool,
    /// Takes the value from elsewhere, as a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<ValueFrom>,
}

impl std::fmt::Debug for Override {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Override").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ValueFrom {
    /// A key of a Secret of the same namespace.
    pub secret_key_ref: KeyReference,
}

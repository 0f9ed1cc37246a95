//! Whether a definition may be replaced by another: nothing that is stored, and no field that is used, may be lost.

use std::collections::BTreeSet;

use serde_json::Value;

use super::objects::defined_by;
use super::{Action, DeployError};
use crate::cluster::{Object, Resource};

/// Objects looked at for fields that would be lost; beyond them nobody can say, so the answer is no.
const LOOKED_AT: usize = 10_000;
const PAGE: &str = "500";
/// How deep schemas are compared. Below, a field is one of what holds it.
const DEEPEST: usize = 32;

impl Action<'_> {
    /// Makes sure that replacing a definition loses nothing.
    ///
    /// # Errors
    /// Says what would be lost, and for a field, of which object.
    pub(super) async fn check_definition(&self, object: &Object, live: &Value) -> Result<(), DeployError> {
        let refuse = |why: String| {
            DeployError::Refused(format!(
                "definition {} is not replaced: {why}; nothing was changed",
                object.name
            ))
        };
        if let Some(why) = lost_by_itself(live, &object.body) {
            return Err(refuse(why));
        }
        let lost = lost_fields(live, &object.body);
        let Some(resource) = defined_by(live).into_iter().next().filter(|_| !lost.is_empty()) else {
            return Ok(());
        };
        match self.first_in_use(&resource, &lost).await? {
            Some(why) => Err(refuse(why)),
            None => Ok(()),
        }
    }

    /// The first object that has one of the fields.
    async fn first_in_use(
        &self,
        resource: &Resource,
        fields: &BTreeSet<Vec<String>>,
    ) -> Result<Option<String>, DeployError> {
        let (mut token, mut seen) = (String::new(), 0);
        loop {
            let query = [("limit", PAGE), ("continue", token.as_str())];
            let query = if token.is_empty() { query.get(..1).unwrap_or_default() } else { &query };
            let page = self.cluster().list(resource, "", query).await?;
            for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
                if let Some(field) = fields.iter().find(|field| holds(item, field)) {
                    let text = |pointer| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
                    return Ok(Some(format!(
                        "field {} is in use by {} {name:?} in namespace {namespace:?}",
                        field.join("."),
                        resource.kind
                    )));
                }
                seen += 1;
            }
            token = page.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default().to_owned();
            if token.is_empty() {
                return Ok(None);
            }
            if seen >= LOOKED_AT {
                return Ok(Some(format!(
                    "it drops fields, and not all of more than {LOOKED_AT} objects can be looked at"
                )));
            }
        }
    }
}

/// What would be lost whatever objects there are: the scope, the kind, or a version that is stored.
fn lost_by_itself(live: &Value, new: &Value) -> Option<String> {
    let text = |body: &Value, pointer: &str| {
        body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    for (what, pointer) in
        [("scope", "/spec/scope"), ("kind", "/spec/names/kind"), ("plural", "/spec/names/plural")]
    {
        let (old, new) = (text(live, pointer), text(new, pointer));
        if old != new {
            return Some(format!("its {what} would change from {old} to {new}"));
        }
    }
    let stored = live.pointer("/status/storedVersions").and_then(Value::as_array).into_iter().flatten();
    let has = |version: &str| versions(new).any(|(name, _)| name == version);
    let dropped = stored.filter_map(Value::as_str).find(|version| !has(version))?;
    Some(format!("version {dropped} is stored and would be dropped"))
}

/// The fields that a version of the old definition has and the same version of the new one does not. A list item is
/// `[]`, any key of a map `*`.
fn lost_fields(live: &Value, new: &Value) -> BTreeSet<Vec<String>> {
    let mut lost = BTreeSet::new();
    for (version, old) in versions(live) {
        if let Some((_, new)) = versions(new).find(|(name, _)| *name == version) {
            compare(old, new, &mut Vec::new(), &mut lost);
        }
    }
    lost
}

/// The names and schemas of a definition's versions.
fn versions(definition: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
    versions.filter_map(|version| {
        let schema = version.pointer("/schema/openAPIV3Schema").unwrap_or(&Value::Null);
        Some((version.get("name")?.as_str()?, schema))
    })
}

fn compare(old: &Value, new: &Value, path: &mut Vec<String>, lost: &mut BTreeSet<Vec<String>>) {
    let keeps_all =
        |schema: &Value| schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
    if keeps_all(new) || path.len() > DEEPEST || new.is_null() {
        return;
    }
    for (name, below) in old.get("properties").and_then(Value::as_object).into_iter().flatten() {
        path.push(name.clone());
        // A map that takes any key takes this one.
        match new
            .pointer("/properties")
            .and_then(|all| all.get(name))
            .or_else(|| new.get("additionalProperties"))
        {
            Some(Value::Bool(_)) => {}
            Some(still) => compare(below, still, path, lost),
            None => drop(lost.insert(path.clone())),
        }
        path.pop();
    }
    for (step, member) in [("[]", "items"), ("*", "additionalProperties")] {
        if let (Some(below), Some(still)) = (old.get(member), new.get(member)) {
            path.push(step.to_owned());
            compare(below, still, path, lost);
            path.pop();
        }
    }
}

/// Whether an object has a value at a path.
fn holds(value: &Value, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return !value.is_null() };
    match (first.as_str(), value) {
        ("[]", Value::Array(items)) => items.iter().any(|item| holds(item, rest)),
        ("*", Value::Object(map)) => map.values().any(|item| holds(item, rest)),
        (name, Value::Object(map)) => map.get(name).is_some_and(|below| holds(below, rest)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition(scope: &str, versions: &[&str], schema: Value) -> Value {
        let version =
            |name: &&str| json!({"name": name, "served": true, "schema": {"openAPIV3Schema": schema}});
        json!({
            "spec": {"scope": scope, "names": {"kind": "Widget", "plural": "widgets"},
                "versions": versions.iter().map(version).collect::<Vec<_>>()},
            "status": {"storedVersions": ["v1"]},
        })
    }

    #[test]
    fn scope_and_stored_versions_stay() {
        let live = definition("Namespaced", &["v1", "v2"], json!({}));
        let lost = |scope, versions: &[&str]| lost_by_itself(&live, &definition(scope, versions, json!({})));
        assert_eq!(lost("Cluster", &["v1"]).unwrap(), "its scope would change from Namespaced to Cluster");
        assert_eq!(lost("Namespaced", &["v2"]).unwrap(), "version v1 is stored and would be dropped");
        assert_eq!(lost("Namespaced", &["v1"]), None, "v2 is not stored");
    }

    #[test]
    fn dropped_fields_are_found_at_every_depth() {
        let old = json!({"properties": {
            "gone": {},
            "list": {"items": {"properties": {"a": {}, "b": {}}}},
            "map": {"additionalProperties": {"properties": {"x": {}}}},
            "open": {"properties": {"any": {}}},
        }});
        let new = json!({"properties": {
            "list": {"items": {"properties": {"a": {}}}},
            "map": {"additionalProperties": {"properties": {}}},
            "open": {"x-kubernetes-preserve-unknown-fields": true},
        }});
        let lost = lost_fields(&definition("A", &["v1"], old), &definition("A", &["v1"], new));
        let lost: Vec<String> = lost.iter().map(|path| path.join(".")).collect();
        assert_eq!(lost, ["gone", "list.[].b", "map.*.x"]);
    }

    #[test]
    fn a_field_is_in_use_where_an_object_has_it() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let object = json!({"spec": {"list": [{"a": 1}, {"b": 0}], "map": {"k": {"x": null}}}});
        assert!(holds(&object, &path("spec.list.[].b")));
        assert!(!holds(&object, &path("spec.list.[].c")));
        assert!(!holds(&object, &path("spec.map.*.x")), "null is no value");
    }
}

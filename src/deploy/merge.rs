//! Helm 3's way of changing objects: a patch computed here from three states.
//!
//! Fields that the previous revision set and the new one doesn't are removed; fields that the new one sets are set;
//! what others set stays. Lists of the built-in kinds that Kubernetes merges by a key (containers by name) are sent as
//! strategic merge patches; for other kinds lists are values, as in a JSON merge patch.

use serde_json::{Map, Value, json};

use super::strategic::{ListRule, list_rule};
use crate::cluster::Resource;

const STRATEGIC: &str = "application/strategic-merge-patch+json";
const MERGE: &str = "application/merge-patch+json";

/// A patch and its kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Patch {
    pub(super) media_type: &'static str,
    pub(super) body: Value,
}

/// The patch from the three states; `None` where nothing is to be changed.
///
/// Custom resources get the difference between the two revisions whatever the live state is, as in Helm.
pub(super) fn three_way(
    original: &Value,
    modified: &Value,
    live: &Value,
    resource: &Resource,
) -> Option<Patch> {
    let (media_type, body) = match is_built_in(&resource.group) {
        true => (STRATEGIC, Merge { path: &resource.kind }.maps(original, modified, live)),
        false => (MERGE, json_merge(original, modified)),
    };
    body.map(|body| Patch { media_type, body: Value::Object(body) })
}

/// Kinds whose types Kubernetes' client library knows: only for those there are strategic patches.
fn is_built_in(group: &str) -> bool {
    match group {
        "" | "apps" | "autoscaling" | "batch" | "policy" | "extensions" => true,
        "apiextensions.k8s.io" | "apiregistration.k8s.io" => false,
        other => other.ends_with(".k8s.io") && !other.contains(".x-k8s.io") && KNOWN.contains(&other),
    }
}

const KNOWN: [&str; 14] = [
    "admissionregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// RFC 7386: what turns one document into the other.
fn json_merge(original: &Value, modified: &Value) -> Option<Map<String, Value>> {
    let (original, modified) = (original.as_object()?, modified.as_object()?);
    let mut patch = Map::new();
    for (name, value) in modified {
        match original.get(name) {
            Some(before) if before == value => {}
            Some(before) if before.is_object() && value.is_object() => {
                if let Some(below) = json_merge(before, value) {
                    patch.insert(name.clone(), Value::Object(below));
                }
            }
            _ => drop(patch.insert(name.clone(), value.clone())),
        }
    }
    for name in original.keys().filter(|name| !modified.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    (!patch.is_empty()).then_some(patch)
}

/// A place in an object: the name of the field whose value is being merged.
#[derive(Clone, Copy)]
struct Merge<'a> {
    path: &'a str,
}

impl Merge<'_> {
    fn maps(self, original: &Value, modified: &Value, live: &Value) -> Option<Map<String, Value>> {
        let empty = Map::new();
        let [original, modified, live] =
            [original, modified, live].map(|map| map.as_object().unwrap_or(&empty));
        let mut patch = Map::new();
        for (name, value) in modified.iter().filter(|(_, value)| !value.is_null()) {
            let [before, now] = [original, live].map(|map| map.get(name).unwrap_or(&Value::Null));
            if let Some(change) = (Merge { path: name }).value(before, value, now) {
                patch.insert(name.clone(), change);
            }
        }
        let gone = |name: &str| modified.get(name).is_none_or(Value::is_null);
        for name in original.keys().filter(|name| gone(name) && live.contains_key(*name)) {
            patch.insert(name.clone(), Value::Null);
        }
        (!patch.is_empty()).then_some(patch)
    }

    fn value(self, original: &Value, modified: &Value, live: &Value) -> Option<Value> {
        match (modified, live) {
            (Value::Object(_), Value::Object(_)) => self.maps(original, modified, live).map(Value::Object),
            (Value::Array(wanted), Value::Array(found)) => {
                let before = original.as_array().map(Vec::as_slice).unwrap_or_default();
                self.lists(before, wanted, found)
            }
            _ => (modified != live).then(|| modified.clone()),
        }
    }

    fn lists(self, original: &[Value], modified: &[Value], live: &[Value]) -> Option<Value> {
        match list_rule(self.path, modified) {
            ListRule::Keyed(key) => self.keyed(key, original, modified, live),
            ListRule::Atomic => (modified != live).then(|| Value::Array(modified.to_vec())),
        }
    }

    /// Items are matched by their key. The server merges each; the ones the chart dropped are deleted by directive.
    fn keyed(self, key: &str, original: &[Value], modified: &[Value], live: &[Value]) -> Option<Value> {
        let with = |list: &[Value], id: &Value| list.iter().find(|item| item.get(key) == Some(id)).cloned();
        let mut changes = Vec::new();
        for item in modified {
            let Some(id) = item.get(key) else { continue };
            let before = with(original, id).unwrap_or(Value::Null);
            match with(live, id) {
                None => changes.push(item.clone()),
                Some(found) => {
                    if let Some(mut change) = self.maps(&before, item, &found) {
                        change.insert(key.to_owned(), id.clone());
                        changes.push(Value::Object(change));
                    }
                }
            }
        }
        for id in original.iter().filter_map(|item| item.get(key)) {
            if with(modified, id).is_none() && with(live, id).is_some() {
                let mut deletion = Map::from_iter([("$patch".to_owned(), json!("delete"))]);
                deletion.insert(key.to_owned(), id.clone());
                changes.push(Value::Object(deletion));
            }
        }
        (!changes.is_empty()).then_some(Value::Array(changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(group: &str) -> Resource {
        Resource {
            group: group.into(),
            version: "v1".into(),
            kind: "K".into(),
            plural: "ks".into(),
            namespaced: true,
        }
    }

    fn patch(group: &str, original: Value, modified: Value, live: Value) -> Option<Value> {
        three_way(&original, &modified, &live, &resource(group)).map(|patch| patch.body)
    }

    #[test]
    fn what_others_set_stays_and_what_the_chart_dropped_goes() {
        let body = patch("", json!({"a": 1, "b": 2}), json!({"a": 3}), json!({"a": 1, "b": 2, "c": 4}));
        assert_eq!(body, Some(json!({"a": 3, "b": null})));
    }

    #[test]
    fn no_difference_is_no_patch() {
        assert_eq!(patch("", json!({"a": 1}), json!({"a": 1}), json!({"a": 1, "status": {}})), None);
    }

    #[test]
    fn a_drifted_field_is_set_back() {
        assert_eq!(patch("", json!({"a": 1}), json!({"a": 1}), json!({"a": 9})), Some(json!({"a": 1})));
    }

    #[test]
    fn containers_are_merged_by_name() {
        let list = |items: Value| json!({"spec": {"containers": items}});
        let body = patch(
            "apps",
            list(json!([{"name": "a", "image": "x:1"}, {"name": "old"}])),
            list(json!([{"name": "a", "image": "x:2"}])),
            list(json!([{"name": "a", "image": "x:1", "more": 1}, {"name": "old"}, {"name": "sidecar"}])),
        );
        let change = json!([{"name": "a", "image": "x:2"}, {"$patch": "delete", "name": "old"}]);
        assert_eq!(body, Some(list(change)));
    }

    #[test]
    fn a_custom_resource_gets_the_difference_of_the_revisions() {
        let body = patch("example.com", json!({"l": [1], "x": 1}), json!({"l": [2]}), json!({"l": [9]}));
        assert_eq!(body, Some(json!({"l": [2], "x": null})));
        assert_eq!(patch("example.com", json!({"a": 1}), json!({"a": 1}), json!({"a": 9})), None);
    }
}

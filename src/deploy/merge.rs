//! Helm 3's way of changing objects: a patch computed here from three states.
//!
//! Fields that the previous revision set and the new one doesn't are removed; fields that the new one sets are set;
//! what others set stays. Lists of the built-in kinds that Kubernetes merges by a key (containers by name) are sent as
//! strategic merge patches; for other kinds lists are values, as in a JSON merge patch.

use serde_json::{Map, Value, json};

use super::strategic::{Field, ListRule};
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
        true => (STRATEGIC, maps(Field::root(&resource.kind), original, modified, live)),
        false => (MERGE, json_merge(original, modified)),
    };
    body.map(|body| Patch { media_type, body: Value::Object(body) })
}

/// Kinds whose types Kubernetes' client library knows: only for those there are strategic patches.
pub(super) fn is_built_in(group: &str) -> bool {
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

/// The strategic patch of a map: what the new state has otherwise than the live one, and, as nulls and directives, what
/// the previous revision had and the new one has not.
fn maps(field: Field<'_>, original: &Value, modified: &Value, live: &Value) -> Option<Map<String, Value>> {
    let empty = Map::new();
    let [original, modified, live] = [original, modified, live].map(|map| map.as_object().unwrap_or(&empty));
    let mut patch = Map::new();
    for (name, value) in modified.iter().filter(|(_, value)| !value.is_null()) {
        let [before, now] = [original, live].map(|map| map.get(name).unwrap_or(&Value::Null));
        change(&mut patch, field.below(name), before, value, now);
    }
    let gone = |name: &str| modified.get(name).is_none_or(Value::is_null);
    for name in original.keys().filter(|name| gone(name) && live.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    if patch.is_empty() {
        return None;
    }
    if field.retains_named_only() {
        let named: Vec<_> =
            modified.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name).collect();
        patch.insert("$retainKeys".to_owned(), json!(named));
    }
    Some(patch)
}

/// Adds to a patch what makes a field's value the new one.
fn change(
    patch: &mut Map<String, Value>,
    field: Field<'_>,
    original: &Value,
    modified: &Value,
    live: &Value,
) {
    match (modified, live) {
        (Value::Object(_), Value::Object(_)) if !field.is_atomic_map() => {
            if let Some(below) = maps(field, original, modified, live) {
                patch.insert(field.name.to_owned(), Value::Object(below));
            }
        }
        (Value::Array(modified), Value::Array(live)) => {
            let original = original.as_array().map(Vec::as_slice).unwrap_or_default();
            let lists = Lists { field, original, modified, live };
            match field.list_rule() {
                ListRule::Keyed(key) if lists.have(key) => lists.keyed(patch, key),
                ListRule::Set => lists.set(patch),
                _ => lists.atomic(patch),
            }
        }
        _ if modified == live => {}
        _ => drop(patch.insert(field.name.to_owned(), modified.clone())),
    }
}

/// Three states of a list.
#[derive(Clone, Copy)]
struct Lists<'a> {
    field: Field<'a>,
    original: &'a [Value],
    modified: &'a [Value],
    live: &'a [Value],
}

/// What tells an item apart: its key, and how many before it have the same one.
type Id<'a> = (&'a Value, usize);

impl<'a> Lists<'a> {
    /// Whether every item has the key: without it there is nothing to merge by.
    fn have(self, key: &str) -> bool {
        let all = |list: &[Value]| list.iter().all(|item| item.get(key).is_some());
        all(self.original) && all(self.modified) && all(self.live)
    }

    fn atomic(self, patch: &mut Map<String, Value>) {
        if self.modified != self.live {
            patch.insert(self.field.name.to_owned(), json!(self.modified));
        }
    }

    /// Items are matched by their key. The server merges each, deletes those that a directive names, and puts all in
    /// the order that another one gives.
    fn keyed(self, patch: &mut Map<String, Value>, key: &str) {
        let [original, modified, live] =
            [self.original, self.modified, self.live].map(|list| identified(list, key));
        let mut changes = Vec::new();
        for (id, item) in &modified {
            match find(&live, *id) {
                None => changes.push((*item).clone()),
                Some(found) => {
                    let before = find(&original, *id).unwrap_or(&Value::Null);
                    if let Some(mut change) = maps(self.field, before, item, found) {
                        change.insert(key.to_owned(), id.0.clone());
                        changes.push(Value::Object(change));
                    }
                }
            }
        }
        let dropped =
            original.iter().filter(|(id, _)| find(&modified, *id).is_none() && find(&live, *id).is_some());
        changes.extend(dropped.map(|((id, _), _)| deletion(key, id)));
        let common = |list: &[(Id<'a>, &Value)], other: &[(Id<'a>, &Value)]| -> Vec<Id<'a>> {
            list.iter().map(|(id, _)| *id).filter(|id| find(other, *id).is_some()).collect()
        };
        let reordered = common(&modified, &live) != common(&live, &modified);
        if !modified.is_empty() && (reordered || !changes.is_empty()) {
            let order = modified
                .iter()
                .map(|((id, _), _)| Value::Object(Map::from_iter([(key.to_owned(), (*id).clone())])));
            patch.insert(format!("$setElementOrder/{}", self.field.name), Value::Array(order.collect()));
        }
        if !changes.is_empty() {
            patch.insert(self.field.name.to_owned(), Value::Array(changes));
        }
    }

    /// Scalars that are new are added, and those the chart dropped deleted by directive.
    fn set(self, patch: &mut Map<String, Value>) {
        let without = |list: &[Value], other: &[Value]| -> Vec<Value> {
            list.iter().filter(|item| !other.contains(item)).cloned().collect()
        };
        let added = without(self.modified, self.live);
        let dropped: Vec<Value> = without(self.original, self.modified)
            .into_iter()
            .filter(|item| self.live.contains(item))
            .collect();
        if !dropped.is_empty() {
            patch.insert(format!("$deleteFromPrimitiveList/{}", self.field.name), Value::Array(dropped));
        }
        if !added.is_empty() {
            patch.insert(self.field.name.to_owned(), Value::Array(added));
        }
    }
}

fn identified<'a>(list: &'a [Value], key: &str) -> Vec<(Id<'a>, &'a Value)> {
    let mut found: Vec<(Id<'a>, &Value)> = Vec::with_capacity(list.len());
    for item in list {
        let id = item.get(key).unwrap_or(&Value::Null);
        let before = found.iter().filter(|((other, _), _)| *other == id).count();
        found.push(((id, before), item));
    }
    found
}

fn find<'a>(list: &[(Id<'a>, &'a Value)], id: Id<'_>) -> Option<&'a Value> {
    list.iter().find(|(other, _)| *other == id).map(|(_, item)| *item)
}

fn deletion(key: &str, id: &Value) -> Value {
    let mut deletion = Map::from_iter([("$patch".to_owned(), json!("delete"))]);
    deletion.insert(key.to_owned(), id.clone());
    Value::Object(deletion)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(group: &str, kind: &str) -> Resource {
        Resource {
            group: group.into(),
            version: "v1".into(),
            kind: kind.into(),
            plural: "ks".into(),
            namespaced: true,
        }
    }

    fn patch(group: &str, original: Value, modified: Value, live: Value) -> Option<Value> {
        three_way(&original, &modified, &live, &resource(group, "K")).map(|patch| patch.body)
    }

    fn patch_of(kind: &str, original: Value, modified: Value, live: Value) -> Option<Value> {
        three_way(&original, &modified, &live, &resource("apps", kind)).map(|patch| patch.body)
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
        let change = json!({"spec": {
            "$setElementOrder/containers": [{"name": "a"}],
            "containers": [{"image": "x:2", "name": "a"}, {"$patch": "delete", "name": "old"}],
        }});
        assert_eq!(body, Some(change));
    }

    #[test]
    fn the_last_item_of_a_merged_list_is_deleted_and_those_of_others_stay() {
        let list = |items: Value| json!({"spec": {"containers": [{"name": "a", "env": items}]}});
        let body = patch(
            "apps",
            list(json!([{"name": "A"}])),
            list(json!([])),
            list(json!([{"name": "A"}, {"name": "THEIRS"}])),
        );
        let env = body.unwrap().pointer("/spec/containers/0/env").cloned();
        assert_eq!(env, Some(json!([{"$patch": "delete", "name": "A"}])));
    }

    #[test]
    fn another_order_of_variables_is_a_change() {
        let list = |items: [&str; 2]| json!({"spec": {"containers": [{"name": "a", "env": items.map(|name| json!({"name": name}))}]}});
        let body = patch("apps", list(["A", "B"]), list(["B", "A"]), list(["A", "B"])).unwrap();
        let container = body.pointer("/spec/containers/0").unwrap();
        assert_eq!(container["$setElementOrder/env"], json!([{"name": "B"}, {"name": "A"}]));
        assert_eq!(patch("apps", list(["A", "B"]), list(["A", "B"]), list(["A", "B"])), None);
    }

    #[test]
    fn two_ports_of_one_number_stay_apart() {
        let ports =
            json!({"spec": {"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}});
        assert_eq!(patch_of("Service", ports.clone(), ports.clone(), ports), None);
    }

    #[test]
    fn of_a_union_only_the_new_member_stays() {
        let strategy = |value: Value| json!({"spec": {"strategy": value}});
        let body = patch_of(
            "Deployment",
            strategy(json!({"type": "RollingUpdate"})),
            strategy(json!({"type": "Recreate"})),
            strategy(json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}})),
        );
        assert_eq!(body, Some(strategy(json!({"type": "Recreate", "$retainKeys": ["type"]}))));
    }

    #[test]
    fn finalizers_are_a_set() {
        let object = |items: &[&str]| json!({"metadata": {"finalizers": items}});
        let body = patch("", object(&["a", "b"]), object(&["b", "c"]), object(&["a", "b", "theirs"]));
        let wanted = json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}});
        assert_eq!(body, Some(wanted));
    }

    #[test]
    fn a_custom_resource_gets_the_difference_of_the_revisions() {
        let body = patch("example.com", json!({"l": [1], "x": 1}), json!({"l": [2]}), json!({"l": [9]}));
        assert_eq!(body, Some(json!({"l": [2], "x": null})));
        assert_eq!(patch("example.com", json!({"a": 1}), json!({"a": 1}), json!({"a": 9})), None);
    }
}

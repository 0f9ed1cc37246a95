//! Strategic merges: maps are merged, null removes, lists are merged by their key where Kubernetes does so. Of custom
//! resources, whose types nobody knows here, lists are values. Kubernetes: `strategicpatch` of `apimachinery`.

use serde_json::{Map, Value};

use super::{group_version, text};
use crate::deploy::merge::is_built_in;
use crate::deploy::strategic::{Field, ListRule};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";
const ELEMENT_ORDER: &str = "$setElementOrder/";

/// The object after the patch; `None` where the patch says `$patch: delete`.
pub(super) fn apply(object: &Value, patch: &Value) -> Result<Option<Value>, String> {
    let (Value::Object(object_map), Value::Object(patch)) = (object, patch) else {
        return Err("a merge takes a map".to_owned());
    };
    if patch.get(DIRECTIVE).and_then(Value::as_str) == Some("delete") {
        return Ok(None);
    }
    let (group, _) = group_version(text(object, "/apiVersion"));
    let kind = if is_built_in(group) { text(object, "/kind") } else { "" };
    Merge { kind, path: Vec::new() }.maps(object_map, patch).map(|map| Some(Value::Object(map)))
}

/// A place in an object: its kind, empty where none is known, and the fields that lead to it.
struct Merge<'a> {
    kind: &'a str,
    path: Vec<&'a str>,
}

impl<'a> Merge<'a> {
    /// The rule for the list at this place.
    fn list_rule(&self) -> ListRule {
        if self.kind.is_empty() {
            return ListRule::Atomic;
        }
        self.path.iter().fold(Field::root(self.kind), |field, name| field.below(name)).list_rule()
    }

    fn maps(
        &mut self,
        original: &Map<String, Value>,
        patch: &'a Map<String, Value>,
    ) -> Result<Map<String, Value>, String> {
        if directive(patch)? == Directive::Delete {
            return Ok(Map::new());
        }
        let mut merged = if replaces(patch) { Map::new() } else { original.clone() };
        if let Some(kept) = patch.get(RETAIN_KEYS).and_then(Value::as_array) {
            merged.retain(|name, _| kept.iter().any(|kept| kept.as_str() == Some(name)));
        }
        for (name, value) in patch {
            if let Some(list) = name.strip_prefix(DELETE_FROM_LIST) {
                remove_items(&mut merged, list, value);
            } else if !name.starts_with(ELEMENT_ORDER) && name != RETAIN_KEYS && name != DIRECTIVE {
                self.field(&mut merged, name, value)?;
            }
        }
        Ok(merged)
    }

    fn field(
        &mut self,
        merged: &mut Map<String, Value>,
        name: &'a str,
        value: &'a Value,
    ) -> Result<(), String> {
        if value.is_null() {
            merged.shift_remove(name);
            return Ok(());
        }
        self.path.push(name);
        let value = match (merged.get(name), value) {
            (Some(Value::Object(original)), Value::Object(patch)) => {
                let original = original.clone();
                self.maps(&original, patch).map(Value::Object)
            }
            (_, Value::Object(patch)) => self.maps(&Map::new(), patch).map(Value::Object),
            (Some(Value::Array(original)), Value::Array(patch)) => {
                let original = original.clone();
                self.lists(&original, patch).map(Value::Array)
            }
            (_, Value::Array(patch)) => self.lists(&[], patch).map(Value::Array),
            (_, scalar) => Ok(scalar.clone()),
        };
        self.path.pop();
        merged.insert(name.to_owned(), value?);
        Ok(())
    }

    fn lists(&mut self, original: &[Value], patch: &'a [Value]) -> Result<Vec<Value>, String> {
        let is_replaced = patch.iter().any(|item| item.as_object().is_some_and(replaces));
        match self.list_rule() {
            _ if is_replaced => self.plain(patch.iter().filter(|item| item.get(DIRECTIVE).is_none())),
            ListRule::Keyed(key) => self.keyed(key, original, patch),
            ListRule::Set => {
                let mut merged = original.to_vec();
                merged.extend(patch.iter().filter(|item| !original.contains(item)).cloned());
                Ok(merged)
            }
            ListRule::Atomic => self.plain(patch.iter()),
        }
    }

    /// Items as the patch has them, without the directives in them.
    fn plain(&mut self, items: impl Iterator<Item = &'a Value>) -> Result<Vec<Value>, String> {
        let items = items.map(|item| match item {
            Value::Object(item) => self.maps(&Map::new(), item).map(Value::Object),
            other => Ok(other.clone()),
        });
        items.collect()
    }

    fn keyed(&mut self, key: &str, original: &[Value], patch: &'a [Value]) -> Result<Vec<Value>, String> {
        let mut merged = original.to_vec();
        for item in patch {
            let Value::Object(item) = item else {
                return Err(format!("{}: items are maps, merged by their {key}", self.path.join(".")));
            };
            let Some(id) = item.get(key) else {
                return Err(format!("{}: an item lacks its merge key {key:?}", self.path.join(".")));
            };
            let place = merged.iter().position(|found| found.get(key) == Some(id));
            if directive(item)? == Directive::Delete {
                merged.retain(|found| found.get(key) != Some(id));
                continue;
            }
            let before = place.and_then(|place| merged.get(place)?.as_object().cloned()).unwrap_or_default();
            let next = Value::Object(self.maps(&before, item)?);
            match place.and_then(|place| merged.get_mut(place)) {
                Some(found) => *found = next,
                None => merged.push(next),
            }
        }
        Ok(merged)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    /// `merge`, and `replace`, which [`replaces`] tells apart.
    Keep,
    Delete,
}

fn directive(patch: &Map<String, Value>) -> Result<Directive, String> {
    match patch.get(DIRECTIVE) {
        None => Ok(Directive::Keep),
        Some(Value::String(word)) if word == "merge" || word == "replace" => Ok(Directive::Keep),
        Some(Value::String(word)) if word == "delete" => Ok(Directive::Delete),
        Some(other) => Err(format!("unknown $patch: {other}; it is merge, replace or delete")),
    }
}

fn replaces(patch: &Map<String, Value>) -> bool {
    patch.get(DIRECTIVE).and_then(Value::as_str) == Some("replace")
}

fn remove_items(merged: &mut Map<String, Value>, list: &str, items: &Value) {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(Value::Array(found)) = merged.get_mut(list) {
        found.retain(|item| !items.contains(item));
    }
}

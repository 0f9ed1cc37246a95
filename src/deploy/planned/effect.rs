//! What a change comes to, and what may be shown of it.

use serde_json::{Map, Value};

use crate::deploy::drift::OF_THE_SERVER;

/// What would become of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It would be created.
    Create,
    /// It would be different.
    Change,
    /// It would be deleted and created anew, for a field of it can't change.
    Recreate,
    /// It would be deleted.
    Delete,
    /// It belongs to nobody or to another release, and would be taken over.
    TakeOver,
    /// It leaves the release and would stay, as its annotation says.
    Keep,
    /// It would be as it is.
    Unchanged,
}

impl Effect {
    /// Every effect, in the order in which they are summed up.
    pub const ALL: [Self; 7] = [
        Effect::Create,
        Effect::Change,
        Effect::Recreate,
        Effect::Delete,
        Effect::TakeOver,
        Effect::Keep,
        Effect::Unchanged,
    ];

    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Create => "create",
            Effect::Change => "change",
            Effect::Recreate => "recreate",
            Effect::Delete => "delete",
            Effect::TakeOver => "takeOver",
            Effect::Keep => "keep",
            Effect::Unchanged => "unchanged",
        }
    }

    /// Whether the cluster would be different.
    pub fn is_change(self) -> bool {
        !matches!(self, Effect::Keep | Effect::Unchanged)
    }
}

/// An object without what the server keeps for itself and what controllers report.
pub(super) fn stripped(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        OF_THE_SERVER.iter().for_each(|field| drop(metadata.remove(*field)));
    }
    object
}

const HIDDEN: &str = "***";
/// Where kubectl keeps a copy of the whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Hides what Secrets hold; whether it differs stays to be seen.
pub(super) fn hide_secrets(before: &mut Option<Value>, after: &mut Option<Value>) {
    let is_secret = |object: &Option<Value>| {
        object.as_ref().is_some_and(|object| object["kind"] == "Secret" && object["apiVersion"] == "v1")
    };
    if !is_secret(before) && !is_secret(after) {
        return;
    }
    for field in ["data", "stringData"] {
        hide(entries(before, field), entries(after, field));
    }
    for object in [before, after].into_iter().flatten() {
        let annotations = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
        if let Some(copy) = annotations.and_then(|annotations| annotations.get_mut(LAST_APPLIED)) {
            *copy = HIDDEN.into();
        }
    }
}

fn entries<'a>(object: &'a mut Option<Value>, field: &str) -> Option<&'a mut Map<String, Value>> {
    object.as_mut()?.get_mut(field)?.as_object_mut()
}

fn hide(before: Option<&mut Map<String, Value>>, after: Option<&mut Map<String, Value>>) {
    match (before, after) {
        (Some(before), Some(after)) => {
            for (name, old) in before.iter_mut() {
                let differs = after.get(name).is_some_and(|new| new != old);
                if differs {
                    after.insert(name.clone(), format!("{HIDDEN} (after)").into());
                    *old = format!("{HIDDEN} (before)").into();
                } else {
                    *old = HIDDEN.into();
                }
            }
            let hidden =
                |value: &Value| value.as_str().is_some_and(|text| text == format!("{HIDDEN} (after)"));
            after.values_mut().filter(|value| !hidden(value)).for_each(|value| *value = HIDDEN.into());
        }
        (Some(only), None) | (None, Some(only)) => only.values_mut().for_each(|value| *value = HIDDEN.into()),
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_secrets_only_what_differs_is_seen() {
        let secret = |data: Value| Some(json!({"kind": "Secret", "apiVersion": "v1", "data": data}));
        let mut before = secret(json!({"a": "c2FtZQ==", "b": "b2xk", "gone": "eA=="}));
        let mut after = secret(json!({"a": "c2FtZQ==", "b": "bmV3", "new": "eQ=="}));
        hide_secrets(&mut before, &mut after);
        assert_eq!(before.unwrap()["data"], json!({"a": "***", "b": "*** (before)", "gone": "***"}));
        assert_eq!(after.unwrap()["data"], json!({"a": "***", "b": "*** (after)", "new": "***"}));
    }

    #[test]
    fn the_copy_that_kubectl_keeps_is_hidden_too() {
        let mut before = None;
        let mut after = Some(json!({"kind": "Secret", "apiVersion": "v1", "stringData": {"a": "b"},
            "metadata": {"annotations": {LAST_APPLIED: "{\"data\": …}"}}}));
        hide_secrets(&mut before, &mut after);
        let after = after.unwrap().to_string();
        assert!(!after.contains("data\\\"") && !after.contains("\"b\""), "{after}");
    }

    #[test]
    fn other_kinds_are_shown() {
        let mut after = Some(json!({"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": "b"}}));
        hide_secrets(&mut None, &mut after);
        assert_eq!(after.unwrap()["data"]["a"], "b");
    }

    #[test]
    fn what_the_server_keeps_for_itself_is_left_out() {
        let object =
            json!({"metadata": {"name": "a", "uid": "1", "resourceVersion": "2"}, "status": {}, "spec": 1});
        assert_eq!(stripped(&object), json!({"metadata": {"name": "a"}, "spec": 1}));
    }
}

//! Which release an object belongs to. Helm: `pkg/action/validate.go`, H-84 and H-85 of its behaviour.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cluster::Object;

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// A release, as its objects name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
}

impl Owner<'_> {
    /// Writes the release into an object that is about to be applied.
    pub(super) fn mark(self, object: &mut Object) {
        object.add_metadata("labels", &BTreeMap::from([(MANAGED_BY, "Helm")]));
        object.add_metadata(
            "annotations",
            &BTreeMap::from([(RELEASE_NAME, self.name), (RELEASE_NAMESPACE, self.namespace)]),
        );
    }

    /// Whether a live object says that it belongs to the release; Helm's text on why not.
    pub(super) fn check(self, live: &Value) -> Result<(), String> {
        let wanted = [
            ("label", "labels", MANAGED_BY, "Helm"),
            ("annotation", "annotations", RELEASE_NAME, self.name),
            ("annotation", "annotations", RELEASE_NAMESPACE, self.namespace),
        ];
        let problems: Vec<_> = wanted
            .into_iter()
            .filter_map(|(what, field, key, value)| {
                let found =
                    live.get("metadata")?.get(field).and_then(|map| map.get(key)).and_then(Value::as_str);
                let problem = match found {
                    Some(found) if found == value => return None,
                    Some(found) => format!("key {key:?} must equal {value:?}: current value is {found:?}"),
                    None => format!("missing key {key:?}: must be set to {value:?}"),
                };
                Some(format!("{what} validation error: {problem}"))
            })
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(format!("invalid ownership metadata; {}", problems.join("; ")))
        }
    }
}

/// `ConfigMap "a" in namespace "b"`
pub(super) fn describe(object: &Object) -> String {
    format!("{} {:?} in namespace {:?}", object.resource.kind, object.name, object.namespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OWNER: Owner<'static> = Owner { name: "r", namespace: "n" };

    #[test]
    fn a_marked_object_belongs_to_the_release() {
        let resource = crate::cluster::Resource {
            group: String::new(),
            version: "v1".into(),
            kind: "ConfigMap".into(),
            plural: "configmaps".into(),
            namespaced: true,
        };
        let body = json!({"metadata": {"name": "a", "labels": {"x": "y"}}});
        let mut object = Object { resource, namespace: "n".into(), name: "a".into(), body };
        OWNER.mark(&mut object);
        assert_eq!(OWNER.check(&object.body), Ok(()));
        assert_eq!(object.label("x"), Some("y"));
    }

    #[test]
    fn a_foreign_object_is_described_in_helms_words() {
        let live = json!({"metadata": {"annotations": {"meta.helm.sh/release-name": "other"}}});
        assert_eq!(
            OWNER.check(&live).unwrap_err(),
            "invalid ownership metadata; label validation error: missing key \"app.kubernetes.io/managed-by\": must be \
             set to \"Helm\"; annotation validation error: key \"meta.helm.sh/release-name\" must equal \"r\": current \
             value is \"other\"; annotation validation error: missing key \"meta.helm.sh/release-namespace\": must be \
             set to \"n\""
        );
    }
}

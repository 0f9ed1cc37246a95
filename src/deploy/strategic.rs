//! Which lists of the built-in kinds are merged by a key. Kubernetes: `x-kubernetes-patch-merge-key` of its OpenAPI.

use serde_json::Value;

/// How two states of a list become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListRule {
    /// The new one takes the place of the old.
    Atomic,
    /// Items with the same value under that key are one.
    Keyed(&'static str),
}

/// The fields that Kubernetes merges by a key. A name that is merged in one kind and not in another (`ports`, `rules`)
/// is told apart by what its items look like.
const KEYED: [(&str, &str); 18] = [
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("imagePullSecrets", "name"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
    ("conditions", "type"),
    ("ownerReferences", "uid"),
    ("schedulingGates", "name"),
    ("resourceClaims", "name"),
    ("secrets", "name"),
    ("webhooks", "name"),
    ("validations", "name"),
    ("ports", "containerPort"),
];

/// The rule for a list in that field.
pub(super) fn list_rule(field: &str, items: &[Value]) -> ListRule {
    let all_have = |key: &str| !items.is_empty() && items.iter().all(|item| item.get(key).is_some());
    if field == "ports" && all_have("port") {
        return ListRule::Keyed("port");
    }
    let known = KEYED.into_iter().find(|(name, _)| *name == field);
    match known {
        Some((_, key)) if all_have(key) => ListRule::Keyed(key),
        _ => ListRule::Atomic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ports_of_services_and_of_containers_have_different_keys() {
        assert_eq!(list_rule("ports", &[json!({"port": 80})]), ListRule::Keyed("port"));
        assert_eq!(list_rule("ports", &[json!({"containerPort": 80})]), ListRule::Keyed("containerPort"));
        assert_eq!(list_rule("args", &[json!("a")]), ListRule::Atomic);
        assert_eq!(list_rule("containers", &[]), ListRule::Atomic);
    }
}

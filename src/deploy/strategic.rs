//! How Kubernetes merges the fields of its own kinds: the `patchStrategy` and `patchMergeKey` of its types.

/// A field, as far as telling its rule takes: its name, the name of the field it lies in, and the object's kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) kind: &'a str,
    pub(super) parent: &'a str,
    pub(super) name: &'a str,
}

/// How two states of a list become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListRule {
    /// The new one takes the place of the old.
    Atomic,
    /// Items with the same value under that key are one.
    Keyed(&'static str),
    /// A set of scalars.
    Set,
}

/// Lists that are merged wherever a field has that name.
const KEYED: [(&str, &str); 16] = [
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
    ("conditions", "type"),
    ("ownerReferences", "uid"),
    ("schedulingGates", "name"),
    ("resourceClaims", "name"),
    ("webhooks", "name"),
    ("matchConditions", "name"),
    ("variables", "name"),
];

const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

impl<'a> Field<'a> {
    /// An object as a whole.
    pub(super) fn root(kind: &'a str) -> Self {
        Self { kind, parent: "", name: "" }
    }

    /// A field within this one. Items of a list count as the list itself.
    pub(super) fn below(self, name: &'a str) -> Self {
        Self { kind: self.kind, parent: self.name, name }
    }

    /// The rule for a list in this field.
    pub(super) fn list_rule(self) -> ListRule {
        match (self.kind, self.parent, self.name) {
            (_, parent, "ports") if CONTAINERS.contains(&parent) => ListRule::Keyed("containerPort"),
            ("Service", "spec", "ports") => ListRule::Keyed("port"),
            ("ServiceAccount", "", "secrets") => ListRule::Keyed("name"),
            ("ServiceAccount", _, "imagePullSecrets") => ListRule::Atomic,
            (_, "spec", "imagePullSecrets") => ListRule::Keyed("name"),
            (_, "metadata", "finalizers") => ListRule::Set,
            (_, _, name) => {
                let known = KEYED.into_iter().find(|(field, _)| *field == name);
                known.map_or(ListRule::Atomic, |(_, key)| ListRule::Keyed(key))
            }
        }
    }

    /// Whether members that the new state does not name go, whoever set them: of a union only one may be there.
    pub(super) fn retains_named_only(self) -> bool {
        matches!((self.kind, self.name), ("Deployment", "strategy") | (_, "volumes" | "resourceClaims"))
    }

    /// Whether a map in this field is taken as a whole.
    pub(super) fn is_atomic_map(self) -> bool {
        matches!((self.kind, self.parent, self.name), ("PodDisruptionBudget", "spec", "selector"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: &str, parent: &str, name: &str) -> ListRule {
        Field { kind, parent, name }.list_rule()
    }

    #[test]
    fn ports_of_services_and_of_containers_have_different_keys() {
        assert_eq!(rule("Service", "spec", "ports"), ListRule::Keyed("port"));
        assert_eq!(rule("Deployment", "containers", "ports"), ListRule::Keyed("containerPort"));
        assert_eq!(rule("NetworkPolicy", "ingress", "ports"), ListRule::Atomic);
        assert_eq!(rule("Deployment", "containers", "args"), ListRule::Atomic);
    }

    #[test]
    fn pull_secrets_are_merged_in_pods_and_replaced_in_accounts() {
        assert_eq!(rule("Pod", "spec", "imagePullSecrets"), ListRule::Keyed("name"));
        assert_eq!(rule("ServiceAccount", "", "imagePullSecrets"), ListRule::Atomic);
    }
}

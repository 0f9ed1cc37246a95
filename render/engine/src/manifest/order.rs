//! The order in which Helm installs and uninstalls kinds. The API group plays no part.

use std::cmp::Ordering;

use chart::Flavour;

/// Install order of Helm 4; Helm 3 knows the same without the two webhook configurations at the end.
pub const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Uninstall order of Helm 4; Helm 3 knows the same without the two webhook configurations at the start.
pub const UNINSTALL_ORDER: [&str; 38] = [
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
];

const WEBHOOK_CONFIGURATIONS: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The place of a kind when installing; `None` for kinds that come last, in alphabetical order.
pub fn install_rank(kind: &str, flavour: Flavour) -> Option<usize> {
    let rank = INSTALL_ORDER.iter().position(|known| *known == kind);
    known_to(flavour, kind, rank)
}

/// The place of a kind when uninstalling; `None` for kinds that come last, in alphabetical order.
pub fn uninstall_rank(kind: &str, flavour: Flavour) -> Option<usize> {
    known_to(flavour, kind, UNINSTALL_ORDER.iter().position(|known| *known == kind))
}

fn known_to(flavour: Flavour, kind: &str, rank: Option<usize>) -> Option<usize> {
    rank.filter(|_| flavour == Flavour::V4 || !WEBHOOK_CONFIGURATIONS.contains(&kind))
}

/// Known kinds in install order, then all others by name; for a stable sort.
pub(super) fn by_kind(a: &str, b: &str, flavour: Flavour) -> Ordering {
    match (install_rank(a, flavour), install_rank(b, flavour)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

//! Kubernetes' own account of deprecated API versions (the `prerelease-lifecycle` of `k8s.io/api` 0.37).

/// A deprecated kind of an API version.
struct Deprecation {
    /// `apps/v1beta1 Deployment`
    object: &'static str,
    /// The minor version of Kubernetes 1 that deprecates it.
    deprecated: u32,
    /// The minor version that no longer serves it; 0 where none is set.
    removed: u32,
    /// What to use instead; empty where there is nothing.
    replacement: &'static str,
}

/// The API server's warning about an object, if its kind is deprecated in Kubernetes `1.minor`.
pub(super) fn warning(api_version: &str, kind: &str, minor: u32) -> Option<String> {
    let object = format!("{api_version} {kind}");
    let known = DEPRECATIONS.iter().find(|known| known.object == object && known.deprecated <= minor)?;
    let mut text = format!("{object} is deprecated in v1.{}+", known.deprecated);
    if known.removed != 0 {
        text.push_str(&format!(", unavailable in v1.{}+", known.removed));
    }
    if !known.replacement.is_empty() {
        text.push_str("; use ");
        text.push_str(known.replacement);
    }
    Some(text)
}

const fn entry(
    object: &'static str,
    deprecated: u32,
    removed: u32,
    replacement: &'static str,
) -> Deprecation {
    Deprecation { object, deprecated, removed, replacement }
}

#[rustfmt::skip]
const DEPRECATIONS: &[Deprecation] = &[
    entry("admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy", 35, 38, ""),
    entry("admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicyBinding", 35, 38, ""),
    entry("admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy", 29, 32, ""),
    entry("admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicyBinding", 29, 32, ""),
    entry("admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy", 37, 40, "admissionregistration.k8s.io/v1 MutatingAdmissionPolicy"),
    entry("admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicyBinding", 37, 40, "admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding"),
    entry("admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration", 16, 22, "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration"),
    entry("admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy", 31, 34, ""),
    entry("admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicyBinding", 31, 34, ""),
    entry("admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration", 16, 22, "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration"),
    entry("apps/v1beta1 ControllerRevision", 8, 16, "apps/v1 ControllerRevision"),
    entry("apps/v1beta1 Deployment", 8, 16, "apps/v1 Deployment"),
    entry("apps/v1beta1 DeploymentRollback", 8, 16, "apps/v1 DeploymentRollback"),
    entry("apps/v1beta1 Scale", 8, 16, "autoscaling/v1 Scale"),
    entry("apps/v1beta1 StatefulSet", 8, 16, "apps/v1 StatefulSet"),
    entry("apps/v1beta2 ControllerRevision", 9, 16, "apps/v1 ControllerRevision"),
    entry("apps/v1beta2 DaemonSet", 9, 16, "apps/v1 DaemonSet"),
    entry("apps/v1beta2 Deployment", 9, 16, "apps/v1 Deployment"),
    entry("apps/v1beta2 ReplicaSet", 9, 16, "apps/v1 ReplicaSet"),
    entry("apps/v1beta2 Scale", 9, 16, "autoscaling/v1 Scale"),
    entry("apps/v1beta2 StatefulSet", 9, 16, "apps/v1 StatefulSet"),
    entry("authentication.k8s.io/v1alpha1 SelfSubjectReview", 29, 32, ""),
    entry("authentication.k8s.io/v1beta1 SelfSubjectReview", 30, 33, ""),
    entry("authentication.k8s.io/v1beta1 TokenReview", 19, 22, "authentication.k8s.io/v1 TokenReview"),
    entry("authorization.k8s.io/v1beta1 LocalSubjectAccessReview", 19, 22, "authorization.k8s.io/v1 LocalSubjectAccessReview"),
    entry("authorization.k8s.io/v1beta1 SelfSubjectAccessReview", 19, 22, "authorization.k8s.io/v1 SelfSubjectAccessReview"),
    entry("authorization.k8s.io/v1beta1 SelfSubjectRulesReview", 19, 22, "authorization.k8s.io/v1 SelfSubjectRulesReview"),
    entry("authorization.k8s.io/v1beta1 SubjectAccessReview", 19, 22, "authorization.k8s.io/v1 SubjectAccessReview"),
    entry("batch/v1beta1 CronJob", 21, 25, "batch/v1 CronJob"),
    entry("certificates.k8s.io/v1alpha1 ClusterTrustBundle", 34, 37, ""),
    entry("certificates.k8s.io/v1beta1 CertificateSigningRequest", 19, 22, "certificates.k8s.io/v1 CertificateSigningRequest"),
    entry("certificates.k8s.io/v1beta1 ClusterTrustBundle", 37, 40, "certificates.k8s.io/v1 ClusterTrustBundle"),
    entry("certificates.k8s.io/v1beta1 PodCertificateRequest", 37, 40, "certificates.k8s.io/v1 PodCertificateRequest"),
    entry("coordination.k8s.io/v1alpha2 LeaseCandidate", 35, 38, ""),
    entry("coordination.k8s.io/v1beta1 Lease", 19, 22, "coordination.k8s.io/v1 Lease"),
    entry("coordination.k8s.io/v1beta1 LeaseCandidate", 36, 39, ""),
    entry("discovery.k8s.io/v1beta1 EndpointSlice", 21, 25, "discovery.k8s.io/v1 EndpointSlice"),
    entry("events.k8s.io/v1beta1 Event", 22, 25, ""),
    entry("extensions/v1beta1 DaemonSet", 8, 16, "apps/v1 DaemonSet"),
    entry("extensions/v1beta1 Deployment", 8, 16, "apps/v1 Deployment"),
    entry("extensions/v1beta1 DeploymentRollback", 8, 16, ""),
    entry("extensions/v1beta1 Ingress", 14, 22, "networking.k8s.io/v1 Ingress"),
    entry("extensions/v1beta1 NetworkPolicy", 9, 16, "networking.k8s.io/v1 NetworkPolicy"),
    entry("extensions/v1beta1 ReplicaSet", 8, 16, "apps/v1 ReplicaSet"),
    entry("extensions/v1beta1 Scale", 2, 16, ""),
    entry("flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema", 23, 26, "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema"),
    entry("flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration", 23, 26, "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration"),
    entry("flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema", 26, 29, "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema"),
    entry("flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration", 26, 29, "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration"),
    entry("flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema", 29, 32, "flowcontrol.apiserver.k8s.io/v1 FlowSchema"),
    entry("flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration", 29, 32, "flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration"),
    entry("lifecycle.k8s.io/v1alpha1 Eviction", 40, 43, ""),
    entry("lifecycle.k8s.io/v1alpha1 EvictionRequest", 40, 43, ""),
    entry("networking.k8s.io/v1beta1 IPAddress", 34, 37, ""),
    entry("networking.k8s.io/v1beta1 Ingress", 19, 22, "networking.k8s.io/v1 Ingress"),
    entry("networking.k8s.io/v1beta1 IngressClass", 19, 22, "networking.k8s.io/v1 IngressClassList"),
    entry("networking.k8s.io/v1beta1 ServiceCIDR", 34, 37, ""),
    entry("node.k8s.io/v1beta1 RuntimeClass", 22, 25, ""),
    entry("policy/v1beta1 Eviction", 22, 25, ""),
    entry("policy/v1beta1 PodDisruptionBudget", 21, 25, "policy/v1 PodDisruptionBudget"),
    entry("rbac.authorization.k8s.io/v1beta1 ClusterRole", 17, 22, "rbac.authorization.k8s.io/v1 ClusterRole"),
    entry("rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding", 17, 22, "rbac.authorization.k8s.io/v1 ClusterRoleBinding"),
    entry("rbac.authorization.k8s.io/v1beta1 Role", 17, 22, "rbac.authorization.k8s.io/v1 Role"),
    entry("rbac.authorization.k8s.io/v1beta1 RoleBinding", 17, 22, "rbac.authorization.k8s.io/v1 RoleBinding"),
    entry("resource.k8s.io/v1alpha3 DeviceTaintRule", 36, 39, ""),
    entry("resource.k8s.io/v1alpha3 ResourcePoolStatusRequest", 39, 42, ""),
    entry("resource.k8s.io/v1beta1 DeviceClass", 35, 38, ""),
    entry("resource.k8s.io/v1beta1 ResourceClaim", 35, 38, ""),
    entry("resource.k8s.io/v1beta1 ResourceClaimTemplate", 35, 38, ""),
    entry("resource.k8s.io/v1beta1 ResourceSlice", 35, 38, ""),
    entry("resource.k8s.io/v1beta2 DeviceClass", 36, 39, ""),
    entry("resource.k8s.io/v1beta2 DeviceTaintRule", 39, 42, ""),
    entry("resource.k8s.io/v1beta2 ResourceClaim", 36, 39, ""),
    entry("resource.k8s.io/v1beta2 ResourceClaimTemplate", 36, 39, ""),
    entry("resource.k8s.io/v1beta2 ResourceSlice", 36, 39, ""),
    entry("scheduling.k8s.io/v1beta1 PodGroup", 40, 43, ""),
    entry("scheduling.k8s.io/v1beta1 PriorityClass", 14, 22, "scheduling.k8s.io/v1 PriorityClass"),
    entry("scheduling.k8s.io/v1beta1 Workload", 40, 43, ""),
    entry("storage.k8s.io/v1alpha1 CSIStorageCapacity", 21, 24, "storage.k8s.io/v1beta1 CSIStorageCapacity"),
    entry("storage.k8s.io/v1alpha1 VolumeAttachment", 21, 24, "storage.k8s.io/v1 VolumeAttachment"),
    entry("storage.k8s.io/v1alpha1 VolumeAttributesClass", 32, 35, "storage.k8s.io/v1 VolumeAttributesClass"),
    entry("storage.k8s.io/v1beta1 CSIDriver", 19, 22, "storage.k8s.io/v1 CSIDriver"),
    entry("storage.k8s.io/v1beta1 CSINode", 17, 22, "storage.k8s.io/v1 CSINode"),
    entry("storage.k8s.io/v1beta1 CSIStorageCapacity", 24, 27, "storage.k8s.io/v1 CSIStorageCapacity"),
    entry("storage.k8s.io/v1beta1 StorageClass", 19, 22, "storage.k8s.io/v1 StorageClass"),
    entry("storage.k8s.io/v1beta1 VolumeAttachment", 19, 22, "storage.k8s.io/v1 VolumeAttachment"),
    entry("storage.k8s.io/v1beta1 VolumeAttributesClass", 34, 37, "storage.k8s.io/v1 VolumeAttributesClass"),
    entry("storagemigration.k8s.io/v1beta1 StorageVersionMigration", 37, 40, "storagemigration.k8s.io/v1 StorageVersionMigration"),
    entry("v1 ComponentStatus", 19, 0, ""),
    entry("v1 Endpoints", 33, 0, "discovery.k8s.io/v1 EndpointSlice"),
];

#[cfg(test)]
mod tests {
    use super::warning;

    #[test]
    fn a_kind_is_deprecated_from_its_version_on() {
        assert_eq!(warning("policy/v1beta1", "PodDisruptionBudget", 20), None);
        assert_eq!(
            warning("policy/v1beta1", "PodDisruptionBudget", 30).unwrap(),
            "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 \
             PodDisruptionBudget"
        );
    }
}

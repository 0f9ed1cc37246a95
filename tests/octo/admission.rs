//! Deployments that the cluster's own rules refuse.

use serde_json::{Value, json};

use crate::place::{Place, RELEASE};
use crate::workloads::{failed, place, succeeded};

/// A policy that refuses Deployments of the place's namespace unless the expression holds, in force when this returns.
async fn policy(place: &Place, name: &str, expression: &str, replicas: u32) {
    let name = format!("{}-{name}", place.namespace);
    let namespace = json!({"matchLabels": {"kubernetes.io/metadata.name": place.namespace}});
    let rules = json!([{
        "apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"], "operations": ["CREATE", "UPDATE"],
    }]);
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"namespaceSelector": namespace, "resourceRules": rules},
            "validations": [{"expression": expression, "message": "one replica is enough"}],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]},
    });
    let both: Value = json!({"apiVersion": "v1", "kind": "List", "items": [policy, binding]});
    place.apply(&both);
    place.until("the policy", || refused(place, replicas)).await;
}

/// Whether a Deployment with that many replicas is refused.
fn refused(place: &Place, replicas: u32) -> bool {
    let mut command = place.cluster.kubectl().unwrap();
    let replicas = format!("--replicas={replicas}");
    command.args(["create", "deployment", "probe", "--image=i", &replicas, "--namespace", &place.namespace]);
    let refused = !command.output().unwrap().status.success();
    place.kubectl(&["delete", "deployment/probe", "--ignore-not-found"]);
    refused
}

/// OCTO-73, OCTO-74: what an admission policy refuses is found in the rehearsal; what it refuses only in earnest fails the
/// deployment. Either way nothing is left of it, and the hub hears the policy's own words.
#[tokio::test(flavor = "multi_thread")]
async fn what_admission_refuses_fails_and_leaves_nothing() {
    let place = place("octo-admit").await;
    let _operator = place.operator(&[]).await;
    policy(&place, "always", "object.spec.replicas <= 1", 2).await;
    place.deploy(json!({"valuesYaml": "replicaCount: 2\n"}));
    let message = failed(&place, 1).await;
    assert!(message.contains("one replica is enough") && message.contains("--dry-run=server"), "{message}");
    policy(&place, "earnest", "request.dryRun", 1).await;
    place.deploy(json!({}));
    let message = failed(&place, 2).await;
    assert!(message.contains("one replica is enough") && !message.contains("--dry-run=server"), "{message}");
    for what in ["deployment", "configmap"] {
        assert!(!place.exists(&format!("{what}/{RELEASE}")), "{what}");
    }
    assert!(!place.exists(&format!("secret/{RELEASE}-octo-secrets")));
    let name = format!("validatingadmissionpolicybinding/{}-earnest", place.namespace);
    place.kubectl(&["delete", &name]);
    place.until("the policy's end", || !refused(&place, 1)).await;
    place.deploy(json!({}));
    succeeded(&place, 3).await;
    assert_eq!(place.listed()["status"], "deployed");
}

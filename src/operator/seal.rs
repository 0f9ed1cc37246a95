//! Moves secret override values from the spec of a `Release` into a Secret of ours.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use serde_json::json;

use super::MANAGER;
use super::error::ReconcileError;
use crate::api::{KeyReference, Override, Release, ValueFrom};
use crate::source::Digest;

/// Marks Secrets whose values are JSON.
const LABEL: &str = "pintle.dev/sealed";

/// Where `kubectl apply` keeps what it was given, secrets and all.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether the operator made this Secret.
pub(super) fn is_ours(secret: &Secret) -> bool {
    secret.labels().contains_key(LABEL)
}

/// Seals what is open. True if the spec was changed: the change comes back as an event of its own.
pub(super) async fn seal(client: &Client, release: &Release) -> Result<bool, ReconcileError> {
    let open: Vec<&Override> = release.spec.values.overrides.iter().filter(|entry| is_open(entry)).collect();
    if open.is_empty() {
        return Ok(false);
    }
    let namespace = release.namespace().unwrap_or_default();
    let name = format!("{}-sealed-values", release.name_any());
    let secrets: Api<Secret> = Api::namespaced(client.clone(), &namespace);
    let kept =
        secrets.get_opt(&name).await.map_err(ReconcileError::api("read the Secret of sealed values"))?;
    if kept.as_ref().is_some_and(|secret| !is_ours(secret)) {
        let problem = "exists and is not the operator's; rename it, the operator keeps sealed values there";
        return Err(ReconcileError::Reference { kind: "Secret", name, problem: problem.into() });
    }
    let mut data = kept.and_then(|secret| secret.data).unwrap_or_default();
    data.extend(
        open.iter().map(|entry| (key(&entry.path), ByteString(entry.value.to_string().into_bytes()))),
    );
    let secret = secret(release, &name, data);
    let apply = PatchParams::apply(MANAGER).force();
    let applied = secrets.patch(&name, &apply, &Patch::Apply(&secret)).await;
    applied.map_err(ReconcileError::api("write the Secret of sealed values"))?;
    let releases: Api<Release> = Api::namespaced(client.clone(), &namespace);
    let patch = Patch::Merge(patch(release, &name));
    let patched = releases.patch(&release.name_any(), &PatchParams::default(), &patch).await;
    patched.map_err(ReconcileError::api("replace secret values of the spec"))?;
    Ok(true)
}

fn is_open(entry: &Override) -> bool {
    entry.secret && !entry.value.is_null()
}

/// A key of the Secret for a path: its digest, since paths may hold what keys may not.
fn key(path: &str) -> String {
    Digest::of(path.as_bytes()).hex().chars().take(32).collect()
}

fn secret(release: &Release, name: &str, data: BTreeMap<String, ByteString>) -> Secret {
    let mut secret = Secret { data: Some(data), type_: Some("Opaque".into()), ..Secret::default() };
    secret.metadata.name = Some(name.to_owned());
    secret.metadata.labels = Some([(LABEL.to_owned(), "true".to_owned())].into());
    secret.metadata.owner_references = release.owner_ref(&()).map(|owner| vec![owner]);
    secret
}

/// The list with each open value replaced, to be taken only if the resource is still the one we read.
fn patch(release: &Release, secret: &str) -> serde_json::Value {
    let sealed = |entry: &Override| {
        let from = KeyReference { name: secret.to_owned(), key: key(&entry.path) };
        Override {
            path: entry.path.clone(),
            value: serde_json::Value::Null,
            secret: true,
            value_from: Some(ValueFrom { secret_key_ref: from }),
        }
    };
    let overrides = release.spec.values.overrides.iter();
    let overrides: Vec<_> =
        overrides.map(|entry| if is_open(entry) { sealed(entry) } else { entry.clone() }).collect();
    json!({
        "metadata": {
            "resourceVersion": release.resource_version(),
            "annotations": { LAST_APPLIED: null },
        },
        "spec": { "values": { "overrides": overrides } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ReleaseSpec;

    #[test]
    fn a_sealed_spec_holds_no_secret() {
        let mut spec = ReleaseSpec::default();
        let entry = |path: &str, secret| Override {
            path: path.into(),
            value: "canary".into(),
            secret,
            value_from: None,
        };
        spec.values.overrides = vec![entry("open", false), entry("password", true)];
        let patch = patch(&Release::new("web", spec), "web-sealed-values");
        let overrides = &patch["spec"]["values"]["overrides"];
        assert_eq!(overrides[0], json!({"path": "open", "value": "canary"}));
        let reference = json!({"secretKeyRef": {"name": "web-sealed-values", "key": key("password")}});
        assert_eq!(overrides[1], json!({"path": "password", "secret": true, "valueFrom": reference}));
    }
}

//! How many replicas a deployment keeps: what is scaled from outside stays as it is.

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{ListParams, ObjectMeta, Patch, PatchParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};

use super::names::FIELD_MANAGER;

/// The label by which objects of a release are found.
pub(super) const INSTANCE: &str = "app.kubernetes.io/instance";

/// The Deployments of a release, by its label.
pub(super) async fn deployments(
    client: &Client,
    namespace: &str,
    release: &str,
) -> Result<Vec<Deployment>, kube::Error> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let selector = ListParams::default().labels(&format!("{INSTANCE}={release}"));
    Ok(api.list(&selector).await?.items)
}

/// The value of `replicaCount` for the next revision: 0 for a hibernated workload, else what runs now, so that no
/// deployment undoes a scaling. `None` leaves it to the values.
///
/// A cluster that can't be read, or scaled to 0 though not hibernated, pins nothing.
pub(super) async fn pin(client: &Client, namespace: &str, release: &str, hibernated: bool) -> Option<i32> {
    if hibernated {
        return Some(0);
    }
    let live = match deployments(client, namespace, release).await {
        Ok(found) => {
            found.iter().filter_map(|deployment| deployment.spec.as_ref()?.replicas).collect::<Vec<_>>()
        }
        Err(error) => {
            tracing::warn!(release, %error, "the replicas that run are not known; none are pinned");
            return None;
        }
    };
    if live.iter().any(|replicas| Some(replicas) != live.first()) {
        tracing::warn!(release, ?live, "the release's Deployments differ in replicas; the most are kept");
    }
    largest(&live)
}

/// Gives up what scaling made ours, so that the next revision can own its replicas without a conflict with ourselves.
/// Only who owns is changed. What can't be changed stays, and is explained as a conflict.
pub(super) async fn hand_over(client: &Client, namespace: &str, release: &str) {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let found = deployments(client, namespace, release).await.unwrap_or_default();
    for deployment in &found {
        let Some(patch) = without_ours(&deployment.metadata) else { continue };
        let name = deployment.name_any();
        let patched = api.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await;
        if let Err(error) = patched {
            tracing::warn!(release, name, %error, "the replicas could not be handed over");
        }
    }
}

/// The patch that takes our entries off the managers of fields, while the object is as it was read.
fn without_ours(metadata: &ObjectMeta) -> Option<Value> {
    let managers = metadata.managed_fields.as_ref()?;
    let others: Vec<_> =
        managers.iter().filter(|entry| entry.manager.as_deref() != Some(FIELD_MANAGER)).collect();
    if others.is_empty() || others.len() == managers.len() {
        return None;
    }
    let version = &metadata.resource_version;
    Some(json!({ "metadata": { "managedFields": others, "resourceVersion": version } }))
}

fn largest(live: &[i32]) -> Option<i32> {
    live.iter().copied().max().filter(|replicas| *replicas > 0)
}

/// Sets the replicas of all Deployments of a release, and says how many there are. No revision is made.
pub(super) async fn scale(
    client: &Client,
    namespace: &str,
    release: &str,
    replicas: i32,
) -> Result<String, String> {
    if replicas < 0 {
        return Err(format!("{replicas} replicas can't be; nothing scaled."));
    }
    let found = deployments(client, namespace, release).await.map_err(|error| error.to_string())?;
    if found.is_empty() {
        return Err("No Deployments found for the workload's helm release; nothing scaled.".to_owned());
    }
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let patch = Patch::Merge(json!({ "spec": { "replicas": replicas } }));
    let manager = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
    for (done, deployment) in found.iter().enumerate() {
        let name = deployment.name_any();
        api.patch(&name, &manager, &patch).await.map_err(|error| match done {
            0 => error.to_string(),
            _ => format!("{error} (Deployment {name}; {done} of {} were scaled before)", found.len()),
        })?;
    }
    Ok(format!("Scaled {} deployment(s) to {replicas} replica(s).", found.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OCTO-95: what runs is kept, the most of several, and nothing is pinned where nothing runs.
    #[test]
    fn what_runs_is_kept() {
        assert_eq!(largest(&[3]), Some(3));
        assert_eq!(largest(&[1, 4, 2]), Some(4));
        assert_eq!((largest(&[0]), largest(&[])), (None, None));
    }
}

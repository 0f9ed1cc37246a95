//! The live objects of a release, as Helm 4's `status` shows them: printed by the server, or whole.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CliError, resource_table};
use crate::cluster::{ApiError, Cluster, Object};
use crate::deploy::objects_of;
use crate::release::Record;

/// Objects by `version/Kind`; those a workload's selector selects under `v1/Pod(related)`.
type ByKind = BTreeMap<String, Vec<Value>>;

/// As the server prints them. An object that can't be read is left out.
pub(super) async fn table(cluster: &Cluster, record: &Record) -> Result<String, CliError> {
    let mut found = ByKind::new();
    let objects = objects_of(cluster, record).await?;
    for object in &objects {
        note(&mut found, title(object), cluster.table(object).await);
    }
    for workload in workloads(&objects) {
        note(&mut found, RELATED.to_owned(), cluster.pod_table(workload).await);
    }
    Ok(resource_table::text(&found))
}

/// Whole, as one JSON object. An object that can't be read is left out.
pub(super) async fn json(cluster: &Cluster, record: &Record) -> Result<String, CliError> {
    let mut found = ByKind::new();
    let objects = objects_of(cluster, record).await?;
    for object in &objects {
        if let Some(live) = cluster.get(object).await.ok().flatten() {
            found.entry(title(object)).or_default().push(live);
        }
    }
    for workload in workloads(&objects) {
        note(&mut found, RELATED.to_owned(), cluster.pod_list(workload).await);
    }
    let failed = |error: &dyn std::error::Error| CliError::message(error.to_string());
    let text = serde_json::to_vec(&found).map_err(|error| failed(&error))?;
    // Go prints maps in the order of their keys.
    let value = value::json::from_slice(&text).map_err(|error| failed(&error))?;
    value::json::to_string(&value).map_err(|error| failed(&error))
}

const RELATED: &str = "v1/Pod(related)";

fn title(object: &Object) -> String {
    format!("{}/{}", object.resource.version, object.resource.kind)
}

fn note(found: &mut ByKind, title: String, answer: Result<Value, ApiError>) {
    if let Ok(answer) = answer {
        found.entry(title).or_default().push(answer);
    }
}

/// The objects that select pods, each selector once.
fn workloads(objects: &[Object]) -> Vec<&Object> {
    let mut seen = Vec::new();
    let mut workloads = Vec::new();
    for object in objects.iter().filter(|object| selects_pods(object)) {
        let selector = object.body.pointer("/spec/selector/matchLabels");
        if selector.is_some() && !seen.contains(&selector) {
            seen.push(selector);
            workloads.push(object);
        }
    }
    workloads
}

fn selects_pods(object: &Object) -> bool {
    matches!(object.resource.kind.as_str(), "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job")
}

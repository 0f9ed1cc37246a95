//! The values of a workload: context, base and overrides as three values files, and pins above all.
//!
//! Pure. How layers are merged is Helm's, files and `--set` as on its command line.

use chart::Flavour;
use chart::values::UserValues;
use serde_json::{Map, Value, json};
use value::Map as Values;

use super::event::{ValueOverride, WorkloadDeployed};
use super::settings::Settings;

/// The values of a workload can't be put together.
#[derive(Debug, thiserror::Error)]
pub(super) enum LayersError {
    /// One of the files is no YAML, or a pin is malformed.
    #[error("the values of the workload can't be read: {0}")]
    Values(String),
    /// A secret's path can't be the key of a Secret.
    #[error(
        "the secret value at {0:?} can't be kept: a path of letters, digits, '-', '_' and '.' is needed, at most 253"
    )]
    Key(String),
}

/// What the operator knows of the place, for the chart.
pub(super) fn context(settings: &Settings, event: &WorkloadDeployed) -> Value {
    let place = &settings.context;
    let mut context = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        context.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("tenantId", text(&event.subject.tenant));
    put("adapterRtId", text(&event.subject.workload().rt_id));
    put("instancePrefix", optional(place.instance_prefix.as_deref()));
    put("communicationControllerServiceUri", optional(controller(settings).as_deref()));
    put("reportingServiceUri", optional(place.reporting_service_uri.as_deref()));
    put("authUri", optional(place.auth_uri.as_deref()));
    let issuers = &place.additional_valid_issuers;
    put("additionalValidIssuers", (!issuers.is_empty()).then(|| json!(issuers)));
    put("image", place.image_registry.as_ref().map(|registry| json!({ "privateRegistry": registry })));
    put("clusterDependencies", members(&place.cluster_dependencies));
    put("dash0", members(&place.dash0));
    let hostname = event.hostname.trim();
    let exposed = event.ingress_enabled && !hostname.is_empty();
    put("ingress", ingress(settings, exposed));
    put("publicUri", exposed.then(|| json!(format!("https://{hostname}"))));
    Value::Object(context)
}

/// The address that workloads are told: their own, or the operator's as it was written.
fn controller(settings: &Settings) -> Option<String> {
    let ours = || settings.controller.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    settings.workload_controller.clone().or_else(ours)
}

fn ingress(settings: &Settings, exposed: bool) -> Option<Value> {
    let place = &settings.context;
    let mut ingress = Map::new();
    if exposed {
        ingress.insert("enabled".to_owned(), json!(true));
    }
    ingress.extend(place.ingress_class.as_ref().map(|class| ("className".to_owned(), json!(class))));
    ingress.extend(place.ingress_tls.map(|tls| ("tls".to_owned(), json!(tls))));
    if !place.ingress_annotations.is_empty() {
        let annotations: Map<String, Value> =
            place.ingress_annotations.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        ingress.insert("annotations".to_owned(), Value::Object(annotations));
    }
    (!ingress.is_empty()).then_some(Value::Object(ingress))
}

fn members(members: &[(&'static str, String)]) -> Option<Value> {
    let map: Map<String, Value> =
        members.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!(text))
}

fn optional(text: Option<&str>) -> Option<Value> {
    text.map(|text| json!(text))
}

/// The overrides as one tree, and the secret ones by their keys in the Secret.
#[derive(Default)]
pub(super) struct Overrides {
    /// The tree. Where a secret belongs stands a reference to the Secret.
    pub(super) tree: Map<String, Value>,
    /// The texts of the Secret, by path.
    pub(super) secrets: std::collections::BTreeMap<String, String>,
}

/// Puts overrides together: the last one of a path wins, also over what lies below it; blank paths are skipped.
///
/// A path is split at every point; there is no way to write one that is part of a name. `typed` lets booleans and
/// numbers through as such; otherwise every value reaches the chart as text.
pub(super) fn overrides(
    entries: &[ValueOverride],
    secret: &str,
    typed: bool,
) -> Result<Overrides, LayersError> {
    let mut all = Overrides::default();
    for entry in entries.iter().filter(|entry| !entry.path.trim().is_empty()) {
        let path = entry.path.trim();
        // What was there under this path, or below it, is gone with it.
        let below = format!("{path}.");
        all.secrets.retain(|key, _| key != path && !key.starts_with(&below));
        let value = match entry.is_secret {
            true => {
                if !is_key(path) {
                    return Err(LayersError::Key(path.to_owned()));
                }
                all.secrets.insert(path.to_owned(), entry.value.clone());
                json!({ "valueFrom": { "secretKeyRef": { "name": secret, "key": path } } })
            }
            false if typed => typed_value(&entry.value),
            false => json!(entry.value),
        };
        set(&mut all.tree, path, value);
    }
    Ok(all)
}

/// Kubernetes' rule for the keys of Secrets.
fn is_key(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    path.len() <= 253 && path.bytes().all(allowed) && path != "." && path != ".."
}

/// A boolean or a whole or decimal number as such; ids of digits alone, which are longer than any, stay text.
fn typed_value(text: &str) -> Value {
    match text {
        "true" => json!(true),
        "false" => json!(false),
        _ => match serde_json::from_str::<serde_json::Number>(text) {
            Ok(number) if text.len() < 16 => Value::Number(number),
            _ => json!(text),
        },
    }
}

fn set(tree: &mut Map<String, Value>, path: &str, value: Value) {
    let mut at = tree;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            at.insert(name.to_owned(), value);
            return;
        }
        let below = at.entry(name).or_insert_with(|| json!({}));
        if !below.is_object() {
            *below = json!({});
        }
        let Value::Object(map) = below else { return };
        at = map;
    }
}

/// Merges the layers as Helm merges three values files and `--set`.
pub(super) fn merged(
    context: &Value,
    base: &str,
    overrides: &Map<String, Value>,
    replicas: Option<i32>,
    flavour: Flavour,
) -> Result<Values, LayersError> {
    let mut files = vec![("values-context.yaml".to_owned(), context.to_string().into_bytes())];
    if !base.trim().is_empty() {
        files.push(("values-base.yaml".to_owned(), base.as_bytes().to_vec()));
    }
    if !overrides.is_empty() {
        let text = Value::Object(overrides.clone()).to_string();
        files.push(("values-overrides.yaml".to_owned(), text.into_bytes()));
    }
    let typed = replicas.map(|replicas| format!("replicaCount={replicas}")).into_iter().collect();
    let values = UserValues { files, typed, ..UserValues::default() };
    let mut no_files = |path: &str| Err(format!("{path}: not read"));
    values.assemble(flavour, &mut no_files).map_err(|error| LayersError::Values(error.to_string()))
}

#[cfg(test)]
mod tests;

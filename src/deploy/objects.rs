//! From a manifest's text to objects of the cluster. Helm: `kube.Client.Build`.

use chart::Flavour;
use goyaml::{Numbers, Options};
use serde_json::Value;

use super::DeployError;
use crate::cluster::{Cluster, Discovery, Object, Resource};
use crate::release::Record;

/// The objects of a recorded revision.
///
/// # Errors
/// Where the cluster gives no answer, or no longer serves one of the kinds.
pub async fn objects_of(cluster: &Cluster, record: &Record) -> Result<Vec<Object>, DeployError> {
    let discovery = cluster.discovery().await?;
    build(&record.manifest, &record.namespace, &discovery)
}

/// Reads every document of a manifest. Objects without a namespace get that of the release, where their kind has one.
///
/// # Errors
/// Where a document is no object, or its kind is not served; all such documents are named.
pub(super) fn build(
    manifest: &str,
    namespace: &str,
    discovery: &Discovery,
) -> Result<Vec<Object>, DeployError> {
    let mut found = Vec::new();
    for document in pintle_render::split(manifest.as_bytes(), Flavour::V4) {
        found.extend(bodies(document)?);
    }
    let defined: Vec<Resource> = found.iter().flat_map(defined_by).collect();
    let mut objects = Vec::new();
    let mut problems = Vec::new();
    for body in found {
        match object(body, namespace, discovery, &defined) {
            Ok(object) => objects.push(object),
            Err(problem) => problems.push(problem),
        }
    }
    match problems.len() {
        0 => Ok(objects),
        1 => Err(DeployError::Refused(problems.remove(0))),
        _ => Err(DeployError::Refused(format!("[{}]", problems.join(", ")))),
    }
}

/// The object of a document, or the items of a list; nothing where the document is empty.
fn bodies(document: &[u8]) -> Result<Vec<Value>, DeployError> {
    let options = Options { numbers: Numbers::AsWritten, ..Options::default() };
    let refused = |problem: String| DeployError::Refused(problem);
    let parsed = goyaml::parse_with(document, &options)
        .map_err(|error| refused(format!("error parsing : {error}")))?;
    if parsed.is_nil() {
        return Ok(Vec::new());
    }
    let json = value::json::to_string(&parsed).map_err(|error| refused(error.to_string()))?;
    let mut body: Value = serde_json::from_str(&json).map_err(|error| refused(error.to_string()))?;
    let is_list = text(&body, "/kind").ends_with("List");
    match body.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) if is_list => Ok(items),
        Some(items) => {
            if let Some(map) = body.as_object_mut() {
                map.insert("items".into(), items);
            }
            Ok(vec![body])
        }
        None => Ok(vec![body]),
    }
}

fn object(
    mut body: Value,
    namespace: &str,
    discovery: &Discovery,
    defined: &[Resource],
) -> Result<Object, String> {
    let kind = text(&body, "/kind").to_owned();
    let api_version = text(&body, "/apiVersion").to_owned();
    let name = text(&body, "/metadata/name").to_owned();
    if let Some(found) = body.pointer("/metadata/name").filter(|found| !found.is_string()) {
        let found = match found {
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::Array(_) => "array",
            _ => "object",
        };
        return Err(format!(
            "unable to decode \"\": json: cannot unmarshal {found} into Go struct field ObjectMeta.metadata.name of type \
             string"
        ));
    }
    for (field, found) in [("Kind", &kind), ("apiVersion", &api_version)] {
        if found.is_empty() {
            return Err(format!("unable to decode \"\": Object '{field}' is missing in '{body}'"));
        }
    }
    let defined =
        defined.iter().find(|resource| resource.kind == kind && resource.api_version() == api_version);
    let Some(resource) = discovery.resource(&api_version, &kind).or(defined).cloned() else {
        let declared = text(&body, "/metadata/namespace");
        return Err(format!(
            "resource mapping not found for name: {name:?} namespace: {declared:?} from \"\": no matches for kind \
             {kind:?} in version {api_version:?}\nensure CRDs are installed first"
        ));
    };
    let namespace = match (resource.namespaced, text(&body, "/metadata/namespace")) {
        (false, _) => String::new(),
        (true, "") => {
            if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.insert("namespace".into(), namespace.into());
            }
            namespace.to_owned()
        }
        (true, declared) => declared.to_owned(),
    };
    Ok(Object { resource, namespace, name, body })
}

/// The kinds that an object defines, if it is a definition: they will be served once it is there.
pub(super) fn defined_by(body: &Value) -> Vec<Resource> {
    if text(body, "/kind") != "CustomResourceDefinition" {
        return Vec::new();
    }
    let versions = body.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
    let served = versions.filter(|version| version.get("served") == Some(&Value::Bool(true)));
    let resource = |version: &Value| Resource {
        group: text(body, "/spec/group").to_owned(),
        version: text(version, "/name").to_owned(),
        kind: text(body, "/spec/names/kind").to_owned(),
        plural: text(body, "/spec/names/plural").to_owned(),
        namespaced: text(body, "/spec/scope") == "Namespaced",
    };
    served.map(resource).collect()
}

fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

//! From a manifest's text to objects of the cluster. Helm: `kube.Client.Build`.

use chart::Flavour;
use goyaml::{Numbers, Options};
use serde_json::Value;

use super::DeployError;
use super::order::Place;
use crate::cluster::{Cluster, Discovery, Object, Resource};
use crate::release::Record;

/// The objects of a recorded revision.
///
/// # Errors
/// Where the cluster gives no answer, or no longer serves one of the kinds.
pub async fn objects_of(cluster: &Cluster, record: &Record) -> Result<Vec<Object>, DeployError> {
    build(cluster, &record.manifest, &record.namespace).await
}

/// An object of a manifest.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) object: Object,
    /// Where it stands in its release.
    pub(super) place: Place,
}

/// The objects of a manifest, as [`build_placed`] reads them.
pub(super) async fn build(
    cluster: &Cluster,
    manifest: &str,
    namespace: &str,
) -> Result<Vec<Object>, DeployError> {
    let placed = build_placed(cluster, manifest, namespace, &[]).await?;
    Ok(placed.into_iter().map(|placed| placed.object).collect())
}

/// Reads every document of a manifest. Objects without a namespace get that of the release, where their kind has one.
/// `brought` are kinds that are not served yet and will be.
///
/// # Errors
/// Where a document is no object, or its kind is not served; all such documents are named.
pub(super) async fn build_placed(
    cluster: &Cluster,
    manifest: &str,
    namespace: &str,
    brought: &[Resource],
) -> Result<Vec<Placed>, DeployError> {
    let mut found = Vec::new();
    for document in pintle_render::split(manifest.as_bytes(), Flavour::V4) {
        let source = source(document);
        found.extend(bodies(document)?.into_iter().map(|body| (body, source.clone())));
    }
    let defined = found.iter().flat_map(|(body, _)| defined_by(body));
    let defined: Vec<Resource> = defined.chain(brought.iter().cloned()).collect();
    let are_known =
        |discovery: &Discovery| found.iter().all(|(body, _)| resource(body, discovery, &defined).is_some());
    let discovery = cluster.discovery_with(are_known).await?;
    let mut objects = Vec::new();
    let mut problems = Vec::new();
    for (body, source) in found {
        match object(body, namespace, &discovery, &defined) {
            Ok(mut object) => {
                let place = Place::take(&mut object, &source);
                objects.push(Placed { object, place });
            }
            Err(problem) => problems.push(problem),
        }
    }
    match problems.len() {
        0 => Ok(objects),
        1 => Err(DeployError::Refused(problems.remove(0))),
        _ => Err(DeployError::Refused(format!("[{}]", problems.join(", ")))),
    }
}

/// The template that a document comes from, as Helm writes it in front; empty where nothing is written there.
fn source(document: &[u8]) -> String {
    let text = String::from_utf8_lossy(document);
    let comments = text.lines().take_while(|line| line.is_empty() || line.starts_with('#'));
    let mut sources = comments.filter_map(|line| line.strip_prefix("# Source: "));
    sources.next().unwrap_or_default().to_owned()
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
    let Some(resource) = resource(&body, discovery, defined).cloned() else {
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

/// Where objects like this one are served, or will be.
fn resource<'a>(body: &Value, discovery: &'a Discovery, defined: &'a [Resource]) -> Option<&'a Resource> {
    let (api_version, kind) = (text(body, "/apiVersion"), text(body, "/kind"));
    let defined =
        || defined.iter().find(|resource| resource.kind == kind && resource.api_version() == api_version);
    discovery.resource(api_version, kind).or_else(defined)
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

//! `pintle get metadata`. Helm: `pkg/action/get_metadata.go`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chart::Flavour;
use serde_json::{Map, Value, json};

use super::CliError;
use super::format::{Format, structured};
use crate::release::{ApplyMethod, Record, StoredMetadata, Time};

/// The metadata of a release in that format.
pub(super) fn print(record: &Record, format: Format, flavour: Flavour) -> Result<String, CliError> {
    let metadata = record.chart.metadata().unwrap_or_default();
    match format {
        Format::Table => Ok(text(record, &metadata, flavour)),
        format => structured(&json_text(record, &metadata, flavour), format),
    }
}

fn text(record: &Record, metadata: &StoredMetadata, flavour: Flavour) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name}: {value}");
    };
    line("NAME", &record.name);
    line("CHART", &metadata.name);
    line("VERSION", &metadata.version);
    line("APP_VERSION", &metadata.app_version);
    line("ANNOTATIONS", &pairs(metadata.annotations.as_ref()));
    if flavour == Flavour::V4 {
        line("LABELS", &pairs(labels(record).as_ref()));
    }
    line("DEPENDENCIES", &dependency_names(metadata));
    line("NAMESPACE", &record.namespace);
    line("REVISION", &record.revision.to_string());
    line("STATUS", record.info.status.as_str());
    line("DEPLOYED_AT", &deployed_at(record));
    if flavour == Flavour::V4 {
        line("APPLY_METHOD", &apply_method(&record.apply_method));
    }
    text
}

fn json_text(record: &Record, metadata: &StoredMetadata, flavour: Flavour) -> String {
    let mut object = Map::new();
    object.insert("name".into(), json!(record.name));
    object.insert("chart".into(), json!(metadata.name));
    object.insert("version".into(), json!(metadata.version));
    object.insert("appVersion".into(), json!(metadata.app_version));
    if let Some(annotations) = metadata.annotations.as_ref().filter(|map| !map.is_empty()) {
        object.insert("annotations".into(), json!(annotations));
    }
    if flavour == Flavour::V4
        && let Some(labels) = labels(record).filter(|map| !map.is_empty())
    {
        object.insert("labels".into(), json!(labels));
    }
    if let Some(dependencies) = metadata.dependencies.as_ref().filter(|list| !list.is_empty()) {
        object.insert("dependencies".into(), json!(dependencies));
    }
    object.insert("namespace".into(), json!(record.namespace));
    object.insert("revision".into(), json!(record.revision));
    object.insert("status".into(), json!(record.info.status.as_str()));
    object.insert("deployedAt".into(), json!(deployed_at(record)));
    if flavour == Flavour::V4 && record.apply_method != ApplyMethod::Unset {
        object.insert("applyMethod".into(), json!(record.apply_method.as_str()));
    }
    html_escaped(&Value::Object(object))
}

/// Go's JSON keeps the order of a struct's fields and escapes what HTML could misread.
fn html_escaped(value: &Value) -> String {
    let text = value.to_string();
    text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

/// The labels of the storing object. Helm shows the system's own only where it lists, that is for the last revision.
fn labels(record: &Record) -> Option<BTreeMap<String, String>> {
    record.stored.as_ref().and_then(|stored| stored.metadata.labels.clone())
}

fn pairs(map: Option<&BTreeMap<String, String>>) -> String {
    let pairs = map.into_iter().flatten().map(|(name, text)| format!("{name}={text}"));
    pairs.collect::<Vec<_>>().join(",")
}

fn dependency_names(metadata: &StoredMetadata) -> String {
    let dependencies = metadata.dependencies.iter().flatten();
    let mut names: Vec<_> =
        dependencies.filter_map(|one| one.get("name")?.as_str().map(str::to_owned)).collect();
    names.sort();
    names.join(",")
}

fn deployed_at(record: &Record) -> String {
    record.info.last_deployed.map(Time::rfc3339).unwrap_or_default()
}

fn apply_method(method: &ApplyMethod) -> String {
    match method {
        ApplyMethod::Unset => "client-side apply (defaulted)".into(),
        ApplyMethod::ClientSide => "client-side apply".into(),
        ApplyMethod::ServerSide => "server-side apply".into(),
        ApplyMethod::Other(word) => format!("unknown ({word:?})"),
    }
}

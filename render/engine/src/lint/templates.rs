//! Rules for the templates: they are rendered, and each document is looked at.

use std::collections::BTreeMap;

use chart::{Chart, Flavour};
use value::{Map, Value, format};

use super::{Findings, Loaded, Request, Severity, custom_resources, deprecations, names};
use crate::{Engine, Head, Options, Release};

const FOLDER: &str = "templates/";

pub(super) fn check(
    request: &Request<'_>,
    loaded: &Loaded,
    engine: &Engine,
    options: &Options,
    findings: &mut Findings,
) {
    if !request.has_templates && engine.flavour() == Flavour::V4 {
        findings.note(Severity::Warning, FOLDER, Err("directory does not exist".to_owned()));
        return;
    }
    let chart = match loaded {
        Ok(chart) => chart,
        Err(error) => {
            findings.note(Severity::Error, FOLDER, Err(error.to_string()));
            return;
        }
    };
    let Some((chart, rendered)) = render(request, chart, engine, options, findings) else { return };
    for template in chart.templates() {
        findings.note(Severity::Error, &template.name, allowed_extension(&template.name));
        if engine.flavour() == Flavour::V3 {
            findings.note(Severity::Warning, &template.name, no_definition_hook(&template.data));
            findings.note(Severity::Error, &template.name, no_release_time(&template.data));
        }
        let path = format!("{}/{}", chart.name(), template.name);
        let Some(content) = rendered.get(&path).filter(|_| is_yaml(&template.name)) else { continue };
        if !check_content(request, engine.flavour(), &template.name, content, findings) {
            return;
        }
    }
}

/// Renders as Helm's linter does; `None` after a finding, or where there is nothing to render.
fn render(
    request: &Request<'_>,
    chart: &Chart,
    engine: &Engine,
    options: &Options,
    findings: &mut Findings,
) -> Option<(Chart, BTreeMap<String, Vec<u8>>)> {
    let chart = chart::process_dependencies(chart, request.values, engine.flavour()).ok()?.chart;
    let values = chart::coalesce_values(&chart, request.values, engine.flavour()).ok()?.values;
    if !request.skip_schema_validation
        && let Err(error) = chart::schema::validate(&chart, &values, request.limits)
    {
        findings.note(Severity::Error, FOLDER, Err(error.to_string()));
        return None;
    }
    let release = Release {
        name: "test-release".to_owned(),
        namespace: request.namespace.to_owned(),
        revision: 0,
        is_upgrade: false,
        is_install: false,
    };
    let options = Options { lint: true, ..options.clone() };
    match engine.render_templates(&chart, &values, &release, request.capabilities, &options) {
        Ok(rendered) => Some((chart, rendered)),
        Err(error) => {
            findings.note(Severity::Error, FOLDER, Err(error.to_string()));
            None
        }
    }
}

/// Whether every document of the file is YAML.
fn check_content(
    request: &Request<'_>,
    flavour: Flavour,
    file: &str,
    content: &[u8],
    findings: &mut Findings,
) -> bool {
    let text = value::text_of(content);
    if text.trim().is_empty() {
        return true;
    }
    findings.note(Severity::Warning, file, top_indent(&text));
    for document in custom_resources::documents(content) {
        let parsed = goyaml::parse(document).map_err(|error| error.to_string());
        let head = parsed.and_then(|value| match value {
            Value::Nil => Ok(None),
            _ => Head::parse(document, flavour).map(Some).map_err(|error| error.to_string()),
        });
        match head {
            Ok(Some(head)) => check_object(request, flavour, file, &head, content, findings),
            Ok(None) => {}
            Err(error) => {
                return findings.note(Severity::Error, file, Err(format!("unable to parse YAML: {error}")));
            }
        }
    }
    true
}

fn check_object(
    request: &Request<'_>,
    flavour: Flavour,
    file: &str,
    head: &Head,
    content: &[u8],
    findings: &mut Findings,
) {
    findings.note(Severity::Warning, file, names::check(&head.kind, &head.name));
    let minor = request.capabilities.kube_version.minor.parse().unwrap_or(u32::MAX);
    let deprecated = deprecations::warning(&head.api_version, &head.kind, minor);
    findings.note(Severity::Warning, file, deprecated.map_or(Ok(()), Err));
    findings.note(Severity::Error, file, match_selector(head, &value::text_of(content)));
    findings.note(Severity::Error, file, list_annotations(head, content, flavour));
}

fn allowed_extension(file: &str) -> Result<(), String> {
    let base = file.rsplit('/').next().unwrap_or_default();
    let extension = base.rfind('.').map_or("", |dot| &base[dot..]);
    if [".yaml", ".yml", ".tpl", ".txt"].contains(&extension) {
        return Ok(());
    }
    Err(format!("file extension '{extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt"))
}

fn is_yaml(file: &str) -> bool {
    let file = file.to_lowercase();
    file.ends_with(".yaml") || file.ends_with(".yml")
}

/// Helm 2's hook for definitions is gone: `"?helm\.sh/hook"?:\s+crd-install`.
fn no_definition_hook(text: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(text);
    let is_hook = text.match_indices("helm.sh/hook").any(|(at, key)| {
        let rest = &text[at + key.len()..];
        let value = rest.strip_prefix('"').unwrap_or(rest).strip_prefix(':').unwrap_or_default();
        value.starts_with(char::is_whitespace) && value.trim_start().starts_with("crd-install")
    });
    if is_hook {
        return Err(
            "manifest is a crd-install hook. This hook is no longer supported in v3 and all CRDs should \
                    also exist the crds/ directory at the top level of the chart"
                .to_owned(),
        );
    }
    Ok(())
}

/// Helm 2's `.Release.Time` is gone.
fn no_release_time(text: &[u8]) -> Result<(), String> {
    if text.windows(13).any(|window| window == b".Release.Time") {
        return Err(
            ".Release.Time has been removed in v3, please replace with the `now` function in your templates"
                .to_owned(),
        );
    }
    Ok(())
}

fn top_indent(text: &str) -> Result<(), String> {
    match text.lines().find(|line| !line.trim().is_empty()) {
        Some(line) if line.starts_with([' ', '\t']) => {
            let line = format::quote(line);
            Err(format!("document starts with an illegal indent: {line}, which may cause parsing problems"))
        }
        _ => Ok(()),
    }
}

fn match_selector(head: &Head, content: &str) -> Result<(), String> {
    let selects = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"].contains(&head.kind.as_str());
    if !selects || content.contains("matchLabels") || content.contains("matchExpressions") {
        return Ok(());
    }
    let name = format::quote(&head.name);
    Err(format!("a {} must contain matchLabels or matchExpressions, and {name} does not", head.kind))
}

fn list_annotations(head: &Head, content: &[u8], flavour: Flavour) -> Result<(), String> {
    if head.kind != "List" {
        return Ok(());
    }
    let Ok(Value::Map(list)) = goyaml::parse(content) else { return Ok(()) };
    let items = list.get("items").and_then(|items| items.as_list().cloned());
    let keeps =
        |item: &Value| annotations(item).is_some_and(|found| found.contains_key("helm.sh/resource-policy"));
    if items.is_some_and(|items| items.iter().any(keeps)) {
        let annotation = if flavour == Flavour::V3 { "Annotation" } else { "annotation" };
        return Err(format!("{annotation} 'helm.sh/resource-policy' within List objects are ignored"));
    }
    Ok(())
}

fn annotations(object: &Value) -> Option<Map> {
    object.as_map()?.get("metadata")?.as_map()?.get("annotations")?.as_map().cloned()
}

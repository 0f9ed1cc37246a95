//! Rules for `Chart.yaml`.

use chart::{Flavour, Metadata};
use semver::{Constraint, Version};
use value::{Map, Value, format};

use super::{Findings, Request, Severity, url};

const FILE: &str = "Chart.yaml";

pub(super) fn check(request: &Request<'_>, flavour: Flavour, findings: &mut Findings) {
    let text = request.file(FILE).unwrap_or_default();
    let metadata = match Metadata::parse(text, flavour) {
        Ok(metadata) => metadata,
        Err(error) => {
            findings.note(Severity::Error, FILE, Err(format!("unable to parse YAML\n\t{error}")));
            return;
        }
    };
    if flavour == Flavour::V4 {
        let strict = Metadata::check_strictly(text);
        let strict =
            strict.map_err(|error| format!("failed to strictly parse chart metadata file\n\t{error}"));
        findings.note(Severity::Warning, FILE, strict);
    }
    let raw = match goyaml::parse(text) {
        Ok(Value::Map(raw)) => raw,
        _ => Map::new(),
    };
    let mut error = |result| findings.note(Severity::Error, FILE, result);
    error(name(&metadata));
    error(api_version(&metadata));
    error(is_string(&raw, "version"));
    error(version(&metadata));
    error(is_string(&raw, "appVersion"));
    error(maintainers(&metadata));
    error(sources(&metadata));
    findings.note(Severity::Info, FILE, icon_present(&metadata));
    let mut error = |result| findings.note(Severity::Error, FILE, result);
    error(icon_url(&metadata));
    error(chart_type(&metadata));
    error(dependencies(&metadata));
    if flavour == Flavour::V4 {
        findings.note(Severity::Warning, FILE, strict_version(&metadata));
    }
}

fn name(metadata: &Metadata) -> Result<(), String> {
    if metadata.name.is_empty() {
        return Err("name is required".to_owned());
    }
    if metadata.name.contains('/') {
        return Err(format!("chart name {} is invalid", format::quote(&metadata.name)));
    }
    Ok(())
}

fn api_version(metadata: &Metadata) -> Result<(), String> {
    match metadata.api_version.as_str() {
        "v1" | "v2" => Ok(()),
        "" => Err("apiVersion is required. The value must be either \"v1\" or \"v2\"".to_owned()),
        other => Err(format!("apiVersion '{other}' is not valid. The value must be either \"v1\" or \"v2\"")),
    }
}

/// YAML makes a number of an unquoted `1.10`.
fn is_string(raw: &Map, key: &str) -> Result<(), String> {
    match raw.get(key) {
        None | Some(Value::Str(_)) => Ok(()),
        Some(other) => Err(format!("{key} should be of type string but it's of type {}", other.type_name())),
    }
}

fn version(metadata: &Metadata) -> Result<(), String> {
    if metadata.version.is_empty() {
        return Err("version is required".to_owned());
    }
    let Ok(version) = Version::parse(&metadata.version) else {
        return Err(format!("version '{}' is not a valid SemVer", metadata.version));
    };
    match Constraint::parse(">0.0.0-0").map(|constraint| constraint.validate(&version)) {
        Ok(Err(reasons)) => {
            Err(format!("version {}", reasons.first().map(ToString::to_string).unwrap_or_default()))
        }
        _ => Ok(()),
    }
}

fn strict_version(metadata: &Metadata) -> Result<(), String> {
    match Version::parse_strict(&metadata.version) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("version '{}' is not a valid SemVerV2", metadata.version)),
    }
}

fn maintainers(metadata: &Metadata) -> Result<(), String> {
    for maintainer in &metadata.maintainers {
        let name = &maintainer.name;
        if name.is_empty() {
            return Err("each maintainer requires a name".to_owned());
        }
        if !maintainer.email.is_empty() && !url::is_email(&maintainer.email) {
            return Err(format!("invalid email '{}' for maintainer '{name}'", maintainer.email));
        }
        if !maintainer.url.is_empty() && !url::is_url(&maintainer.url) {
            return Err(format!("invalid url '{}' for maintainer '{name}'", maintainer.url));
        }
    }
    Ok(())
}

fn sources(metadata: &Metadata) -> Result<(), String> {
    match metadata.sources.iter().find(|source| !url::is_request_url(source)) {
        Some(source) => Err(format!("invalid source URL '{source}'")),
        None => Ok(()),
    }
}

fn icon_present(metadata: &Metadata) -> Result<(), String> {
    if metadata.icon.is_empty() { Err("icon is recommended".to_owned()) } else { Ok(()) }
}

fn icon_url(metadata: &Metadata) -> Result<(), String> {
    if metadata.icon.is_empty() || url::is_request_url(&metadata.icon) {
        return Ok(());
    }
    Err(format!("invalid icon URL '{}'", metadata.icon))
}

fn chart_type(metadata: &Metadata) -> Result<(), String> {
    if metadata.chart_type.is_empty() || metadata.api_version == "v2" {
        return Ok(());
    }
    let version = &metadata.api_version;
    Err(format!("chart type is not valid in apiVersion '{version}'. It is valid in apiVersion 'v2'"))
}

fn dependencies(metadata: &Metadata) -> Result<(), String> {
    if metadata.dependencies.as_ref().is_none_or(Vec::is_empty) || metadata.api_version == "v2" {
        return Ok(());
    }
    Err(format!(
        "dependencies are not valid in the Chart file with apiVersion '{}'. They are valid in apiVersion 'v2'",
        metadata.api_version
    ))
}

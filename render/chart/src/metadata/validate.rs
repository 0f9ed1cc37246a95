//! What Helm demands of a `Chart.yaml`, in the order in which it looks.

use thiserror::Error;
use value::format::quote;
use value::{Map, Value, unicode};

use super::decode::MetadataDocument;
use super::{Dependency, Maintainer, Metadata};
use crate::Flavour;

/// What is wrong with a chart's metadata; `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("validation: {0}")]
pub struct ValidationError(String);

impl MetadataDocument {
    /// Checks the metadata and cleans its texts: every space becomes U+0020, what can't be printed goes.
    pub(crate) fn validate(self) -> Result<Metadata, ValidationError> {
        let mut metadata = self.metadata;
        sanitize_texts(&mut metadata);
        check_identity(&metadata)?;
        metadata.maintainers =
            self.maintainers.into_iter().map(checked_maintainer).collect::<Result<_, _>>()?;
        metadata.dependencies = self.dependencies.map(checked_dependencies).transpose()?;
        Ok(metadata)
    }
}

impl Metadata {
    /// The metadata of a chart in a repository's index, cleaned as those of a `Chart.yaml`; `None` where Helm passes
    /// over the entry. Two dependencies of one name, which old indexes have, are no reason.
    pub fn of_index_entry(entry: &Map, flavour: Flavour) -> Option<Self> {
        let mut document = MetadataDocument::of(&Value::Map(entry.clone()), flavour).ok()?;
        if document.metadata.api_version.is_empty() {
            "v1".clone_into(&mut document.metadata.api_version);
        }
        let dependencies = document.dependencies.take();
        let metadata = document.validate().ok()?;
        let checked = |entries: Vec<_>| entries.into_iter().map(checked_dependency).collect::<Result<_, _>>();
        Some(Self { dependencies: dependencies.map(checked).transpose().ok()?, ..metadata })
    }
}

fn sanitize_texts(metadata: &mut Metadata) {
    let texts = [
        &mut metadata.name,
        &mut metadata.description,
        &mut metadata.home,
        &mut metadata.icon,
        &mut metadata.condition,
        &mut metadata.tags,
        &mut metadata.app_version,
        &mut metadata.kube_version,
    ];
    for text in texts.into_iter().chain(&mut metadata.sources).chain(&mut metadata.keywords) {
        sanitize(text);
    }
}

fn check_identity(metadata: &Metadata) -> Result<(), ValidationError> {
    if metadata.api_version.is_empty() {
        return Err(problem("chart.metadata.apiVersion is required"));
    }
    if metadata.name.is_empty() {
        return Err(problem("chart.metadata.name is required"));
    }
    if metadata.name == "." || metadata.name == ".." {
        return Err(problem(format!("chart.metadata.name {} is not allowed", quote(&metadata.name))));
    }
    if metadata.name.contains('/') && metadata.name != "/" {
        return Err(problem(format!("chart.metadata.name {} is invalid", quote(&metadata.name))));
    }
    if metadata.version.is_empty() {
        return Err(problem("chart.metadata.version is required"));
    }
    if semver::Version::parse(&metadata.version).is_err() {
        return Err(problem(format!("chart.metadata.version {} is invalid", quote(&metadata.version))));
    }
    if !["", "application", "library"].contains(&metadata.chart_type.as_str()) {
        return Err(problem("chart.metadata.type must be application or library"));
    }
    Ok(())
}

fn checked_maintainer(maintainer: Option<Maintainer>) -> Result<Maintainer, ValidationError> {
    let mut maintainer =
        maintainer.ok_or_else(|| problem("maintainers must not contain empty or null nodes"))?;
    for text in [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url] {
        sanitize(text);
    }
    Ok(maintainer)
}

fn checked_dependencies(entries: Vec<Option<Dependency>>) -> Result<Vec<Dependency>, ValidationError> {
    let mut dependencies: Vec<Dependency> = Vec::with_capacity(entries.len());
    let mut keys = std::collections::HashSet::new();
    for entry in entries {
        let dependency = checked_dependency(entry)?;
        let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
        if !keys.insert(key.clone()) {
            return Err(problem(format!("more than one dependency with name or alias {}", quote(key))));
        }
        dependencies.push(dependency);
    }
    Ok(dependencies)
}

fn checked_dependency(entry: Option<Dependency>) -> Result<Dependency, ValidationError> {
    let mut dependency = entry.ok_or_else(|| problem("dependencies must not contain empty or null nodes"))?;
    let texts = [
        &mut dependency.name,
        &mut dependency.version,
        &mut dependency.repository,
        &mut dependency.condition,
    ];
    for text in texts.into_iter().chain(&mut dependency.tags) {
        sanitize(text);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !dependency.alias.bytes().all(is_plain) {
        let name = quote(&dependency.name);
        return Err(problem(format!("dependency {name} has disallowed characters in the alias")));
    }
    Ok(dependency)
}

fn sanitize(text: &mut String) {
    let is_clean = |letter: char| letter == ' ' || letter.is_ascii_graphic();
    if text.chars().all(is_clean) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|letter| match letter {
            letter if letter.is_whitespace() => Some(' '),
            letter if unicode::is_print(letter) => Some(letter),
            _ => None,
        })
        .collect();
}

fn problem(text: impl Into<String>) -> ValidationError {
    ValidationError(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flavour;

    fn checked(text: &str) -> Result<Metadata, String> {
        let mut document = MetadataDocument::default();
        document.read(text.as_bytes(), Flavour::V4).map_err(|error| error.to_string())?;
        document.validate().map_err(|error| error.to_string())
    }

    fn with(extra: &str) -> String {
        checked(&format!("{{apiVersion: v2, name: app, version: 1, {extra}}}")).unwrap_err()
    }

    #[test]
    fn problems_are_told_in_helms_words() {
        assert_eq!(checked("").unwrap_err(), "validation: chart.metadata.apiVersion is required");
        assert_eq!(with("name: a/b"), "validation: chart.metadata.name \"a/b\" is invalid");
        assert_eq!(with("version: 1.2.3.4"), "validation: chart.metadata.version \"1.2.3.4\" is invalid");
        assert_eq!(with("type: x"), "validation: chart.metadata.type must be application or library");
        assert_eq!(with("maintainers: [~]"), "validation: maintainers must not contain empty or null nodes");
        assert_eq!(
            with("dependencies: [{name: a}, {name: b, alias: a}]"),
            "validation: more than one dependency with name or alias \"a\""
        );
        assert_eq!(
            with("dependencies: [{name: a, alias: ../x}]"),
            "validation: dependency \"a\" has disallowed characters in the alias"
        );
        assert_eq!(
            with("dependencies: [{name: [1]}]"),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into \
             Go struct field Dependency.dependencies.name of type string"
        );
    }

    #[test]
    fn texts_take_numbers_and_lose_what_cannot_be_printed() {
        let text =
            "apiVersion: v2\nNAME: \"a\\tb\\u200b\"\nversion: 1.10\nappVersion: 1e10\nkeywords: [1, true]\n";
        let metadata = checked(text).unwrap();
        assert_eq!((metadata.name.as_str(), metadata.version.as_str()), ("a b", "1.1"));
        assert_eq!((metadata.app_version.as_str(), metadata.keywords[1].as_str()), ("1e+10", "true"));
        let json = r#"{"name":"a b","version":"1.1","keywords":["1","true"],"apiVersion":"v2","appVersion":"1e+10"}"#;
        assert_eq!(metadata.to_json(), json);
    }
}

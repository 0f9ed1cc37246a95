//! A repository's index that is being made, as Helm writes it.

use std::collections::BTreeMap;

use chart::{Flavour, Metadata};
use semver::{Constraint, Version};
use value::{Map, Value, json};

use super::CliError;
use super::format::{Format, structured};
use super::list::json_text;
use crate::release::Time;
use crate::source::Digest;

/// What an index lists: versions by their charts' names.
#[derive(Default)]
pub(super) struct Index {
    charts: BTreeMap<String, Vec<IndexedVersion>>,
}

/// One version of a chart.
pub(super) struct IndexedVersion {
    name: String,
    version: Version,
    /// As JSON, fields in the order of Helm's `repo.ChartVersion`.
    json: String,
}

impl IndexedVersion {
    /// A chart whose archive is at that URL.
    pub(super) fn of_chart(metadata: &Metadata, url: String, digest: &Digest, created: Time) -> Option<Self> {
        let more = format!(
            r#""urls":[{}],"created":"{}","digest":"{}""#,
            json_text(&url),
            created.rfc3339_nano(),
            digest.hex()
        );
        Self::of(metadata, &more)
    }

    /// An entry of another index. What no index has is left out, and what is no chart, too.
    pub(super) fn of_entry(entry: &Map, flavour: Flavour) -> Option<Self> {
        let metadata = Metadata::of_index_entry(entry, flavour)?;
        let text = |key: &str| entry.get(key).and_then(|text| text.as_string().map(ToString::to_string));
        let created = text("created").and_then(|text| Time::parse(&text)).map(Time::rfc3339_nano);
        let urls =
            entry.get("urls").filter(|urls| !urls.is_nil()).and_then(|urls| json::to_string(&urls).ok());
        let mut more = format!(
            r#""urls":{},"created":"{}""#,
            urls.as_deref().unwrap_or("null"),
            created.as_deref().unwrap_or("0001-01-01T00:00:00Z")
        );
        if matches!(entry.get("removed"), Some(Value::Bool(true))) {
            more.push_str(r#","removed":true"#);
        }
        for key in ["digest", "checksum", "engine", "tillerVersion", "url"] {
            if let Some(text) = text(key).filter(|text| !text.is_empty()) {
                more.push_str(&format!(",\"{key}\":{}", json_text(&text)));
            }
        }
        Self::of(&metadata, &more)
    }

    fn of(metadata: &Metadata, more: &str) -> Option<Self> {
        let version = Version::parse(&metadata.version).ok()?;
        let own = metadata.to_json();
        let own = own.strip_suffix('}')?;
        Some(Self { name: metadata.name.clone(), version, json: format!("{own},{more}}}") })
    }
}

impl Extend<IndexedVersion> for Index {
    fn extend<T: IntoIterator<Item = IndexedVersion>>(&mut self, versions: T) {
        for version in versions {
            self.charts.entry(version.name.clone()).or_default().push(version);
        }
    }
}

impl Index {
    /// Adds the versions that are not there. Helm: `IndexFile.Merge`.
    pub(super) fn merge(&mut self, versions: Vec<IndexedVersion>) {
        for version in versions {
            if !self.has(&version) {
                self.extend([version]);
            }
        }
    }

    /// Helm reads a version as a constraint, so that `1.0.0+a` is there where `1.0.0` is.
    fn has(&self, wanted: &IndexedVersion) -> bool {
        let known = self.charts.get(&wanted.name).map(Vec::as_slice).unwrap_or_default();
        let constraint = Constraint::parse(wanted.version.original());
        known.iter().any(|known| {
            known.version.original() == wanted.version.original()
                || constraint.as_ref().is_ok_and(|constraint| constraint.check(&known.version))
        })
    }

    /// The file: charts by name, their newest versions first.
    pub(super) fn text(&self, generated: Time, json: bool) -> Result<String, CliError> {
        let charts = self.charts.iter().map(|(name, versions)| {
            let mut versions: Vec<_> = versions.iter().collect();
            versions.sort_by(|one, other| other.version.cmp(&one.version));
            let versions: Vec<_> = versions.iter().map(|version| version.json.as_str()).collect();
            format!("{}:[{}]", json_text(name), versions.join(","))
        });
        let text = format!(
            r#"{{"apiVersion":"v1","generated":"{}","entries":{{{}}}}}"#,
            generated.rfc3339_nano(),
            charts.collect::<Vec<_>>().join(",")
        );
        if json { indented(&text) } else { structured(&text, Format::Yaml) }
    }
}

/// JSON over several lines, as Go's `MarshalIndent` prints it.
fn indented(json: &str) -> Result<String, CliError> {
    let failed = |error: serde_json::Error| CliError::message(error.to_string());
    let document: serde_json::Value = serde_json::from_str(json).map_err(failed)?;
    let text = serde_json::to_string_pretty(&document).map_err(failed)?;
    // These stand in texts only, where Go escapes them.
    let escapes = [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")];
    Ok(escapes.iter().fold(text, |text, (letter, escape)| text.replace(*letter, escape)))
}

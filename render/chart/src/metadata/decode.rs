//! Reading `Chart.yaml`, `requirements.yaml` and their locks.

use goyaml::{Numbers, Options};
use thiserror::Error;
use value::Value;

use super::go_struct::{Decode, Decoder, FieldError, Structure};
use super::{Dependency, Maintainer, Metadata};
use crate::Flavour;

/// How deep the YAML of metadata may nest: far beyond any chart, and safe to walk by recursion.
const DEPTH: usize = 100;

/// Why metadata can't be read; `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The text is no YAML, or a field is of another kind.
    #[error(transparent)]
    Yaml(#[from] goyaml::Error),
    /// A text is no time.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Time(String),
}

/// A `Chart.yaml` as written, before it is checked: entries may be null.
#[derive(Clone, Debug, Default)]
pub(crate) struct MetadataDocument {
    pub(crate) metadata: Metadata,
    pub(crate) maintainers: Vec<Option<Maintainer>>,
    pub(crate) dependencies: Option<Vec<Option<Dependency>>>,
}

impl MetadataDocument {
    /// Reads a document over what is there already, as `requirements.yaml` is read over `Chart.yaml`.
    pub(crate) fn read(&mut self, text: &[u8], flavour: Flavour) -> Result<(), DecodeError> {
        read(self, text, flavour)
    }

    /// Reads what YAML holds.
    pub(crate) fn of(value: &Value, flavour: Flavour) -> Result<Self, DecodeError> {
        let mut document = Self::default();
        fill(&mut document, value, flavour)?;
        Ok(document)
    }
}

/// A `Chart.yaml` of which nothing is known but that it is YAML.
pub(crate) struct MetadataYaml(Value);

impl MetadataYaml {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, DecodeError> {
        parse(text).map(Self)
    }

    /// The `apiVersion`; empty where there is none.
    pub(crate) fn api_version(&self) -> Result<String, DecodeError> {
        let mut base = ChartBase::default();
        fill(&mut base, &self.0, Flavour::V4)?;
        Ok(base.api_version)
    }

    pub(crate) fn document(&self, flavour: Flavour) -> Result<MetadataDocument, DecodeError> {
        MetadataDocument::of(&self.0, flavour)
    }
}

impl Metadata {
    /// Reads a `Chart.yaml` without checking it, as a linter wants it. Null entries are left out.
    ///
    /// # Errors
    /// Where the text is no YAML, or a field is of another kind.
    pub fn parse(text: &[u8], flavour: Flavour) -> Result<Self, DecodeError> {
        let mut document = MetadataDocument::default();
        document.read(text, flavour)?;
        let dependencies = document.dependencies.map(|entries| entries.into_iter().flatten().collect());
        let maintainers = document.maintainers.into_iter().flatten().collect();
        Ok(Metadata { dependencies, maintainers, ..document.metadata })
    }
}

/// Fills `target` from a YAML text; an empty document changes nothing.
pub(super) fn read(target: &mut impl Decode, text: &[u8], flavour: Flavour) -> Result<(), DecodeError> {
    fill(target, &parse(text)?, flavour)
}

fn parse(text: &[u8]) -> Result<Value, DecodeError> {
    let limits = goyaml::Limits { depth: DEPTH, ..goyaml::Limits::default() };
    let options = Options { numbers: Numbers::AsWritten, limits, ..Options::default() };
    Ok(goyaml::parse_with(text, &options)?)
}

fn fill(target: &mut impl Decode, value: &Value, flavour: Flavour) -> Result<(), DecodeError> {
    Decoder::run(target, value, flavour).map_err(|error| match error {
        FieldError::Mismatch(error) => DecodeError::Yaml(error),
        FieldError::Time(text) => DecodeError::Time(text),
    })
}

impl Structure for MetadataDocument {
    const NAME: &'static str = "Metadata";
    const FIELDS: &'static [&'static str] = &[
        "name",
        "home",
        "sources",
        "version",
        "description",
        "keywords",
        "maintainers",
        "icon",
        "apiVersion",
        "condition",
        "tags",
        "appVersion",
        "deprecated",
        "annotations",
        "kubeVersion",
        "dependencies",
        "type",
    ];

    fn field(&mut self, name: &str) -> Option<&mut dyn Decode> {
        let metadata = &mut self.metadata;
        Some(match name {
            "name" => &mut metadata.name,
            "home" => &mut metadata.home,
            "sources" => &mut metadata.sources,
            "version" => &mut metadata.version,
            "description" => &mut metadata.description,
            "keywords" => &mut metadata.keywords,
            "maintainers" => &mut self.maintainers,
            "icon" => &mut metadata.icon,
            "apiVersion" => &mut metadata.api_version,
            "condition" => &mut metadata.condition,
            "tags" => &mut metadata.tags,
            "appVersion" => &mut metadata.app_version,
            "deprecated" => &mut metadata.deprecated,
            "annotations" => &mut metadata.annotations,
            "kubeVersion" => &mut metadata.kube_version,
            "dependencies" => &mut self.dependencies,
            "type" => &mut metadata.chart_type,
            _ => return None,
        })
    }
}

impl Structure for Maintainer {
    const NAME: &'static str = "Maintainer";
    const FIELDS: &'static [&'static str] = &["name", "email", "url"];

    fn field(&mut self, name: &str) -> Option<&mut dyn Decode> {
        Some(match name {
            "name" => &mut self.name,
            "email" => &mut self.email,
            "url" => &mut self.url,
            _ => return None,
        })
    }
}

impl Structure for Dependency {
    const NAME: &'static str = "Dependency";
    const FIELDS: &'static [&'static str] =
        &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

    fn field(&mut self, name: &str) -> Option<&mut dyn Decode> {
        Some(match name {
            "name" => &mut self.name,
            "version" => &mut self.version,
            "repository" => &mut self.repository,
            "condition" => &mut self.condition,
            "tags" => &mut self.tags,
            "enabled" => &mut self.enabled,
            "import-values" => &mut self.import_values,
            "alias" => &mut self.alias,
            _ => return None,
        })
    }
}

/// The part of `Chart.yaml` that Helm 4 reads to choose a loader.
#[derive(Default)]
struct ChartBase {
    api_version: String,
}

impl Structure for ChartBase {
    const NAME: &'static str = "chartBase";
    const FIELDS: &'static [&'static str] = &["apiVersion"];

    fn package(_: Flavour) -> &'static str {
        "loader"
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Decode> {
        (name == "apiVersion").then_some(&mut self.api_version as &mut dyn Decode)
    }
}

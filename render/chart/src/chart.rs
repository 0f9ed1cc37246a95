//! The model: what a chart is once it is loaded.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use value::Map;

use crate::metadata::{Lock, Metadata};

/// A file of a chart: its path in the chart, with `/`, and its bytes without a byte order mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path from the root of the chart: `templates/service.yaml`.
    pub name: String,
    /// The contents; cloning shares them.
    pub data: Arc<[u8]>,
}

/// A custom resource definition from a chart's `crds/` directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomResourceDefinition {
    /// The path with that of the chart in front: `app/charts/db/crds/database.yaml`.
    pub path: String,
    /// The file as it stands in its chart.
    pub file: File,
}

/// A chart with its subcharts. Cloning shares all files.
#[derive(Clone, Debug)]
pub struct Chart {
    pub(crate) metadata: Metadata,
    pub(crate) lock: Option<Lock>,
    pub(crate) values: Map,
    pub(crate) content: Arc<Content>,
    pub(crate) dependencies: Vec<Chart>,
    pub(crate) full_path: String,
    pub(crate) is_root: bool,
}

/// What no step after loading changes.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) templates: Vec<File>,
    pub(crate) files: Vec<File>,
    pub(crate) raw: Vec<File>,
    pub(crate) schema: Option<Arc<[u8]>>,
    pub(crate) warnings: Vec<String>,
    /// See [`Chart::companion`].
    pub(crate) companion: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Chart {
    /// The chart under another version.
    pub fn with_version(mut self, version: &str) -> Self {
        self.metadata.version = version.to_owned();
        self
    }

    /// The chart with another version of what it installs.
    pub fn with_app_version(mut self, version: &str) -> Self {
        self.metadata.app_version = version.to_owned();
        self
    }

    /// `Chart.yaml`, checked; for a subchart of a processed chart, under its alias.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The chart's name, or the alias it has as a dependency.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// `Chart.lock` (or `requirements.lock`), where there is one.
    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    /// The files below `templates/`, in the order of the archive.
    pub fn templates(&self) -> &[File] {
        &self.content.templates
    }

    /// What templates see as `.Files`: all files but templates, subcharts, values, schema, metadata and lock.
    pub fn files(&self) -> &[File] {
        &self.content.files
    }

    /// Every file as it was in the archive, `charts/` included.
    pub fn raw(&self) -> &[File] {
        &self.content.raw
    }

    /// The default values; the nil map where there is no `values.yaml`. Read it only: all users of the chart share it.
    pub fn values(&self) -> &Map {
        &self.values
    }

    /// The same chart with other default values: Helm's `--reuse-values`.
    #[must_use]
    pub fn with_values(&self, values: Map) -> Self {
        Self { values, ..self.clone() }
    }

    /// The chart without its subcharts.
    pub(crate) fn alone(&self) -> Self {
        Self {
            metadata: self.metadata.clone(),
            lock: self.lock.clone(),
            values: self.values.clone(),
            content: Arc::clone(&self.content),
            dependencies: Vec::new(),
            full_path: self.full_path.clone(),
            is_root: self.is_root,
        }
    }

    /// What a user of the chart makes of its files and wants to keep as long as they are there, such as parsed
    /// templates: made at the first call, and one for all clones of the chart. Only one type of companion is kept.
    pub fn companion<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let companion = self.content.companion.get_or_init(|| Arc::new(T::default()));
        Arc::clone(companion).downcast().unwrap_or_default()
    }

    /// `values.schema.json`, where there is one.
    pub fn schema(&self) -> Option<&Arc<[u8]>> {
        self.content.schema.as_ref()
    }

    /// The subcharts.
    pub fn dependencies(&self) -> &[Chart] {
        &self.dependencies
    }

    /// What Helm would have logged while loading this chart and its subcharts.
    pub fn warnings(&self) -> Vec<&str> {
        let own = self.content.warnings.iter().map(String::as_str);
        own.chain(self.dependencies.iter().flat_map(Chart::warnings)).collect()
    }

    /// The path that names the chart's templates: `app`, `app/charts/db`.
    pub fn full_path(&self) -> &str {
        &self.full_path
    }

    /// Whether the chart is no subchart.
    pub fn is_root(&self) -> bool {
        self.is_root
    }

    /// Whether the chart only defines templates for others.
    pub fn is_library(&self) -> bool {
        self.metadata.chart_type == "library"
    }

    /// The definitions in `crds/` of the chart and then of its subcharts, in file order.
    pub fn custom_resource_definitions(&self) -> Vec<CustomResourceDefinition> {
        let own =
            self.files().iter().filter(|file| file.name.starts_with("crds/") && is_manifest(&file.name));
        let own = own.map(|file| CustomResourceDefinition {
            path: format!("{}/{}", self.full_path, file.name),
            file: file.clone(),
        });
        own.chain(self.dependencies.iter().flat_map(Chart::custom_resource_definitions)).collect()
    }
}

fn is_manifest(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or_default();
    base.rsplit_once('.').is_some_and(|(_, extension)| {
        ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

//! Loading a chart from an archive or from a list of files.
//!
//! Helm: packages `loader` and `loader/archive`. Subcharts come in the order of their names; Helm's own order is that
//! of a Go map, which is none.

mod archive;
mod error;
mod limits;
mod path;
mod unpack;

use std::collections::BTreeMap;
use std::sync::Arc;

use value::{Map, MapType};

use crate::chart::{Chart, Content, File};
use crate::metadata::{DecodeError, Lock, MetadataDocument, MetadataYaml};
use crate::{Flavour, values};
use archive::Budget;

pub use error::{ArchiveError, LoadError};
pub use limits::Limits;
pub use path::PathError;

impl Chart {
    /// Loads a chart from the bytes of a `.tgz`.
    ///
    /// # Errors
    /// Where the archive can't be read, breaks a limit or leads out of its directory, or where the chart in it is
    /// wrong: see [`LoadError`].
    pub fn load_archive(archive: &[u8], limits: &Limits, flavour: Flavour) -> Result<Self, LoadError> {
        let mut budget = Budget::new(limits, flavour);
        let files = archive::read(archive, &mut budget)
            .map_err(|source| LoadError::Archive { detect: flavour == Flavour::V4, source })?;
        if flavour == Flavour::V4 && !files.iter().any(|file| file.name == METADATA) {
            return Err(LoadError::NoMetadataInArchive);
        }
        load_root(files, &mut budget)
    }

    /// Loads a chart from its files: paths with `/` from the root of the chart, and bytes.
    ///
    /// The caller has left out what `.helmignore` names, and keeps the sizes within its own limits.
    ///
    /// # Errors
    /// Where the chart is wrong, or a subchart's archive can't be read: see [`LoadError`].
    pub fn load_files(
        files: Vec<(String, Vec<u8>)>,
        limits: &Limits,
        flavour: Flavour,
    ) -> Result<Self, LoadError> {
        load_root(without_marks(files), &mut Budget::new(limits, flavour))
    }

    /// As [`Self::load_files`], whatever `apiVersion` the chart has: a linter wants to look at any.
    ///
    /// # Errors
    /// As [`Self::load_files`].
    pub fn load_files_of_any_version(
        files: Vec<(String, Vec<u8>)>,
        limits: &Limits,
        flavour: Flavour,
    ) -> Result<Self, LoadError> {
        load(without_marks(files), None, None, 1, &mut Budget::new(limits, flavour))
    }
}

fn without_marks(files: Vec<(String, Vec<u8>)>) -> Vec<File> {
    let files = files.into_iter().map(|(name, data)| {
        let data = archive::without_byte_order_mark(data.into());
        File { name, data }
    });
    files.collect()
}

/// The files of a chart's archive, without a look at what they hold.
///
/// # Errors
/// As [`Chart::load_archive`], where it can't be read.
pub fn archive_files(
    archive: &[u8],
    limits: &Limits,
    flavour: Flavour,
) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
    let files = archive::read(archive, &mut Budget::new(limits, flavour))?;
    Ok(files.into_iter().map(|file| (file.name, file.data.to_vec())).collect())
}

const METADATA: &str = "Chart.yaml";

fn load_root(files: Vec<File>, budget: &mut Budget<'_>) -> Result<Chart, LoadError> {
    let metadata = files.iter().find(|file| file.name == METADATA);
    let metadata = metadata.filter(|_| budget.flavour == Flavour::V4);
    let metadata = metadata.map(|file| MetadataYaml::parse(&file.data)).transpose().map_err(of_metadata)?;
    if let Some(metadata) = &metadata {
        check_api_version(metadata)?;
    }
    load(files, metadata, None, 1, budget)
}

/// Helm 4 looks at `apiVersion` before it chooses a loader.
fn check_api_version(metadata: &MetadataYaml) -> Result<(), LoadError> {
    match metadata.api_version().map_err(of_metadata)?.as_str() {
        "" | "v1" | "v2" => Ok(()),
        "v3" => Err(LoadError::InvalidVersion),
        _ => Err(LoadError::UnsupportedVersion),
    }
}

fn of_metadata(source: DecodeError) -> LoadError {
    LoadError::Metadata { file: METADATA, source }
}

/// Loads a chart and its subcharts; `level` counts charts around it, the recursion's bound. Its first `Chart.yaml` may
/// have been parsed already.
fn load(
    files: Vec<File>,
    metadata: Option<MetadataYaml>,
    parent_path: Option<&str>,
    level: usize,
    budget: &mut Budget<'_>,
) -> Result<Chart, LoadError> {
    if level > budget.limits.nesting {
        return Err(LoadError::Nesting(budget.limits.nesting));
    }
    let mut parts = Parts::new(read_metadata(&files, metadata, budget.flavour)?, budget);
    for file in &files {
        parts.add(file)?;
    }
    let metadata = parts.document.ok_or(LoadError::NoMetadata)?.validate()?;
    let mut chart = Chart {
        full_path: match parent_path {
            Some(parent) => format!("{parent}/charts/{}", metadata.name),
            None => metadata.name.clone(),
        },
        is_root: parent_path.is_none(),
        metadata,
        lock: parts.lock,
        values: parts.values,
        content: Arc::new(Content { raw: files, ..parts.content }),
        dependencies: Vec::new(),
    };
    for (name, files) in parts.subcharts {
        if let Some(subchart) = load_subchart(&chart, name, files, level + 1, budget)? {
            chart.dependencies.push(subchart);
        }
    }
    Ok(chart)
}

/// Reads `Chart.yaml` wherever it stands in the list: other files depend on it.
fn read_metadata(
    files: &[File],
    parsed: Option<MetadataYaml>,
    flavour: Flavour,
) -> Result<Option<MetadataDocument>, LoadError> {
    let mut found = files.iter().filter(|file| file.name == METADATA);
    let Some(file) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(LoadError::SeveralMetadata);
    }
    let parsed = parsed.map_or_else(|| MetadataYaml::parse(&file.data), Ok);
    let mut document = parsed.and_then(|parsed| parsed.document(flavour)).map_err(of_metadata)?;
    if document.metadata.api_version.is_empty() {
        document.metadata.api_version = "v1".to_owned();
    }
    Ok(Some(document))
}

/// A chart's files, sorted by what they are.
struct Parts<'limits> {
    limits: &'limits Limits,
    flavour: Flavour,
    document: Option<MetadataDocument>,
    lock: Option<Lock>,
    values: Map,
    content: Content,
    /// The files below `charts/`, by the next part of their path.
    subcharts: BTreeMap<String, Vec<File>>,
}

impl<'limits> Parts<'limits> {
    fn new(document: Option<MetadataDocument>, budget: &Budget<'limits>) -> Self {
        Self {
            limits: budget.limits,
            flavour: budget.flavour,
            document,
            lock: None,
            values: Map::nil(MapType::INTERFACE),
            content: Content::default(),
            subcharts: BTreeMap::new(),
        }
    }

    fn add(&mut self, file: &File) -> Result<(), LoadError> {
        match file.name.as_str() {
            METADATA => {}
            "Chart.lock" => self.read_lock(file, "Chart.lock")?,
            "values.yaml" => {
                let values = values::read_within(&file.data, self.limits, self.flavour);
                self.values = values.map_err(LoadError::Values)?;
            }
            "values.schema.json" => self.content.schema = Some(Arc::clone(&file.data)),
            "requirements.yaml" => self.read_requirements(file)?,
            "requirements.lock" => {
                self.read_lock(file, "requirements.lock")?;
                self.keep_if_v1(file, REQUIREMENTS_LOCK_WARNING);
            }
            name if name.starts_with("templates/") => self.content.templates.push(file.clone()),
            name => match name.strip_prefix("charts/") {
                Some(inner) if extension(name) != "prov" => {
                    let group = inner.split('/').next().unwrap_or_default();
                    let file = File { name: inner.to_owned(), data: Arc::clone(&file.data) };
                    self.subcharts.entry(group.to_owned()).or_default().push(file);
                }
                _ => self.content.files.push(file.clone()),
            },
        }
        Ok(())
    }

    fn read_lock(&mut self, file: &File, name: &'static str) -> Result<(), LoadError> {
        let lock = Lock::parse(&file.data, self.flavour);
        self.lock = lock.map_err(|source| LoadError::Metadata { file: name, source })?;
        Ok(())
    }

    fn read_requirements(&mut self, file: &File) -> Result<(), LoadError> {
        let document = self.document.get_or_insert_default();
        document
            .read(&file.data, self.flavour)
            .map_err(|source| LoadError::Metadata { file: "requirements.yaml", source })?;
        self.keep_if_v1(file, REQUIREMENTS_WARNING);
        Ok(())
    }

    /// Charts of `apiVersion: v1` show the old dependency files to their templates; others get a warning.
    fn keep_if_v1(&mut self, file: &File, warning: &str) {
        if self.document.get_or_insert_default().metadata.api_version == "v1" {
            self.content.files.push(file.clone());
        } else {
            self.content.warnings.push(warning.to_owned());
        }
    }
}

const REQUIREMENTS_WARNING: &str = "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". \
    We recommend migrating dependencies to Chart.yaml.";
const REQUIREMENTS_LOCK_WARNING: &str = "Warning: Dependency locking is handled in Chart.lock since apiVersion \
    \"v2\". We recommend migrating to Chart.lock.";

fn load_subchart(
    parent: &Chart,
    name: String,
    files: Vec<File>,
    level: usize,
    budget: &mut Budget<'_>,
) -> Result<Option<Chart>, LoadError> {
    if name.starts_with(['_', '.']) {
        return Ok(None);
    }
    let files =
        if extension(&name) == "tgz" { unpack(parent, &name, &files, budget) } else { Ok(below(files)) };
    let loaded = match files {
        Err(error @ LoadError::SubchartArchive { .. }) => return Err(error),
        files => files.and_then(|files| load(files, None, Some(&parent.full_path), level, budget)),
    };
    loaded.map(Some).map_err(|source| LoadError::Subchart {
        name,
        parent: parent.name().to_owned(),
        source: Box::new(source),
    })
}

fn unpack(
    parent: &Chart,
    name: &str,
    files: &[File],
    budget: &mut Budget<'_>,
) -> Result<Vec<File>, LoadError> {
    match files.first() {
        Some(file) if file.name == name => {
            archive::read(&file.data, budget).map_err(|source| LoadError::Archive { detect: false, source })
        }
        other => Err(LoadError::SubchartArchive {
            parent: parent.name().to_owned(),
            name: name.to_owned(),
            found: other.map(|file| file.name.clone()).unwrap_or_default(),
        }),
    }
}

/// The files below a directory, by their path in it; what lies beside directories is no chart.
fn below(files: Vec<File>) -> Vec<File> {
    let inner = files.into_iter().filter_map(|file| {
        let (_, name) = file.name.split_once('/')?;
        Some(File { name: name.to_owned(), data: file.data })
    });
    inner.collect()
}

/// What follows the last point of the last part of a path, without the point.
fn extension(path: &str) -> &str {
    let base = path.rsplit('/').next().unwrap_or_default();
    base.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! Why a chart can't be loaded.

use thiserror::Error;

use super::path::PathError;
use crate::metadata::{DecodeError, ValidationError};
use crate::values::ReadValuesError;

/// Why a chart can't be loaded; `Display` is Helm's text where Helm refuses too.
#[derive(Debug, Error)]
pub enum LoadError {
    /// There is no `Chart.yaml`.
    #[error("Chart.yaml file is missing")]
    NoMetadata,
    /// There is no `Chart.yaml` in an archive (Helm 4).
    #[error("unable to detect chart version, no Chart.yaml found")]
    NoMetadataInArchive,
    /// There are several files of the name `Chart.yaml`: Helm takes the last, but which one was checked?
    #[error("the chart has more than one Chart.yaml; package it again")]
    SeveralMetadata,
    /// An `apiVersion` that Helm 4 doesn't know.
    #[error("unsupported chart version")]
    UnsupportedVersion,
    /// `apiVersion: v3`, which Helm 4 loads but doesn't install.
    #[error("invalid chart apiVersion")]
    InvalidVersion,
    /// `Chart.yaml`, `requirements.yaml` or a lock can't be read.
    #[error("cannot load {file}: {source}")]
    Metadata {
        /// The file.
        file: &'static str,
        /// Why.
        source: DecodeError,
    },
    /// `values.yaml` can't be read.
    #[error("cannot load values.yaml: {0}")]
    Values(#[source] ReadValuesError),
    /// The metadata is incomplete or wrong.
    #[error(transparent)]
    Invalid(#[from] ValidationError),
    /// A subchart can't be loaded.
    #[error("error unpacking subchart {name} in {parent}: {source}")]
    Subchart {
        /// The directory or archive in `charts/`.
        name: String,
        /// The chart around it.
        parent: String,
        /// Why.
        source: Box<LoadError>,
    },
    /// A directory in `charts/` has a name that ends as an archive's does.
    #[error("error unpacking subchart tar in {parent}: expected {name}, got {found}")]
    SubchartArchive {
        /// The chart around it.
        parent: String,
        /// The directory.
        name: String,
        /// The file found in it.
        found: String,
    },
    /// The archive can't be read.
    #[error("{}{source}", if *.detect { "unable to load chart archive: " } else { "" })]
    Archive {
        /// Whether Helm 4's outer loader reports it.
        detect: bool,
        /// Why.
        source: ArchiveError,
    },
    /// More charts within charts than [`Limits::nesting`](super::Limits::nesting).
    #[error("subcharts nest deeper than {0} levels")]
    Nesting(usize),
}

/// Why an archive can't be read.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The bytes are no gzip, no tar, or end early.
    #[error("{0}")]
    Format(&'static str),
    /// A file's path leads out of the chart.
    #[error(transparent)]
    Path(#[from] PathError),
    /// All files together are too large.
    #[error("decompressed chart is larger than the maximum {}size {limit}", if *.v3 { "file " } else { "" })]
    ArchiveSize {
        /// Whether the text is Helm 3's.
        v3: bool,
        /// The limit in bytes.
        limit: u64,
    },
    /// One file is too large (Helm 3).
    #[error("decompressed chart file {name} is larger than the maximum file size {limit}", name = value::format::quote(.name))]
    FileSize {
        /// The file's name in the archive.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// There is no file.
    #[error("no files in chart archive")]
    Empty,
    /// A bound of [`Limits`](super::Limits) that Helm doesn't have.
    #[error("the chart archive exceeds {limit} {what}; package the chart again, or raise the limit")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// A file's name is no UTF-8.
    #[error("the chart archive has a file whose name is no UTF-8: {0:?}")]
    NameEncoding(String),
}

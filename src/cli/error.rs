//! Why a command failed. `Display` is the text after `Error: `.

use std::path::PathBuf;

use thiserror::Error;

use crate::cluster::ConnectError;
use crate::deploy::DeployError;
use crate::release::StorageError;
use crate::source::{SourceError, plain};

/// Why a command failed.
#[derive(Debug, Error)]
pub(super) enum CliError {
    /// The reader of the output is gone; nothing is left to be said.
    #[error("")]
    Silent,
    /// The plan has changes: no failure, and an exit code of its own.
    #[error("")]
    Changes,
    /// Standard output can't be written.
    #[error("failed to write the output: {0}")]
    Output(std::io::Error),
    /// A file can't be read.
    #[error("open {}: {}", path.display(), plain(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file can't be written.
    #[error("failed to write {}: {}", path.display(), plain(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The chart could not be found or fetched.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The chart is none, or can't be loaded.
    #[error(transparent)]
    Chart(#[from] chart::LoadError),
    /// The chart does not render.
    #[error(transparent)]
    Render(#[from] pintle_render::RenderError),
    /// A release could not be deployed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Records could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// There is no way to the cluster.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Which command failed, in front of why.
    #[error("{context}: {source}")]
    Step {
        /// Helm's word for it.
        context: &'static str,
        /// Why.
        source: Box<CliError>,
    },
    /// A failure, with what helps beyond its text.
    #[error("{source}")]
    Explained {
        /// The failure.
        source: Box<CliError>,
        /// What helps: lines of text.
        help: String,
    },
    /// Any other failure, in the words for the user.
    #[error("{0}")]
    Message(String),
}

impl CliError {
    /// A failure in the words for the user.
    pub(super) fn message(text: impl Into<String>) -> Self {
        CliError::Message(text.into())
    }

    /// What can be done about it; empty where nobody knows.
    pub(super) fn advice(&self) -> String {
        match self {
            CliError::Deploy(error) => error.advice(),
            CliError::Step { source, .. } => source.advice(),
            CliError::Explained { source, help } => source.advice() + help,
            _ => String::new(),
        }
    }

    /// Says in front which command failed.
    pub(super) fn at(self, context: &'static str) -> Self {
        CliError::Step { context, source: Box::new(self) }
    }
}

impl From<String> for CliError {
    fn from(text: String) -> Self {
        CliError::Message(text)
    }
}

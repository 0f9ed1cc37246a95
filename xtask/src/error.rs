//! What can go wrong in a command.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Error {
    /// Some check or test failed; the summary has been printed.
    TestsFailed,
    /// A part could not be built.
    Part(pintle_test_support::Error),
    /// A program could not be started.
    Start { program: String, source: io::Error },
    /// A program failed. It has told why on stderr.
    Failed { program: String },
    /// A program printed something other than what was expected of it.
    Output { program: String, problem: String },
    /// A file could not be read.
    Read { path: PathBuf, source: io::Error },
    /// `--only` names no check.
    NoSuchCheck { name: String, checks: String },
    /// Any other failure, in words.
    Message(String),
    /// There is no part of this name.
    NoSuchPart { name: String, parts: String },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TestsFailed => write!(f, "tests failed"),
            Self::Part(source) => write!(f, "{source}"),
            Self::Start { program, source } => {
                write!(f, "failed to start `{program}`: {source}; it has to be installed and on PATH")
            }
            Self::Failed { program } => write!(f, "`{program}` failed; see its messages above"),
            Self::Output { program, problem } => {
                write!(f, "failed to read what `{program}` printed: {problem}")
            }
            Self::Read { path, source } => write!(f, "failed to read {}: {source}", path.display()),
            Self::NoSuchCheck { name, checks } => {
                write!(f, "there is no check {name:?}; choose from {checks}")
            }
            Self::Message(text) => write!(f, "{text}"),
            Self::NoSuchPart { name, parts } => write!(f, "there is no part {name:?}; choose from {parts}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Part(source) => Some(source),
            Self::Start { source, .. } | Self::Read { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<pintle_test_support::Error> for Error {
    fn from(error: pintle_test_support::Error) -> Self {
        Self::Part(error)
    }
}

impl From<String> for Error {
    fn from(text: String) -> Self {
        Self::Message(text)
    }
}

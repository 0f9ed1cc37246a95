//! What can go wrong when real parts are used.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a part could not be built, started or run.
#[derive(Debug)]
pub enum Error {
    /// The Go toolchain, which builds the parts, cannot be started.
    GoMissing(io::Error),
    /// `go build` failed. Its own messages went to stderr.
    BuildFailed {
        /// The part that was being built.
        part: &'static str,
        /// The module it is built from.
        module: PathBuf,
    },
    /// A file or directory could not be read or written.
    Io {
        /// What was being done, such as `failed to read`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A program could not be started, or failed. `output` is what it wrote.
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// What it wrote to stderr, or to stdout when that is empty.
        output: String,
    },
    /// A server ended, or printed something else, where it was to say that it is ready.
    NotReady {
        /// The program.
        program: String,
        /// What it printed instead.
        output: String,
    },
    /// The cluster the tests of this process share did not start; each of them is told so.
    Shared(&'static Error),
    /// An environment variable names something that does not serve.
    Environment {
        /// The variable.
        variable: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GoMissing(source) => write!(
                f,
                "failed to start `go` ({source}): the cluster and helm for the tests are built with Go 1.26 or \
                 later; install it from https://go.dev/dl/ and put it on PATH"
            ),
            Self::BuildFailed { part, module } => write!(
                f,
                "failed to build {part} in {}: see the messages of `go build` above; it needs the Go module proxy \
                 (GOPROXY) the first time",
                module.display()
            ),
            Self::Io { action, path, source } => write!(f, "{action} {}: {source}", path.display()),
            Self::Command { command, status, output } => {
                write!(f, "`{command}` {status}: {}", output.trim_end())
            }
            Self::NotReady { program, output } => {
                write!(f, "{program} did not become ready: {}", output.trim_end())
            }
            Self::Shared(error) => write!(f, "{error}"),
            Self::Environment { variable, problem } => write!(f, "{variable}: {problem}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::GoMissing(source) | Self::Io { source, .. } => Some(source),
            Self::Shared(error) => error.source(),
            _ => None,
        }
    }
}

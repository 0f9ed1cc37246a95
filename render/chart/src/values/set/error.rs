//! Why an assignment can't be read.

use thiserror::Error;

/// Why an assignment can't be read; `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct SetError(pub(super) String);

/// Why reading stops within an assignment.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text is at its end: Go's `io.EOF`, which is no error in the end.
    End,
    /// The text ends within an index, which Helm 4 lets pass.
    EndInIndex,
    /// A real error.
    Failed(String),
}

impl Stop {
    pub(super) fn failed<T>(text: impl Into<String>) -> Result<T, Stop> {
        Err(Stop::Failed(text.into()))
    }
}

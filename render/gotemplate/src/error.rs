//! Why parsing or execution failed, in Go's words.

use std::fmt;

use thiserror::Error;

use crate::LimitError;

/// A template that can't be parsed. `Display` gives Go's `template: NAME:LINE: message`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("template: {template}:{line}: {message}")]
pub struct ParseError {
    /// The name under which the text was parsed.
    pub template: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Why an execution failed.
#[derive(Debug, Error)]
pub enum ExecutionError {
    /// The template to be executed does not exist.
    #[error("template: no template {} associated with template {}", quoted(name), quoted(set))]
    UnknownTemplate {
        /// The template asked for.
        name: String,
        /// The name of the set.
        set: String,
    },
    /// A limit was crossed before the first action.
    #[error("template: {name}: {limit}")]
    Limit {
        /// The template.
        name: String,
        /// The limit.
        limit: LimitError,
    },
    /// An action failed.
    #[error(transparent)]
    Failed(#[from] Box<Failure>),
}

/// An action that failed: where, at which expression, and why.
///
/// `Display` gives Go's `template: FILE:LINE:COLUMN: executing "NAME" at <CONTEXT>: cause`.
#[derive(Debug, Error)]
#[error("template: {location}: executing {} at <{context}>: {cause}", quoted(executing))]
pub struct Failure {
    /// Where the expression stands.
    pub location: Location,
    /// The template in execution: a file's, or one that a `define` named.
    pub executing: String,
    /// The source form of the expression.
    pub context: String,
    /// What went wrong.
    #[source]
    pub cause: Cause,
}

/// A position in a parsed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name under which the text was parsed.
    pub template: String,
    /// The line, from 1.
    pub line: usize,
    /// The byte within the line, from 0.
    pub column: usize,
}

impl Location {
    /// The position of a byte of a text.
    pub(crate) fn of(template: &str, text: &[u8], position: usize) -> Self {
        let before = text.get(..position).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        Location {
            template: template.to_owned(),
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: position - line_start,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.template, self.line, self.column)
    }
}

/// What went wrong at an expression.
#[derive(Debug, Error)]
pub enum Cause {
    /// The template itself is wrong, in Go's words.
    #[error("{0}")]
    Message(String),
    /// A function failed.
    #[error("error calling {function}: {source}")]
    Function {
        /// The function.
        function: String,
        /// Its error.
        source: FunctionError,
    },
    /// A limit was crossed.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

/// What a function returns when it fails.
#[derive(Debug, Error)]
pub enum FunctionError {
    /// An error with this text.
    #[error("{0}")]
    Failed(String),
    /// The execution of another template failed (`include`).
    #[error(transparent)]
    Template(#[from] ExecutionError),
    /// Another template can't be parsed (`tpl`).
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A limit was crossed.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// An error of the caller's own, to be found again by type.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl FunctionError {
    /// An error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        FunctionError::Failed(text.into())
    }

    /// An error of the caller's own, to be found again by type.
    pub fn other(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        FunctionError::Other(Box::new(error))
    }
}

impl From<String> for FunctionError {
    fn from(text: String) -> Self {
        FunctionError::Failed(text)
    }
}

impl From<&str> for FunctionError {
    fn from(text: &str) -> Self {
        FunctionError::Failed(text.to_owned())
    }
}

impl ExecutionError {
    /// The limit that was crossed, here or in a template that this one executed.
    pub fn limit(&self) -> Option<LimitError> {
        let mut error = self;
        loop {
            match error {
                ExecutionError::Limit { limit, .. } => return Some(*limit),
                ExecutionError::Failed(failure) => match &failure.cause {
                    Cause::Limit(limit) | Cause::Function { source: FunctionError::Limit(limit), .. } => {
                        return Some(*limit);
                    }
                    Cause::Function { source: FunctionError::Template(inner), .. } => error = inner,
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// The failed action, if it came so far.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            ExecutionError::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// A name as Go's `%q` prints it.
fn quoted(name: &str) -> String {
    value::format::quote(name)
}

//! What can be wrong with a document, in Go's words.

use thiserror::Error;

/// Why a document can't be read. `Display` gives the whole text of `sigs.k8s.io/yaml.Unmarshal`: the step that
/// failed, then the problem.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{problem}", step(problem))]
pub struct Error {
    #[source]
    problem: Box<Problem>,
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem) }
    }
}

impl Error {
    pub(crate) fn yaml(problem: impl Into<String>) -> Self {
        Problem::Yaml { line: None, problem: problem.into() }.into()
    }

    /// The problem by itself: Go's innermost error, without the step in front.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The line of the problem as Go reports it, where it does.
    pub fn line(&self) -> Option<usize> {
        match *self.problem {
            Problem::Yaml { line, .. } => line,
            _ => None,
        }
    }
}

fn step(problem: &Problem) -> &'static str {
    match problem {
        Problem::TypeMismatch { .. } | Problem::Depth => "error unmarshaling JSON: while decoding JSON: ",
        _ => "error converting YAML to JSON: ",
    }
}

/// What is wrong with a document; `Display` gives the text of Go's innermost error.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Problem {
    /// The text is no YAML, or a node doesn't fit its tag, or its aliases are unsound.
    #[error("yaml: {}{problem}", line_prefix(*line))]
    Yaml {
        /// The line as Go reports it: off by one for some problems, and none on the first line of most.
        line: Option<usize>,
        /// The problem in Go's words.
        problem: String,
    },
    /// Keys that occur twice in one mapping, reported in strict mode only.
    #[error("yaml: unmarshal errors:\n  {}", .0.join("\n  "))]
    Duplicates(Vec<String>),
    /// A null or another key that JSON can't have.
    #[error("unsupported map key of type: {key_type}, key: {key}, value: {value}")]
    UnsupportedKey {
        /// Go's `%s` of the key's type.
        key_type: &'static str,
        /// The key as Go's `%+#v` prints it.
        key: String,
        /// The value as Go's `%+#v` prints it.
        value: String,
    },
    /// An infinity or a NaN, which JSON doesn't know.
    #[error("json: unsupported value: {0}")]
    UnsupportedNumber(&'static str),
    /// A value that the wanted Go type can't hold.
    #[error("json: cannot unmarshal {found} into Go {place} of type {wanted}")]
    TypeMismatch {
        /// What JSON calls the value: `object`, `array`, `string`, `bool`, `number`, `number 1.5`.
        found: String,
        /// `value`, or `struct field Metadata.name`.
        place: String,
        /// The wanted Go type.
        wanted: String,
    },
    /// More levels than [`Limits::depth`](crate::Limits::depth), met after the scanner (which has a text of its own).
    #[error("exceeded max depth")]
    Depth,
    /// More bytes or nodes than [`Limits`](crate::Limits) allow: a bound of ours, not of Go's.
    #[error("the document has more than {limit} {what}")]
    Limit {
        /// `bytes` or `nodes`.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

fn line_prefix(line: Option<usize>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}

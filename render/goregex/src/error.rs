//! What package `regexp/syntax` says of a pattern that it can't read.

use thiserror::Error;

/// A pattern that isn't one, in Go's words: ``error parsing regexp: missing closing ): `(` ``.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("error parsing regexp: {kind}: `{expression}`")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The part of the pattern that is wrong, or the whole.
    pub expression: String,
}

/// Go's `syntax.ErrorCode`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum ErrorKind {
    #[error("invalid character class range")]
    InvalidCharRange,
    #[error("invalid escape sequence")]
    InvalidEscape,
    #[error("invalid named capture")]
    InvalidNamedCapture,
    #[error("invalid or unsupported Perl syntax")]
    InvalidPerlOp,
    #[error("invalid nested repetition operator")]
    InvalidRepeatOp,
    #[error("invalid repeat count")]
    InvalidRepeatSize,
    #[error("invalid UTF-8")]
    InvalidUtf8,
    #[error("missing closing ]")]
    MissingBracket,
    #[error("missing closing )")]
    MissingParen,
    #[error("missing argument to repetition operator")]
    MissingRepeatArgument,
    #[error("trailing backslash at end of expression")]
    TrailingBackslash,
    #[error("unexpected )")]
    UnexpectedParen,
    #[error("expression nests too deeply")]
    NestingDepth,
    #[error("expression too large")]
    Large,
}

impl ErrorKind {
    pub(crate) fn at(self, expression: &str) -> Error {
        Error { kind: self, expression: expression.to_owned() }
    }
}

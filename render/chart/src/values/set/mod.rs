//! `--set` and its kin: assignments in one text, read into values.
//!
//! Helm: package `strvals`. `a.b=1,list[0].c=x,names={a,b}`; a backslash takes the next character as it is.

mod error;
mod parser;
mod typed;

use value::{Map, Value};

use crate::Flavour;
use parser::Parser;

pub use error::SetError;

/// What stands behind `=`.
pub enum Kind<'reader> {
    /// `--set`: booleans, null, integers, and texts.
    Typed,
    /// `--set-string`: texts.
    Text,
    /// `--set-json`: JSON, whose numbers are floats.
    Json,
    /// `--set-literal`: one text to the end, without escapes.
    Literal,
    /// `--set-file`: the path of a file; the function gives its contents, or why it can't.
    File(&'reader mut dyn FnMut(&str) -> Result<Vec<u8>, String>),
}

/// Reads assignments into `values`; maps that are there already are extended.
///
/// # Errors
/// Where an assignment is malformed, in Helm's words. The assignments before it are made.
pub fn set(text: &str, kind: Kind<'_>, values: &Map, flavour: Flavour) -> Result<(), SetError> {
    Parser::new(text, kind, flavour).run(values)
}

impl Kind<'_> {
    fn is_literal(&self) -> bool {
        matches!(self, Kind::Literal)
    }

    /// The value of a text.
    fn read(&mut self, text: String) -> Result<Value, String> {
        match self {
            Kind::Typed => Ok(typed::value(text)),
            Kind::File(read) => read(&text).map(|contents| Value::Str(contents.into())),
            Kind::Text | Kind::Literal | Kind::Json => Ok(text.into()),
        }
    }
}

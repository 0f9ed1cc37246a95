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

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(text: &str, flavour: Flavour) -> Result<String, String> {
        let values = Map::new();
        set(text, Kind::Typed, &values, flavour).map_err(|error| error.to_string())?;
        Ok(value::json::to_string(&values.into()).unwrap())
    }

    #[test]
    fn keys_nest_and_lists_grow() {
        assert_eq!(
            assigned(r"a.b=1,x\.y=t,l[1].c={p,2}", Flavour::V4).unwrap(),
            r#"{"a":{"b":1},"l":[null,{"c":["p",2]}],"x.y":"t"}"#
        );
        assert_eq!(assigned("a=,b={}", Flavour::V4).unwrap(), r#"{"a":"","b":[""]}"#);
    }

    #[test]
    fn an_index_without_an_end_passes_in_helm_4_only() {
        assert_eq!(assigned("a[", Flavour::V4).unwrap(), "{}");
        assert_eq!(assigned("a[", Flavour::V3).unwrap_err(), "error parsing index: EOF");
    }

    #[test]
    fn errors_are_helms() {
        for (text, error) in [
            ("a", r#"key "a" has no value"#),
            ("a,b=1", r#"key "a" has no value (cannot end with ,)"#),
            ("a={x", "list must terminate with '}'"),
            ("a[70000]=1", "index of 70000 is greater than maximum supported index of 65536"),
            ("a[0]x=1", "unexpected data at end of array index: ['x']"),
            (
                "a=1,a.b=2",
                "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}",
            ),
        ] {
            assert_eq!(assigned(text, Flavour::V4).unwrap_err(), error, "{text}");
        }
        let deep = format!("{}=1", vec!["a"; 32].join("."));
        assert!(assigned(&deep, Flavour::V4).unwrap_err().ends_with("nested level of 30"));
    }

    #[test]
    fn a_hostile_number_of_lists_within_lists_is_refused() {
        let text = format!("a{}=1", "[0]".repeat(100_000));
        assert_eq!(assigned(&text, Flavour::V4).unwrap_err(), "lists nest deeper than 300 levels");
    }
}

//! JSON Schema: do the values fit what the charts ask for?
//!
//! Drafts 4 to 2020-12, without network and files: a schema never makes anybody read outside the chart. Helm follows
//! `http`, `https` and `file` references; here they are an error that says so.

mod formats;
mod levels;
mod quick;
mod text;

use std::panic::AssertUnwindSafe;

use boon::{Compiler, SchemaIndex, Schemas, UrlLoader};
use memchr::memmem;
use serde_json::Value as Json;
use thiserror::Error;
use value::{Map, Value, json};

use crate::{Chart, Limits};

/// Where Helm says that a chart's schema lies.
const URL: &str = "file:///values.schema.json";

/// Why another document is not read.
const OUTSIDE: &str = "references outside the chart are not followed; put the schema into values.schema.json";

/// The most references times levels of values that the stack bears: along a chain of references at each level, the
/// validator recurses that deep.
const MOST_RECURSION: usize = 250_000;
/// Stack for that recursion. Only what is used is taken from the machine.
const STACK_BYTES: usize = 1 << 30;

/// Why values don't pass. `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SchemaError {
    /// They don't fit, or a schema is none.
    #[error("values don't meet the specifications of the schema(s) in the following chart(s):\n{0}")]
    Charts(String),
    /// The same for one schema alone.
    #[error("{0}")]
    One(String),
}

/// Holds coalesced values against the schema of a chart, and the parts for its subcharts against theirs.
///
/// # Errors
/// All charts whose values don't fit, by name, in the words of Helm.
pub fn validate(chart: &Chart, values: &Map, limits: &Limits) -> Result<(), SchemaError> {
    let mut faults = String::new();
    collect(chart, values, limits, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(SchemaError::Charts(faults)) }
}

fn collect(chart: &Chart, values: &Map, limits: &Limits, faults: &mut String) {
    if let Some(schema) = chart.schema()
        && let Err(fault) = check(schema, values, limits)
    {
        faults.push_str(chart.name());
        faults.push_str(":\n");
        faults.push_str(&fault);
    }
    for subchart in chart.dependencies() {
        match values.get(subchart.name()) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(values)) => collect(subchart, &values, limits, faults),
            Some(other) => faults.push_str(&format!(
                "{}:\ninvalid type for values: expected object (map), got {}\n",
                subchart.name(),
                other.type_name()
            )),
        }
    }
}

/// Holds values against one schema.
///
/// # Errors
/// What does not fit, or why the schema is none.
pub fn validate_one(schema: &[u8], values: &Map, limits: &Limits) -> Result<(), SchemaError> {
    check(schema, values, limits).map_err(SchemaError::One)
}

fn check(schema: &[u8], values: &Map, limits: &Limits) -> Result<(), String> {
    if schema.len() > limits.schema_bytes {
        return Err(format!("the schema has more than {} bytes", limits.schema_bytes));
    }
    match quick::look(schema, values, limits) {
        quick::Found::Fits => Ok(()),
        quick::Found::RefersTo(url) => Err(text::of_document_outside(&url, OUTSIDE)),
        quick::Found::Rest(schema) => on_large_stack(|| run(schema, values)),
        quick::Found::Nothing => check_exactly(schema, values, limits),
    }
}

fn check_exactly(schema: &[u8], values: &Map, limits: &Limits) -> Result<(), String> {
    let references = references(schema);
    if references.saturating_mul(depth(&values.clone().into())) > most_references(limits) {
        return Err(format!(
            "the schema has too many references ({references}) for values that nest so deep"
        ));
    }
    on_large_stack(|| {
        let schema = parse(schema)?;
        let most = limits.schema_objects;
        if schemas_within(&schema) > most {
            return Err(format!("the schema has more than {most} schemas in it"));
        }
        run(schema, values)
    })
}

/// Runs on a stack of its own: the validator recurses for each reference that it follows.
fn on_large_stack(run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let run = AssertUnwindSafe(|| stacker::grow(STACK_BYTES, run));
    std::panic::catch_unwind(run).unwrap_or_else(|_| Err("unable to validate schema".to_owned()))
}

/// How many references there may be in a schema: what ends as their keywords do.
fn references(schema: &[u8]) -> usize {
    let count = |word: &[u8]| memmem::find_iter(schema, word).count();
    count(b"Ref\"") + count(b"ref\"")
}

/// The most references times levels of values.
fn most_references(limits: &Limits) -> usize {
    limits.schema_references.min(MOST_RECURSION)
}

/// Levels of maps and lists; values nest no deeper than [`crate::values::DEPTH`].
fn depth(value: &Value) -> usize {
    let below =
        |values: &mut dyn Iterator<Item = Value>| values.map(|value| depth(&value)).max().unwrap_or_default();
    match value {
        Value::Map(map) => 1 + below(&mut map.entries().into_iter().map(|(_, value)| value)),
        Value::List(list) => 1 + below(&mut list.iter().cloned()),
        _ => 1,
    }
}

fn run(schema: Json, values: &Map) -> Result<(), String> {
    let values = json::to_string(&values.clone().into()).map_err(|error| error.to_string())?;
    let values = serde_json::from_str(&values).map_err(|error| too_deep("values", &error))?;
    let mut schemas = Schemas::new();
    let index = compile(schema, &mut schemas)?;
    schemas.validate(&values, index).map_err(|error| format!("{}\n", text::without_root(&error)))
}

/// Parses a schema; a broken one is told in Go's words.
fn parse(schema: &[u8]) -> Result<Json, String> {
    if let Err(error) = json::from_slice(schema) {
        return Err(error.to_string());
    }
    serde_json::from_slice(schema).map_err(|error| too_deep("schemas", &error))
}

/// How many schemas there may be in one: every object and boolean can be one.
fn schemas_within(schema: &Json) -> usize {
    match schema {
        Json::Object(fields) => 1 + fields.values().map(schemas_within).sum::<usize>(),
        Json::Array(items) => items.iter().map(schemas_within).sum(),
        Json::Bool(_) => 1,
        _ => 0,
    }
}

/// serde_json bounds nesting; what is valid and yet refused is too deep.
fn too_deep(what: &str, error: &serde_json::Error) -> String {
    format!("the {what} nest more than 128 levels deep, which no validation can follow: {error}")
}

fn compile(schema: Json, schemas: &mut Schemas) -> Result<SchemaIndex, String> {
    let mut compiler = Compiler::new();
    compiler.use_loader(Box::new(Offline));
    for format in formats::ALL {
        compiler.register_format(format);
    }
    compiler.add_resource(URL, schema).map_err(|error| text::of_compile_error(&error))?;
    compiler.compile(URL, schemas).map_err(|error| text::of_compile_error(&error))
}

/// Nothing outside the chart is read. A `urn:` that nobody resolves allows everything, as in Helm.
struct Offline;

impl UrlLoader for Offline {
    fn load(&self, url: &str) -> Result<Json, Box<dyn std::error::Error>> {
        if url.starts_with("urn:") {
            return Ok(Json::Bool(true));
        }
        Err(OUTSIDE.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(schema: &str, values: &str) -> String {
        let values = json::from_slice(values.as_bytes()).unwrap();
        validate_one(schema.as_bytes(), values.as_map().unwrap(), &Limits::default())
            .map_or_else(|error| error.to_string(), |()| "ok".into())
    }

    #[test]
    fn faults_read_as_helm_words_them() {
        for (schema, values, want) in [
            (
                r#"{"required": ["b"], "properties": {"a": {"type": "integer"}}}"#,
                r#"{"a": "x"}"#,
                "- at '': missing property 'b'\n- at '/a': got string, want integer\n",
            ),
            (
                r#"{"properties": {"a": {"enum": ["x", 2]}}}"#,
                r#"{"a": "z"}"#,
                "- at '/a': value must be one of 'x', 2\n",
            ),
            (
                r#"{"properties": {"a": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}}"#,
                r#"{"a": []}"#,
                "- at '/a': 'oneOf' failed, none matched\n  - at '/a': got array, want string\n  - at '/a': got array, want integer\n",
            ),
            (
                r#"{"properties": {"a": {"minimum": 2000}}}"#,
                r#"{"a": 1234.5}"#,
                "- at '/a': minimum: got 1,234.5, want 2,000\n",
            ),
            (
                r#"{"additionalProperties": false}"#,
                r#"{"z": 1, "y": 2}"#,
                "- at '': additional properties 'y', 'z' not allowed\n",
            ),
            (
                r##"{"$defs": {"q": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/q"}}}"##,
                r#"{"a": 1}"#,
                "- at '/a': got number, want string\n",
            ),
            (r#"{"properties": {"a": {"const": null}}}"#, r#"{"a": 1}"#, "- at '/a': value must be <nil>\n"),
            (
                r#"{"properties": {"a": {"allOf": [{"type": "string"}, {"anyOf": [{"minimum": 3}]}]}}}"#,
                r#"{"a": "x"}"#,
                "ok",
            ),
            (
                r#"{"properties": {"a": {"allOf": [true, {"properties": {"b": {"anyOf": [{"type": "string"}]}}}]}}}"#,
                r#"{"a": {"b": 1}}"#,
                "- at '/a': 'allOf' failed\n  - at '/a/b': 'anyOf' failed\n    - at '/a/b': got number, want string\n",
            ),
            (
                r#"{"properties": {"a": {"minLength": -1, "pattern": "(?=x)"}}}"#,
                "{}",
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/properties/a': 'allOf' failed\n    - at '/properties/a': validation failed\n      - at '/properties/a/minLength': minimum: got -1, want 0\n      - at '/properties/a/pattern': '(?=x)' is not valid regex: error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
            ),
            (r#"{"properties": {"a": {"$ref": "urn:x:y"}}}"#, r#"{"a": 1}"#, "ok"),
        ] {
            assert_eq!(fault(schema, values), want, "{schema}");
        }
    }

    #[test]
    fn formats_are_asserted_up_to_draft_7() {
        let schema =
            |draft: &str| format!(r#"{{"$schema": "{draft}", "properties": {{"a": {{"format": "ipv4"}}}}}}"#);
        let (old, new) =
            ("http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(
            fault(&schema(old), r#"{"a": "x"}"#),
            "- at '/a': 'x' is not valid ipv4: expected four decimals\n"
        );
        assert_eq!(fault(&schema(new), r#"{"a": "x"}"#), "ok");
    }

    #[test]
    fn references_outside_the_chart_are_refused() {
        for url in ["http://127.0.0.1:1/x.json", "file:///etc/passwd", "x.json"] {
            let text = fault(&format!(r#"{{"properties": {{"a": {{"$ref": "{url}"}}}}}}"#), r#"{"a": 1}"#);
            assert!(text.starts_with("failing loading \""), "{text}");
        }
    }

    #[test]
    fn hostile_schemas_are_bounded() {
        let deep = format!("{}{{}}{}", r#"{"not":"#.repeat(3000), "}".repeat(3000));
        assert!(fault(&deep, "{}").contains("128 levels"), "{}", fault(&deep, "{}"));
        assert_eq!(fault(r##"{"$ref": "#"}"##, "{}").lines().count(), 1);
    }

    #[test]
    fn chains_of_references_do_not_end_the_stack() {
        let with_chain = |count: usize, depth: usize| {
            let links: Vec<String> =
                (0..count).map(|at| format!(r##""d{at}": {{"$ref": "#/$defs/d{}"}}"##, at + 1)).collect();
            let last = format!(
                r##""d{count}": {{"type": "object", "properties": {{"a": {{"$ref": "#/$defs/d0"}}}}}}"##
            );
            let schema = format!(r##"{{"$defs": {{{}, {last}}}, "$ref": "#/$defs/d0"}}"##, links.join(","));
            fault(&schema, &format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth)))
        };
        assert!(with_chain(2_400, 100).ends_with(": got number, want object\n"));
        assert!(with_chain(10_000, 100).contains("too many references"));
    }
}

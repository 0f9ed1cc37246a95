//! The head of a manifest: which object it is, and its annotations.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chart::Flavour;
use goyaml::{Numbers, Options, Wanted};
use thiserror::Error;
use value::{Map, Str, Value};

/// What Helm reads of a manifest: as with all its structs, field names match in any case and scalars become strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`; empty where the document has none.
    pub kind: String,
    /// `metadata.name`
    pub name: String,
    /// `metadata.annotations`
    pub annotations: BTreeMap<String, String>,
}

/// Why a document is no manifest.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HeadError {
    /// It is no YAML.
    #[error("{0}")]
    Yaml(#[from] goyaml::Error),
    /// A value of another type stands where the struct has a field, in Go's words.
    #[error("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go {place}")]
    Type {
        /// JSON's word for what is there.
        found: &'static str,
        /// Go's description of the place.
        place: String,
    },
}

const METADATA_TYPE: &str = "of type struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \
                             \"json:\\\"annotations\\\"\" }";

/// The part of a document that a head is made of, by its names in lower case.
const PART: Wanted = Wanted::Fields(&[
    ("apiversion", Wanted::All),
    ("kind", Wanted::All),
    ("metadata", Wanted::Fields(&[("name", Wanted::All), ("annotations", Wanted::All)])),
]);

impl Head {
    /// Reads the first document of a text; all of that document must be YAML.
    pub fn parse(document: &[u8], flavour: Flavour) -> Result<Head, HeadError> {
        let mut reader = Reader::default();
        let options = Options { numbers: Numbers::AsWritten, ..Options::default() };
        match goyaml::parse_part(document, &options, PART)? {
            Value::Map(fields) => reader.fields(&fields),
            Value::Nil => {}
            other => {
                let package = if flavour == Flavour::V3 { "releaseutil" } else { "util" };
                return Err(type_error(&other, format!("value of type {package}.SimpleHead")));
            }
        }
        reader.error.map_or(Ok(reader.head), Err)
    }
}

fn type_error(found: &Value, place: String) -> HeadError {
    let found = match found {
        Value::Map(_) => "object",
        Value::List(_) => "array",
        Value::Str(_) => "string",
        Value::Bool(_) => "bool",
        _ => "number",
    };
    HeadError::Type { found, place }
}

fn lower_case(name: &Str) -> Cow<'_, str> {
    match name.to_text() {
        name if name.bytes().all(|byte| byte.is_ascii_lowercase()) => name,
        name => Cow::Owned(name.to_lowercase()),
    }
}

/// Go's decoder reads on after a value of the wrong type, and reports the first one at the end.
#[derive(Default)]
struct Reader {
    head: Head,
    error: Option<HeadError>,
}

impl Reader {
    fn fields(&mut self, fields: &Map) {
        for (name, value) in fields.entries() {
            match lower_case(&name).as_ref() {
                "apiversion" => {
                    if let Some(text) = self.string(&value, "SimpleHead.apiVersion") {
                        self.head.api_version = text;
                    }
                }
                "kind" => {
                    if let Some(text) = self.string(&value, "SimpleHead.kind") {
                        self.head.kind = text;
                    }
                }
                "metadata" => self.metadata(&value),
                _ => {}
            }
        }
    }

    fn metadata(&mut self, metadata: &Value) {
        match metadata {
            Value::Nil => {}
            Value::Map(fields) => {
                for (name, value) in fields.entries() {
                    match lower_case(&name).as_ref() {
                        "name" => {
                            if let Some(text) = self.string(&value, ".metadata.name") {
                                self.head.name = text;
                            }
                        }
                        "annotations" => self.annotations(&value),
                        _ => {}
                    }
                }
            }
            other => self.fail(other, format!("struct field SimpleHead.metadata {METADATA_TYPE}")),
        }
    }

    fn annotations(&mut self, annotations: &Value) {
        match annotations {
            Value::Nil => {}
            Value::Map(entries) => {
                for (key, value) in entries.entries() {
                    let text = self.string(&value, ".metadata.annotations").unwrap_or_default();
                    self.head.annotations.insert(key.to_text().into_owned(), text);
                }
            }
            other => {
                self.fail(other, "struct field .metadata.annotations of type map[string]string".to_owned())
            }
        }
    }

    fn string(&mut self, value: &Value, field: &str) -> Option<String> {
        if value.is_nil() {
            return None;
        }
        let text = goyaml::as_string(value);
        if text.is_none() {
            self.fail(value, format!("struct field {field} of type string"));
        }
        text.map(|text| text.to_text().into_owned())
    }

    fn fail(&mut self, found: &Value, place: String) {
        self.error.get_or_insert_with(|| type_error(found, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Head, String> {
        Head::parse(text.as_bytes(), Flavour::V4).map_err(|error| error.to_string())
    }

    #[test]
    fn field_names_match_in_any_case_and_scalars_become_strings() {
        let head =
            parse("KIND: A\nMetadata:\n  Name: 12\n  ANNOTATIONS: {a: true, b: 1.5, c: null}").unwrap();
        assert_eq!((head.kind.as_str(), head.name.as_str()), ("A", "12"));
        let annotations: Vec<_> = head.annotations.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(annotations, ["a=true", "b=1.5", "c="]);
    }

    #[test]
    fn numbers_become_strings_as_the_yaml_library_prints_them() {
        let head = parse(
            "metadata: {annotations: {a: 1e6, b: 1.10, c: 0x1F, d: 12345678901234567890, e: 1234567.0}}",
        );
        let texts: Vec<_> = head.unwrap().annotations.into_values().collect();
        assert_eq!(texts, ["1e+06", "1.1", "31", "12345678901234567890", "1.234567e+06"]);
    }

    #[test]
    fn a_comment_alone_is_an_empty_head() {
        assert_eq!(parse("# nothing"), Ok(Head::default()));
    }

    #[test]
    fn what_no_head_needs_still_has_to_be_yaml() {
        for (text, problem) in [
            ("kind: A\nspec: [!!int x]", "yaml: cannot decode !!str `x` as a !!int"),
            ("kind: A\nspec: {[a]: b}", "yaml: invalid map key: []interface {}{\"a\"}"),
            ("kind: A\nspec: {a: .inf}", "json: unsupported value: +Inf"),
            ("kind: A\nspec: {~: a}", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"a\""),
        ] {
            assert_eq!(parse(text).unwrap_err(), format!("error converting YAML to JSON: {problem}"));
        }
        assert_eq!(parse("spec: {a: .inf}\nkind: A\nspec: 1").unwrap().kind, "A");
    }

    #[test]
    fn a_head_may_come_through_merges_and_aliases() {
        let head =
            parse("x: &x {name: a, kind: B, uid: 1}\n<<: *x\nmetadata: *x\nMETADATA: {<<: *x}").unwrap();
        assert_eq!((head.kind.as_str(), head.name.as_str()), ("B", "a"));
    }

    #[test]
    fn values_of_another_type_are_named_as_go_names_them() {
        assert_eq!(
            parse("kind: [a]\nmetadata: x").unwrap_err(),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field \
             SimpleHead.kind of type string"
        );
        assert_eq!(
            parse("metadata: {annotations: {a: {}}}").unwrap_err(),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go struct field \
             .metadata.annotations of type string"
        );
    }
}

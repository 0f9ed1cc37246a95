//! Reading `Chart.yaml` as Helm 4's linter does once more: what nobody knows is an error. Go: `yaml.UnmarshalStrict`.

use goyaml::Options;
use thiserror::Error;
use value::Value;

use super::decode::MetadataDocument;
use super::go_struct::Structure;
use super::{Dependency, Maintainer, Metadata};

/// Why a `Chart.yaml` is not strictly one; `Display` is Go's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StrictError {
    /// A key occurs twice, or the text is no YAML.
    #[error(transparent)]
    Yaml(#[from] goyaml::Error),
    /// The first field, in the order of their names, that nobody knows.
    #[error("error unmarshaling JSON: while decoding JSON: json: unknown field {}", value::format::quote(.0))]
    UnknownField(String),
}

impl Metadata {
    /// Whether a `Chart.yaml` holds nothing but what is known.
    ///
    /// # Errors
    /// Where it does not.
    pub fn check_strictly(text: &[u8]) -> Result<(), StrictError> {
        let options = Options { strict: true, ..Options::default() };
        let value = goyaml::parse_with(text, &options)?;
        match unknown(&value, MetadataDocument::FIELDS) {
            Some(field) => Err(StrictError::UnknownField(field)),
            None => Ok(()),
        }
    }
}

/// The first unknown field of a map, or of the maps in the lists in it that have fields of their own.
fn unknown(value: &Value, known: &[&str]) -> Option<String> {
    let Value::Map(map) = value else { return None };
    map.entries().into_iter().find_map(|(key, value)| {
        let key = key.to_text();
        let Some(field) = known.iter().find(|field| field.eq_ignore_ascii_case(&key)) else {
            return Some(key.into_owned());
        };
        let inner = match *field {
            "maintainers" => Maintainer::FIELDS,
            "dependencies" => Dependency::FIELDS,
            _ => return None,
        };
        value.as_list()?.iter().find_map(|item| unknown(item, inner))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Metadata::check_strictly(text.as_bytes()).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn the_first_unknown_field_by_name_is_told() {
        let unknown = |field: &str| {
            format!("error unmarshaling JSON: while decoding JSON: json: unknown field \"{field}\"")
        };
        assert_eq!(problem("name: a\nVERSION: 1\nmaintainers: [{name: b}]\n"), "");
        assert_eq!(problem("zz: 1\nmaintainers: [{foo: b}]\n"), unknown("foo"));
        assert_eq!(problem("dependencies: [{bar: 1}]\naa: 1\n"), unknown("aa"));
        assert!(problem("a: 1\na: 2\n").contains("already set in map"));
    }
}

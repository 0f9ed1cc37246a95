//! Reading into a wanted Go type, and what Go says where the document holds another.

use value::{FloatFormat, List, Map, Str, Value, format_float, format_float32};

use crate::decode::parse;
use crate::error::{Error, Problem};

/// Reads a document into a `map[string]interface {}`, as `fromYaml` and values files do.
///
/// An empty document and null give an empty map, since Go leaves the map as it was.
///
/// # Errors
/// As [`parse`], and where the document is no mapping.
pub fn unmarshal_map(text: &[u8]) -> Result<Map, Error> {
    match parse(text)? {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::new()),
        other => Err(type_mismatch(&other, "value", "map[string]interface {}")),
    }
}

/// Reads a document into a `[]interface {}`, as `fromYamlArray` does; an empty document and null give an empty list.
///
/// # Errors
/// As [`parse`], and where the document is no sequence.
pub fn unmarshal_list(text: &[u8]) -> Result<List, Error> {
    match parse(text)? {
        Value::List(list) => Ok(list),
        Value::Nil => Ok(List::new(Vec::new())),
        other => Err(type_mismatch(&other, "value", "[]interface {}")),
    }
}

/// Go's `encoding/json` error for a value that a type can't hold.
///
/// `place` is `value`, or `struct field Metadata.keywords`; `wanted` the Go type there.
pub fn type_mismatch(found: &Value, place: &str, wanted: &str) -> Error {
    let problem =
        Problem::TypeMismatch { found: json_kind(found), place: place.to_owned(), wanted: wanted.to_owned() };
    problem.into()
}

/// What `encoding/json` calls a value in its errors: numbers are shown where the wanted type is a number.
fn json_kind(value: &Value) -> String {
    match value {
        Value::Nil => "null",
        Value::Bool(_) => "bool",
        Value::Str(_) | Value::Bytes(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) | Value::Object(_) => "object",
        Value::Int(..) | Value::Uint(..) | Value::Float(_) | Value::Complex(..) => "number",
    }
    .to_owned()
}

/// The string that `sigs.k8s.io/yaml` makes of a scalar where a Go string is wanted: `true`, `12`, `1.1`.
///
/// Integers have to be kept apart ([`Numbers::AsWritten`](crate::Numbers::AsWritten)): an integer gives all its
/// digits, a float only those of a `float32`, so that `1.10` becomes `1.1` and `16777217.0` `1.6777216e+07`.
/// `None` for null and for collections.
pub fn as_string(scalar: &Value) -> Option<Str> {
    match scalar {
        Value::Str(text) => Some(text.clone()),
        Value::Bool(truth) => Some(Str::from(truth.to_string())),
        Value::Int(_, int) => Some(Str::from(int.to_string())),
        Value::Uint(_, uint) => Some(Str::from(uint.to_string())),
        Value::Float(float) if float.is_finite() => {
            Some(Str::from(format_float32(*float as f32, FloatFormat::General)))
        }
        Value::Float(float) => Some(Str::from(format_float(*float, FloatFormat::General, None))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_an_empty_map() {
        assert!(unmarshal_map(b"").unwrap().is_empty());
        assert!(unmarshal_map(b"null").unwrap().is_empty());
    }

    #[test]
    fn errors_name_the_step_and_the_type() {
        let error = unmarshal_list(b"a: 1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "error unmarshaling JSON: while decoding JSON: \
             json: cannot unmarshal object into Go value of type []interface {}"
        );
        let error = unmarshal_map(b"a: b: c").unwrap_err();
        assert_eq!(
            error.to_string(),
            "error converting YAML to JSON: yaml: mapping values are not allowed in this context"
        );
    }

    #[test]
    fn a_wanted_string_takes_numbers_in_their_float32_digits() {
        assert_eq!(as_string(&Value::Float(1.10)).unwrap(), "1.1");
        assert_eq!(as_string(&Value::Float(1e10)).unwrap(), "1e+10");
        assert_eq!(as_string(&Value::int64(12_345_678_901)).unwrap(), "12345678901");
        assert!(as_string(&Value::Nil).is_none());
    }
}

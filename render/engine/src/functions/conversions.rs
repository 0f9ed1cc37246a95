//! YAML, JSON and TOML in templates. What can't be converted becomes text, seldom an error: so Helm does.

use gotemplate::{Call, Function, FunctionError, Returned};
use value::{ElementType, List, Map, MapType, Str, Value, json};

use crate::toml::{self, EncodeError};

/// As `sigs.k8s.io/yaml` prints it, without the last line break; nothing where it can't.
pub(crate) fn to_yaml(value: Value) -> Str {
    must_to_yaml(value).unwrap_or_default()
}

pub(super) fn must_to_yaml(value: Value) -> Result<Str, FunctionError> {
    let text = goyaml::to_yaml(&value).map_err(|error| error.to_string())?;
    Ok(without_last_line_break(text))
}

pub(super) fn to_yaml_pretty(value: Value) -> Str {
    goyaml::to_yaml_pretty(&value).map(without_last_line_break).unwrap_or_default()
}

fn without_last_line_break(text: impl Into<Vec<u8>>) -> Str {
    let mut text: Vec<u8> = text.into();
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    text.into()
}

/// A function that reads a text, and is charged for what it makes of it.
pub(super) fn reader<T: Returned + 'static>(read: fn(Str) -> T) -> Function {
    Function::with_call(move |call: &mut Call<'_>, text: Str| {
        call.charge_reading(text.len())?;
        Ok::<T, FunctionError>(read(text))
    })
}

/// A map, empty for `null`; of a text that is none, a map whose `Error` says why.
pub(super) fn from_yaml(text: Str) -> Map {
    match goyaml::parse(text.as_bytes()) {
        Ok(Value::Nil) => Map::new(),
        Ok(value) => map_or_error(value, "error unmarshaling JSON: while decoding JSON: "),
        Err(error) => error_map(error.to_string()),
    }
}

/// A list, empty for `null`; of a text that is none, a list whose one item says why.
pub(super) fn from_yaml_array(text: Str) -> List {
    match goyaml::parse(text.as_bytes()) {
        Ok(Value::Nil) => List::new(Vec::new()),
        Ok(value) => list_or_error(value, "error unmarshaling JSON: while decoding JSON: "),
        Err(error) => error_list(error.to_string()),
    }
}

pub(super) fn from_json(text: Str) -> Map {
    match json::from_slice(text.as_bytes()) {
        Ok(value) => map_or_error(value, ""),
        Err(error) => error_map(error.to_string()),
    }
}

pub(super) fn from_json_array(text: Str) -> List {
    match json::from_slice(text.as_bytes()) {
        Ok(value) => list_or_error(value, ""),
        Err(error) => error_list(error.to_string()),
    }
}

/// Go's JSON decoder leaves a nil map for `null`.
fn map_or_error(value: Value, prefix: &str) -> Map {
    match value {
        Value::Map(map) => map,
        Value::Nil => Map::nil(MapType::INTERFACE),
        other => error_map(mismatch(prefix, &other, "map[string]interface {}")),
    }
}

fn list_or_error(value: Value, prefix: &str) -> List {
    match value {
        Value::List(list) => list,
        Value::Nil => List::nil(ElementType::Interface),
        other => error_list(mismatch(prefix, &other, "[]interface {}")),
    }
}

fn mismatch(prefix: &str, found: &Value, wanted: &str) -> String {
    let found = match found {
        Value::Map(_) => "object",
        Value::List(_) => "array",
        Value::Str(_) => "string",
        Value::Bool(_) => "bool",
        _ => "number",
    };
    format!("{prefix}json: cannot unmarshal {found} into Go value of type {wanted}")
}

fn error_map(text: String) -> Map {
    [("Error", text)].into_iter().collect()
}

fn error_list(text: String) -> List {
    List::new(vec![text.into()])
}

/// As Go's `json.Marshal`; nothing where it can't.
pub(super) fn to_json(value: Value) -> String {
    json::to_string(&value).unwrap_or_default()
}

pub(super) fn must_to_json(value: Value) -> Result<String, FunctionError> {
    json::to_string(&value).map_err(|error| error.to_string().into())
}

/// A TOML document; the error's text where there is none, but for nil, which has no text either.
pub(super) fn to_toml(value: Value) -> Result<Str, FunctionError> {
    match toml::to_toml(&value) {
        Ok(text) => Ok(text.into()),
        Err(error @ EncodeError::Nil) => Err(error.to_string().into()),
        Err(error) => Ok(error.to_string().into()),
    }
}

pub(super) fn must_to_toml(value: Value) -> Result<Str, FunctionError> {
    toml::to_toml(&value).map(Str::from).map_err(|error| error.to_string().into())
}

/// A map; of a text that is no TOML, a map whose `Error` says why.
pub(super) fn from_toml(host: &dyn sprig::Host, text: &Str) -> Map {
    toml::from_toml(text.as_bytes(), host).unwrap_or_else(|error| error_map(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yamls_null_is_empty_and_jsons_is_nil() {
        assert_eq!(to_json(from_yaml("null".into()).into()), "{}");
        assert_eq!(to_json(from_yaml_array("null".into()).into()), "[]");
        assert_eq!(to_json(from_json("null".into()).into()), "null");
        assert_eq!(to_json(from_json_array("null".into()).into()), "null");
    }

    #[test]
    fn nil_has_no_toml_and_no_error_text_either() {
        assert!(to_toml(Value::Nil).is_err());
        assert!(to_toml(List::new(vec![Value::Nil]).into()).is_ok());
    }
}

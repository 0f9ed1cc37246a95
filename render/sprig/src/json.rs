//! JSON: `toJson`, `toPrettyJson`, `toRawJson`, `fromJson` and the `must…` forms.

use gotemplate::{Call, FunctionError};
use value::{
    Str, Value,
    json::{Style, from_slice, to_string_with},
};

const PRETTY: Style = Style { indent: Some(2), ..Style::MARSHAL };
const RAW: Style = Style { escape_html: false, ..Style::MARSHAL };

/// `json.Marshal`; "" for what JSON has no form for.
pub(crate) fn to_json(value: Value) -> String {
    to_string_with(&value, Style::MARSHAL).unwrap_or_default()
}

/// [`to_json`] that fails.
pub(crate) fn must_to_json(value: Value) -> Result<String, FunctionError> {
    encoded(&value, Style::MARSHAL)
}

/// `json.MarshalIndent` by two spaces; "" for what JSON has no form for.
pub(crate) fn to_pretty_json(value: Value) -> String {
    to_string_with(&value, PRETTY).unwrap_or_default()
}

/// [`to_pretty_json`] that fails.
pub(crate) fn must_to_pretty_json(value: Value) -> Result<String, FunctionError> {
    encoded(&value, PRETTY)
}

/// JSON without HTML escapes; fails in both forms.
pub(crate) fn to_raw_json(value: Value) -> Result<String, FunctionError> {
    encoded(&value, RAW)
}

/// The value, or nil where the text is no JSON.
pub(crate) fn from_json(call: &mut Call<'_>, text: Str) -> Result<Value, FunctionError> {
    call.charge_reading(text.len())?;
    Ok(from_slice(text.as_bytes()).unwrap_or_default())
}

/// [`from_json`] that fails.
pub(crate) fn must_from_json(call: &mut Call<'_>, text: Str) -> Result<Value, FunctionError> {
    call.charge_reading(text.len())?;
    from_slice(text.as_bytes()).map_err(|error| FunctionError::new(error.to_string()))
}

fn encoded(value: &Value, style: Style) -> Result<String, FunctionError> {
    to_string_with(value, style).map_err(|error| FunctionError::new(error.to_string()))
}

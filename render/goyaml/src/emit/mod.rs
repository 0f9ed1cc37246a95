//! From values to text: `sigs.k8s.io/yaml.Marshal` (`toYaml`) and the encoder of `go.yaml.in/yaml/v3`
//! (`toYamlPretty`).

mod analysis;
mod key_order;
mod layout;
mod number;
mod pretty;
mod scalar;
mod through_json;
mod walk;

use thiserror::Error;
use value::Value;

use crate::decode::{Numbers, Options, parse_with};
use crate::error::Error;
use walk::{Emitter, Refused};

/// Why a value can't be printed. Helm's `toYaml` gives an empty string then.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EmitError {
    /// The value has no form in JSON: an infinity, a complex number, a map that contains itself.
    #[error("error marshaling into JSON: {0}")]
    Json(#[from] value::json::EncodeError),
    /// The JSON text is no YAML: a forbidden character, a key of more than 1,024 characters, too many levels.
    #[error("{0}")]
    Yaml(#[from] Error),
    /// The encoder of `toYamlPretty` doesn't know the type.
    #[error("cannot marshal type: {0}")]
    Type(String),
    /// The value nests deeper than 10,000 levels, or contains itself.
    #[error("exceeded max depth")]
    Depth,
}

/// The wide line at which both libraries' layouts differ: `toYaml` folds behind column 80.
const FOLD_COLUMN: usize = 80;

/// The deepest nesting that can be printed.
const MAX_DEPTH: usize = 10_000;

/// What differs between the two printers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// `sigs.k8s.io/yaml.Marshal`, through `go.yaml.in/yaml/v2`.
    Kubernetes,
    /// `go.yaml.in/yaml/v3` with an indentation of two.
    Pretty,
}

/// Prints a value as `sigs.k8s.io/yaml.Marshal` does, the last line break included.
///
/// Go encodes the value as JSON, reads that text as YAML and prints what it has read. Here a value is printed
/// straight away; only where a string would not come back from that way as it was, the way is really gone.
///
/// # Errors
/// Where one of Go's steps fails; Helm's `toYaml` then gives an empty string, `mustToYaml` the error.
pub fn to_yaml(value: &Value) -> Result<String, EmitError> {
    match Emitter::new(Dialect::Kubernetes, true).document(value) {
        Ok(text) => Ok(text),
        Err(Refused::Detour) => detour(value),
        Err(Refused::Error(error)) => Err(error),
    }
}

/// The long way: JSON text, read as YAML 1.1, printed.
fn detour(value: &Value) -> Result<String, EmitError> {
    let json = value::json::to_string(value)?;
    let options = Options { numbers: Numbers::AsWritten, ..Options::default() };
    let read = parse_with(json.as_bytes(), &options)?;
    Emitter::new(Dialect::Kubernetes, false).document(&read).map_err(|refused| match refused {
        Refused::Error(error) => error,
        Refused::Detour => EmitError::Depth,
    })
}

/// Prints a value as the encoder of `go.yaml.in/yaml/v3` with an indentation of two does (`toYamlPretty`), the last
/// line break included.
///
/// Against [`to_yaml`]: sequences are indented, lines never fold, floats keep their exponents (`1e+06`), structs show
/// their Go field names in lower case, strings that are no UTF-8 become `!!binary`.
///
/// # Errors
/// Where a value is a complex number or contains itself.
pub fn to_yaml_pretty(value: &Value) -> Result<String, EmitError> {
    Emitter::new(Dialect::Pretty, false).document(value).map_err(|refused| match refused {
        Refused::Error(error) => error,
        Refused::Detour => EmitError::Depth,
    })
}

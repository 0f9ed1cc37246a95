//! From values to text: `sigs.k8s.io/yaml.Marshal` (`toYaml`) and the encoder of `go.yaml.in/yaml/v3`
//! (`toYamlPretty`).

mod analysis;
mod key_order;
mod layout;
mod number;
mod pretty;
mod scalar;
mod size;
mod text;
mod through_json;
mod walk;

use thiserror::Error;
use value::Value;

use crate::decode::{Numbers, Options, parse_with};
use crate::error::Problem;
use walk::{Emitter, Refused, Source};

/// Why a value can't be printed. Helm's `toYaml` gives an empty string then.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EmitError {
    /// The value has no form in JSON: an infinity, a complex number, a map that contains itself.
    #[error("error marshaling into JSON: {0}")]
    Json(#[from] value::json::EncodeError),
    /// The JSON text is no YAML: a forbidden character, a key of more than 1,024 characters, too many levels.
    #[error("{0}")]
    Yaml(#[from] Problem),
    /// The encoder of `toYamlPretty` doesn't know the type.
    #[error("cannot marshal type: {0}")]
    Type(String),
    /// The value contains itself, or nests deeper than anything real does.
    #[error("exceeded max depth")]
    Depth,
    /// The text would be larger than 100 MiB: a bound of ours, as a few maps that share others can print without end.
    #[error("the YAML text has more than {MAX_BYTES} bytes")]
    Size,
}

/// The wide line at which both libraries' layouts differ: `toYaml` folds behind column 80.
const FOLD_COLUMN: usize = 80;

/// The largest text that is printed.
const MAX_BYTES: usize = 100 << 20;

/// The deepest nesting that is printed straight away. Deeper values go through JSON, where Go notices cycles.
const MAX_DEPTH: usize = 500;

/// The deepest nesting that Go's way through JSON allows.
const LONGEST_WAY: usize = 10_000;

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
    match Emitter::new(Dialect::Kubernetes, Source::Template).document(value) {
        Ok(text) => Ok(text),
        Err(Refused::Detour) => detour(value),
        Err(Refused::Error(error)) => Err(error),
    }
}

/// The long way: JSON text, read as YAML 1.1, printed.
fn detour(value: &Value) -> Result<String, EmitError> {
    if !size::is_within(value, MAX_BYTES) {
        return Err(EmitError::Size);
    }
    let json = value::json::to_string(value)?;
    let options = Options { numbers: Numbers::AsWritten, ..Options::default() };
    let read = parse_with(json.as_bytes(), &options).map_err(|error| error.problem().clone())?;
    Emitter::new(Dialect::Kubernetes, Source::Document).document(&read).map_err(final_error)
}

fn final_error(refused: Refused) -> EmitError {
    match refused {
        Refused::Error(error) => error,
        Refused::Detour => EmitError::Depth,
    }
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
    Emitter::new(Dialect::Pretty, Source::Template).document(value).map_err(final_error)
}

#[cfg(test)]
mod tests {
    use value::{Map, Str};

    use super::*;

    fn both(text: &str) -> (Result<String, EmitError>, Result<String, EmitError>) {
        let map = Map::new();
        map.insert("k", Value::from(text));
        let value = Value::from(map);
        (to_yaml(&value), detour(&value))
    }

    #[test]
    fn the_short_way_prints_what_the_long_way_prints() {
        for text in [
            "a",
            "yes",
            "a\nb",
            "it's: x",
            "\t",
            "é",
            "\u{a0}",
            "\u{2028}",
            "\u{feff}x",
            "<&>",
            "😀",
            "\u{0}",
        ] {
            let (short, long) = both(text);
            assert_eq!(short, long, "{text:?}");
        }
    }

    #[test]
    fn next_line_characters_fold_on_the_way() {
        assert_eq!(both("a \u{85} b").0.unwrap(), "k: a b\n");
        assert_eq!(both("a\u{85}\u{85}b").0.unwrap(), "k: |-\n  a\n  b\n");
        assert_eq!(
            both("\u{85}--- x").0.unwrap_err().to_string(),
            "yaml: line 2: found unexpected document indicator"
        );
    }

    #[test]
    fn forbidden_characters_make_printing_fail() {
        for text in ["\u{7f}", "\u{80}", "\u{9f}", "\u{fffe}", "\u{ffff}"] {
            assert_eq!(both(text).0.unwrap_err().to_string(), "yaml: control characters are not allowed");
        }
    }

    #[test]
    fn keys_of_more_than_a_thousand_characters_make_printing_fail() {
        let print = |key: String| {
            let map = Map::new();
            map.insert(key, Value::Nil);
            to_yaml(&Value::from(map))
        };
        assert!(print("k".repeat(1022)).is_ok());
        assert!(print("<".repeat(170)).is_ok());
        let error = print("k".repeat(1023)).unwrap_err();
        assert_eq!(error.to_string(), "yaml: did not find expected ',' or '}'");
        assert!(print("<".repeat(171)).is_err());
    }

    #[test]
    fn bytes_that_are_no_text_differ_between_the_printers() {
        let value = Value::Str(Str::from(b"a\xe2\x82".to_vec()));
        assert_eq!(to_yaml(&value).unwrap(), "a\u{fffd}\u{fffd}\n");
        assert_eq!(to_yaml_pretty(&value).unwrap(), "!!binary YeKC\n");
    }

    #[test]
    fn a_map_that_contains_itself_is_an_error() {
        let map = Map::new();
        map.insert("a", Value::from(map.clone()));
        let value = Value::from(map.clone());
        assert!(matches!(to_yaml(&value), Err(EmitError::Json(_))));
        assert_eq!(to_yaml_pretty(&value), Err(EmitError::Depth));
        map.remove("a");
    }

    #[test]
    fn maps_that_share_others_can_not_print_without_end() {
        let mut value = Value::from("leaf");
        for _ in 0..60 {
            let map = Map::new();
            map.insert("a", value.clone());
            map.insert("b", value);
            value = Value::from(map);
        }
        assert!(!size::is_within(&value, 1 << 16));
    }

    #[test]
    fn infinities_print_in_one_dialect_only() {
        let value = Value::from(f64::INFINITY);
        assert_eq!(
            to_yaml(&value).unwrap_err().to_string(),
            "error marshaling into JSON: json: unsupported value: +Inf"
        );
        assert_eq!(to_yaml_pretty(&value).unwrap(), ".inf\n");
    }
}

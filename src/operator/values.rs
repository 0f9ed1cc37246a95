//! Values from their layers: a pure function of what was read.
//!
//! `context` < `from` < `base` < `overrides`. Maps merge, anything else replaces, `null` stays: it removes the chart's
//! default, as in Helm.

use serde_json::{Map, Value};

/// An override whose value is known.
#[derive(Clone)]
pub(super) struct Resolved {
    pub(super) path: String,
    pub(super) value: Value,
}

/// A path that can't be followed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PathError {
    /// Empty names, unclosed brackets, indexes that are no numbers.
    #[error(
        "the override path {0:?} is malformed: names joined by dots, indexes in brackets, as in server.ports[0].name"
    )]
    Malformed(String),
    /// More than Helm allows.
    #[error("the override path {0:?} is deeper than 30 names, or has an index above 65536")]
    TooFar(String),
}

/// Merges maps and sets overrides.
pub(super) fn compose(layers: Vec<Map<String, Value>>, overrides: Vec<Resolved>) -> Result<Value, PathError> {
    let mut values = Value::Object(Map::new());
    for layer in layers {
        merge(&mut values, Value::Object(layer));
    }
    for Resolved { path, value } in overrides {
        set(&mut values, &steps(&path)?, value);
    }
    Ok(values)
}

fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                match below.get_mut(&key) {
                    Some(old) => merge(old, value),
                    None => {
                        below.insert(key, value);
                    }
                }
            }
        }
        (below, above) => *below = above,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// Helm: `strvals.MaxNestedNameLevel`, `strvals.MaxIndex`.
const MAX_STEPS: usize = 30;
const MAX_INDEX: usize = 65536;

fn steps(path: &str) -> Result<Vec<Step>, PathError> {
    let malformed = || PathError::Malformed(path.to_owned());
    let mut steps = Vec::new();
    let mut name = String::new();
    let mut after_index = false;
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => name.push(letters.next().ok_or_else(malformed)?),
            '.' | '[' => {
                if !name.is_empty() {
                    steps.push(Step::Name(std::mem::take(&mut name)));
                } else if !after_index {
                    return Err(malformed());
                }
                after_index = letter == '[';
                if after_index {
                    let digits: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                    steps.push(Step::Index(digits.parse().map_err(|_| malformed())?));
                }
            }
            _ if after_index => return Err(malformed()),
            letter => name.push(letter),
        }
    }
    match name.is_empty() {
        false => steps.push(Step::Name(name)),
        true if after_index => {}
        true => return Err(malformed()),
    }
    let far = |step: &Step| matches!(step, Step::Index(index) if *index > MAX_INDEX);
    if steps.len() > MAX_STEPS || steps.iter().any(far) {
        return Err(PathError::TooFar(path.to_owned()));
    }
    Ok(steps)
}

/// Sets what lies at the path. What stands in the way and is no map or list of the right kind is replaced.
fn set(mut at: &mut Value, steps: &[Step], value: Value) {
    for step in steps {
        at = match step {
            Step::Name(name) => {
                if !at.is_object() {
                    *at = Value::Object(Map::new());
                }
                let Value::Object(map) = at else { return };
                map.entry(name.clone()).or_insert(Value::Null)
            }
            Step::Index(index) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let Value::Array(list) = at else { return };
                if list.len() <= *index {
                    list.resize(*index + 1, Value::Null);
                }
                let Some(element) = list.get_mut(*index) else { return };
                element
            }
        };
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn layer(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn overridden(base: Value, path: &str, value: Value) -> Value {
        compose(vec![layer(base)], vec![Resolved { path: path.into(), value }]).unwrap()
    }

    #[test]
    fn later_layers_win_key_by_key() {
        let context = layer(json!({"domain": "a", "image": {"registry": "r", "tag": "1"}, "list": [1, 2]}));
        let base = layer(json!({"image": {"tag": "2"}, "list": [3], "domain": null}));
        let values = compose(vec![context, base], vec![]).unwrap();
        assert_eq!(values, json!({"domain": null, "image": {"registry": "r", "tag": "2"}, "list": [3]}));
    }

    #[test]
    fn overrides_reach_into_maps_and_lists() {
        let base = json!({"ports": [{"name": "http", "port": 80}]});
        let values = overridden(base, "ports[0].port", json!(8080));
        assert_eq!(values, json!({"ports": [{"name": "http", "port": 8080}]}));
        assert_eq!(overridden(json!({}), "a.b[1]", json!("x")), json!({"a": {"b": [null, "x"]}}));
        assert_eq!(overridden(json!({}), "m[0][1].n", json!(1)), json!({"m": [[null, {"n": 1}]]}));
    }

    #[test]
    fn a_backslash_makes_a_dot_part_of_a_name() {
        let values = overridden(json!({}), r"annotations.example\.com/a", json!("x"));
        assert_eq!(values, json!({"annotations": {"example.com/a": "x"}}));
    }

    #[test]
    fn malformed_paths_are_refused() {
        for path in ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[0]b", "\\"] {
            assert!(steps(path).is_err(), "{path}");
        }
        assert!(matches!(steps("a[65537]"), Err(PathError::TooFar(_))));
        assert!(matches!(steps(&vec!["a"; 31].join(".")), Err(PathError::TooFar(_))));
    }
}

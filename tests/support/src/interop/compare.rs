//! Where two trees differ.

use serde_json::Value;

/// How many differences are told of one comparison.
const TOLD: usize = 12;
/// How much of a value is told.
const SHOWN: usize = 200;

/// Every place in which two trees differ, up to a dozen: `path: theirs, ours`.
pub(super) fn differences(theirs: &Value, ours: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", theirs, ours, &mut found);
    if found.len() > TOLD {
        let more = found.len() - TOLD;
        found.truncate(TOLD);
        found.push(format!("and {more} more"));
    }
    found
}

fn compare(path: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
            for name in names {
                let (a, b) = (a.get(name).unwrap_or(&ABSENT), b.get(name).unwrap_or(&ABSENT));
                compare(&format!("{path}/{name}"), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}/{index}"), a, b, found);
            }
        }
        _ if theirs == ours => {}
        _ => found.push(format!("{path}:\n      helm:   {}\n      pintle: {}", short(theirs), short(ours))),
    }
}

/// Stands for a member that is not there, and is told as `null`.
const ABSENT: Value = Value::Null;

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    let shown: String = text.chars().take(SHOWN).collect();
    format!("{shown}… ({} bytes)", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_are_told_by_their_path() {
        let found = differences(&json!({"a": {"b": 1}, "c": [1]}), &json!({"a": {"b": 2}, "c": [1], "d": 1}));
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("/a/b:") && found[1].starts_with("/d:"));
        assert_eq!(differences(&json!([1, {"x": null}]), &json!([1, {}])), Vec::<String>::new());
    }
}

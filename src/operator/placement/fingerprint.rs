//! What makes a release what it is, as a digest; and how the record says which one made it.

use serde_json::Value;

use crate::api::ReleaseSpec;
use crate::operator::gate;
use crate::source::Digest;

/// The label of a record with the fingerprint that made it.
pub(super) const LABEL: &str = "pintle.dev/fingerprint";
/// How much of a fingerprint fits into a label's value beside a revision.
const SHOWN: usize = 40;

/// SHA-256 over the chart's digest, the values in canonical form and how they are deployed, in lower-case hex.
pub(in crate::operator) fn fingerprint(chart: Digest, values: &Value, spec: &ReleaseSpec) -> String {
    let digest = gate::desired(chart, &canonical(values), spec);
    digest.rsplit(':').next().unwrap_or_default().to_owned()
}

/// What the label says of a revision. The revision is part of it: Helm hands labels on to revisions that it makes, which
/// are then not ours.
pub(super) fn mark(fingerprint: &str, revision: i64) -> String {
    let shown: String = fingerprint.chars().take(SHOWN).collect();
    format!("{shown}-{revision}")
}

/// JSON with the keys of every map in order, so that equal values have equal texts.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Array(list) => {
            format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(chart: &str, values: &Value) -> String {
        fingerprint(Digest::of(chart.as_bytes()), values, &ReleaseSpec::default())
    }

    /// KRY-66, KRY-83: chart digest and values both count, and the order of keys does not.
    #[test]
    fn chart_and_values_make_the_fingerprint_and_the_order_of_keys_does_not() {
        let values = json!({"a": {"x": 1, "y": [1, {"q": 1, "p": 2}]}, "b": "\"quoted\""});
        let text = r#"{"b": "\"quoted\"", "a": {"y": [1, {"p": 2, "q": 1}], "x": 1}}"#;
        let reordered: Value = serde_json::from_str(text).unwrap();
        let fingerprint = of("chart", &values);
        assert_eq!(fingerprint, of("chart", &reordered));
        assert_ne!(fingerprint, of("other", &values));
        assert_ne!(fingerprint, of("chart", &json!({"a": {"x": 1}})));
        assert!(
            fingerprint.len() == 64 && fingerprint.chars().all(|letter| "0123456789abcdef".contains(letter))
        );
    }

    #[test]
    fn a_number_and_its_text_are_different_values() {
        assert_ne!(of("c", &json!({"a": 1})), of("c", &json!({"a": "1"})));
        assert_ne!(of("c", &json!({"a": null})), of("c", &json!({})));
    }

    #[test]
    fn the_mark_is_a_label_value_of_one_revision() {
        let fingerprint = of("c", &json!({}));
        assert_ne!(mark(&fingerprint, 1), mark(&fingerprint, 2));
        assert!(mark(&fingerprint, i64::MAX).len() <= 63);
    }
}

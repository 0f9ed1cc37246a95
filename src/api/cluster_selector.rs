//! Choosing clusters by the labels of their Secrets.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Chooses clusters by the labels of their Secrets, as Kubernetes' label selectors do. An empty one chooses all.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSelector {
    /// Labels that all must be there with these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Requirements that all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub match_expressions: Vec<SelectorRequirement>,
}

/// A requirement on one label.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub struct SelectorRequirement {
    /// The label.
    pub key: String,
    /// How it is compared.
    pub operator: SelectorOperator,
    /// With what; only for In and NotIn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub enum SelectorOperator {
    /// It has one of the values.
    In,
    /// It has none of the values, or is not there.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

/// A requirement that means nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidSelector {
    /// In and NotIn compare with values.
    #[error("the selector's requirement on {0:?} needs values")]
    NeedsValues(String),
    /// Exists and DoesNotExist don't.
    #[error("the selector's requirement on {0:?} takes no values")]
    TakesNoValues(String),
}

impl ClusterSelector {
    /// Whether labels are chosen.
    ///
    /// # Errors
    /// For a requirement that has values and should not, or the other way round.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> Result<bool, InvalidSelector> {
        let mut chosen = self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value));
        for requirement in &self.match_expressions {
            chosen &= requirement.holds(labels)?;
        }
        Ok(chosen)
    }
}

impl SelectorRequirement {
    fn holds(&self, labels: &BTreeMap<String, String>) -> Result<bool, InvalidSelector> {
        use SelectorOperator::{DoesNotExist, Exists, In, NotIn};
        match (self.operator, self.values.is_empty()) {
            (In | NotIn, true) => return Err(InvalidSelector::NeedsValues(self.key.clone())),
            (Exists | DoesNotExist, false) => return Err(InvalidSelector::TakesNoValues(self.key.clone())),
            _ => {}
        }
        let found = labels.get(&self.key);
        let listed = found.is_some_and(|value| self.values.contains(value));
        Ok(match self.operator {
            In => listed,
            NotIn => !listed,
            Exists => found.is_some(),
            DoesNotExist => found.is_none(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(selector: serde_json::Value, labels: &[(&str, &str)]) -> Result<bool, InvalidSelector> {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        serde_json::from_value::<ClusterSelector>(selector).unwrap().matches(&labels)
    }

    #[test]
    fn an_empty_selector_chooses_all() {
        assert_eq!(chosen(serde_json::json!({}), &[]), Ok(true));
    }

    #[test]
    fn labels_and_requirements_must_all_hold() {
        let selector = serde_json::json!({
            "matchLabels": {"stage": "prod"},
            "matchExpressions": [
                {"key": "region", "operator": "In", "values": ["eu", "us"]},
                {"key": "old", "operator": "DoesNotExist"},
            ],
        });
        assert_eq!(chosen(selector.clone(), &[("stage", "prod"), ("region", "eu")]), Ok(true));
        assert_eq!(chosen(selector.clone(), &[("stage", "prod")]), Ok(false));
        assert_eq!(chosen(selector, &[("stage", "prod"), ("region", "eu"), ("old", "")]), Ok(false));
    }

    #[test]
    fn a_label_that_is_missing_is_not_in_anything() {
        let selector =
            serde_json::json!({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]});
        assert_eq!(chosen(selector.clone(), &[]), Ok(true));
        assert_eq!(chosen(selector, &[("a", "b")]), Ok(false));
    }

    #[test]
    fn requirements_that_mean_nothing_are_refused() {
        let selector = serde_json::json!({"matchExpressions": [{"key": "a", "operator": "In"}]});
        assert_eq!(chosen(selector, &[]), Err(InvalidSelector::NeedsValues("a".into())));
        let selector =
            serde_json::json!({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]});
        assert_eq!(chosen(selector, &[]), Err(InvalidSelector::TakesNoValues("a".into())));
    }
}

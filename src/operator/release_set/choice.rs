//! Which clusters a `ReleaseSet` chooses, in which waves, and the values that come from them. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{ClusterValue, InvalidSelector, MaxUnavailable, ReleaseSetSpec};
use crate::operator::values::Resolved;

/// What is known of a cluster without asking it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
    pub(super) labels: &'a BTreeMap<String, String>,
    pub(super) annotations: &'a BTreeMap<String, String>,
}

/// The wave of a cluster, from 0; `None` if it is not chosen.
pub(super) fn wave(
    spec: &ReleaseSetSpec,
    labels: &BTreeMap<String, String>,
) -> Result<Option<usize>, InvalidSelector> {
    if !spec.cluster_selector.matches(labels)? {
        return Ok(None);
    }
    for (index, wave) in spec.waves.iter().enumerate() {
        if wave.cluster_selector.matches(labels)? {
            return Ok(Some(index));
        }
    }
    Ok(Some(spec.waves.len()))
}

/// How many clusters of each wave may be not ready at a time; the last is that of those in no wave.
pub(super) fn limits(spec: &ReleaseSetSpec, waves: &[usize]) -> Vec<usize> {
    let usual = MaxUnavailable::Number(1);
    (0..=spec.waves.len())
        .map(|index| {
            let total = waves.iter().filter(|wave| **wave == index).count();
            let of_wave = spec.waves.get(index).and_then(|wave| wave.max_unavailable.as_ref());
            of_wave.or(spec.max_unavailable.as_ref()).unwrap_or(&usual).of(total)
        })
        .collect()
}

/// The values that come from a cluster, as strings; else what is missing.
pub(super) fn values(wanted: &[ClusterValue], cluster: Known<'_>) -> Result<Vec<Resolved>, String> {
    wanted.iter().map(|value| resolved(value, cluster)).collect()
}

fn resolved(wanted: &ClusterValue, cluster: Known<'_>) -> Result<Resolved, String> {
    let (what, key, found) = match (&wanted.label, &wanted.annotation, wanted.name) {
        (None, None, true) => ("name", "", Some(cluster.name)),
        (Some(key), None, false) => ("label", key.as_str(), cluster.labels.get(key).map(String::as_str)),
        (None, Some(key), false) => {
            ("annotation", key.as_str(), cluster.annotations.get(key).map(String::as_str))
        }
        _ => return Err(format!("the value {:?} must have one of label, annotation and name", wanted.path)),
    };
    let text = found.or(wanted.default.as_deref()).ok_or_else(|| {
        format!("the cluster's Secret has no {what} {key:?}, which the value {:?} comes from", wanted.path)
    })?;
    Ok(Resolved { path: wanted.path.clone(), value: Value::from(text) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn spec(json: Value) -> ReleaseSetSpec {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_cluster_is_in_the_first_wave_that_chooses_it_or_in_the_last() {
        let spec = spec(json!({
            "template": {"spec": {"chart": {}}},
            "clusterSelector": {"matchLabels": {"stage": "prod"}},
            "waves": [
                {"clusterSelector": {"matchLabels": {"canary": "yes"}}, "maxUnavailable": 2},
                {"clusterSelector": {"matchLabels": {"region": "eu"}}},
            ],
            "maxUnavailable": "50%",
        }));
        let wave = |pairs: &[(&str, &str)]| wave(&spec, &labels(pairs)).unwrap();
        assert_eq!(wave(&[("stage", "prod"), ("canary", "yes"), ("region", "eu")]), Some(0));
        assert_eq!(wave(&[("stage", "prod"), ("region", "eu")]), Some(1));
        assert_eq!(wave(&[("stage", "prod")]), Some(2));
        assert_eq!(wave(&[("region", "eu")]), None);
        assert_eq!(limits(&spec, &[0, 1, 1, 1, 1, 2]), [2, 2, 1]);
    }

    #[test]
    fn values_come_from_labels_annotations_and_the_name() {
        let (labels, annotations) = (labels(&[("region", "eu")]), labels(&[("host", "eu.example")]));
        let cluster = Known { name: "edge01", labels: &labels, annotations: &annotations };
        let wanted: Vec<ClusterValue> = serde_json::from_value(json!([
            {"path": "region", "label": "region"},
            {"path": "ingress.host", "annotation": "host"},
            {"path": "cluster", "name": true},
            {"path": "zone", "label": "zone", "default": "a"},
        ]))
        .unwrap();
        let found = values(&wanted, cluster).unwrap();
        let found: Vec<_> = found.iter().map(|value| (value.path.as_str(), value.value.clone())).collect();
        let expected =
            [("region", "eu"), ("ingress.host", "eu.example"), ("cluster", "edge01"), ("zone", "a")];
        assert_eq!(found, expected.map(|(path, text)| (path, json!(text))));
    }

    #[test]
    fn a_label_that_is_missing_is_named() {
        let none = BTreeMap::new();
        let cluster = Known { name: "edge01", labels: &none, annotations: &none };
        let wanted = ClusterValue { path: "a".into(), label: Some("zone".into()), ..ClusterValue::default() };
        let Err(error) = values(&[wanted], cluster) else { panic!("there is no such label") };
        assert_eq!(error, r#"the cluster's Secret has no label "zone", which the value "a" comes from"#);
    }
}

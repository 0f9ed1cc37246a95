//! The chart inside a record, read only as far as somebody asks.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use value::Value;

use super::RecordError;
use super::members::Members;

/// A released chart as JSON: `metadata`, `lock`, `templates`, `values`, `schema`, `files`. Subcharts are not stored.
#[derive(Clone, Debug, Default)]
pub struct StoredChart(Option<Box<RawValue>>);

/// `Chart.yaml` as far as listings show it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMetadata {
    /// The chart's name.
    #[serde(default)]
    pub name: String,
    /// The chart's version.
    #[serde(default)]
    pub version: String,
    /// The version of what the chart installs.
    #[serde(default)]
    pub app_version: String,
    /// Annotations of the chart.
    #[serde(default)]
    pub annotations: Option<BTreeMap<String, String>>,
    /// The dependencies' names and so on, unread.
    #[serde(default)]
    pub dependencies: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
}

impl StoredChart {
    /// Takes a chart's JSON.
    pub fn from_json(json: Box<RawValue>) -> Self {
        Self((json.get() != "null").then_some(json))
    }

    /// The JSON; `None` in a record without a chart.
    pub fn json(&self) -> Option<&str> {
        self.0.as_deref().map(RawValue::get)
    }

    /// The chart's members, unread.
    pub(super) fn members(&self) -> Result<Members, RecordError> {
        self.json().map_or(Ok(Members::default()), |json| {
            serde_json::from_str(json).map_err(|source| RecordError::Json(source.to_string()))
        })
    }

    /// The metadata. `None` where the record has no chart, or the chart no metadata.
    pub fn metadata(&self) -> Option<StoredMetadata> {
        self.members().ok()?.take("metadata").ok()?
    }

    /// `Chart.yaml` as JSON, unread.
    ///
    /// # Errors
    /// Where the chart can't be read.
    pub fn raw_metadata(&self) -> Result<Option<Box<RawValue>>, RecordError> {
        Ok(self.members()?.take_raw("metadata"))
    }

    /// `name-version` as listings show it: `MISSING` without metadata.
    pub fn label(&self) -> String {
        let missing = || "MISSING".to_owned();
        self.metadata().map_or_else(missing, |metadata| format!("{}-{}", metadata.name, metadata.version))
    }

    /// The application's version as listings show it: `MISSING` without metadata.
    pub fn app_version(&self) -> String {
        self.metadata().map_or_else(|| "MISSING".to_owned(), |metadata| metadata.app_version)
    }

    /// The chart's values, after its dependencies were processed.
    ///
    /// # Errors
    /// Where the chart or its values can't be read.
    pub fn values(&self) -> Result<Value, RecordError> {
        let value = self.members()?.take_value("values")?;
        Ok(value.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(json: &str) -> StoredChart {
        StoredChart::from_json(RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn a_chart_tells_its_name_and_versions() {
        let chart =
            chart(r#"{"metadata":{"name":"web","version":"1.2.3","appVersion":"7"},"values":{"a":1}}"#);
        assert_eq!((chart.label().as_str(), chart.app_version().as_str()), ("web-1.2.3", "7"));
        assert!(chart.values().unwrap().as_map().unwrap().contains_key("a"));
    }

    #[test]
    fn a_record_without_a_chart_is_listed_as_missing() {
        for chart in [StoredChart::default(), chart("null"), chart("{}")] {
            assert_eq!(chart.label(), "MISSING");
        }
    }
}

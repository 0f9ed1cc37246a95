//! What becomes of the values of the revision before. Helm: H-94 of its behaviour.

use std::sync::Arc;

use chart::{Chart, Flavour, Limits};
use serde_json::value::RawValue;
use value::{Map, Value};

use super::{DeployError, ReuseValues};
use crate::release::Record;

/// The chart to render and the values to render and record.
pub(super) struct Inputs {
    pub(super) chart: Arc<Chart>,
    pub(super) values: Map,
}

/// Puts old and new values together.
pub(super) fn reuse(
    how: ReuseValues,
    chart: &Arc<Chart>,
    new: &Map,
    current: &Record,
    flavour: Flavour,
) -> Result<Inputs, DeployError> {
    let unchanged = |values: Map| Inputs { chart: Arc::clone(chart), values };
    Ok(match how {
        ReuseValues::Never => unchanged(new.clone()),
        ReuseValues::WhereNoneGiven if new.is_empty() => unchanged(copy(&current.config)?),
        ReuseValues::WhereNoneGiven => unchanged(new.clone()),
        ReuseValues::OverNewDefaults => unchanged(over(new, &current.config)?),
        ReuseValues::WithOldDefaults => {
            let old = computed(current, flavour).map_err(|error| error.at("failed to rebuild old values"))?;
            Inputs { chart: Arc::new(chart.with_values(old)), values: over(new, &current.config)? }
        }
    })
}

/// The values a revision was rendered with: the user's over the chart's.
///
/// # Errors
/// Where the recorded chart can't be read.
pub fn computed(record: &Record, flavour: Flavour) -> Result<Map, DeployError> {
    let chart = recorded_chart(record, flavour)?;
    let coalesced = chart::coalesce_values(&chart, &record.config, flavour);
    Ok(coalesced.map_err(|error| DeployError::Refused(error.to_string()))?.values)
}

/// Enough of a recorded chart to put values together: its metadata and values. Subcharts are not recorded.
fn recorded_chart(record: &Record, flavour: Flavour) -> Result<Chart, DeployError> {
    let values = record.chart.values()?;
    let values = if values.is_nil() { Value::from(Map::new()) } else { values };
    let values = value::json::to_string(&values).map_err(crate::release::RecordError::from)?;
    let metadata =
        record.chart.raw_metadata()?.map_or_else(|| "{}".to_owned(), |raw: Box<RawValue>| raw.get().into());
    let files = vec![("Chart.yaml".to_owned(), metadata.into()), ("values.yaml".to_owned(), values.into())];
    Chart::load_files(files, &Limits::default(), flavour)
        .map_err(|error| DeployError::Refused(error.to_string()))
}

/// New values over old ones.
fn over(new: &Map, old: &Map) -> Result<Map, DeployError> {
    chart::values::coalesce_maps(new, old).map_err(|error| DeployError::Refused(error.to_string()))
}

fn copy(values: &Map) -> Result<Map, DeployError> {
    over(values, &Map::new())
}

//! A release for people, as `status`, `install`, `upgrade` and `get all` print it. Helm: `pkg/cmd/status.go`.

use std::fmt::Write as _;

use chart::Flavour;
use value::{Map, Value};

use super::CliError;
use super::format::{Format, structured, value};
use crate::deploy::DeployError;
use crate::release::{Record, StoredChart, StoredHook, Time, codec};

/// What is shown of a release.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown<'a> {
    /// Values, hooks and the manifest, too.
    pub(super) everything: bool,
    /// The chart's name and versions, too.
    pub(super) chart: bool,
    /// The description, too, where Helm 3 leaves it out.
    pub(super) description: bool,
    /// Not the notes.
    pub(super) hide_notes: bool,
    /// The release's objects, printed.
    pub(super) resources: &'a str,
    /// The values the release was rendered with, for `everything`.
    pub(super) computed_values: Option<&'a Map>,
}

/// The release in that format. JSON and YAML hold the record, with the chart if `shown` says so.
pub(super) fn print(
    record: &Record,
    shown: Shown<'_>,
    format: Format,
    flavour: Flavour,
) -> Result<String, CliError> {
    match format {
        Format::Table => text(record, shown, flavour),
        format => structured(&codec::to_json(record, flavour).map_err(DeployError::from)?, format),
    }
}

/// The record without its chart, as `status` prints it.
pub(super) fn without_chart(mut record: Record) -> Record {
    record.chart = StoredChart::default();
    record
}

fn text(record: &Record, shown: Shown<'_>, flavour: Flavour) -> Result<String, CliError> {
    let mut text = head(record, shown, flavour);
    if !shown.resources.is_empty() {
        let _ = writeln!(text, "RESOURCES:\n{}", shown.resources);
    }
    tests(&mut text, record);
    if let (true, Some(computed)) = (shown.everything, shown.computed_values) {
        let values = |map: &Map| value(&Value::Map(map.clone()), Format::Yaml);
        let _ = writeln!(text, "USER-SUPPLIED VALUES:\n{}", user_values(record)?);
        let _ = writeln!(text, "COMPUTED VALUES:\n{}", values(computed)?);
    }
    if shown.everything || record.info.description.eq_ignore_ascii_case("Dry run complete") {
        text.push_str("HOOKS:\n");
        record.hooks.iter().for_each(|hook| text.push_str(&hook_text(hook)));
        let _ = writeln!(text, "MANIFEST:\n{}", record.manifest);
    }
    if !shown.hide_notes && !record.info.notes.is_empty() {
        let _ = writeln!(text, "NOTES:\n{}", record.info.notes.trim());
    }
    Ok(text)
}

fn head(record: &Record, shown: Shown<'_>, flavour: Flavour) -> String {
    let mut text = format!("NAME: {}\n", record.name);
    if let Some(time) = record.info.last_deployed {
        let _ = writeln!(text, "LAST DEPLOYED: {}", time.ansic());
    }
    let _ = writeln!(text, "NAMESPACE: {}", record.namespace);
    let _ = writeln!(text, "STATUS: {}", record.info.status);
    let _ = writeln!(text, "REVISION: {}", record.revision);
    if shown.chart {
        let metadata = record.chart.metadata().unwrap_or_default();
        let _ = writeln!(text, "CHART: {}", metadata.name);
        let _ = writeln!(text, "VERSION: {}", metadata.version);
        let _ = writeln!(text, "APP_VERSION: {}", metadata.app_version);
    }
    if flavour == Flavour::V4 || shown.description {
        let _ = writeln!(text, "DESCRIPTION: {}", record.info.description);
    }
    text
}

fn tests(text: &mut String, record: &Record) {
    let mut any = false;
    for test in record.hooks.iter().filter(|hook| hook.events.iter().any(|event| event == "test")) {
        any = true;
        if let Some(started) = test.last_run.started_at {
            let completed = test.last_run.completed_at.map_or_else(|| ZERO_TIME.to_owned(), Time::ansic);
            let (name, phase) = (&test.name, test.last_run.phase.as_str());
            let _ = writeln!(text, "TEST SUITE:     {name}\nLast Started:   {}", started.ansic());
            let _ = writeln!(text, "Last Completed: {completed}\nPhase:          {phase}");
        }
    }
    if !any {
        text.push_str("TEST SUITE: None\n");
    }
}

/// Go's zero time in ANSI C's form.
const ZERO_TIME: &str = "Mon Jan  1 00:00:00 0001";

/// The user's values as YAML. A record without any prints as Go prints a nil map.
pub(super) fn user_values(record: &Record) -> Result<String, CliError> {
    let values = &record.config;
    let values = if values.is_empty() { Value::Nil } else { Value::Map(values.clone()) };
    value(&values, Format::Yaml)
}

/// A hook as `get hooks` prints it.
pub(super) fn hook_text(hook: &StoredHook) -> String {
    format!("---\n# Source: {}\n{}\n", hook.path, hook.manifest)
}

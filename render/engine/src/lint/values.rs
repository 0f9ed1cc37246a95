//! Rules for `values.yaml`.

use chart::Flavour;

use super::{Findings, Request, Severity};

const FILE: &str = "values.yaml";

pub(super) fn check(request: &Request<'_>, findings: &mut Findings) {
    let Some(text) = request.file(FILE) else {
        findings.note(Severity::Info, FILE, Err("file does not exist".to_owned()));
        return;
    };
    findings.note(Severity::Error, FILE, check_file(request, text));
}

/// The chart's own values alone: Helm does not lint those of subcharts here.
fn check_file(request: &Request<'_>, text: &[u8]) -> Result<(), String> {
    let defaults = chart::values::read_within(text, request.limits, Flavour::V3)
        .map_err(|error| format!("unable to parse YAML: {error}"))?;
    let Some(schema) = request.file("values.schema.json").filter(|schema| !schema.is_empty()) else {
        return Ok(());
    };
    if request.skip_schema_validation {
        return Ok(());
    }
    let merged = chart::values::merge(&defaults, request.values);
    chart::schema::validate_one(schema, &merged, request.limits).map_err(|error| error.to_string())
}

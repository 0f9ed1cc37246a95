//! `template --report-unused`: the given values that no template read.

use chart::values::{UserValues, origins};
use pintle_render::unused::{Evidence, Reason, Unused, unused};
use pintle_render::{Rendered, Witness};
use value::{Map, Step};

use super::global::GlobalFlags;
use super::values::layers;
use super::{CliError, output};
use crate::deploy::Desired;

/// Tells, on standard error, of the values that were given and not read.
pub(super) fn print(
    desired: &Desired,
    rendered: &Rendered,
    witness: &Witness,
    user: &UserValues,
    global: &GlobalFlags,
) -> Result<(), CliError> {
    let defaults = chart::coalesce_values(&rendered.chart, &Map::new(), global.flavour());
    let defaults = defaults.map_err(|error| CliError::message(error.to_string()))?.values;
    let evidence = Evidence { chart: &desired.chart, rendered: &rendered.chart, defaults: &defaults };
    let found = unused(&desired.values, witness.reads(), evidence);
    if found.is_empty() {
        output::note("Every given value was read.");
        return Ok(());
    }
    output::note(&format!(
        "{} no template read:",
        if found.len() == 1 { "1 given value that" } else { "Given values that" }
    ));
    let layers = layers(user, global);
    for Unused { path, reason } in &found {
        let origin = origins(&layers, path).into_iter().next();
        let origin = origin.map(|origin| match origin.line {
            Some(line) => format!(" ({}:{line})", origin.layer),
            None => format!(" ({})", origin.layer),
        });
        let origin = origin.unwrap_or_default();
        output::note(&format!("  {}{origin}{}", Step::join(path), why(reason)));
    }
    Ok(())
}

fn why(reason: &Reason) -> String {
    match reason {
        Reason::Unknown => String::new(),
        Reason::Near(path) => format!(": did you mean {}?", Step::join(path)),
        Reason::NotReached { template, line } => {
            format!(": {template}:{line} would read it, but was not reached")
        }
        Reason::Disabled(name) => format!(": the dependency {name} is not enabled"),
    }
}

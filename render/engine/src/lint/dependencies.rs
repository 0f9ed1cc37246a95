//! Rules for the dependencies: what `Chart.yaml` names, and what is there.

use std::collections::BTreeSet;

use chart::Chart;

use super::{Findings, Loaded, Request, Severity};

pub(super) fn check(request: &Request<'_>, loaded: &Loaded, findings: &mut Findings) {
    let chart = match loaded {
        Ok(chart) => chart,
        Err(error) => {
            findings.note(Severity::Error, "", Err(format!("unable to load chart\n\t{error}")));
            return;
        }
    };
    findings.note(Severity::Error, request.folder, all_named(chart));
    findings.note(Severity::Error, request.folder, all_distinct(chart));
    findings.note(Severity::Warning, request.folder, all_present(chart));
}

fn all_named(chart: &Chart) -> Result<(), String> {
    let named: BTreeSet<&str> = names(chart).collect();
    let present = chart.dependencies().iter().map(Chart::name);
    none("chart metadata is missing these dependencies", present.filter(|name| !named.contains(name)))
}

fn all_distinct(chart: &Chart) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let keys = chart.metadata().dependencies.iter().flatten().map(|dependency| {
        if dependency.alias.is_empty() { dependency.name.as_str() } else { dependency.alias.as_str() }
    });
    none("multiple dependencies with name or alias", keys.filter(|key| !seen.insert(*key)))
}

fn all_present(chart: &Chart) -> Result<(), String> {
    let present: BTreeSet<&str> = chart.dependencies().iter().map(Chart::name).collect();
    none("chart directory is missing these dependencies", names(chart).filter(|name| !present.contains(name)))
}

fn names(chart: &Chart) -> impl Iterator<Item = &str> {
    chart.metadata().dependencies.iter().flatten().map(|dependency| dependency.name.as_str())
}

fn none<'a>(what: &str, offending: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let offending: Vec<&str> = offending.collect();
    if offending.is_empty() { Ok(()) } else { Err(format!("{what}: {}", offending.join(","))) }
}

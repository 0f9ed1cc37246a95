//! Whether all declared dependencies are there.

use thiserror::Error;

use crate::{Chart, Flavour};

/// Dependencies that `Chart.yaml` names and `charts/` lacks; `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{} to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
    match flavour {
        Flavour::V3 => "An error occurred while checking for chart dependencies. You may need to run `helm dependency build`",
        Flavour::V4 => "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build'",
    },
    .names.join(", ")
)]
pub struct MissingDependencies {
    /// The names, in the order of `Chart.yaml`.
    pub names: Vec<String>,
    flavour: Flavour,
}

/// Checks that there is a subchart of each name that the chart declares; versions are not looked at.
///
/// # Errors
/// Where one is missing.
pub fn check_dependencies(chart: &Chart, flavour: Flavour) -> Result<(), MissingDependencies> {
    let is_missing = |name: &&str| !chart.dependencies().iter().any(|subchart| subchart.name() == *name);
    let declared = chart.metadata().dependencies.iter().flatten().map(|entry| entry.name.as_str());
    let names: Vec<String> = declared.filter(is_missing).map(str::to_owned).collect();
    if names.is_empty() { Ok(()) } else { Err(MissingDependencies { names, flavour }) }
}

//! What the steps of rendering take inside of one process: the example `steps` of the engine, run chart by chart.

use std::path::Path;
use std::process::Command;

use crate::pintle::{self, Profile};

/// Builds the example and lets it print its table for these charts.
pub(super) fn run(profile: Profile, corpus: &Path, charts: &[String]) -> Result<(), String> {
    let program = pintle::build_target(profile, &["--package", "pintle-render", "--example", "steps"])?;
    let mut command = Command::new(program);
    command.current_dir(corpus).args(charts);
    let status = command.status().map_err(|error| format!("failed to start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("measuring the steps failed: {status}")) }
}

//! Builds the `pintle` binary.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::workspace;

/// How to build it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Optimised as what is shipped.
    Release,
    /// Optimised, but quick to build again.
    Fast,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Profile::Release => "release",
            Profile::Fast => "fast",
        }
    }
}

/// Builds the binary and tells where it is.
pub(crate) fn build(profile: Profile) -> Result<PathBuf, String> {
    build_target(profile, &["--bin", "pintle"])
}

/// Builds the one executable that cargo's arguments choose, and tells where it is.
pub(crate) fn build_target(profile: Profile, target: &[&str]) -> Result<PathBuf, String> {
    executable(workspace::cargo(&["build", "--locked", "--profile", profile.name()]).args(target))
}

/// Runs a build and reads from cargo's messages where the executable is.
pub(crate) fn executable(cargo: &mut Command) -> Result<PathBuf, String> {
    let output = cargo
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("failed to run cargo build: {error}"))?;
    let executable = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    executable
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("`{}` failed; see its messages above", workspace::line(cargo)))
}

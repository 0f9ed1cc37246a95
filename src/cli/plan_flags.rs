//! `--plan`, `--save-plan` and `--use-plan`: seeing what would change, and doing exactly that.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::deploy_format::DeployFormat;
use super::{CliError, output, plan_text};
use crate::deploy::{Planned, SavedPlan, SavedPlanError};

/// Planning.
#[derive(Args, Debug, Default)]
pub(super) struct PlanFlags {
    /// Show what would change on the cluster, and change nothing; the exit code is 2 when something would
    #[arg(long)]
    pub(super) plan: bool,
    /// Plan, and save the plan to this file; it holds what was rendered, Secrets included
    #[arg(long, value_name = "FILE")]
    save_plan: Option<PathBuf>,
    /// Do exactly what a saved plan says, or nothing if the release or the cluster has moved since
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan", "save_plan"])]
    use_plan: Option<PathBuf>,
}

impl PlanFlags {
    /// Whether something is planned and nothing done.
    pub(super) fn is_wanted(&self) -> bool {
        self.plan || self.save_plan.is_some()
    }

    /// Whether a saved plan is carried out.
    pub(super) fn is_used(&self) -> bool {
        self.use_plan.is_some()
    }

    /// The saved plan to carry out; it must be for that action.
    pub(super) fn used(
        &self,
        action: &str,
        release: &str,
        namespace: &str,
    ) -> Result<Option<SavedPlan>, CliError> {
        let Some(path) = &self.use_plan else { return Ok(None) };
        let text = std::fs::read(path).map_err(|source| CliError::Read { path: path.clone(), source })?;
        let saved = SavedPlan::from_json(&text).map_err(|error| self.failed(&error))?;
        saved.check_is_for(action, release, namespace).map_err(|error| self.failed(&error))?;
        Ok(Some(saved))
    }

    /// Says which file a plan that can't be used is in.
    pub(super) fn failed(&self, error: &SavedPlanError) -> CliError {
        let path = self.use_plan.as_deref().unwrap_or(Path::new(""));
        CliError::message(format!("{}: {error}", path.display()))
    }

    /// Shows a plan and saves it; an error of its own says that there are changes.
    pub(super) fn finish(&self, planned: &Planned, format: DeployFormat) -> Result<(), CliError> {
        if let Some(path) = &self.save_plan {
            save(path, &planned.saved().to_json())
                .map_err(|source| CliError::Write { path: path.clone(), source })?;
        }
        output::print(plan_text::print(planned, format)?)?;
        if planned.has_changes() { Err(CliError::Changes) } else { Ok(()) }
    }
}

/// Writes a file that nobody else may read.
fn save(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

//! `pintle uninstall`: a release and its objects go.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::deploy_flags::WaitWord;
use super::global::GlobalFlags;
use super::lock_flag::LockFlag;
use super::session::Session;
use super::{CliError, duration, output};
use crate::cluster::Propagation;
use crate::deploy::UninstallOptions;

/// `--cascade`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Cascade {
    /// Dependents go later
    #[default]
    Background,
    /// Dependents go first
    Foreground,
    /// Dependents stay
    Orphan,
}

/// Uninstall a release.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pintle uninstall web\n  pintle uninstall web db --keep-history --wait")]
pub(super) struct Arguments {
    /// The releases
    #[arg(value_name = "RELEASE_NAME", required = true)]
    names: Vec<String>,
    /// What becomes of the objects that depend on those of the release
    #[arg(long, value_enum, default_value_t)]
    cascade: Cascade,
    /// Add a custom description
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[command(flatten)]
    lock: LockFlag,
    /// Simulate an uninstall
    #[arg(long)]
    dry_run: bool,
    /// Treat "release not found" as a successful uninstall
    #[arg(long)]
    ignore_not_found: bool,
    /// Retain the release history
    #[arg(long)]
    keep_history: bool,
    /// Don't run hooks
    #[arg(long)]
    no_hooks: bool,
    /// Time to wait for any individual Kubernetes operation (like Jobs for hooks)
    #[arg(long, default_value = "5m0s", value_parser = duration::parse)]
    timeout: Duration,
    /// Wait until all objects are gone; as long as --timeout
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "watcher")]
    wait: Option<WaitWord>,
}

/// Uninstalls one release after the other.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    global.block_on(async {
        let session = Session::open(global).await?;
        for name in &arguments.names {
            let deployer = session.deployer(global, name, 0);
            let uninstalled = deployer.uninstall(name, &arguments.options()).await?;
            if let Some(uninstalled) = uninstalled.filter(|uninstalled| !uninstalled.info.is_empty()) {
                output::print(format!("{}\n", uninstalled.info))?;
            }
            output::print(format!("release {name:?} uninstalled\n"))?;
        }
        Ok::<_, CliError>(())
    })
}

impl Arguments {
    fn options(&self) -> UninstallOptions {
        UninstallOptions {
            lock_timeout: self.lock.lock_timeout,
            dry_run: self.dry_run,
            hooks: !self.no_hooks,
            ignore_not_found: self.ignore_not_found,
            keep_history: self.keep_history,
            wait: self.wait.is_some_and(|word| word != WaitWord::HookOnly),
            propagation: match self.cascade {
                Cascade::Background => Propagation::Background,
                Cascade::Foreground => Propagation::Foreground,
                Cascade::Orphan => Propagation::Orphan,
            },
            timeout: self.timeout,
            description: self.description.clone(),
        }
    }
}

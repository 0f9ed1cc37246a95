//! `pintle rollback`: back to an earlier revision.

use clap::Args;

use super::deploy_flags::{DryRunFlag, WaitFlags};
use super::deploy_format::DeployFormat;
use super::global::GlobalFlags;
use super::lock_flag::LockFlag;
use super::plan_flags::PlanFlags;
use super::session::Session;
use super::upgrade::ServerSideWord;
use super::{CliError, output};
use crate::deploy::{Intent, Options, SavedPlan};

/// Roll back a release to a previous revision.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pintle rollback web\n  pintle rollback web 3 --wait")]
pub(super) struct Arguments {
    /// The release
    #[arg(value_name = "RELEASE")]
    name: String,
    /// The revision; without it, or 0, the one before the last
    #[arg(value_name = "REVISION", default_value = "0", hide_default_value = true, value_parser = revision)]
    revision: i64,
    #[command(flatten)]
    wait: WaitFlags,
    #[command(flatten)]
    dry_run: DryRunFlag,
    #[command(flatten)]
    lock: LockFlag,
    #[command(flatten)]
    plan: PlanFlags,
    /// Delete and create anew an object of which a field changed that can't change; never one that holds data
    #[arg(long)]
    recreate_immutable: bool,
    /// Allow deletion of new resources created in this rollback when rollback fails
    #[arg(long)]
    cleanup_on_fail: bool,
    /// Add a custom description for the rollback (max 256 characters)
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// Take fields over that other managers own
    #[arg(long, conflicts_with = "force_replace")]
    force_conflicts: bool,
    /// Force resource updates by replacement
    #[arg(long, alias = "force")]
    force_replace: bool,
    /// Limit the maximum number of revisions saved per release; 0 for no limit
    #[arg(long, env = "HELM_MAX_HISTORY", hide_env = true, default_value_t = 10)]
    history_max: usize,
    /// Don't run hooks
    #[arg(long)]
    no_hooks: bool,
    /// Delete the pods of workloads that are changed, so that they start anew (Helm 3)
    #[arg(long)]
    recreate_pods: bool,
    /// Store a record that is too large for Kubernetes without the chart's templates and files
    #[arg(long)]
    slim_records: bool,
    /// Object updates run in the server instead of the client
    #[arg(long, value_enum, default_value_t)]
    server_side: ServerSideWord,
}

fn revision(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("could not convert revision to a number: {text:?}"))
}

impl Arguments {
    /// Whether a saved plan goes back to the revision that is named, if one is.
    fn check_target(&self, saved: &SavedPlan) -> Result<(), CliError> {
        let target = saved.target().map_err(|error| self.plan.failed(&error))?;
        match self.revision == 0 || self.revision == target {
            true => Ok(()),
            false => Err(CliError::message(format!(
                "the plan goes back to revision {target}, not to {}; plan again",
                self.revision
            ))),
        }
    }
}

/// Rolls back.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let options = Options {
        wait: arguments.wait.wait_for(),
        timeout: arguments.wait.timeout,
        lock_timeout: arguments.lock.lock_timeout,
        dry_run: arguments.dry_run.strategy(),
        cleanup_on_fail: arguments.cleanup_on_fail,
        description: arguments.description.clone(),
        force_conflicts: arguments.force_conflicts,
        force_replace: arguments.force_replace,
        hooks: !arguments.no_hooks,
        recreate_immutable: arguments.recreate_immutable,
        recreate_pods: arguments.recreate_pods,
        server_side: arguments.server_side.server_side(),
        slim_records: arguments.slim_records,
        ..Options::default()
    };
    if arguments.plan.is_wanted() {
        let planned = global.block_on(async {
            let session = Session::open(global).await?;
            let deployer = session.deployer(global, &arguments.name, arguments.history_max);
            let intent = Intent::Rollback { name: &arguments.name, revision: arguments.revision };
            deployer.plan(intent, &options).await.map_err(CliError::from)
        })?;
        return arguments.plan.finish(&planned, DeployFormat::Table);
    }
    let saved = arguments.plan.used("rollback", &arguments.name, &global.namespace_or_default())?;
    if let Some(saved) = &saved {
        arguments.check_target(saved)?;
    }
    global.block_on(async {
        let session = Session::open(global).await?;
        let deployer = session.deployer(global, &arguments.name, arguments.history_max);
        if let Some(saved) = saved {
            return deployer.apply_plan(&saved, &options).await.map_err(CliError::from);
        }
        deployer.rollback(&arguments.name, arguments.revision, &options).await.map_err(CliError::from)
    })?;
    output::print("Rollback was a success! Happy Helming!\n")
}

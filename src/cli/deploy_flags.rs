//! Flags that installing and upgrading share, and the words that some of them take.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::duration;
use super::lock_flag::LockFlag;
use super::plain_words::Place;
use super::plan_flags::PlanFlags;
use crate::deploy::{Definitions, DryRun, Options, WaitFor};

/// `--wait`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum WaitWord {
    /// Until every object is ready, by watching
    #[value(alias = "true")]
    Watcher,
    /// As Helm 3 waited: looking every two seconds, by Helm 3's rules
    Legacy,
    /// Only for hooks
    #[value(name = "hookOnly", alias = "false")]
    HookOnly,
}

/// `--dry-run`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DryRunWord {
    /// Do it
    #[value(alias = "false")]
    None,
    /// Ask no cluster
    #[value(alias = "true", alias = "unchanged")]
    Client,
    /// Ask the cluster what it has, change nothing
    Server,
}

/// `--crds`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CrdsWord {
    /// Create those that are missing, also at an upgrade
    Create,
    /// Create those that are missing and replace the others, if nothing that is stored or in use would be lost
    CreateReplace,
    /// Leave them alone
    Skip,
}

impl CrdsWord {
    fn definitions(self) -> Definitions {
        match self {
            CrdsWord::Create => Definitions::Create,
            CrdsWord::CreateReplace => Definitions::CreateReplace,
            CrdsWord::Skip => Definitions::Skip,
        }
    }
}

/// Waiting.
#[derive(Args, Debug)]
pub(super) struct WaitFlags {
    /// Wait until all objects are ready before marking the release as successful; as long as --timeout
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "watcher")]
    wait: Option<WaitWord>,
    /// If set and --wait enabled, wait until all Jobs have been completed, too
    #[arg(long)]
    wait_for_jobs: bool,
    /// Time to wait for any individual Kubernetes operation (like Jobs for hooks)
    #[arg(long, default_value = "5m0s", value_parser = duration::parse)]
    pub(super) timeout: Duration,
}

/// `--dry-run[=WORD]`
#[derive(Args, Debug, Default)]
pub(super) struct DryRunFlag {
    /// Simulate; without a word, without a cluster
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    dry_run: Option<DryRunWord>,
}

/// How objects are changed, and what becomes of a failure.
#[derive(Args, Debug, Default)]
pub(super) struct DeployFlags {
    #[command(flatten)]
    pub(super) wait: WaitFlags,
    #[command(flatten)]
    dry_run: DryRunFlag,
    #[command(flatten)]
    lock: LockFlag,
    #[command(flatten)]
    pub(super) plan: PlanFlags,
    /// What becomes of the chart's custom resource definitions; without it, an install creates them [Helm: create at
    /// install only]
    #[arg(long, value_enum, value_name = "POLICY", conflicts_with = "skip_crds")]
    crds: Option<CrdsWord>,
    /// Delete and create anew an object of which a field changed that can't change; never one that holds data
    #[arg(long)]
    recreate_immutable: bool,
    /// Create the release namespace if not present
    #[arg(long)]
    create_namespace: bool,
    /// Add a custom description
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// Don't validate rendered templates against the Kubernetes OpenAPI schema
    #[arg(long)]
    disable_openapi_validation: bool,
    /// Let templates ask name servers for addresses, by getHostByName
    #[arg(long)]
    enable_dns: bool,
    /// Fetch dependencies that are missing into the chart's folder
    #[arg(long)]
    pub(super) dependency_update: bool,
    /// Take fields over that other managers own
    #[arg(long, conflicts_with = "force_replace")]
    force_conflicts: bool,
    /// Force resource updates by replacement
    #[arg(long, alias = "force")]
    force_replace: bool,
    /// Hide Kubernetes Secrets when also using --dry-run
    #[arg(long)]
    hide_secret: bool,
    /// Don't show notes in the output
    #[arg(long)]
    pub(super) hide_notes: bool,
    /// Labels added to the release's metadata: a=b,c=d; null removes one
    #[arg(short, long, value_delimiter = ',', value_parser = pair)]
    labels: Vec<(String, String)>,
    /// Don't run hooks
    #[arg(long)]
    no_hooks: bool,
    /// Render the notes of subcharts along with the parent's
    #[arg(long)]
    render_subchart_notes: bool,
    /// On failure, uninstall what was installed, or go back to the last revision that succeeded; implies --wait
    #[arg(long, alias = "atomic")]
    rollback_on_failure: bool,
    /// Don't install the chart's custom resource definitions
    #[arg(long)]
    skip_crds: bool,
    /// Don't hold the values against the charts' JSON schemas
    #[arg(long)]
    skip_schema_validation: bool,
    /// Store a record that is too large for Kubernetes without the chart's templates and files
    #[arg(long)]
    slim_records: bool,
    /// Take over objects that belong to nobody or to another release
    #[arg(long)]
    take_ownership: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let split = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    split.ok_or_else(|| format!("{text} must be formatted as key=value"))
}

impl Default for WaitFlags {
    fn default() -> Self {
        Self { wait: None, wait_for_jobs: false, timeout: Duration::from_secs(300) }
    }
}

impl WaitFlags {
    /// What is waited for.
    pub(super) fn wait_for(&self) -> WaitFor {
        match (self.wait, self.wait_for_jobs) {
            (None | Some(WaitWord::HookOnly), _) => WaitFor::Hooks,
            (Some(WaitWord::Legacy), jobs) => WaitFor::Legacy { jobs },
            (Some(_), true) => WaitFor::ObjectsAndJobs,
            (Some(_), false) => WaitFor::Objects,
        }
    }
}

impl DryRunFlag {
    /// How far the action goes.
    pub(super) fn strategy(&self) -> DryRun {
        match self.dry_run {
            None | Some(DryRunWord::None) => DryRun::No,
            Some(DryRunWord::Client) => DryRun::Client,
            Some(DryRunWord::Server) => DryRun::Server,
        }
    }
}

impl DeployFlags {
    /// Where a plain flag's value goes.
    pub(super) fn place(&mut self, flag: &str) -> Option<Place<'_>> {
        Some(match flag {
            "no-hooks" => Place::Switch(&mut self.no_hooks),
            "skip-crds" => Place::Switch(&mut self.skip_crds),
            "skip-schema-validation" => Place::Switch(&mut self.skip_schema_validation),
            "dependency-update" => Place::Switch(&mut self.dependency_update),
            _ => return None,
        })
    }

    /// How far the action goes.
    pub(super) fn dry_run(&self) -> DryRun {
        self.dry_run.strategy()
    }

    /// Whether a dry run was refused by name: `--dry-run=none`.
    pub(super) fn is_no_dry_run(&self) -> bool {
        self.dry_run.dry_run == Some(DryRunWord::None)
    }

    /// Whether a dry run was asked for, or refused, by name.
    pub(super) fn is_dry_run_given(&self) -> bool {
        self.dry_run.dry_run.is_some()
    }

    /// Whether hooks count.
    pub(super) fn runs_hooks(&self) -> bool {
        !self.no_hooks
    }

    /// The options these flags say.
    pub(super) fn options(&self) -> Options {
        Options {
            force_conflicts: self.force_conflicts,
            force_replace: self.force_replace,
            take_ownership: self.take_ownership,
            validate_fields: !self.disable_openapi_validation,
            wait: self.wait.wait_for(),
            timeout: self.wait.timeout,
            lock_timeout: self.lock.lock_timeout,
            hooks: !self.no_hooks,
            skip_crds: self.skip_crds,
            crds: self.crds.map(CrdsWord::definitions),
            recreate_immutable: self.recreate_immutable,
            create_namespace: self.create_namespace,
            rollback_on_failure: self.rollback_on_failure,
            description: self.description.clone(),
            labels: self.labels.iter().cloned().collect::<BTreeMap<_, _>>(),
            skip_schema_validation: self.skip_schema_validation,
            enable_dns: self.enable_dns,
            subchart_notes: self.render_subchart_notes,
            dry_run: self.dry_run(),
            hide_secrets: self.hide_secret,
            slim_records: self.slim_records,
            ..Options::default()
        }
    }
}

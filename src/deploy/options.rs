//! What is wanted, and how it is to be done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chart::Chart;
use value::Map;

use super::Definitions;
use super::PostRender;

/// What someone wants released. Every entrance builds one of these.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The release's name.
    pub name: String,
    /// The namespace of the release.
    pub namespace: String,
    /// The chart, with its subcharts.
    pub chart: Arc<Chart>,
    /// The user's values, merged.
    pub values: Map,
}

/// Where changes to objects are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerSide {
    /// As the previous revision did; on the server for an install.
    #[default]
    Auto,
    /// On the server: server-side apply.
    Always,
    /// Here: Helm 3's three-way merge.
    Never,
}

/// What is waited for before an action counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WaitFor {
    /// Only hooks.
    #[default]
    Hooks,
    /// Every object of the release.
    Objects,
    /// Every object of the release, and Jobs to their end.
    ObjectsAndJobs,
    /// Every object, as Helm 3 looked at them.
    Legacy {
        /// Jobs to their end, too.
        jobs: bool,
    },
}

/// What becomes of the values of the previous revision. Helm: H-94.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReuseValues {
    /// They are kept where no new ones are given at all.
    #[default]
    WhereNoneGiven,
    /// `--reset-values`
    Never,
    /// `--reuse-values`: with the old chart's defaults.
    WithOldDefaults,
    /// `--reset-then-reuse-values`: over the new chart's defaults.
    OverNewDefaults,
}

/// How far an action goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DryRun {
    /// All the way.
    #[default]
    No,
    /// Nothing is changed; the cluster is asked what it has.
    Server,
    /// As [`DryRun::Server`], and every object is sent to the server as a dry run: schema, admission and other field
    /// managers have their say.
    Rehearse,
    /// Nothing is changed, and an install asks nobody.
    Client,
}

/// How an action is done. Helm's flags, with Helm's defaults.
#[derive(Clone, Debug)]
pub struct Options {
    /// `--server-side`
    pub server_side: ServerSide,
    /// `--force-conflicts`
    pub force_conflicts: bool,
    /// `--force-replace`
    pub force_replace: bool,
    /// `--take-ownership`
    pub take_ownership: bool,
    /// Unknown fields are errors; off with `--disable-openapi-validation`.
    pub validate_fields: bool,
    /// `--wait` and `--wait-for-jobs`
    pub wait: WaitFor,
    /// `--timeout`: of each single wait.
    pub timeout: Duration,
    /// Off with `--no-hooks`.
    pub hooks: bool,
    /// `--skip-crds`
    pub skip_crds: bool,
    /// `--create-namespace`
    pub create_namespace: bool,
    /// `--replace`
    pub replace: bool,
    /// `--rollback-on-failure`
    pub rollback_on_failure: bool,
    /// `--cleanup-on-fail`
    pub cleanup_on_fail: bool,
    /// `--description`; empty for Helm's own words.
    pub description: String,
    /// `--labels`
    pub labels: BTreeMap<String, String>,
    /// How old values are reused.
    pub reuse_values: ReuseValues,
    /// `--skip-schema-validation`
    pub skip_schema_validation: bool,
    /// `--enable-dns`
    pub enable_dns: bool,
    /// `--render-subchart-notes`
    pub subchart_notes: bool,
    /// `--dry-run`
    pub dry_run: DryRun,
    /// `--hide-secret`
    pub hide_secrets: bool,
    /// `--slim-records`: a record too large for Kubernetes is stored without the chart's templates and files.
    pub slim_records: bool,
    /// `--crds`; `None` for what Helm does.
    pub crds: Option<Definitions>,
    /// `--recreate-immutable`: objects whose immutable fields changed are deleted and created anew.
    pub recreate_immutable: bool,
    /// Helm 3's `--recreate-pods`, at a rollback: pods of workloads that are changed are deleted.
    pub recreate_pods: bool,
    /// `--lock-timeout`: how long somebody who works on the release is waited for.
    pub lock_timeout: Duration,
    /// `--is-upgrade` of a dry-run install.
    pub is_upgrade: bool,
    /// What happens to the output of templates.
    pub post_render: PostRender,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            server_side: ServerSide::Auto,
            force_conflicts: false,
            force_replace: false,
            take_ownership: false,
            validate_fields: true,
            wait: WaitFor::Hooks,
            timeout: Duration::from_secs(300),
            hooks: true,
            skip_crds: false,
            create_namespace: false,
            replace: false,
            rollback_on_failure: false,
            cleanup_on_fail: false,
            description: String::new(),
            labels: BTreeMap::new(),
            reuse_values: ReuseValues::default(),
            skip_schema_validation: false,
            enable_dns: false,
            subchart_notes: false,
            dry_run: DryRun::No,
            hide_secrets: false,
            slim_records: false,
            crds: None,
            recreate_immutable: false,
            recreate_pods: false,
            lock_timeout: Duration::ZERO,
            is_upgrade: false,
            post_render: PostRender::default(),
        }
    }
}

impl Options {
    /// The description to record: the user's, or Helm's.
    pub(super) fn description_or(&self, usual: impl Into<String>) -> String {
        if self.description.is_empty() { usual.into() } else { self.description.clone() }
    }

    /// Whoever wants to go back on failure must know of it: that takes waiting.
    pub(super) fn effective_wait(&self) -> WaitFor {
        match self.wait {
            WaitFor::Hooks if self.rollback_on_failure => WaitFor::Objects,
            wait => wait,
        }
    }
}

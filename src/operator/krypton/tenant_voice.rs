//! What is said of a Tenant: the conditions of its cluster, its phase, and events by the reference's names, each once.

use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;

use super::Context;
use super::drive::{Step, Voice, Work, repair_message};
use super::names::fingerprint_annotation;
use super::state::{Conditions, ERROR, PROGRESS, READY, chart_error, condition_type, phase};
use super::template::applied_chart;
use crate::api::{ChartSource, ConditionStatus, Phase, PlacementStatus, Tenant};
use crate::operator::error::ReconcileError;
use crate::operator::fleet::Member;
use crate::operator::placement::{Owner, Placed, PlacementError};
use crate::operator::report::Reports;

/// Speaks of one Tenant on one cluster.
pub(super) struct TenantVoice<'a> {
    pub(super) context: &'a Context,
    pub(super) member: &'a Member,
    pub(super) owner: &'a Owner,
    pub(super) tenants: Api<Tenant>,
    pub(super) tenant: &'a Tenant,
    pub(super) reports: Reports<Tenant, PlacementStatus>,
    pub(super) status: PlacementStatus,
    pub(super) release: &'a str,
    pub(super) workspace: &'a str,
    pub(super) chart: ChartSource,
    pub(super) fingerprint: Option<String>,
}

impl Voice for TenantVoice<'_> {
    async fn tell(&mut self, step: Step<'_>) -> Result<(), ReconcileError> {
        match step {
            Step::Missing { again: false, .. } => Ok(()),
            Step::Missing { again: true, .. } => {
                self.reports.event(true, "ReleaseMissing", "Helm release missing; re-installing").await;
                Ok(())
            }
            Step::Drifted(drift) => {
                let message = repair_message(drift);
                self.reports.event(true, "RepairTriggered", &message).await;
                self.conditions().cluster(READY, false, "RepairTriggered", &message);
                self.write(&message).await
            }
            Step::Begun(work) => self.begun(work).await,
            Step::Left(left) => {
                let news = self.conditions().left(left);
                self.reports.left(news).await;
                Ok(())
            }
            Step::Done(work, placed) => self.done(work, placed).await,
            Step::Ready { work, revision } => self.ready(work, revision).await,
            Step::NotReady(objects) => {
                let message = format!("Workloads not yet ready: {}", objects.join(", "));
                if self.changes(READY, false, "NotReady") {
                    self.reports.event(false, "NotReady", &message).await;
                }
                let mut conditions = self.conditions();
                conditions.cluster(READY, false, "NotReady", &message);
                conditions.cluster(ERROR, false, "NotReady", "");
                self.write(&message).await
            }
        }
    }
}

impl TenantVoice<'_> {
    fn generation(&self) -> i64 {
        self.tenant.metadata.generation.unwrap_or_default()
    }

    fn conditions(&mut self) -> Conditions<'_> {
        let generation = self.generation();
        Conditions { status: &mut self.status, generation, cluster: self.member.name() }
    }

    /// Whether a condition would say something else than it does.
    fn changes(&self, word: &str, holds: bool, reason: &str) -> bool {
        let status = if holds { ConditionStatus::True } else { ConditionStatus::False };
        let now = self.status.condition(&condition_type(self.member.name(), word));
        now.is_none_or(|now| {
            now.status != status || now.reason != reason || now.observed_generation != self.generation()
        })
    }

    async fn begun(&mut self, work: Work) -> Result<(), ReconcileError> {
        let (reason, event) = match work {
            Work::Install => ("Installing", "HelmInstallStart"),
            Work::Upgrade | Work::Repair => ("Upgrading", "HelmUpgradeStart"),
        };
        // Trying again what failed is no news.
        if self.status.failures == 0 {
            self.reports.event(false, event, self.release).await;
            let release = self.release;
            self.conditions().cluster(PROGRESS, true, reason, release);
            let message = format!("{} release {release}", reason.to_lowercase());
            return self.write(&message).await;
        }
        Ok(())
    }

    async fn done(&mut self, work: Work, placed: &Placed) -> Result<(), ReconcileError> {
        if placed.created_namespace {
            self.reports.event(false, "WorkspaceCreated", self.workspace).await;
        }
        let event = if work == Work::Install { "HelmInstalled" } else { "HelmUpgraded" };
        self.reports.event(false, event, self.release).await;
        let deployed = &placed.deployed;
        self.status.revision = Some(deployed.revision);
        self.status.last_applied_chart = applied_chart(&self.chart, &deployed.chart, &deployed.version);
        Ok(())
    }

    async fn ready(&mut self, work: Option<Work>, revision: i64) -> Result<(), ReconcileError> {
        self.annotate().await;
        let (reason, complete) = match work {
            Some(Work::Install) => ("Installed", "InstallComplete"),
            Some(Work::Upgrade | Work::Repair) => ("Upgraded", "UpgradeComplete"),
            None => ("NoChange", "NoChange"),
        };
        let ready = self.status.condition(&condition_type(self.member.name(), READY));
        let stays = ready.is_some_and(|ready| {
            ready.status == ConditionStatus::True && ready.observed_generation == self.generation()
        });
        let failed = self.status.condition(&condition_type(self.member.name(), ERROR));
        let failed = failed.is_some_and(|error| error.status == ConditionStatus::True);
        self.status.failures = 0;
        if work.is_none() && stays && !failed {
            return self.write_unchanged().await;
        }
        if work.is_none() {
            self.reports.event(false, "HelmSkip", "fingerprint unchanged").await;
        }
        self.status.revision = Some(revision);
        let message = format!("revision {revision} of release {} is deployed", self.release);
        let mut conditions = self.conditions();
        conditions.cluster(READY, true, reason, &message);
        conditions.cluster(ERROR, false, complete, "");
        conditions.cluster(PROGRESS, false, complete, "");
        self.write(&message).await
    }

    /// A failure, told once for each that differs; whether to try again is the caller's business.
    pub(super) async fn failed(
        &mut self,
        error: &PlacementError,
        work: Option<Work>,
    ) -> Result<(), ReconcileError> {
        let message = error.to_string();
        if matches!(error.reason(), "NamespaceTerminating" | "InProgress") {
            self.conditions().cluster(PROGRESS, true, error.reason(), &message);
            return self.write(&message).await;
        }
        let version = self.chart.repository.as_ref().map_or("", |repository| repository.version.as_str());
        let of_the_chart = match error {
            PlacementError::Chart(failure) => chart_error(failure.reason, version),
            PlacementError::Deploy(failure) => chart_error(failure.reason, version),
            _ => None,
        };
        let (reason, event) = match (of_the_chart, work) {
            (Some("ChartNotLoaded"), _) => ("ChartNotLoaded", "ChartNotLoaded"),
            (Some("VersionNotFound"), _) => ("VersionNotFound", "ChartVersionNotFound"),
            (Some(_), _) => ("VersionInvalid", "ChartVersionInvalid"),
            (None, Some(Work::Install)) => ("InstallFailed", "HelmInstallFailed"),
            (None, Some(_)) => ("UpgradeFailed", "HelmUpgradeFailed"),
            (None, None) => (error.reason(), error.reason()),
        };
        let is_new = self.changes(ERROR, true, reason)
            || self.status.condition(&condition_type(self.member.name(), ERROR)).is_none_or(|told| {
                // The server's texts may name times and versions; a new attempt alone is no news.
                told.message.chars().take(80).ne(message.chars().take(80))
            });
        if is_new {
            self.reports.event(true, event, &message).await;
        }
        let mut conditions = self.conditions();
        conditions.cluster(ERROR, true, reason, &message);
        if work.is_some() && of_the_chart.is_none() {
            conditions.cluster(READY, false, reason, &message);
            conditions.cluster(PROGRESS, false, reason, &message);
        }
        self.write(&message).await
    }

    /// Tells that the release is being taken away.
    pub(super) async fn deleting(&mut self) -> Result<(), ReconcileError> {
        if self.changes(PROGRESS, true, "Deleting") {
            let release = self.release;
            self.conditions().cluster(PROGRESS, true, "Deleting", release);
            return self.write("the release is being uninstalled").await;
        }
        Ok(())
    }

    /// Writes what was found out, with the phase that follows from it.
    async fn write(&mut self, message: &str) -> Result<(), ReconcileError> {
        self.status.last_message = crate::operator::report::shortened(message);
        self.write_unchanged().await
    }

    async fn write_unchanged(&mut self) -> Result<(), ReconcileError> {
        let phase = phase(&self.status, self.member.name(), self.context.settings.allow_chart_skip);
        self.context.count(self.member, self.owner, Some(phase));
        let changed = self.status.phase != Some(phase);
        let generation = self.generation();
        self.status.phase = Some(phase);
        self.status.observed_generation = generation;
        let (reason, message) = (self.reason(), self.status.last_message.clone());
        self.conditions().ready(phase == Phase::Ready, &reason, &message);
        self.reports.status(&self.status).await?;
        if changed {
            self.reports.event(false, "PhaseSet", phase.as_str()).await;
        }
        Ok(())
    }

    /// The reason of the condition that sums up: that of the error, else of what is under way, else of the readiness.
    fn reason(&self) -> String {
        let holds = |word: &str| {
            let condition = self.status.condition(&condition_type(self.member.name(), word))?;
            (condition.status == ConditionStatus::True).then(|| condition.reason.clone())
        };
        let ready = self.status.condition(&condition_type(self.member.name(), READY));
        let ready = ready.map(|ready| ready.reason.clone());
        holds(ERROR).or_else(|| holds(PROGRESS)).or(ready).unwrap_or_else(|| "Pending".to_owned())
    }

    /// Puts the fingerprint on the Tenant, if another is there.
    async fn annotate(&self) {
        let key = fingerprint_annotation(self.member.name());
        let Some(fingerprint) = &self.fingerprint else { return };
        if self.tenant.annotations().get(&key) == Some(fingerprint) {
            return;
        }
        let patch = json!({ "metadata": { "annotations": { key: fingerprint } } });
        let name = self.tenant.name_any();
        let patched = self.tenants.patch_metadata(&name, &PatchParams::default(), &Patch::Merge(patch)).await;
        match patched {
            Ok(patched) => self.context.written.note(&patched),
            Err(error) => self.reports.event(true, "FingerprintUpdateFailed", &error.to_string()).await,
        }
    }
}

//! What is said of a `KryptonDeployment`: its condition and its phase, and events by the reference's names, each once.

use kube::ResourceExt as _;

use super::drive::{Step, Voice, Work, repair_message};
use super::state::Conditions;
use super::template::applied_chart;
use crate::api::{ChartSource, ConditionStatus, KryptonDeployment, Phase, PlacementStatus};
use crate::operator::error::ReconcileError;
use crate::operator::placement::{Placed, PlacementError};
use crate::operator::report::{Reports, shortened};

/// Speaks of one `KryptonDeployment`.
pub(super) struct DeploymentVoice<'a> {
    pub(super) deployment: &'a KryptonDeployment,
    pub(super) reports: Reports<KryptonDeployment, PlacementStatus>,
    pub(super) status: PlacementStatus,
    pub(super) release: &'a str,
    pub(super) chart: ChartSource,
}

impl Voice for DeploymentVoice<'_> {
    async fn tell(&mut self, step: Step<'_>) -> Result<(), ReconcileError> {
        let region = self.deployment.spec.region.name.clone();
        match step {
            Step::Missing { again: false, .. } => Ok(()),
            Step::Missing { is_recorded, .. } => {
                let (reason, note) = match is_recorded {
                    true => ("ReleaseNotInstalled", "Release not installed; re-installing"),
                    false => ("ReleaseMissing", "Helm release missing; re-installing"),
                };
                self.reports.event(true, reason, note).await;
                Ok(())
            }
            Step::Drifted(drift) => {
                let message = repair_message(drift);
                self.reports.event(true, "RepairTriggered", &message).await;
                self.say(Phase::Pending, "RepairTriggered", &message).await
            }
            Step::Begun(work) => self.begun(work).await,
            Step::Left(left) => {
                let news = self.conditions().left(left);
                self.reports.left(news).await;
                Ok(())
            }
            Step::Done(_, placed) => {
                self.done(placed, &region).await;
                Ok(())
            }
            Step::Ready { revision, .. } => self.ready(revision, &region).await,
            Step::NotReady(objects) => {
                let message = format!("Workloads not yet ready: {}", objects.join(", "));
                if self.changes("NotReady") {
                    self.reports.event(false, "NotReady", &message).await;
                }
                self.status.failures = 0;
                self.say(Phase::Pending, "NotReady", &message).await
            }
        }
    }
}

impl DeploymentVoice<'_> {
    pub(super) fn generation(&self) -> i64 {
        self.deployment.metadata.generation.unwrap_or_default()
    }

    fn conditions(&mut self) -> Conditions<'_> {
        let generation = self.generation();
        Conditions { status: &mut self.status, generation, cluster: "" }
    }

    /// Whether this spec is looked at for the first time.
    pub(super) fn is_news(&self) -> bool {
        self.status.observed_generation != self.generation()
    }

    /// Whether the condition has another reason, or speaks of another spec.
    fn changes(&self, reason: &str) -> bool {
        let now = self.status.condition("Ready");
        now.is_none_or(|now| now.reason != reason || now.observed_generation != self.generation())
    }

    async fn begun(&mut self, work: Work) -> Result<(), ReconcileError> {
        if self.status.failures > 0 || work == Work::Repair {
            return Ok(());
        }
        let message = format!("Deploying release {}", self.release);
        self.say(Phase::Pending, "Deploying", &message).await
    }

    async fn done(&mut self, placed: &Placed, region: &str) {
        let namespace = self.deployment.name_any();
        if placed.created_namespace {
            let note = format!("Namespace {namespace} created on {region}");
            self.reports.event(false, "EdgeNamespaceCreated", &note).await;
        }
        let note = format!("Release {} deployed to {namespace}", self.release);
        self.reports.event(false, "HelmDeployed", &note).await;
        let deployed = &placed.deployed;
        self.status.revision = Some(deployed.revision);
        self.status.last_applied_chart = applied_chart(&self.chart, &deployed.chart, &deployed.version);
    }

    async fn ready(&mut self, revision: i64, region: &str) -> Result<(), ReconcileError> {
        self.status.failures = 0;
        self.status.revision = Some(revision);
        let was_ready = self.status.condition("Ready").is_some_and(|now| now.status == ConditionStatus::True);
        if !was_ready || self.changes("Deployed") {
            self.reports.event(false, "Ready", &format!("Deployment ready in region {region}")).await;
        }
        self.say(Phase::Ready, "Deployed", &format!("Successfully deployed to region {region}")).await
    }

    /// A failure, told once for each that differs.
    pub(super) async fn failed(
        &mut self,
        error: &PlacementError,
        work: Option<Work>,
    ) -> Result<(), ReconcileError> {
        let (phase, reason, event, message) = self.described(error, work);
        if self.changes(reason) {
            self.reports.event(phase == Phase::Error, event, &message).await;
        }
        self.say(phase, reason, &message).await
    }

    fn described(
        &self,
        error: &PlacementError,
        work: Option<Work>,
    ) -> (Phase, &'static str, &'static str, String) {
        let region = &self.deployment.spec.region.name;
        match (error, work) {
            (PlacementError::Cluster(fault), _) => {
                let message = format!("Edge cluster {region} not available: {}: {fault}", fault.reason);
                (Phase::Error, "EdgeUnavailable", "EdgeUnavailable", message)
            }
            (error, _) if matches!(error.reason(), "NamespaceTerminating" | "InProgress") => {
                (Phase::Pending, error.reason(), error.reason(), error.to_string())
            }
            (PlacementError::Lookup(_) | PlacementError::Api { .. }, None) => {
                let message = format!("Health check failed: {error}");
                (Phase::Error, "HealthCheckFailed", "HealthCheckFailed", message)
            }
            (PlacementError::Foreign(_), _) => {
                (Phase::Error, "ReleaseOfAnother", "ReleaseOfAnother", error.to_string())
            }
            _ => (Phase::Error, "HelmFailed", "HelmDeployFailed", format!("Helm deployment failed: {error}")),
        }
    }

    /// Writes phase, condition and sentence.
    pub(super) async fn say(
        &mut self,
        phase: Phase,
        reason: &str,
        message: &str,
    ) -> Result<(), ReconcileError> {
        let generation = self.generation();
        self.status.phase = Some(phase);
        self.status.last_message = shortened(message);
        self.status.observed_generation = generation;
        self.conditions().ready(phase == Phase::Ready, reason, message);
        self.reports.status(&self.status).await
    }
}

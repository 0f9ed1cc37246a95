//! One `Release`, from what it says to what is: dereference → compose → gate → deploy → report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::ResourceExt as _;
use kube::runtime::controller::Action;
use kube::runtime::finalizer::{self, Event};
use kube::{Api, Client};

use super::backoff;
use super::deployer::{Current, DeployFailure, Deployed, Deployer, Order};
use super::dereference::Reader;
use super::error::ReconcileError;
use super::gate;
use super::looks::{DRIFTED, Looks, Subject, listed, say_left};
use super::metrics::Metrics;
use super::redact::Redactor;
use super::report::{Reports, Speaker, State, set_state};
use super::seal::seal;
use super::values::compose;
use super::written::Written;
use super::{FINALIZER, MANAGER};
use crate::api::{ChartStatus, DriftMode, LastAttempt, Release, ReleaseStatus};
use crate::deploy::Drift;
use crate::deploy::patch::resource_patches;
use crate::source::Sources;

/// What every reconciliation shares.
pub(super) struct Context {
    pub(super) client: Client,
    pub(super) sources: Sources,
    pub(super) deployer: Arc<dyn Deployer>,
    pub(super) metrics: Metrics,
    /// The name of our pod, for events.
    pub(super) instance: Option<String>,
    pub(super) written: Written,
    /// What is remembered of each resource's objects, by its uid.
    pub(super) looks: Looks<String>,
}

impl Context {
    fn reports(&self, release: &Release) -> Reports<Release, ReleaseStatus> {
        let speaker = Speaker { controller: MANAGER, instance: self.instance.clone() };
        Reports::new(self.client.clone(), &speaker, release, release.status.as_ref(), &self.written)
    }
}

/// Why a reconciliation ended without having reported it in the status.
pub(super) type Failure = finalizer::Error<ReconcileError>;

/// Brings a release to what its resource says, or takes it away with its resource.
pub(super) async fn reconcile(release: Arc<Release>, context: Arc<Context>) -> Result<Action, Failure> {
    let started = Instant::now();
    let releases: Api<Release> =
        Api::namespaced(context.client.clone(), &release.namespace().unwrap_or_default());
    let newest = context.written.newest(&releases, release).await;
    let newest = newest.map_err(ReconcileError::api("read the Release")).map_err(Failure::ApplyFailed)?;
    let Some(release) = newest else { return Ok(Action::await_change()) };
    let shared = Arc::clone(&context);
    let result = finalizer::finalizer(&releases, FINALIZER, release, |event| async move {
        match event {
            Event::Apply(release) => apply(&release, &shared).await,
            Event::Cleanup(release) => clean_up(&release, &shared).await,
        }
    })
    .await;
    context.metrics.reconciled(started.elapsed(), result.is_ok());
    result
}

/// What to do about a failure that could not even be reported.
pub(super) fn on_error(release: Arc<Release>, error: &Failure, _: Arc<Context>) -> Action {
    tracing::warn!(release = release.name_any(), namespace = release.namespace(), %error, "failed to reconcile");
    Action::requeue(backoff::after(2))
}

/// What a reconciliation has found out so far.
struct Progress {
    status: ReleaseStatus,
    redactor: Redactor,
    digest: String,
}

async fn apply(release: &Release, context: &Context) -> Result<Action, ReconcileError> {
    let mut reports = context.reports(release);
    let generation = release.metadata.generation.unwrap_or_default();
    let mut progress = Progress {
        status: release.status.clone().unwrap_or_default(),
        redactor: Redactor::default(),
        digest: String::new(),
    };
    if release.spec.suspend {
        set_state(
            &mut progress.status,
            State::Suspended,
            generation,
            "Suspended",
            "nothing is changed until spec.suspend is unset",
        );
        reports.status(&progress.status).await?;
        return Ok(Action::await_change());
    }
    match seal_and_deploy(release, context, &mut reports, &mut progress).await {
        Ok(action) => Ok(action),
        Err(error) => failed(release, context, &mut reports, progress, &error).await,
    }
}

async fn seal_and_deploy(
    release: &Release,
    context: &Context,
    reports: &mut Reports<Release, ReleaseStatus>,
    progress: &mut Progress,
) -> Result<Action, ReconcileError> {
    if seal(&context.client, release).await? {
        return Ok(Action::await_change());
    }
    deploy(release, context, reports, progress).await.map(Action::requeue)
}

async fn deploy(
    release: &Release,
    context: &Context,
    reports: &mut Reports<Release, ReleaseStatus>,
    progress: &mut Progress,
) -> Result<Duration, ReconcileError> {
    let interval = release.spec.interval()?;
    let mut order = order(release, context, progress).await?;
    let current = context.deployer.current(&order.namespace, &order.name).await;
    let current = current.map_err(ReconcileError::Lookup)?;
    let mut drift = Vec::new();
    if gate::is_reached(&progress.status, &progress.digest, current.as_ref()) {
        drift = drifted(release, context, reports, progress, &order).await?;
        if drift.is_empty() {
            progress.status.failures = 0;
            say_ready(release, reports, progress).await?;
            return Ok(interval);
        }
    }
    let chart = &order.chart.origin;
    let (kind, reason, doing) = match &current {
        Some(_) if !drift.is_empty() => ("repair", "Repairing", format!("repairing: {}", listed(&drift))),
        Some(Current { revision, .. }) => {
            ("upgrade", "Upgrading", format!("upgrading from revision {revision}: chart {chart}"))
        }
        None => ("install", "Installing", format!("installing: chart {chart}")),
    };
    let generation = release.metadata.generation.unwrap_or_default();
    set_state(&mut progress.status, State::Progressing, generation, reason, &doing);
    reports.status(&progress.status).await?;
    reports.event(!drift.is_empty(), reason, &doing).await;
    // Whoever changed a field owns it now.
    order.spec.upgrade.force_conflicts |= !drift.is_empty();
    context.looks.changing(&uid(release), &drift);
    let chart_digest = order.chart.digest.to_string();
    let deployed = context.deployer.deploy(order).await?;
    context.metrics.deployed(kind);
    record(&mut progress.status, deployed, chart_digest, &progress.digest);
    let message = say_ready(release, reports, progress).await?;
    reports.event(false, "Deployed", &message).await;
    Ok(interval)
}

/// Says that the release is what the resource asks for, and gives the sentence.
async fn say_ready(
    release: &Release,
    reports: &mut Reports<Release, ReleaseStatus>,
    progress: &mut Progress,
) -> Result<String, ReconcileError> {
    let message = message(&progress.status);
    let generation = release.metadata.generation.unwrap_or_default();
    set_state(&mut progress.status, State::Ready, generation, "Deployed", &message);
    reports.status(&progress.status).await?;
    Ok(message)
}

/// What of a release that was reached is to be repaired. Drift that is left as it is, is told.
async fn drifted(
    release: &Release,
    context: &Context,
    reports: &Reports<Release, ReleaseStatus>,
    progress: &mut Progress,
    order: &Order,
) -> Result<Vec<Drift>, ReconcileError> {
    let detection = &release.spec.drift_detection;
    let (status, generation) = (&mut progress.status, release.metadata.generation.unwrap_or_default());
    let Some(revision) = status.revision.filter(|_| detection.mode != DriftMode::Disabled) else {
        say_left(&mut status.conditions, DRIFTED, generation, None);
        return Ok(Vec::new());
    };
    let subject = Subject { namespace: &order.namespace, name: &order.name, revision, detection };
    let look = context.looks.look(&uid(release), &*context.deployer, subject).await;
    let look = look.map_err(ReconcileError::Lookup)?;
    reports.left(say_left(&mut status.conditions, DRIFTED, generation, look.left.as_ref())).await;
    Ok(look.drift)
}

/// What a resource is known by here.
fn uid(release: &Release) -> String {
    release.uid().unwrap_or_default()
}

/// Reads everything the release refers to, and puts it together.
async fn order(
    release: &Release,
    context: &Context,
    progress: &mut Progress,
) -> Result<Order, ReconcileError> {
    let mut reader = Reader::new(context.client.clone(), &release.namespace().unwrap_or_default());
    let read = read(release, context, &mut reader).await;
    progress.redactor = reader.redactor;
    let (chart, json) = read?;
    let values =
        value::json::from_slice(json.as_bytes()).map_err(|error| ReconcileError::Spec(error.to_string()))?;
    let values = values.as_map().cloned().unwrap_or_default();
    progress.digest = gate::desired(chart.digest, &json, &release.spec);
    let (name, namespace) = (release.release_name(), release.target_namespace());
    let (redactor, said) = (progress.redactor.clone(), name.clone());
    let patches = resource_patches("spec.patches", &release.spec.patches);
    Ok(Order {
        name,
        namespace,
        chart,
        values,
        patches: patches.map_err(|error| ReconcileError::Spec(error.to_string()))?,
        timeout: release.spec.timeout()?,
        spec: release.spec.clone(),
        labels: Default::default(),
        progress: Arc::new(move |step| {
            tracing::info!(release = said, step = redactor.clean(step), "deploying")
        }),
        waiting: Arc::new(|| {}),
    })
}

async fn read(
    release: &Release,
    context: &Context,
    reader: &mut Reader,
) -> Result<(crate::source::Fetched, String), ReconcileError> {
    let layers = reader.layers(&release.spec).await?;
    let values = compose(layers.maps, layers.overrides)?;
    let chart = reader.chart(&context.sources, &release.spec.chart).await?;
    Ok((chart, values.to_string()))
}

fn record(status: &mut ReleaseStatus, deployed: Deployed, chart_digest: String, digest: &str) {
    status.revision = Some(deployed.revision);
    status.status = Some(deployed.status);
    status.chart = Some(ChartStatus {
        name: deployed.chart,
        version: deployed.version,
        app_version: deployed.app_version,
        digest: chart_digest,
    });
    status.history = deployed.history;
    let revision = Some(deployed.revision);
    status.failures = 0;
    status.last_attempt = Some(LastAttempt { digest: digest.to_owned(), revision, succeeded: true });
}

fn message(status: &ReleaseStatus) -> String {
    let chart =
        status.chart.as_ref().map_or_else(String::new, |chart| format!("{} {}", chart.name, chart.version));
    format!("revision {} of chart {chart} is deployed", status.revision.unwrap_or_default())
}

/// Reports a failure and decides when to try again.
async fn failed(
    release: &Release,
    context: &Context,
    reports: &mut Reports<Release, ReleaseStatus>,
    mut progress: Progress,
    error: &ReconcileError,
) -> Result<Action, ReconcileError> {
    let text = progress.redactor.clean(&error.to_string());
    let reason = error.reason();
    context.metrics.failed(reason);
    tracing::warn!(
        release = release.name_any(),
        namespace = release.namespace(),
        reason,
        error = text,
        "not deployed"
    );
    let status = &mut progress.status;
    let before = release.status.as_ref().and_then(|status| status.condition("Ready"));
    let said_before = before.is_some_and(|ready| ready.reason == reason && ready.message == text);
    let generation = release.metadata.generation.unwrap_or_default();
    status.failures = gate::failures(status, generation);
    let failures = status.failures;
    if let ReconcileError::Deploy(DeployFailure { revision, .. }) = error {
        if let Some(failed) = revision {
            status.revision = Some(*failed);
            status.status = Some("failed".to_owned());
        }
        // A failure on the way here says nothing of what was last deployed.
        status.last_attempt =
            Some(LastAttempt { digest: progress.digest, revision: *revision, succeeded: false });
    }
    let state = if error.is_terminal() { State::Stalled } else { State::Failed };
    set_state(status, state, generation, reason, &text);
    reports.status(status).await?;
    if !said_before {
        reports.event(true, reason, &text).await;
    }
    match state {
        State::Stalled => Ok(Action::await_change()),
        _ => Ok(Action::requeue(backoff::after(failures))),
    }
}

async fn clean_up(release: &Release, context: &Context) -> Result<Action, ReconcileError> {
    context.written.forget(release);
    context.looks.forget(&uid(release));
    if release.spec.suspend || release.spec.uninstall.orphan {
        return Ok(Action::await_change());
    }
    let reports = context.reports(release);
    let (name, namespace) = (release.release_name(), release.target_namespace());
    match context.deployer.uninstall(&namespace, &name, &release.spec).await {
        Ok(()) => {
            reports.event(false, "Uninstalled", &format!("release {name} is uninstalled")).await;
            Ok(Action::await_change())
        }
        Err(failure) => {
            context.metrics.failed(failure.reason);
            reports
                .event(true, failure.reason, "the release could not be uninstalled; it will be tried again")
                .await;
            Err(failure.into())
        }
    }
}

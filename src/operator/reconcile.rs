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
use super::metrics::Metrics;
use super::redact::Redactor;
use super::report::{Reports, Speaker, State, set_state};
use super::seal::seal;
use super::values::compose;
use super::{FINALIZER, MANAGER};
use crate::api::{ChartStatus, LastAttempt, Release, ReleaseStatus};
use crate::source::Sources;

/// What every reconciliation shares.
pub(super) struct Context {
    pub(super) client: Client,
    pub(super) sources: Sources,
    pub(super) deployer: Arc<dyn Deployer>,
    pub(super) metrics: Metrics,
    /// The name of our pod, for events.
    pub(super) instance: Option<String>,
}

impl Context {
    fn reports(&self, release: &Release) -> Reports<Release, ReleaseStatus> {
        let speaker = Speaker { controller: MANAGER, instance: self.instance.clone() };
        Reports::new(self.client.clone(), &speaker, release, release.status.as_ref())
    }
}

/// Why a reconciliation ended without having reported it in the status.
pub(super) type Failure = finalizer::Error<ReconcileError>;

/// Brings a release to what its resource says, or takes it away with its resource.
pub(super) async fn reconcile(release: Arc<Release>, context: Arc<Context>) -> Result<Action, Failure> {
    let started = Instant::now();
    let releases: Api<Release> =
        Api::namespaced(context.client.clone(), &release.namespace().unwrap_or_default());
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
    let order = order(release, context, progress).await?;
    let current = context.deployer.current(&order.namespace, &order.name).await;
    let current = current.map_err(ReconcileError::Lookup)?;
    let generation = release.metadata.generation.unwrap_or_default();
    if gate::is_reached(&progress.status, &progress.digest, current.as_ref()) {
        let message = message(&progress.status);
        progress.status.failures = 0;
        set_state(&mut progress.status, State::Ready, generation, "Deployed", &message);
        reports.status(&progress.status).await?;
        return Ok(interval);
    }
    let (reason, doing) = match &current {
        Some(Current { revision, .. }) => ("Upgrading", format!("upgrading from revision {revision}")),
        None => ("Installing", "installing".to_owned()),
    };
    set_state(&mut progress.status, State::Progressing, generation, reason, &doing);
    reports.status(&progress.status).await?;
    reports.event(false, reason, &format!("{doing}: chart {}", order.chart.origin)).await;
    let chart_digest = order.chart.digest.to_string();
    let deployed = context.deployer.deploy(order).await?;
    context.metrics.deployed(current.is_none());
    record(&mut progress.status, deployed, chart_digest, &progress.digest);
    let message = message(&progress.status);
    set_state(&mut progress.status, State::Ready, generation, "Deployed", &message);
    reports.status(&progress.status).await?;
    reports.event(false, "Deployed", &message).await;
    Ok(interval)
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
    Ok(Order {
        name,
        namespace,
        chart,
        values,
        timeout: release.spec.timeout()?,
        spec: release.spec.clone(),
        labels: Default::default(),
        progress: Arc::new(move |step| {
            tracing::info!(release = said, step = redactor.clean(step), "deploying")
        }),
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

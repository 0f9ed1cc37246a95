//! The deploy pipeline, asked as the controller asks.

use std::sync::Arc;
use std::time::Duration;

use chart::Flavour;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use pintle_render::{Engine, Limits};
use tokio::sync::watch;

use super::deployer::{Current, DeployFailure, Deployed, Deployer, Order};
use crate::api::{HistoryEntry, ReleaseSpec};
use crate::cluster::Cluster;
use crate::deploy::{
    self, Charts, DeployError, Desired, Ignored, Inspection, Observer, Options, PostRender, Progress,
    ReuseValues, Seen, UninstallOptions, WaitFor,
};
use crate::host::SystemHost;
use crate::release::{Driver, DriverKind, Head, Record, Status, Storage, StorageError};

/// How long somebody else who works on a release is waited for, before it is tried again later.
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);
/// How many revisions the status shows.
const HISTORY: usize = 10;

/// The deploy pipeline on one cluster.
#[derive(Clone)]
pub struct Pipeline {
    cluster: Cluster,
    engine: Arc<Engine>,
    charts: Charts,
    cancelled: watch::Receiver<bool>,
}

impl Pipeline {
    /// The pipeline that deploys as that Helm version does. When `cancelled` turns true, what is under way ends and is
    /// recorded as failed.
    pub fn new(cluster: Cluster, flavour: Flavour, limits: Limits, cancelled: watch::Receiver<bool>) -> Self {
        let host: Arc<dyn sprig::Host> = Arc::new(SystemHost);
        let engine = Arc::new(Engine::new(flavour, &host).with_limits(limits));
        Self { cluster, charts: Charts::new(&engine), engine, cancelled }
    }

    /// The same pipeline on another cluster. Engine and parsed charts are shared.
    #[must_use]
    pub fn on(&self, cluster: Cluster) -> Self {
        Self { cluster, ..self.clone() }
    }

    fn storage(&self, namespace: &str, history_max: u32) -> Storage {
        let storage = Storage::new(Driver::new(DriverKind::Secret, &self.cluster, namespace));
        storage.with_max_history(usize::try_from(history_max).unwrap_or(usize::MAX))
    }

    fn deployer(&self, storage: Storage, observer: Arc<dyn Observer>) -> deploy::Deployer {
        deploy::Deployer {
            cluster: self.cluster.clone(),
            storage,
            engine: Arc::clone(&self.engine),
            observer,
            cancelled: self.cancelled.clone(),
        }
    }

    async fn run(&self, order: Order) -> Result<Deployed, DeployFailure> {
        let storage = self.storage(&order.namespace, order.spec.history_max());
        let chart = self.charts.load(&order.chart);
        let chart = chart.map_err(|error| failure("ChartInvalid", error.to_string()))?;
        let newest = newest(&storage, &order.name).await?;
        let mut options = options(&order);
        // What was uninstalled and kept its history is installed again under the same name.
        options.replace = newest.as_ref().is_some_and(|head| head.status == Status::Uninstalled);
        let observer = Telling { progress: Arc::clone(&order.progress), waiting: Arc::clone(&order.waiting) };
        let observer = Arc::new(observer);
        let deployer = self.deployer(storage.clone(), observer);
        let desired = Desired { name: order.name, namespace: order.namespace, chart, values: order.values };
        let ran = match newest {
            Some(head) if head.status != Status::Uninstalled => deployer.upgrade(&desired, &options).await,
            _ => deployer.install(&desired, &options).await,
        };
        match ran {
            Ok(record) => deployed(&storage, &record).await,
            Err(error) => {
                let failed = last_head(&storage, &desired.name).await;
                let revision = failed.filter(|head| head.status == Status::Failed).map(|head| head.revision);
                Err(DeployFailure { reason: reason(&error), message: error.to_string(), revision })
            }
        }
    }
}

impl Deployer for Pipeline {
    fn current<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Current>, DeployFailure>> {
        async move {
            let head = newest(&self.storage(namespace, 0), name).await?;
            Ok(head.map(|head| Current {
                revision: head.revision,
                status: head.status.as_str().to_owned(),
                labels: head.labels,
            }))
        }
        .boxed()
    }

    fn deploy(&self, order: Order) -> BoxFuture<'_, Result<Deployed, DeployFailure>> {
        self.run(order).boxed()
    }

    fn inspect<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        revision: i64,
        before: Option<&'a Seen>,
        ignored: &'a Ignored,
    ) -> BoxFuture<'a, Result<Inspection, DeployFailure>> {
        async move {
            let deployer = self.deployer(self.storage(namespace, 0), Arc::new(deploy::Silent));
            let looked = deployer.inspect(name, revision, before, ignored).await;
            looked.map_err(|error| failure(reason(&error), error.to_string()))
        }
        .boxed()
    }

    fn uninstall<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        spec: &'a ReleaseSpec,
    ) -> BoxFuture<'a, Result<(), DeployFailure>> {
        let options = UninstallOptions {
            hooks: !spec.disable_hooks,
            ignore_not_found: true,
            keep_history: spec.uninstall.keep_history,
            wait: true,
            timeout: spec.timeout().unwrap_or(Duration::from_secs(300)),
            lock_timeout: LOCK_TIMEOUT,
            ..UninstallOptions::default()
        };
        async move {
            let deployer = self.deployer(self.storage(namespace, 0), Arc::new(deploy::Silent));
            match deployer.uninstall(name, &options).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_not_found() => Ok(()),
                Err(error) => Err(failure(reason(&error), error.to_string())),
            }
        }
        .boxed()
    }
}

fn options(order: &Order) -> Options {
    let spec = &order.spec;
    Options {
        force_conflicts: spec.upgrade.force_conflicts,
        take_ownership: spec.take_ownership,
        wait: if spec.disable_wait { WaitFor::Hooks } else { WaitFor::Objects },
        timeout: order.timeout,
        hooks: !spec.disable_hooks,
        skip_crds: spec.install.skip_crds,
        create_namespace: spec.install.create_namespace,
        rollback_on_failure: spec.rollback_on_failure,
        cleanup_on_fail: spec.upgrade.cleanup_on_fail,
        reuse_values: ReuseValues::Never,
        labels: order.labels.clone(),
        lock_timeout: LOCK_TIMEOUT,
        post_render: PostRender { patches: order.patches.clone(), ..PostRender::default() },
        ..Options::default()
    }
}

async fn newest(storage: &Storage, name: &str) -> Result<Option<Head>, DeployFailure> {
    let heads = storage.release_heads(name).await.map_err(|error| record_failure(&error))?;
    Ok(heads.into_iter().max_by_key(|head| head.revision))
}

async fn last_head(storage: &Storage, name: &str) -> Option<Head> {
    newest(storage, name).await.ok().flatten()
}

async fn deployed(storage: &Storage, record: &Record) -> Result<Deployed, DeployFailure> {
    let mut heads = storage.release_heads(&record.name).await.map_err(|error| record_failure(&error))?;
    heads.sort_by_key(|head| std::cmp::Reverse(head.revision));
    let entry =
        |head: &Head| HistoryEntry { revision: head.revision, status: head.status.as_str().to_owned() };
    let metadata = record.chart.metadata().unwrap_or_default();
    Ok(Deployed {
        revision: record.revision,
        status: record.info.status.as_str().to_owned(),
        chart: metadata.name,
        version: metadata.version,
        app_version: metadata.app_version,
        history: heads.iter().take(HISTORY).map(entry).collect(),
    })
}

fn failure(reason: &'static str, message: String) -> DeployFailure {
    DeployFailure { reason, message, revision: None }
}

fn record_failure(error: &StorageError) -> DeployFailure {
    failure("RecordFailed", error.to_string())
}

/// A stable word for a failure.
fn reason(error: &DeployError) -> &'static str {
    match error {
        DeployError::Connect(_) => "ClusterUnreachable",
        DeployError::Storage(_) | DeployError::Record(_) => "RecordFailed",
        DeployError::Render(_) | DeployError::PostRender(_) => "RenderFailed",
        DeployError::KubeVersion(_) => "KubeVersionUnsupported",
        DeployError::Wait(_) => "NotReady",
        DeployError::Refused(_) => "Refused",
        DeployError::Busy { .. } | DeployError::Taken(_) => "InProgress",
        DeployError::Cancelled => "Cancelled",
        DeployError::Step { source, .. } | DeployError::Twice { source, .. } => reason(source),
        DeployError::Several(errors) | DeployError::Lines(errors) => {
            errors.first().map_or("ApplyFailed", reason)
        }
        _ => "ApplyFailed",
    }
}

/// Passes steps on as texts.
struct Telling {
    progress: Arc<dyn Fn(&str) + Send + Sync>,
    waiting: Arc<dyn Fn() + Send + Sync>,
}

impl Observer for Telling {
    fn observe(&self, progress: &Progress<'_>) {
        let text = match progress {
            Progress::Warning(text) => format!("warning: {text}"),
            Progress::Note(text) => (*text).to_owned(),
            Progress::Recorded { revision, status } => format!("revision {revision} is {}", status.as_str()),
            Progress::Hook { name, phase, .. } => format!("hook {name} is {phase:?}"),
            Progress::Changed { object, change } => format!("{object}: {change:?}"),
            Progress::Object { object, state, message, .. } => format!("{object} is {state}: {message}"),
            Progress::Waiting { objects } => {
                (self.waiting)();
                format!("waiting for {objects} objects")
            }
            // What a container wrote may be anything: it stays in the pod's log.
            Progress::HookLog { .. } => return,
        };
        (self.progress)(&text);
    }
}

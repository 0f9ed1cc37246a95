//! What is done to workloads: deploy, undeploy, scale. The pipeline of `deploy` does the work; here is what comes
//! before and after it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use pintle_render::Engine;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use value::Map;

use super::conflict;
use super::diagnostics;
use super::error::WorkloadError;
use super::event::{Subject, WorkloadDeployed};
use super::layers::{self, Overrides};
use super::names::{WORKLOAD_NAME, workload_labels};
use super::owner::Owners;
use super::placement::Placement;
use super::progress::{Hearer, Stage, report};
use super::records::{installed_version, release_stale_lock};
use super::replicas;
use super::secrets::with_injected;
use super::settings::Settings;
use super::values_secret::{ValuesSecret, Wanted};
use crate::cluster::Cluster;
use crate::deploy::{self, Charts, DeployError, Desired, DryRun, Options, ReuseValues, UninstallOptions};
use crate::release::{Driver, DriverKind, Head, Storage};
use crate::source::{Access, ChartReference, Credentials, OciReference, Sources};

/// How many revisions are kept: Helm's default.
const HISTORY: usize = 10;
/// How long a deployment has to end once it is cancelled; it takes away what it made until then.
const CANCELLING: Duration = Duration::from_secs(20);
/// How long somebody else who works on a release is waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);
/// How long looking for the reasons of a failure may take.
const DIAGNOSING: Duration = Duration::from_secs(10);

/// Deploys, undeploys and scales workloads.
pub(super) struct Workloads {
    pub(super) settings: Arc<Settings>,
    pub(super) cluster: Cluster,
    pub(super) sources: Sources,
    pub(super) engine: Arc<Engine>,
    pub(super) charts: Charts,
    /// Set when the operator stops: what runs is then finished instead of cancelled.
    pub(super) stopping: CancellationToken,
}

/// A deployment that is put together.
struct Prepared<'a> {
    event: &'a WorkloadDeployed,
    placement: Placement,
    labels: BTreeMap<String, String>,
    overrides: Overrides,
    began: Timestamp,
}

impl Workloads {
    /// Installs or upgrades a workload. `cancelled` is set when it is undeployed meanwhile.
    pub(super) async fn deploy(
        &self,
        event: &WorkloadDeployed,
        cancelled: &CancellationToken,
        hearer: &dyn Hearer,
    ) -> Result<(), WorkloadError> {
        let (cancel, told) = watch::channel(false);
        let ended = tokio::select! {
            ended = Box::pin(self.deploy_as_told(event, hearer, told)) => ended,
            () = self.given_up(cancelled, &cancel) => Err(WorkloadError::Cancelled),
        };
        // How the pipeline words it depends on the step that it was at.
        let told_to_end = *cancel.borrow();
        if told_to_end { ended.map_err(|_| WorkloadError::Cancelled) } else { ended }
    }

    /// Ends a while after a deployment was told to end. A stopping operator lets it go on.
    async fn given_up(&self, cancelled: &CancellationToken, cancel: &watch::Sender<bool>) {
        cancelled.cancelled().await;
        if self.stopping.is_cancelled() {
            std::future::pending::<()>().await;
        }
        cancel.send_replace(true);
        tokio::time::sleep(CANCELLING).await;
    }

    async fn deploy_as_told(
        &self,
        event: &WorkloadDeployed,
        hearer: &dyn Hearer,
        cancelled: watch::Receiver<bool>,
    ) -> Result<(), WorkloadError> {
        let prepared = self.prepare(event)?;
        let Placement { release, namespace } = &prepared.placement;
        let storage = self.storage(namespace);
        let heads = heads(&storage, release).await?;
        let secret = ValuesSecret::new(self.cluster.client(), namespace, release);
        prepared.placement.check_owner(&event.subject.workload(), &heads, &secret).await?;
        let owners = Owners::find(&self.cluster.client(), &self.settings, &event.subject, namespace).await;
        let wanted = Wanted {
            labels: prepared.labels.clone(),
            annotations: [(WORKLOAD_NAME.to_owned(), event.subject.workload_name.clone())].into(),
            owner: owners.reference(),
            data: prepared.overrides.secrets.clone(),
        };
        secret.write(&wanted).await.map_err(WorkloadError::api("write the Secret of the workload"))?;
        let released = Box::pin(self.release(&prepared, &storage, &heads, hearer, cancelled)).await;
        let kept = match &released {
            Ok(()) => secret.keep(&wanted).await,
            Err(_) => {
                let stays = storage.release_heads(release).await.map_or(true, |heads| !heads.is_empty());
                secret.put_back(stays).await
            }
        };
        if let Err(error) = kept {
            tracing::warn!(release, %error, "the Secret of the workload's values could not be settled");
        }
        released?;
        owners.own_deployments(&self.cluster.client(), namespace, release).await;
        Ok(())
    }

    fn prepare<'a>(&self, event: &'a WorkloadDeployed) -> Result<Prepared<'a>, WorkloadError> {
        let placement = Placement::of(&self.settings, &event.subject)?;
        let entries = with_injected(&self.settings, event);
        let secret = super::names::values_secret(&placement.release);
        let subject = &event.subject;
        Ok(Prepared {
            event,
            overrides: layers::overrides(&entries, &secret, self.settings.typed_overrides)?,
            labels: workload_labels(subject.dialect(), &subject.site(), &subject.workload()),
            placement,
            began: Timestamp::now(),
        })
    }

    /// From the replicas that run to the new revision.
    async fn release(
        &self,
        prepared: &Prepared<'_>,
        storage: &Storage,
        heads: &[Head],
        hearer: &dyn Hearer,
        cancelled: watch::Receiver<bool>,
    ) -> Result<(), WorkloadError> {
        let Prepared { event, placement: Placement { release, namespace }, .. } = prepared;
        let client = self.cluster.client();
        let pin = replicas::pin(&client, namespace, release, event.hibernated).await;
        replicas::hand_over(&client, namespace, release).await;
        let stage = Arc::new(Stage::default());
        let deployer = self.deployer(storage.clone(), Arc::clone(&stage), cancelled);
        let options = self.options(prepared);
        if let Some(pending) =
            heads.iter().max_by_key(|head| head.revision).filter(|head| head.status.is_pending())
        {
            release_stale_lock(storage, pending).await;
            deployer.settle_interrupted(release, &options).await?;
        }
        let desired = Desired {
            name: release.clone(),
            namespace: namespace.clone(),
            chart: self.chart(event, storage, release).await?,
            values: self.values(prepared, pin)?,
        };
        let trial = Options { dry_run: DryRun::Rehearse, rollback_on_failure: false, ..options.clone() };
        let tried = Box::pin(self.run(&deployer, &desired, &trial)).await;
        tried.map_err(|error| self.trial_error(prepared, error))?;
        let ran = tokio::select! {
            ran = Box::pin(self.run(&deployer, &desired, &options)) => ran,
            never = report(&client, namespace, release, prepared.began, &stage, hearer) => match never {},
        };
        match ran {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explained(prepared, &stage, error).await),
        }
    }

    fn values(&self, prepared: &Prepared<'_>, replicas: Option<i32>) -> Result<Map, WorkloadError> {
        let Prepared { event, overrides, .. } = prepared;
        let context = layers::context(&self.settings, event);
        let flavour = self.engine.flavour();
        Ok(layers::merged(&context, &event.values_yaml, &overrides.tree, replicas, flavour)?)
    }

    /// Installs, or upgrades what is there. Helm: `upgrade --install`.
    async fn run(
        &self,
        deployer: &deploy::Deployer,
        desired: &Desired,
        options: &Options,
    ) -> Result<(), DeployError> {
        match deployer.needs_install(&desired.name).await? {
            Some(replace) => {
                let options = Options { replace, ..options.clone() };
                deployer.install(desired, &options).await.map(drop)
            }
            None => deployer.upgrade(desired, options).await.map(drop),
        }
    }

    fn options(&self, prepared: &Prepared<'_>) -> Options {
        Options {
            force_conflicts: self.settings.force_conflicts,
            rollback_on_failure: true,
            timeout: self.settings.timeout,
            labels: prepared.labels.clone(),
            lock_timeout: LOCK_TIMEOUT,
            reuse_values: ReuseValues::Never,
            ..Options::default()
        }
    }

    fn trial_error(&self, prepared: &Prepared<'_>, error: DeployError) -> WorkloadError {
        if matches!(error, DeployError::Cancelled) {
            return WorkloadError::Cancelled;
        }
        let Placement { release, namespace } = &prepared.placement;
        let explained = conflict::explained(release, namespace, &error.conflicts());
        let text = explained.unwrap_or_else(|| error.to_string());
        WorkloadError::Trial { release: release.clone(), text }
    }

    /// An error with what there is to be known about it.
    async fn explained(&self, prepared: &Prepared<'_>, stage: &Stage, error: DeployError) -> WorkloadError {
        let Placement { release, namespace } = &prepared.placement;
        if let Some(text) = conflict::explained(release, namespace, &error.conflicts()) {
            return WorkloadError::Release(text);
        }
        if matches!(error, DeployError::Cancelled) {
            return WorkloadError::Cancelled;
        }
        let client = self.cluster.client();
        let found =
            diagnostics::collect_within(DIAGNOSING, &client, namespace, release, prepared.began).await;
        match diagnostics::united(&stage.problems(), &found.unwrap_or_default()) {
            text if text.is_empty() => WorkloadError::from(error),
            text => WorkloadError::Release(format!("{error}\n\nPod diagnostics:\n{text}")),
        }
    }

    /// Fetches the chart: the version asked for; without one the newest, or for a reconciliation the installed one.
    async fn chart(
        &self,
        event: &WorkloadDeployed,
        storage: &Storage,
        release: &str,
    ) -> Result<Arc<chart::Chart>, WorkloadError> {
        let name = event.chart_name.trim();
        if name.is_empty() {
            return Err(WorkloadError::Missing("chartName"));
        }
        let asked = event.chart_version.trim();
        let version = match asked.is_empty() && event.is_reconciliation {
            true => installed_version(storage, release, name).await.unwrap_or_default(),
            false => asked.to_owned(),
        };
        let failed = |source| WorkloadError::Source {
            chart: name.to_owned(),
            repository: without_login(&event.repository_url),
            source: Box::new(source),
        };
        let reference = reference(&event.repository_url, name, &version).map_err(failed)?;
        let login = Credentials {
            username: event.repository_username.clone(),
            password: event.repository_password.clone(),
        };
        let credentials = (login != Credentials::default()).then_some(login);
        let access = Access { credentials, ..Access::default() };
        let fetched = self.sources.fetch(&reference, &access).await.map_err(failed)?;
        let broken = |source| WorkloadError::Chart { chart: name.to_owned(), source: Box::new(source) };
        self.charts.load(&fetched).map_err(broken)
    }

    /// Takes a workload away, with its Secret. One that is not there is gone already.
    pub(super) async fn undeploy(&self, subject: &Subject) -> Result<(), WorkloadError> {
        let placement = Placement::of(&self.settings, subject)?;
        let Placement { release, namespace } = &placement;
        let storage = self.storage(namespace);
        let heads = heads(&storage, release).await?;
        let secret = ValuesSecret::new(self.cluster.client(), namespace, release);
        placement.check_owner(&subject.workload(), &heads, &secret).await?;
        let (_never, cancelled) = watch::channel(false);
        let deployer = self.deployer(storage, Arc::default(), cancelled);
        let options = UninstallOptions {
            ignore_not_found: true,
            timeout: self.settings.timeout,
            lock_timeout: LOCK_TIMEOUT,
            ..UninstallOptions::default()
        };
        deployer.uninstall(release, &options).await?;
        secret.delete().await.map_err(WorkloadError::api("delete the Secret of the workload"))
    }

    /// Scales a workload, and says what was done.
    pub(super) async fn scale(&self, subject: &Subject, replicas: i32) -> Result<String, String> {
        let placement = Placement::of(&self.settings, subject).map_err(|error| error.to_string())?;
        let Placement { release, namespace } = &placement;
        let heads = heads(&self.storage(namespace), release).await.map_err(|error| error.to_string())?;
        let secret = ValuesSecret::new(self.cluster.client(), namespace, release);
        let owned = placement.check_owner(&subject.workload(), &heads, &secret).await;
        owned.map_err(|error| error.to_string())?;
        replicas::scale(&self.cluster.client(), namespace, release, replicas).await
    }

    fn storage(&self, namespace: &str) -> Storage {
        Storage::new(Driver::new(DriverKind::Secret, &self.cluster, namespace)).with_max_history(HISTORY)
    }

    fn deployer(
        &self,
        storage: Storage,
        stage: Arc<Stage>,
        cancelled: watch::Receiver<bool>,
    ) -> deploy::Deployer {
        deploy::Deployer {
            cluster: self.cluster.clone(),
            storage,
            engine: Arc::clone(&self.engine),
            observer: stage,
            cancelled,
        }
    }
}

async fn heads(storage: &Storage, release: &str) -> Result<Vec<Head>, WorkloadError> {
    let heads = storage.release_heads(release).await;
    heads.map_err(|source| WorkloadError::Records { release: release.to_owned(), source: Box::new(source) })
}

/// A chart of a repository, or of a registry.
fn reference(
    repository: &str,
    name: &str,
    version: &str,
) -> Result<ChartReference, crate::source::SourceError> {
    match repository.trim_end_matches('/') {
        registry if registry.starts_with("oci://") => {
            Ok(ChartReference::Oci(OciReference::parse(&format!("{registry}/{name}"), version)?))
        }
        _ => ChartReference::parse(name, version, Some(repository)),
    }
}

/// A URL fit to be shown.
fn without_login(url: &str) -> String {
    let Ok(mut url) = url::Url::parse(url) else { return "an address that is no URL".to_owned() };
    // Both only fail for URLs that can't have a login.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OCTO-60, OCTO-62: the repository is used as it is written, a blank version asks for the newest; a registry
    /// serves as well.
    #[test]
    fn charts_come_from_repositories_and_registries() {
        let found = reference("https://a.example/charts/", "web", "").unwrap();
        let ChartReference::Repository { url, name, version } = found else { panic!() };
        assert_eq!((url.as_str(), name.as_str(), version.as_str()), ("https://a.example/charts/", "web", ""));
        assert!(matches!(reference("oci://a.example/x/", "web", "1.0.0").unwrap(), ChartReference::Oci(_)));
        assert!(reference("", "web", "").is_err());
    }

    #[test]
    fn a_shown_repository_has_no_login() {
        assert_eq!(without_login("https://me:canary@a.example/x?token=canary"), "https://a.example/x");
    }
}

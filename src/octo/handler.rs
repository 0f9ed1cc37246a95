//! What the hub asks of us, and what it hears in return.

use std::sync::atomic::Ordering;
use std::time::Instant;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::event::{self, Dialect, ScaleWorkload, SiteId, Subject, WorkloadDeployed};
use super::link::Link;
use super::placement::Placement;
use super::progress::Hearer;
use super::secrets::with_injected;
use super::settings::Mode;
use crate::hub::{Callback, Connection, HubError, HubHandler, Report, Turn};
use crate::operator::Redactor;

/// The callbacks of both generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    SiteDeployed(Dialect),
    SiteUndeployed(Dialect),
    WorkloadDeployed,
    WorkloadUndeployed,
    ScaleWorkload,
    PreUpdateTenant,
}

const CALLS: [(&str, Call); 8] = [
    ("PoolDeployedAsync", Call::SiteDeployed(Dialect::Pool)),
    ("DeploymentSiteDeployedAsync", Call::SiteDeployed(Dialect::Site)),
    ("PoolUndeployedAsync", Call::SiteUndeployed(Dialect::Pool)),
    ("DeploymentSiteUndeployedAsync", Call::SiteUndeployed(Dialect::Site)),
    ("WorkloadDeployedAsync", Call::WorkloadDeployed),
    ("WorkloadUndeployedAsync", Call::WorkloadUndeployed),
    ("ScaleWorkloadAsync", Call::ScaleWorkload),
    ("PreUpdateTenantAsync", Call::PreUpdateTenant),
];

impl Call {
    fn of(callback: &Callback) -> Option<Self> {
        CALLS.iter().find(|(name, _)| callback.is(name)).map(|(_, call)| *call)
    }
}

/// The first argument as an event.
fn argument<T: DeserializeOwned>(callback: &Callback) -> Result<T, HubError> {
    let broken = |error: serde_json::Error| {
        // serde's text may quote the argument, which may hold secrets.
        let _ = error;
        HubError::Protocol(format!("the argument of {} is not what it should be", callback.target()))
    };
    event::read(callback.argument(0)?).map_err(broken)
}

/// The site that two arguments name.
fn site_of(callback: &Callback) -> Result<SiteId, HubError> {
    let text = |index| callback.argument::<Option<String>>(index).map(Option::unwrap_or_default);
    Ok(SiteId { tenant: text(0)?, rt_id: text(1)? })
}

impl HubHandler for Link {
    fn register<'a>(
        &'a self,
        connection: &'a Connection,
        _reconnect: bool,
    ) -> BoxFuture<'a, Result<(), HubError>> {
        self.introduce(connection).boxed()
    }

    fn turn(&self, callback: &Callback) -> Option<Turn> {
        let call = Call::of(callback)?;
        let key = match call {
            Call::SiteDeployed(_) => {
                argument::<Subject>(callback).ok().map(|site| format!("site {}", site.site()))
            }
            Call::SiteUndeployed(_) => site_of(callback).ok().map(|site| format!("site {site}")),
            Call::WorkloadDeployed | Call::WorkloadUndeployed | Call::ScaleWorkload => {
                let subject = argument::<Subject>(callback).ok();
                let placed = subject.and_then(|subject| Placement::of(&self.settings, &subject).ok());
                placed.map(|placement| format!("release {}/{}", placement.namespace, placement.release))
            }
            Call::PreUpdateTenant => {
                callback.argument::<String>(0).ok().map(|tenant| format!("tenant {tenant}"))
            }
        };
        Some(match (call, key) {
            (_, None) => Turn::Now,
            (Call::WorkloadUndeployed, Some(key)) => Turn::Instead(key),
            (_, Some(key)) => Turn::After(key),
        })
    }

    fn call(&self, callback: Callback, cancelled: CancellationToken) -> BoxFuture<'_, Result<Value, String>> {
        async move {
            let done = self.answer(&callback, &cancelled).await;
            if let Err(error) = &done {
                tracing::error!(target = callback.target(), %error, "a call of the hub can't be understood");
            }
            done.map(|()| Value::Null).map_err(|error| error.to_string())
        }
        .boxed()
    }

    fn refused(&self, report: &Report, error: &HubError) {
        tracing::warn!(key = report.key, target = report.target, %error, "the hub does not take a report");
    }

    fn leave<'a>(&'a self, connection: &'a Connection) -> BoxFuture<'a, ()> {
        async move {
            if let Err(error) = connection.invoke::<IgnoredAny>("UnregisterOperatorAsync", &[]).await {
                tracing::info!(%error, "the hub was not told that the operator stops");
            }
        }
        .boxed()
    }
}

impl Link {
    /// Does what a call asks for. What fails on the way is reported, and no error of the call.
    async fn answer(&self, callback: &Callback, cancelled: &CancellationToken) -> Result<(), HubError> {
        match Call::of(callback) {
            None => {}
            Some(Call::SiteDeployed(dialect)) => {
                self.site_deployed(&argument::<Subject>(callback)?.site(), dialect).await;
            }
            Some(Call::SiteUndeployed(dialect)) => self.site_undeployed(&site_of(callback)?, dialect).await,
            Some(Call::WorkloadDeployed) => self.deployed(argument(callback)?, cancelled).await,
            Some(Call::WorkloadUndeployed) => self.undeployed(argument(callback)?).await,
            Some(Call::ScaleWorkload) => self.scaled(argument(callback)?).await,
            Some(Call::PreUpdateTenant) => {
                self.update_tenant(&callback.argument::<Option<String>>(0)?.unwrap_or_default()).await;
            }
        }
        Ok(())
    }

    /// Only a central operator makes resources; an edge would otherwise get those of every site there is.
    async fn site_deployed(&self, site: &SiteId, dialect: Dialect) {
        if self.settings.mode == Mode::Edge {
            tracing::debug!(%site, "the site is for a central operator");
            return;
        }
        if let Err(error) = self.objects.ensure(site, dialect).await {
            tracing::error!(%site, %error, "the site's resource could not be made");
        }
    }

    async fn site_undeployed(&self, site: &SiteId, dialect: Dialect) {
        if self.settings.mode == Mode::Edge {
            tracing::debug!(%site, "the site is for a central operator");
            return;
        }
        if let Err(error) = self.objects.remove(site, dialect).await {
            tracing::error!(%site, %error, "the site's resource could not be deleted");
        }
    }

    async fn deployed(&self, event: WorkloadDeployed, cancelled: &CancellationToken) {
        let began = Instant::now();
        let subject = &event.subject;
        let workload = subject.workload();
        tracing::info!(%workload, chart = event.chart_name, version = event.chart_version, "deploying a workload");
        let redactor = redactor(&self.settings, &event);
        let hearer = HubHearer { link: self, subject, redactor: &redactor };
        let result = self.workloads.deploy(&event, cancelled, &hearer).await;
        let took = began.elapsed();
        let text = result.as_ref().map_err(|error| redactor.clean(&error.to_string())).map(drop);
        let reason = result.as_ref().map_or_else(super::error::WorkloadError::reason, |()| "success");
        self.metrics.acted("deploy", reason);
        match &text {
            Ok(()) => {
                self.metrics.deployed(took);
                tracing::info!(%workload, ?took, "deployed a workload");
            }
            Err(error) => tracing::warn!(%workload, reason, error, ?took, "a workload is not deployed"),
        }
        let status = event::deployment_status(subject, text.as_ref().map(drop).map_err(String::as_str));
        self.report(format!("deployment {workload}"), "ReportWorkloadDeploymentStatusAsync", status);
        self.note(subject, "Deployed", &text.map(|()| "deployed".to_owned())).await;
    }

    async fn undeployed(&self, subject: Subject) {
        let workload = subject.workload();
        let result = self.workloads.undeploy(&subject).await;
        let reason = result.as_ref().map_or_else(super::error::WorkloadError::reason, |()| "success");
        self.metrics.acted("undeploy", reason);
        match &result {
            Ok(()) => tracing::info!(%workload, "undeployed a workload"),
            Err(error) => tracing::error!(%workload, %error, "a workload could not be undeployed"),
        }
        let text = result.map(|()| "undeployed".to_owned()).map_err(|error| error.to_string());
        self.note(&subject, "Undeployed", &text).await;
    }

    async fn scaled(&self, event: ScaleWorkload) {
        let ScaleWorkload { subject, replicas } = event;
        let workload = subject.workload();
        let result = self.workloads.scale(&subject, replicas).await;
        self.metrics.acted("scale", if result.is_ok() { "success" } else { "ScaleFailed" });
        tracing::info!(%workload, replicas, ?result, "scaled a workload");
        let status = event::scale_status(&subject, replicas, &result);
        self.report(format!("scale {workload}"), "ReportWorkloadScaleStatusAsync", status);
        self.note(&subject, "Scaled", &result).await;
    }

    /// Sends a report now, or as soon as there is a connection; a later one with the same key takes its place.
    fn report(&self, key: String, target: &str, argument: Value) {
        if let Some(hub) = self.hub.get() {
            hub.report(Report { key, target: target.to_owned(), arguments: vec![argument] });
        }
    }

    /// Writes an event about a workload to the resource of its site.
    async fn note(&self, subject: &Subject, what: &str, result: &Result<String, String>) {
        let Some(object) = self.sites.object(&subject.site()) else { return };
        let name = match subject.workload_name.is_empty() {
            true => subject.workload().rt_id,
            false => format!("{} ({})", subject.workload_name, subject.workload().rt_id),
        };
        let (Ok(text) | Err(text)) = result;
        let reason = if result.is_ok() { what.to_owned() } else { format!("Not{what}") };
        let note = format!("workload {name}: {text}");
        self.events.publish(&object, result.is_err(), &reason, &note).await;
    }
}

/// Masks the secrets of a workload.
fn redactor(settings: &super::Settings, event: &WorkloadDeployed) -> Redactor {
    let mut redactor = Redactor::default();
    for entry in with_injected(settings, event).iter().filter(|entry| entry.is_secret) {
        redactor.add_text(&entry.value);
    }
    redactor.add_text(&event.repository_password);
    redactor
}

/// Tells the hub how a deployment goes on.
struct HubHearer<'a> {
    link: &'a Link,
    subject: &'a Subject,
    redactor: &'a Redactor,
}

impl Hearer for HubHearer<'_> {
    fn hear<'a>(&'a self, text: &'a str) -> BoxFuture<'a, bool> {
        async move {
            let Some(hub) = self.link.hub.get() else { return false };
            let progress = event::deployment_progress(self.subject, &self.redactor.clean(text));
            let told = hub.invoke::<IgnoredAny>("ReportWorkloadDeploymentProgressAsync", &[progress]).await;
            if let Err(error @ HubError::Refused { .. }) = &told
                && !self.link.progress_refused.swap(true, Ordering::Relaxed)
            {
                tracing::warn!(%error, "the hub does not take progress; this is not said again");
            }
            told.is_ok()
        }
        .boxed()
    }
}

//! The line to the hub: which sites it knows as ours, in the language it speaks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::deployed::deployed_workloads;
use super::event::{self, Dialect, SiteId, Subject};
use super::events::Events;
use super::metrics::Metrics;
use super::names::label_value;
use super::settings::{Mode, Settings};
use super::site::{Registration, Sites};
use super::site_objects::{SiteError, SiteObjects};
use super::workload::Workloads;
use crate::hub::{Connection, Hub, HubError, HubState};

/// How long a tenant's sites are left alone while the tenant is updated.
const TENANT_UPDATE: Duration = Duration::from_secs(5);
/// How many sites are registered at once.
const AT_ONCE: usize = 8;
/// A server with default limits closes the connection on messages above 32 KiB.
const REPORT_BYTES: usize = 24 * 1024;

/// What sites, workloads and the hub have to do with each other.
pub(super) struct Link {
    pub(super) settings: Arc<Settings>,
    pub(super) sites: Arc<Sites>,
    pub(super) objects: SiteObjects,
    pub(super) workloads: Workloads,
    pub(super) events: Events,
    pub(super) metrics: Metrics,
    pub(super) hub: OnceLock<Hub>,
    /// The connection on which the hub knows us.
    pub(super) connected: Mutex<Option<Connection>>,
    /// What the hub speaks, once that is known; of one connection.
    pub(super) dialect: Mutex<Option<Dialect>>,
    /// The hub does not know the method for progress; said once.
    pub(super) progress_refused: AtomicBool,
}

impl Link {
    fn connection(&self) -> Option<Connection> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_connection(&self, connection: Option<Connection>) {
        *self.connected.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    fn dialect(&self) -> Option<Dialect> {
        *self.dialect.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_dialect(&self, dialect: Option<Dialect>) {
        *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = dialect;
    }

    /// Why sites are not registered when nobody has refused them.
    pub(super) fn connection_problem(&self) -> String {
        let Some(hub) = self.hub.get() else {
            return "no hub is configured (CommunicationControllerUri)".to_owned();
        };
        match &*hub.state().borrow() {
            HubState::Waiting { problem } | HubState::Registering { problem: Some(problem) } => {
                problem.clone()
            }
            HubState::Stopped => "the operator is stopping".to_owned(),
            _ => "not connected to the hub yet".to_owned(),
        }
    }

    /// Introduces us on a new connection: the operator, the sites the hub names, all sites that are ours, and what a
    /// central operator has deployed.
    pub(super) async fn introduce(&self, connection: &Connection) -> Result<(), HubError> {
        self.disconnected();
        let central = self.settings.mode == Mode::Central;
        let named: Option<Vec<Value>> = connection.invoke("RegisterOperatorAsync", &[json!(central)]).await?;
        let named = self.named_sites(named.unwrap_or_default());
        if central {
            self.ensure_all(&named).await?;
        }
        self.set_connection(Some(connection.clone()));
        let ours = self.sites.all();
        self.register_all(connection, ours.clone()).await;
        self.leave_sites(&self.sites.gone_of(&ours)).await;
        if central && !named.is_empty() {
            let all: BTreeSet<SiteId> = named.into_iter().map(|(site, _)| site).chain(ours).collect();
            self.report_deployed(connection, &all).await;
        }
        self.sites.touch();
        Ok(())
    }

    /// The connection is lost, or about to be made: the hub knows nothing of us.
    pub(super) fn disconnected(&self) {
        self.set_connection(None);
        self.set_dialect(None);
        self.sites.forget_registrations();
    }

    /// The sites in an answer of the hub; their member names tell what it speaks.
    fn named_sites(&self, answer: Vec<Value>) -> Vec<(SiteId, Dialect)> {
        let subjects = answer.into_iter().filter_map(|site| event::read::<Subject>(site).ok());
        let named: Vec<_> = subjects.map(|subject| (subject.site(), subject.dialect())).collect();
        if let Some((_, dialect)) = named.first() {
            self.set_dialect(Some(*dialect));
        }
        named.into_iter().filter(|(site, _)| !site.rt_id.is_empty()).collect()
    }

    /// Makes the resources of sites. One whose name is taken is left out; a cluster that doesn't answer fails all.
    async fn ensure_all(&self, sites: &[(SiteId, Dialect)]) -> Result<(), HubError> {
        let made: Vec<_> = sites.iter().map(|(site, dialect)| self.objects.ensure(site, *dialect)).collect();
        let mut made = futures::stream::iter(made).buffer_unordered(AT_ONCE);
        while let Some(result) = made.next().await {
            match result {
                Ok(()) => {}
                Err(error @ SiteError::Api { .. }) => return Err(HubError::Registration(error.to_string())),
                Err(error) => tracing::error!(%error, "a site is left out"),
            }
        }
        Ok(())
    }

    /// Registers sites: the first alone, to learn what the hub speaks.
    async fn register_all(&self, connection: &Connection, sites: Vec<SiteId>) {
        let mut sites = sites.into_iter();
        if let Some(first) = sites.next() {
            self.register_site(connection, &first).await;
        }
        let rest: Vec<SiteId> = sites.collect();
        let rest: Vec<_> = rest.iter().map(|site| self.register_site(connection, site)).collect();
        futures::stream::iter(rest).buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// Registers a site and notes what the hub said.
    async fn register_site(&self, connection: &Connection, site: &SiteId) {
        let registration = match self.call_about(connection, site, Dialect::register).await {
            Ok(()) => Registration::Registered,
            Err(error @ HubError::Refused { .. }) => {
                tracing::warn!(%site, %error, "the hub does not take the site");
                Registration::Failed(error.to_string())
            }
            Err(error) => {
                tracing::warn!(%site, %error, "the site could not be registered");
                Registration::Open
            }
        };
        self.sites.set(site, registration);
    }

    /// Calls a method about a site, in whichever language the hub speaks; the newer one is tried first.
    async fn call_about(
        &self,
        connection: &Connection,
        site: &SiteId,
        method: fn(Dialect) -> &'static str,
    ) -> Result<(), HubError> {
        let arguments = [json!(site.tenant), json!(site.rt_id)];
        let known = self.dialect();
        let first = known.unwrap_or(Dialect::Site);
        let answered = connection.invoke::<IgnoredAny>(method(first), &arguments).await;
        let (spoken, answered) = match answered {
            Err(error) if known.is_none() && error.is_unknown_method() => {
                let other = first.other();
                (other, connection.invoke::<IgnoredAny>(method(other), &arguments).await)
            }
            answered => (first, answered),
        };
        let decided = match &answered {
            Ok(_) => true,
            Err(error) => matches!(error, HubError::Refused { .. }) && !error.is_unknown_method(),
        };
        if decided && known.is_none() {
            self.set_dialect(Some(spoken));
        }
        answered.map(drop)
    }

    /// Registers a site, when there is a connection and it is not registered yet. What was refused is asked again from
    /// time to time anyway.
    pub(super) async fn register_if_connected(&self, site: &SiteId) {
        let Some(connection) = self.connection() else { return };
        let asks = match self.sites.registration(site) {
            Registration::Registered => false,
            Registration::Open => true,
            Registration::Failed(_) => self.settings.registration_retry.is_none(),
        };
        if asks {
            self.register_site(&connection, site).await;
            self.report_if_central(&connection, site).await;
        }
    }

    /// Tells the hub that sites are no longer ours. It may have forgotten them with their tenant.
    pub(super) async fn leave_sites(&self, sites: &[SiteId]) {
        let Some(connection) = self.connection() else { return };
        for site in sites {
            if let Err(error) = self.call_about(&connection, site, Dialect::unregister).await {
                tracing::info!(%site, %error, "the hub was not told that the site is gone");
            }
        }
    }

    /// Registers again, from time to time, what is not registered.
    pub(super) async fn retry_registrations(&self) {
        let Some(every) = self.settings.registration_retry else {
            tracing::warn!(
                "sites that could not be registered are not tried again until the next connection"
            );
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(every).await;
            let Some(connection) = self.connection() else { continue };
            let open = self.sites.unregistered();
            if open.is_empty() {
                continue;
            }
            for site in &open {
                self.register_site(&connection, site).await;
                self.report_if_central(&connection, site).await;
            }
            self.sites.touch();
        }
    }

    /// The tenant is about to be updated: its sites leave, and come back when that is over.
    pub(super) async fn update_tenant(&self, tenant: &str) {
        let sites = self.sites.of_tenant(tenant);
        self.leave_sites(&sites).await;
        sites.iter().for_each(|site| self.sites.set(site, Registration::Open));
        tokio::time::sleep(TENANT_UPDATE).await;
        let Some(connection) = self.connection() else { return };
        // Some may have been deleted meanwhile.
        let sites = self.sites.of_tenant(tenant);
        self.register_all(&connection, sites).await;
        self.sites.touch();
    }

    async fn report_if_central(&self, connection: &Connection, site: &SiteId) {
        let registered = self.sites.registration(site) == Registration::Registered;
        if registered && self.settings.mode == Mode::Central {
            self.report_deployed(connection, &[site.clone()].into()).await;
        }
    }

    /// Says which sites there are and which workloads records name on them; in messages of a bounded size.
    async fn report_deployed(&self, connection: &Connection, sites: &BTreeSet<SiteId>) {
        let client = self.workloads.cluster.client();
        let workloads = deployed_workloads(&client, &self.settings).await;
        for reports in reports(sites, &workloads) {
            if let Err(error) =
                connection.invoke::<IgnoredAny>("ReportDeployedStateAsync", &[Value::Array(reports)]).await
            {
                tracing::warn!(%error, "the hub was not told what is deployed");
            }
        }
    }
}

/// Reports about sites, in parts that a server with default limits takes.
fn reports(
    sites: &BTreeSet<SiteId>,
    workloads: &BTreeMap<(String, String), BTreeSet<String>>,
) -> Vec<Vec<Value>> {
    let mut parts: Vec<Vec<Value>> = Vec::new();
    let mut bytes = 0;
    for site in sites {
        let known = workloads.get(&(label_value(&site.tenant), site.rt_id.clone()));
        let known: Vec<String> = known.into_iter().flatten().cloned().collect();
        let report = event::deployed_state(site, &known);
        let size = report.to_string().len();
        match parts.last_mut() {
            Some(part) if bytes + size <= REPORT_BYTES => part.push(report),
            _ => {
                bytes = 0;
                parts.push(vec![report]);
            }
        }
        bytes += size;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HUB-3, HUB-10: what is reported fits a server's default limit, and holds the workloads that records name.
    #[test]
    fn reports_are_split_to_fit_and_name_workloads() {
        let site = |at: usize| SiteId { tenant: "acme".into(), rt_id: format!("{at:024x}") };
        let sites: BTreeSet<SiteId> = (0..1000).map(site).collect();
        let known = BTreeMap::from([(("acme".to_owned(), site(7).rt_id), BTreeSet::from(["w".to_owned()]))]);
        let parts = reports(&sites, &known);
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), 1000);
        assert!(parts.iter().all(|part| Value::Array(part.clone()).to_string().len() < 32 * 1024));
        assert_eq!(parts[0][7]["workloadRtIds"], json!(["w"]));
    }
}

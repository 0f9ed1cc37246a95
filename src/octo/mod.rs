//! The communication operator: pools and deployment sites registered with a hub, workloads deployed on its word.
//!
//! It takes the place of the upstream communication operator: the same settings, resources, names, labels and messages.
//! Workloads are charts; `deploy` does with them what it does for everybody. Here is what only this operator needs: the
//! values it adds, the line to the hub, resources of sites, and telling how deployments go.
//!
//! ```text
//! hub ─► handler ─► workload ─► deploy          resources ─► controller ─► link ─► hub
//! ```

mod conflict;
mod controller;
mod deployed;
mod diagnostics;
mod error;
mod event;
mod events;
mod handler;
mod layers;
mod link;
mod metrics;
mod names;
mod owner;
mod placement;
mod progress;
mod records;
mod replicas;
mod secrets;
mod settings;
mod site;
mod site_objects;
mod site_resource;
mod site_status;
mod values_secret;
mod workload;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use pintle_render::Engine;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::controller::Context;
use self::events::Events;
use self::link::Link;
use self::metrics::Metrics;
use self::site::Sites;
use self::site_objects::SiteObjects;
use self::workload::Workloads;
use crate::api::{CommunicationPool, DeploymentSite};
use crate::cluster::Cluster;
use crate::deploy::Charts;
use crate::hub::{
    ClientCredentials, Hub, HubError, HubOptions, HubState, HubTls, IdentityService, TokenSource,
};
use crate::operator::Work;
use crate::source::Sources;

pub use self::settings::{
    Authentication, Broker, ChartSecrets, ClusterSecrets, ContextSettings, Mode, Settings, SettingsError,
    SettingsSources,
};

/// How long what runs may take to end when the operator stops. Pods have 30 s by default.
const GRACE: Duration = Duration::from_secs(25);
/// After how long without a connection the status of sites says so.
const DISCONNECTED: Duration = Duration::from_secs(5);

/// The communication operator, to be run by whoever leads.
pub struct Communication {
    settings: Arc<Settings>,
    cluster: Cluster,
    sources: Sources,
    engine: Arc<Engine>,
    identity: String,
    sites: Arc<Sites>,
    metrics: Metrics,
    tokens: Option<Arc<dyn TokenSource>>,
}

impl Communication {
    /// An operator on a cluster, that renders with that engine. `identity` is its name in events.
    ///
    /// # Errors
    /// When the certificate to trust can't be used.
    pub fn new(
        settings: Settings,
        cluster: Cluster,
        sources: Sources,
        engine: Engine,
        identity: String,
    ) -> Result<Self, HubError> {
        let tokens = tokens(&settings)?;
        settings
            .unknown
            .iter()
            .for_each(|name| tracing::warn!(name, "this setting is not known and does nothing"));
        let watched = settings.watch_namespace.as_ref().unwrap_or(&settings.site_namespace);
        if *watched != settings.site_namespace && settings.mode == Mode::Central {
            tracing::warn!(
                watched,
                made = settings.site_namespace,
                "sites are made where they are not watched"
            );
        }
        Ok(Self {
            settings: Arc::new(settings),
            cluster,
            sources,
            engine: Arc::new(engine),
            identity,
            sites: Arc::default(),
            metrics: Metrics::default(),
            tokens,
        })
    }

    fn link(&self) -> Link {
        let client = self.cluster.client();
        Link {
            settings: Arc::clone(&self.settings),
            sites: Arc::clone(&self.sites),
            objects: SiteObjects::new(client.clone(), &self.settings),
            workloads: Workloads {
                settings: Arc::clone(&self.settings),
                cluster: self.cluster.clone(),
                sources: self.sources.clone(),
                engine: Arc::clone(&self.engine),
                charts: Charts::new(&self.engine),
                stopping: CancellationToken::new(),
            },
            events: Events::new(client, self.identity.clone()),
            metrics: self.metrics.clone(),
            hub: OnceLock::new(),
            connected: Mutex::default(),
            dialect: Mutex::default(),
            progress_refused: AtomicBool::new(false),
        }
    }

    /// Connects to the hub, if there is one.
    fn connect(&self, link: &Arc<Link>) -> Option<Hub> {
        let Some(url) = self.settings.hub_url() else {
            tracing::warn!(
                "no CommunicationControllerUri is set: there is no hub, and no site is registered"
            );
            return None;
        };
        let options = HubOptions { tls: tls(&self.settings), ..HubOptions::new(url) };
        let handler = Arc::clone(link);
        let hub = Hub::start(options, self.tokens.clone(), handler)
            .inspect_err(|error| tracing::error!(%error, "the hub can't be reached, ever"))
            .ok()?;
        Some(link.hub.get_or_init(|| hub).clone())
    }

    async fn work(self: Arc<Self>, stopped: watch::Receiver<bool>) {
        let link = Arc::new(self.link());
        let hub = self.connect(&link);
        let context = Arc::new(Context { client: self.cluster.client(), link: Arc::clone(&link) });
        let controllers = async {
            futures::join!(
                controller::control::<CommunicationPool>(Arc::clone(&context), stopped.clone()),
                controller::control::<DeploymentSite>(Arc::clone(&context), stopped.clone()),
            )
        };
        let stopping = async {
            ended(stopped.clone()).await;
            // First of all: what is cancelled from now on is only told to finish.
            link.workloads.stopping.cancel();
            if let Some(hub) = &hub {
                hub.stop(GRACE).await;
            }
        };
        let watching = async {
            tokio::select! {
                () = link.retry_registrations() => {}
                () = watch_connection(&link, hub.as_ref()) => {}
                () = ended(stopped.clone()) => {}
            }
        };
        futures::join!(controllers, stopping, watching);
    }
}

impl Work for Communication {
    fn register(&self, registry: &mut Registry) {
        self.metrics.register(registry, Arc::clone(&self.sites));
    }

    fn run(self: Arc<Self>, stopped: watch::Receiver<bool>) -> BoxFuture<'static, ()> {
        self.work(stopped).boxed()
    }
}

/// Takes note of lost connections: at once for what is done, after a while for what is shown.
async fn watch_connection(link: &Link, hub: Option<&Hub>) {
    let Some(hub) = hub else { return std::future::pending().await };
    let mut state = hub.state();
    loop {
        let lost = |state: &HubState| matches!(state, HubState::Waiting { .. } | HubState::Connecting);
        match state.wait_for(lost).await {
            // As long as this is held the state stays, and no new connection is introduced.
            Ok(_held) => link.disconnected(),
            Err(_) => return,
        }
        let back = |state: &HubState| !lost(state);
        if tokio::time::timeout(DISCONNECTED, state.wait_for(back)).await.is_ok() {
            continue;
        }
        link.sites.touch();
        if state.wait_for(back).await.is_err() {
            return;
        }
    }
}

/// Whom to trust: the certificate that workloads trust, too.
fn tls(settings: &Settings) -> HubTls {
    HubTls {
        extra_ca: settings.root_ca.as_ref().map(|pem| pem.clone().into_bytes()),
        insecure_skip_verify: settings.hub_insecure,
    }
}

/// Who we are to the hub.
fn tokens(settings: &Settings) -> Result<Option<Arc<dyn TokenSource>>, HubError> {
    let http = tls(settings).http_client()?;
    let Some(authentication) = &settings.authentication else {
        tracing::warn!("no Authentication is set: the operator is nobody to the hub");
        return Ok(None);
    };
    if authentication.tenant_id.is_none() {
        tracing::warn!(
            "Authentication has no TenantId: identity services refuse clients that several tenants have"
        );
    }
    let tenant = authentication.tenant_id.as_ref();
    let credentials = ClientCredentials {
        issuer: authentication.issuer.clone(),
        client_id: authentication.client_id.clone(),
        client_secret: authentication.client_secret.clone(),
        scope: "octo_api".to_owned(),
        parameters: tenant.map(|id| ("acr_values".to_owned(), format!("tenant:{id}"))).into_iter().collect(),
    };
    Ok(Some(Arc::new(IdentityService::new(http, credentials))))
}

async fn ended(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is an end too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

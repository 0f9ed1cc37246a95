//! The work over many clusters, as one piece: the clusters themselves, tenants, and release sets.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::cluster_metrics::ClusterMetrics;
use super::fleet::{Definitions, Fleet, FleetOptions, ensure, write_self};
use super::krypton::{self, Settings, ValuesFileError, WatchCluster};
use super::pipeline::Pipeline;
use super::placement::Charts;
use super::release_set::{self, Sets};
use super::work::Work;
use super::written::Written;
use crate::cluster::{Cluster, ConnectOptions, Files};
use crate::source::Sources;

/// How soon definitions that could not be made are tried again.
const AGAIN: Duration = Duration::from_secs(30);
/// How long a chart is taken as it is, at most.
const FRESH: Duration = Duration::from_secs(60);

/// What is done on clusters other than one's own.
pub struct ClustersOptions {
    /// Where clusters and tenants are, and how they are worked on.
    pub settings: Settings,
    /// The cluster with the Secrets of clusters, `KryptonDeployment`s and `ReleaseSet`s.
    pub watch: Cluster,
    /// How the home cluster was found, for its own Secret.
    pub home: ConnectOptions,
    /// The pipeline to put on each cluster.
    pub pipeline: Pipeline,
    /// The namespace whose `ReleaseSet`s are watched; all when `None`.
    pub namespace: Option<String>,
    /// Whether Tenants and `KryptonDeployment`s are worked on.
    pub krypton: bool,
    /// Whether `ReleaseSet`s are worked on.
    pub release_sets: bool,
}

/// Why the watch cluster can't be had.
#[derive(Debug, thiserror::Error)]
#[error("failed to find the watch cluster: {0}")]
pub struct WatchClusterError(String);

/// The watch cluster: by a Secret on the home cluster, else by a file, else the home cluster itself; in the context that
/// is named.
///
/// # Errors
/// Where the Secret, its key, the file or the context does not exist, or holds no kubeconfig.
pub async fn watch_cluster(
    wanted: &WatchCluster,
    home: &Cluster,
    options: &ConnectOptions,
) -> Result<Cluster, WatchClusterError> {
    let context = wanted.context.as_deref();
    if let Some((namespace, name, key)) = &wanted.secret {
        let text = secret_key(home, namespace, name, key).await?;
        let cluster = Cluster::from_kubeconfig(&text, context, Files::Allowed).await;
        return cluster
            .map_err(|error| WatchClusterError(format!("Secret {namespace}/{name}, key {key:?}: {error}")));
    }
    if wanted.is_home() {
        return Ok(home.clone());
    }
    let options = ConnectOptions {
        kubeconfig: wanted.file.clone().or_else(|| options.kubeconfig.clone()),
        context: wanted.context.clone(),
        ..ConnectOptions::default()
    };
    Cluster::connect(&options).await.map_err(|error| WatchClusterError(error.to_string()))
}

async fn secret_key(
    home: &Cluster,
    namespace: &str,
    name: &str,
    key: &str,
) -> Result<Vec<u8>, WatchClusterError> {
    use k8s_openapi::api::core::v1::Secret;
    let secrets: kube::Api<Secret> = kube::Api::namespaced(home.client(), namespace);
    let failed = |problem: String| WatchClusterError(format!("Secret {namespace}/{name} {problem}"));
    let found = secrets.get_opt(name).await.map_err(|error| failed(format!("can't be read: {error}")))?;
    let secret = found.ok_or_else(|| failed("not found".into()))?;
    let text = secret.data.and_then(|mut data| data.remove(key));
    text.map(|text| text.0).ok_or_else(|| failed(format!("has no key {key:?}")))
}

/// The work over many clusters, ready to begin.
pub struct Clusters {
    options: ClustersOptions,
    fleet: Fleet,
    charts: Charts,
    context: Arc<krypton::Context>,
    metrics: ClusterMetrics,
    instance: Option<String>,
}

impl Clusters {
    /// `instance` is the name of our pod, for events.
    ///
    /// # Errors
    /// Where the values file of the settings can't be used.
    pub fn new(
        options: ClustersOptions,
        sources: Sources,
        instance: Option<String>,
    ) -> Result<Self, ValuesFileError> {
        let settings = &options.settings;
        let metrics = ClusterMetrics::new();
        let fleet = Fleet::new(FleetOptions {
            client: options.watch.client(),
            namespace: settings.namespace.clone(),
            label: settings.kubeconfig_label.clone(),
            data_key: settings.kubeconfig_key.clone(),
            at_once: settings.cluster_concurrency,
            pipeline: options.pipeline.clone(),
            metrics: metrics.clone(),
            instance: instance.clone(),
        });
        let charts = Charts::new(sources, settings.check_interval.min(FRESH));
        let context = krypton::Context::new(
            settings.clone(),
            charts.clone(),
            fleet.clone(),
            metrics.clone(),
            instance.clone(),
        )?;
        Ok(Self { fleet, charts, context: Arc::new(context), metrics, instance, options })
    }

    async fn work(&self, stopped: CancellationToken) {
        let options = &self.options;
        let client = options.watch.client();
        if options.settings.watch.is_home() {
            join_in(options).await;
        }
        let ended = CancellationToken::new();
        let define = async {
            if options.settings.ensure_watch_crds {
                define(&client, &stopped).await;
            }
        };
        let krypton = async {
            if options.krypton {
                krypton::control(Arc::clone(&self.context), client.clone(), stopped.clone()).await;
            }
        };
        let release_sets = async {
            if options.release_sets {
                release_set::control(self.sets(), options.namespace.as_deref(), stopped.clone()).await;
            }
        };
        let work = async {
            tokio::join!(define, krypton, release_sets);
            // The clusters are let go when nobody works on them any more.
            ended.cancel();
        };
        tokio::join!(self.fleet.run(ended.cancelled()), work);
    }

    fn sets(&self) -> Sets {
        Sets {
            client: self.options.watch.client(),
            charts: self.charts.clone(),
            fleet: self.fleet.clone(),
            metrics: self.metrics.clone(),
            instance: self.instance.clone(),
            written: Written::default(),
        }
    }
}

impl Work for Clusters {
    fn register(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) -> BoxFuture<'static, ()> {
        async move {
            let token = CancellationToken::new();
            let stop = async {
                // An error means that the sender is gone, which is an end too.
                let _ = stopped.wait_for(|stopped| *stopped).await;
                token.cancel();
            };
            tokio::join!(stop, self.work(token.clone()));
        }
        .boxed()
    }
}

/// Makes sure that the watch cluster knows what lies on it; tries until it does.
async fn define(client: &kube::Client, stop: &CancellationToken) {
    while let Err(fault) = ensure(client, Definitions::WatchCluster).await {
        tracing::warn!(error = %fault, "failed to define resources on the watch cluster");
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Puts the home cluster among the clusters. Without, everything else works.
async fn join_in(options: &ClustersOptions) {
    let settings = &options.settings;
    let (namespace, label, key) = (&settings.namespace, &settings.kubeconfig_label, &settings.kubeconfig_key);
    let written = write_self(&options.watch.client(), &options.home, namespace, label, key).await;
    if let Err(fault) = written {
        tracing::warn!(error = %fault, "the home cluster is not among the clusters");
    }
}

//! The operator: watches `Release` resources and makes them so.
//!
//! It has no deploy path of its own: [`Deployer`] is the pipeline that the command line uses too. Here is what only an
//! operator needs: watching, values from the cluster, conditions and events, who leads, and when to try again.

mod backoff;
mod cluster_metrics;
mod clusters;
mod deployer;
mod dereference;
mod error;
mod fleet;
mod gate;
mod krypton;
mod lease;
mod looks;
mod metrics;
mod pipeline;
mod placement;
mod reconcile;
mod redact;
mod references;
mod release_set;
mod repairs;
mod report;
mod seal;
mod server;
mod values;
mod work;
mod written;

use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::join_all;
use futures::{FutureExt as _, Stream, StreamExt as _};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{Controller, Predicate as _, WatchStreamExt as _, controller, predicates, watcher};
use kube::{Api, Client, ResourceExt as _};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

pub use self::clusters::{Clusters, ClustersOptions, WatchClusterError, watch_cluster};
pub use self::deployer::{Current, DeployFailure, Deployed, Deployer, Order};
pub use self::error::ReconcileError;
pub use self::krypton::{
    DefaultChart, Given, InvalidSetting, NAMESPACE_FILE, Settings, ValuesFileError, WatchCluster,
};
pub use self::pipeline::Pipeline;
pub use self::values::PathError;
pub use self::work::Work;

pub(crate) use self::redact::Redactor;

use self::lease::Candidate;
use self::looks::Looks;
use self::metrics::Metrics;
use self::reconcile::Context;
use self::references::referring;
use self::server::Readiness;
use self::written::Written;
use crate::api::{Release, ValueSourceKind};
use crate::source::Sources;

/// Whose fields are ours.
const MANAGER: &str = "pintle-operator";
const FINALIZER: &str = "pintle.dev/uninstall";
const LEASE_NAME: &str = "pintle-operator";

/// How the operator runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespace to watch; all when `None`.
    pub namespace: Option<String>,
    /// Where `/healthz`, `/readyz` and `/metrics` are served.
    pub address: SocketAddr,
    /// How many releases are worked on at once; 0 for no bound.
    pub concurrency: u16,
    /// The namespace of the Lease that says who leads; without one this replica works at once.
    pub lease_namespace: Option<String>,
    /// This replica's name: its pod's.
    pub identity: String,
    /// Whether `Release` resources are watched.
    pub releases: bool,
}

/// Why the operator can't run.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The address is taken or not ours.
    #[error("failed to listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The lease was lost. Another replica works now; this one must start anew.
    #[error("the lease was lost to another replica")]
    LeaseLost,
}

/// Runs until `stop` ends, and then finishes what it is at. `works` are done beside the releases.
///
/// # Errors
/// Fails when it can't listen, and when it loses its lease.
pub async fn run(
    client: Client,
    sources: Sources,
    deployer: Arc<dyn Deployer>,
    options: Options,
    works: Vec<Arc<dyn Work>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), OperatorError> {
    let (stopping, stopped) = watch::channel(false);
    tokio::spawn(stop.map(move |()| stopping.send_replace(true)));
    let (metrics, readiness) = (Metrics::new(&works), Readiness::default());
    let address = options.address;
    server::serve(address, metrics.clone(), readiness.clone(), ended(stopped.clone()))
        .await
        .map_err(|source| OperatorError::Listen { address, source })?;
    readiness.set(true);
    let context = Arc::new(Context {
        client: client.clone(),
        sources,
        deployer,
        metrics: metrics.clone(),
        instance: Some(options.identity.clone()),
        written: Written::default(),
        looks: Looks::default(),
    });
    let Some(namespace) = &options.lease_namespace else {
        metrics.leads(true);
        lead(&client, &options, context, works, stopped).await;
        return Ok(());
    };
    let mut candidate = Candidate::new(client.clone(), namespace, LEASE_NAME, options.identity.clone());
    tokio::select! {
        () = candidate.acquire() => {}
        () = ended(stopped.clone()) => return Ok(()),
    }
    metrics.leads(true);
    tracing::info!(identity = options.identity, "this replica leads");
    let lost = tokio::select! {
        () = lead(&client, &options, context, works, stopped) => false,
        () = candidate.hold() => true,
    };
    metrics.leads(false);
    if lost {
        return Err(OperatorError::LeaseLost);
    }
    candidate.release().await;
    Ok(())
}

/// All that a leader does, side by side.
async fn lead(
    client: &Client,
    options: &Options,
    context: Arc<Context>,
    works: Vec<Arc<dyn Work>>,
    stopped: watch::Receiver<bool>,
) {
    let others = join_all(works.into_iter().map(|work| work.run(stopped.clone())));
    let releases = async {
        if options.releases {
            control(client, options, context, ended(stopped.clone())).await;
        }
    };
    futures::join!(releases, others);
}

async fn ended(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is an end too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Watches and reconciles until `stop` ends and all reconciliations under way are done.
async fn control(
    client: &Client,
    options: &Options,
    context: Arc<Context>,
    stop: impl Future<Output = ()> + Send + Sync + 'static,
) {
    let releases: Api<Release> = scoped(client, options);
    let (reader, writer) = reflector::store();
    let changes = watcher(releases, watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .applied_objects()
        .predicate_filter(predicates::generation.combine(finalizers_and_deletion), Default::default());
    let config = controller::Config::default().concurrency(options.concurrency);
    let (secrets, config_maps) = (reader.clone(), reader.clone());
    Controller::for_stream(changes, reader)
        .with_config(config)
        .watches(metadata::<Secret>(client, options), watcher::Config::default(), move |secret| {
            mapped(&secrets, ValueSourceKind::Secret, &secret)
        })
        .watches(metadata::<ConfigMap>(client, options), watcher::Config::default(), move |config_map| {
            mapped(&config_maps, ValueSourceKind::ConfigMap, &config_map)
        })
        .graceful_shutdown_on(stop)
        .run(reconcile::reconcile, reconcile::on_error, context)
        .for_each(|_| std::future::ready(()))
        .await;
}

/// What deserves a look: a changed spec, a deletion, finalizers, and annotations, by which users ask for something, but for
/// those that we write ourselves.
fn deserves_a_look<K: kube::Resource>(object: &K) -> Option<u64> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    finalizers_and_deletion(object).hash(&mut hasher);
    object.meta().generation.hash(&mut hasher);
    let of_others = object.annotations().iter().filter(|(key, _)| !key.starts_with(krypton::FINGERPRINT));
    of_others.for_each(|annotation| annotation.hash(&mut hasher));
    Some(hasher.finish())
}

/// Deletions and finalizers change no generation, but must be seen.
fn finalizers_and_deletion<K: kube::Resource>(object: &K) -> Option<u64> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    object.finalizers().hash(&mut hasher);
    object.meta().deletion_timestamp.is_some().hash(&mut hasher);
    object.uid().hash(&mut hasher);
    Some(hasher.finish())
}

/// Objects as they change in a way that deserves a look, and the store that they are kept in.
fn watched<K>(api: Api<K>) -> (impl Stream<Item = Result<K, watcher::Error>> + Send + 'static, Store<K>)
where
    K: kube::Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    let (reader, writer) = reflector::store();
    let changes = watcher(api, watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .applied_objects()
        .predicate_filter(deserves_a_look, Default::default());
    (changes, reader)
}

fn scoped<K>(client: &Client, options: &Options) -> Api<K>
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    match &options.namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

/// Objects of a kind by their metadata alone: no content is fetched or kept.
fn metadata<K>(client: &Client, options: &Options) -> Api<PartialObjectMeta<K>>
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    scoped(client, options)
}

fn mapped<K: kube::Resource>(
    store: &Store<Release>,
    kind: ValueSourceKind,
    object: &PartialObjectMeta<K>,
) -> Vec<ObjectRef<Release>> {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    referring(store, kind, namespace, object.metadata.name.as_deref().unwrap_or_default())
}

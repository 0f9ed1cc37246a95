//! Which resources are watched where: `KryptonDeployment`s on the watch cluster, Tenants on every cluster that comes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join_all;
use kube::api::ListParams;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::{Controller, controller};
use kube::{Api, Client};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Context;
use super::deployment::{self, Deployments};
use super::tenant::{self, OnCluster};
use crate::api::{KryptonDeployment, Tenant};
use crate::cluster::ApiError;
use crate::operator::fleet::{ClusterKey, Definitions, Fault, Fleet, Member, ensure};
use crate::operator::watched;

/// The annotation of a cluster's Secret with the namespaces whose Tenants are watched, for credentials that may not see
/// all; a list with commas.
const NAMESPACES: &str = "pintle.dev/watch-namespaces";
/// How many Tenants of a cluster may be under way at once, those that only wait included.
const UNDER_WAY: u16 = 64;
/// How soon a cluster that serves no Tenants is asked again.
const NOT_SERVED: Duration = Duration::from_secs(30);
/// How long work on a cluster whose Secret was changed may go on before it is broken off.
const GRACE: Duration = Duration::from_secs(30);

/// Watches and reconciles until `stop`, and then finishes what is under way.
pub(in crate::operator) async fn control(context: Arc<Context>, client: Client, stop: CancellationToken) {
    context.fleet.synced(&stop).await;
    tokio::join!(deployments(&context, &client, &stop), tenants(&context, &stop));
}

async fn deployments(context: &Arc<Context>, client: &Client, stop: &CancellationToken) {
    let namespaces = namespaced(&context.settings.watch_namespaces);
    let controllers = namespaces.into_iter().map(|namespace| {
        let api: Api<KryptonDeployment> = api(client, namespace);
        let (changes, store) = watched(api);
        let shared = Arc::new(Deployments { context: Arc::clone(context), client: client.clone() });
        Controller::for_stream(changes, store.clone())
            // Each waits for its own cluster's turn, and for no other.
            .with_config(controller::Config::default().concurrency(0))
            .reconcile_on(of_changed_clusters(context.fleet.clone(), store))
            .graceful_shutdown_on(stop.clone().cancelled_owned())
            .run(deployment::reconcile, deployment::on_error, shared)
            .for_each(|_| std::future::ready(()))
    });
    join_all(controllers).await;
}

/// The deployments whose clusters came, went or changed.
fn of_changed_clusters(
    fleet: Fleet,
    store: Store<KryptonDeployment>,
) -> impl futures::Stream<Item = ObjectRef<KryptonDeployment>> + Send {
    let changes = fleet.changes();
    let changed = futures::stream::unfold((changes, fleet, store), |(mut changes, fleet, store)| async {
        let changed = match changes.recv().await {
            Ok(key) => Some(key),
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            Err(broadcast::error::RecvError::Closed) => return None,
        };
        let refers = |deployment: &KryptonDeployment| {
            let key = deployment::cluster_key(&fleet, &deployment.spec.region).ok();
            changed.as_ref().is_none_or(|changed| key.as_ref() == Some(changed))
        };
        let found: Vec<_> = store
            .state()
            .iter()
            .filter(|deployment| refers(deployment))
            .map(|deployment| ObjectRef::from_obj(&**deployment))
            .collect();
        Some((futures::stream::iter(found), (changes, fleet, store)))
    });
    changed.flatten()
}

/// Runs a controller of Tenants on every cluster, as they come and go.
async fn tenants(context: &Arc<Context>, stop: &CancellationToken) {
    let mut changes = context.fleet.changes();
    let mut running: HashMap<ClusterKey, (Arc<Member>, JoinHandle<()>)> = HashMap::new();
    loop {
        for member in context.fleet.members() {
            let known = running.get(&member.key);
            if known.is_some_and(|(known, _)| Arc::ptr_eq(known, &member)) {
                continue;
            }
            let before = running.remove(&member.key).map(|(_, task)| task);
            let task = tokio::spawn(follow(Arc::clone(context), Arc::clone(&member), stop.clone(), before));
            running.insert(member.key.clone(), (member, task));
        }
        running.retain(|_, (_, task)| !task.is_finished());
        tokio::select! {
            // Having missed some is as good as one: the clusters are looked at as they are.
            change = changes.recv() => if change == Err(broadcast::error::RecvError::Closed) { break },
            () = stop.cancelled() => break,
        }
    }
    join_all(running.into_values().map(|(_, task)| task)).await;
}

/// Watches a cluster's Tenants until it is let go.
async fn follow(
    context: Arc<Context>,
    member: Arc<Member>,
    stop: CancellationToken,
    before: Option<JoinHandle<()>>,
) {
    if let Some(mut before) = before
        && tokio::time::timeout(GRACE, &mut before).await.is_err()
    {
        before.abort();
    }
    let ended = CancellationToken::new();
    let watching = async {
        let mut told = None;
        while let Err(fault) = served(&context, &member).await {
            if told.as_ref() != Some(&fault)
                && !matches!(member.link(), crate::operator::fleet::Link::Down(_))
            {
                tracing::warn!(cluster = %member.key, reason = fault.reason, error = %fault, "Tenants are not watched");
                context.metrics.failed(member.name(), fault.reason);
                context.fleet.tell(&member.key, Some(&fault), fault.message.clone()).await;
                told = Some(fault);
            }
            member.changed_within(NOT_SERVED).await;
        }
        watch_tenants(&context, &member, &ended).await;
    };
    let end = async {
        tokio::select! {
            () = member.gone.cancelled() => {}
            () = stop.cancelled() => {}
        }
        ended.cancel();
        // What waits for a cluster that is gone has nothing to finish.
        tokio::time::sleep(GRACE * 10).await;
    };
    tokio::select! {
        () = watching => {}
        () = end => {}
    }
}

/// Whether the cluster knows Tenants and lets us see them.
async fn served(context: &Context, member: &Member) -> Result<(), Fault> {
    let client = member.reach().await?.cluster.client();
    if context.settings.ensure_watch_crds {
        ensure(&client, Definitions::Tenants).await?;
    }
    for namespace in tenant_namespaces(member) {
        let tenants: Api<Tenant> = api(&client, namespace);
        match tenants.list_metadata(&ListParams::default().limit(1)).await {
            Ok(_) => {}
            Err(kube::Error::Api(status)) if status.code == 404 => {
                let problem = "the cluster knows no Tenants: install their definition there, or set --ensure-watch-crds";
                return Err(Fault::new("TenantsNotServed", problem));
            }
            Err(kube::Error::Api(status)) if status.code == 403 => {
                return Err(Fault::new("TenantsForbidden", status.message.clone()));
            }
            Err(error) => return Err(Fault::new("ApiFailed", ApiError::from(error).to_string())),
        }
    }
    Ok(())
}

async fn watch_tenants(context: &Arc<Context>, member: &Arc<Member>, ended: &CancellationToken) {
    let Ok(access) = member.reach().await else { return };
    let at_once = u16::try_from(context.settings.cluster_concurrency).unwrap_or(u16::MAX).max(UNDER_WAY);
    let controllers = tenant_namespaces(member).into_iter().map(|namespace| {
        let (changes, store) = watched(api::<Tenant>(&access.cluster.client(), namespace));
        let on = OnCluster { context: Arc::clone(context), member: Arc::clone(member) };
        Controller::for_stream(changes, store)
            .with_config(controller::Config::default().concurrency(at_once))
            .graceful_shutdown_on(ended.clone().cancelled_owned())
            .run(tenant::reconcile, tenant::on_error, Arc::new(on))
            .for_each(|_| std::future::ready(()))
    });
    join_all(controllers).await;
}

/// The namespaces to watch, or one `None` for all.
fn namespaced(names: &[String]) -> Vec<Option<String>> {
    match names {
        [] => vec![None],
        names => names.iter().cloned().map(Some).collect(),
    }
}

fn tenant_namespaces(member: &Member) -> Vec<Option<String>> {
    let listed = member.annotations.get(NAMESPACES).map(String::as_str).unwrap_or_default();
    let names: Vec<String> =
        listed.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    namespaced(&names)
}

fn api<K>(client: &Client, namespace: Option<String>) -> Api<K>
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    match namespace {
        Some(namespace) => Api::namespaced(client.clone(), &namespace),
        None => Api::all(client.clone()),
    }
}

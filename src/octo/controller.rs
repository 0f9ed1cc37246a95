//! The controllers of both kinds of resources that stand for sites.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::api::ListParams;
use kube::runtime::controller::Action;
use kube::runtime::finalizer::{self, Event};
use kube::runtime::reflector;
use kube::runtime::{Controller, Predicate as _, WatchStreamExt as _, controller, predicates, watcher};
use kube::{Api, Client, ResourceExt as _};
use tokio::sync::watch;

use super::event::SiteId;
use super::link::Link;
use super::site::Sites;
use super::site_resource::SiteResource;
use super::site_status::{self, Report};

/// When a failed site is looked at again.
const AFTER_FAILURE: Duration = Duration::from_secs(60);
/// How many sites are worked on at once.
const AT_ONCE: u16 = 8;

/// A status that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the status: {0}")]
pub(super) struct StatusError(#[from] kube::Error);

/// What all reconciliations share.
pub(super) struct Context {
    pub(super) client: Client,
    pub(super) link: Arc<Link>,
}

/// Watches sites of one kind until `stopped` turns true.
pub(super) async fn control<K>(context: Arc<Context>, stopped: watch::Receiver<bool>)
where
    K: SiteResource + Debug,
{
    let namespace = context.link.settings.watch_namespace.clone();
    let resources: Api<K> = match &namespace {
        Some(namespace) => Api::namespaced(context.client.clone(), namespace),
        None => Api::all(context.client.clone()),
    };
    warn_if_undefined(&resources).await;
    let (reader, writer) = reflector::store();
    let changes = watcher(resources, watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .applied_objects()
        .predicate_filter(predicates::generation.combine(finalizers_and_deletion), Default::default());
    let config = controller::Config::default().concurrency(AT_ONCE);
    Controller::for_stream(changes, reader)
        .with_config(config)
        .reconcile_all_on(each_change(context.link.sites.touched()))
        .graceful_shutdown_on(super::ended(stopped))
        .run(reconcile::<K>, on_error::<K>, context)
        .for_each(|_| std::future::ready(()))
        .await;
}

/// A cluster may know only one of the two kinds; the watch goes on trying.
async fn warn_if_undefined<K: SiteResource>(resources: &Api<K>) {
    let listed = resources.list_metadata(&ListParams::default().limit(1)).await;
    if let Err(kube::Error::Api(status)) = listed
        && status.code == 404
    {
        tracing::warn!(
            kind = K::KIND,
            "the cluster does not know this kind of resource; there are none until it does"
        );
    }
}

fn each_change(touched: watch::Receiver<()>) -> impl futures::Stream<Item = ()> {
    stream::unfold(touched, |mut touched| async move {
        touched.changed().await.ok()?;
        Some(((), touched))
    })
}

/// Deletions and finalizers change no generation, but must be seen.
fn finalizers_and_deletion<K: SiteResource>(site: &K) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    site.finalizers().hash(&mut hasher);
    site.meta().deletion_timestamp.is_some().hash(&mut hasher);
    site.uid().hash(&mut hasher);
    Some(hasher.finish())
}

async fn reconcile<K: SiteResource>(
    site: Arc<K>,
    context: Arc<Context>,
) -> Result<Action, finalizer::Error<StatusError>> {
    let api: Api<K> = Api::namespaced(context.client.clone(), &site.namespace().unwrap_or_default());
    finalizer::finalizer(&api, K::FINALIZER, site, |event| async {
        match event {
            Event::Apply(site) => apply(&*site, &context, &api).await,
            Event::Cleanup(site) => {
                let left = left_by(&*site, &context.link.sites);
                context.link.leave_sites(&left).await;
                Ok(Action::await_change())
            }
        }
    })
    .await
}

/// The sites that nothing names any more once this resource is gone. Its own may never have been seen alive: an operator
/// that started just now may have been registered with it before.
fn left_by<K: SiteResource>(resource: &K, sites: &Sites) -> Vec<SiteId> {
    let mut left = sites.remove(&reference(resource));
    left.extend(resource.site().ok().filter(|site| !left.contains(site) && sites.object(site).is_none()));
    left
}

async fn apply<K: SiteResource>(site: &K, context: &Context, api: &Api<K>) -> Result<Action, StatusError> {
    let link = &context.link;
    let report = match site.site() {
        Err(problem) => {
            let left = link.sites.remove(&reference(site));
            link.leave_sites(&left).await;
            Report::invalid(problem)
        }
        Ok(id) => {
            let left = link.sites.add(&id, reference(site));
            link.leave_sites(&left).await;
            link.register_if_connected(&id).await;
            Report::of(&link.sites.registration(&id), &link.connection_problem())
        }
    };
    let retry = report.is_failed();
    if let Some(status) = site_status::next(site, &report) {
        site_status::write(api, site, &status).await?;
        link.events.site(&reference(site), &report).await;
    }
    Ok(if retry { Action::requeue(AFTER_FAILURE) } else { Action::await_change() })
}

fn on_error<K: SiteResource>(site: Arc<K>, error: &finalizer::Error<StatusError>, _: Arc<Context>) -> Action {
    tracing::warn!(kind = K::KIND, name = site.name_any(), %error, "failed to reconcile");
    Action::requeue(Duration::from_secs(10))
}

fn reference<K: SiteResource>(site: &K) -> ObjectReference {
    site.object_ref(&())
}

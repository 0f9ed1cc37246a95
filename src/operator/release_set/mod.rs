//! `ReleaseSet`s: one release on many clusters, wave by wave.
//!
//! What is done on a cluster is `placement`'s business; here is which clusters, in which order, and what it all comes to.

mod choice;
mod reconcile;
mod round;
mod summary;
mod waves;

use std::sync::Arc;

use futures::StreamExt as _;
use kube::runtime::{Controller, controller};
use kube::{Api, Client};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::cluster_metrics::ClusterMetrics;
use super::fleet::Fleet;
use super::placement::Charts;
use super::watched;
use super::written::Written;
use crate::api::ReleaseSet;

/// What all reconciliations share.
pub(super) struct Sets {
    /// The cluster with the `ReleaseSet`s and the Secrets of clusters.
    pub(super) client: Client,
    pub(super) charts: Charts,
    pub(super) fleet: Fleet,
    pub(super) metrics: ClusterMetrics,
    /// The name of our pod, for events.
    pub(super) instance: Option<String>,
    pub(super) written: Written,
}

/// Watches and reconciles until `stop`, and then finishes what is under way.
pub(super) async fn control(sets: Sets, namespace: Option<&str>, stop: CancellationToken) {
    sets.fleet.synced(&stop).await;
    let api: Api<ReleaseSet> = match namespace {
        Some(namespace) => Api::namespaced(sets.client.clone(), namespace),
        None => Api::all(sets.client.clone()),
    };
    let (changes, store) = watched(api);
    let clusters = any_change(sets.fleet.changes());
    Controller::for_stream(changes, store)
        .with_config(controller::Config::default().concurrency(0))
        .reconcile_all_on(clusters)
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile::reconcile, reconcile::on_error, Arc::new(sets))
        .for_each(|_| std::future::ready(()))
        .await;
}

/// One item for each time that clusters came, went or changed.
fn any_change<T: Clone + Send + 'static>(
    changes: broadcast::Receiver<T>,
) -> impl futures::Stream<Item = ()> + Send + 'static {
    futures::stream::unfold(changes, |mut changes| async {
        match changes.recv().await {
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => Some(((), changes)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    })
}

//! Following the Secrets with the label of clusters.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::core::PartialObjectMeta;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event};

use super::{ClusterKey, Fleet, Link, name};

/// How often Secrets that could not be read are tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// Takes clusters on and lets them go as their Secrets come, change and go. Never ends.
pub(super) async fn follow(fleet: &Fleet) {
    let options = &fleet.inner.options;
    let secrets: Api<PartialObjectMeta<Secret>> = Api::namespaced(options.client.clone(), &options.namespace);
    let selector = format!("{0},{0}!=false", options.label);
    let config = watcher::Config::default().labels(&selector);
    let mut events = Box::pin(watcher::watcher(secrets, config).default_backoff());
    let mut listed = None;
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = tokio::time::sleep(AGAIN) => {
                read_again(fleet).await;
                continue;
            }
        };
        match event {
            Some(Ok(event)) => seen(fleet, event, &mut listed).await,
            Some(Err(error)) => tracing::warn!(%error, "failed to watch the Secrets of clusters"),
            None => return,
        }
    }
}

/// `listed` are the clusters of a list that is not yet complete.
async fn seen(
    fleet: &Fleet,
    event: Event<PartialObjectMeta<Secret>>,
    listed: &mut Option<BTreeSet<ClusterKey>>,
) {
    let options = &fleet.inner.options;
    let key = |secret: &PartialObjectMeta<Secret>| fleet.key(&options.namespace, &name(secret), "");
    match event {
        Event::Init => *listed = Some(BTreeSet::new()),
        Event::InitApply(secret) | Event::Apply(secret) => {
            let key = key(&secret);
            if let Some(listed) = listed {
                listed.insert(key.clone());
            }
            if !fleet.is_current(&key, &secret.metadata) {
                fleet.engage(&key, true).await;
            }
        }
        Event::Delete(secret) => fleet.let_go(&key(&secret)),
        Event::InitDone => {
            let listed = listed.take().unwrap_or_default();
            for member in fleet.members().iter().filter(|member| !listed.contains(&member.key)) {
                fleet.let_go(&member.key);
            }
            fleet.inner.synced.send_replace(true);
        }
    }
}

/// Secrets whose reading failed are read again, though nothing says that they changed.
async fn read_again(fleet: &Fleet) {
    for member in fleet.members() {
        if matches!(member.link(), Link::Down(fault) if fault.reason == "SecretUnreadable") {
            fleet.engage(&member.key, true).await;
        }
    }
}

//! The clusters that releases go to: one for each Secret with a kubeconfig.
//!
//! Secrets with the label of clusters are followed live, by their metadata alone; a Secret that a resource names is read
//! when the resource is looked at. Each cluster is asked on its own, again and again, whether it is there, so that
//! whoever wants to work on one that is not gets the reason at once, and no cluster waits for another. What is done on
//! the clusters is not decided here.

mod definitions;
mod discovery;
mod home;
mod link;
mod member;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Secret;
use kube::core::ObjectMeta;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, broadcast, watch};
use tokio_util::sync::CancellationToken;

pub(super) use self::definitions::{Definitions, ensure};
pub(super) use self::home::write_self;
pub(super) use self::link::{Fault, Link};
pub(super) use self::member::{Access, ClusterKey, Member, Permit};

use self::member::Parts;
use super::cluster_metrics::ClusterMetrics;
use super::pipeline::Pipeline;
use crate::cluster::{ApiError, Cluster, Files};

/// How many changes a listener may be behind before it looks at everything anew.
const CHANGES: usize = 256;
/// After how long a cluster that no resource asks for any more is let go.
const UNUSED: Duration = Duration::from_secs(3600);
/// How long an API server may take to hand out a Secret.
const READ: Duration = Duration::from_secs(15);

/// The clusters. Cloning shares them.
#[derive(Clone)]
pub(super) struct Fleet {
    inner: Arc<Inner>,
}

struct Inner {
    options: FleetOptions,
    recorder: Recorder,
    members: Mutex<BTreeMap<ClusterKey, Arc<Member>>>,
    changes: broadcast::Sender<ClusterKey>,
    /// Held while a Secret that a resource names is read, so that many resources engage its cluster once.
    engaging: AsyncMutex<()>,
    /// Whether the Secrets that there are have all been seen.
    synced: watch::Sender<bool>,
}

/// Where clusters come from, and how they are worked on.
pub(super) struct FleetOptions {
    /// The cluster with the Secrets.
    pub(super) client: Client,
    /// Their namespace.
    pub(super) namespace: String,
    /// Their label.
    pub(super) label: String,
    /// The key in them.
    pub(super) data_key: String,
    /// How many releases are worked on at once on one cluster.
    pub(super) at_once: usize,
    /// The deploy pipeline, to be put on each cluster.
    pub(super) pipeline: Pipeline,
    pub(super) metrics: ClusterMetrics,
    /// Our pod, for events.
    pub(super) instance: Option<String>,
}

impl Fleet {
    pub(super) fn new(options: FleetOptions) -> Self {
        let reporter = Reporter { controller: super::MANAGER.to_owned(), instance: options.instance.clone() };
        let recorder = Recorder::new(options.client.clone(), reporter);
        let (changes, _) = broadcast::channel(CHANGES);
        Self {
            inner: Arc::new(Inner {
                options,
                recorder,
                members: Mutex::default(),
                changes,
                engaging: AsyncMutex::new(()),
                synced: watch::Sender::new(false),
            }),
        }
    }

    /// Follows the Secrets until `stop` ends, and lets all clusters go.
    pub(super) async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = discovery::follow(self) => {}
            () = self.sweep() => {}
            () = stop => {}
        }
        let keys: Vec<ClusterKey> = self.inner.members.lock().keys().cloned().collect();
        keys.iter().for_each(|key| self.let_go(key));
    }

    /// The clusters whose Secrets have the label, by name.
    pub(super) fn members(&self) -> Vec<Arc<Member>> {
        self.inner.members.lock().values().filter(|member| member.is_discovered).cloned().collect()
    }

    /// Waits until all Secrets that there are have been seen: until then, a cluster that is missing may be there.
    pub(super) async fn synced(&self, stop: &CancellationToken) {
        let mut synced = self.inner.synced.subscribe();
        tokio::select! {
            _ = synced.wait_for(|synced| *synced) => {}
            () = stop.cancelled() => {}
        }
    }

    /// Tells of clusters that came, went, changed, or can or can no longer be reached.
    pub(super) fn changes(&self) -> broadcast::Receiver<ClusterKey> {
        self.inner.changes.subscribe()
    }

    /// The key of a Secret as settings and a resource name it.
    pub(super) fn key(&self, namespace: &str, name: &str, data_key: &str) -> ClusterKey {
        let or = |text: &str, usual: &str| if text.is_empty() { usual.to_owned() } else { text.to_owned() };
        let options = &self.inner.options;
        ClusterKey {
            namespace: or(namespace, &options.namespace),
            name: name.to_owned(),
            data_key: or(data_key, &options.data_key),
        }
    }

    /// The cluster of a Secret that a resource names. It is read anew when it was changed.
    ///
    /// # Errors
    /// Where there is no such Secret, or it can't be read.
    pub(super) async fn find(&self, key: &ClusterKey) -> Result<Arc<Member>, Fault> {
        let known = self.inner.members.lock().get(key).cloned();
        if let Some(member) = known.as_ref().filter(|member| member.is_discovered) {
            return Ok(Arc::clone(member));
        }
        let secrets: Api<Secret> = Api::namespaced(self.inner.options.client.clone(), &key.namespace);
        let found = tokio::time::timeout(READ, secrets.get_metadata_opt(&key.name)).await;
        let found = found.map_err(|_| unread(key, "no answer in time"))?;
        let Some(found) = found.map_err(|error| unread(key, &ApiError::from(error).to_string()))? else {
            self.let_go(key);
            return Err(Fault::new("SecretNotFound", format!("Secret {key} with the kubeconfig not found")));
        };
        if let Some(member) = known.filter(|member| member.version == version(&found.metadata)) {
            *member.used.lock() = Instant::now();
            return Ok(member);
        }
        let _engaging = self.inner.engaging.lock().await;
        // Another resource may have been faster.
        let known = self.inner.members.lock().get(key).cloned();
        match known.filter(|member| member.version == version(&found.metadata)) {
            Some(member) => Ok(member),
            None => Ok(self.engage(key, false).await),
        }
    }

    /// Reads a Secret and takes its cluster on, in place of what it was before.
    async fn engage(&self, key: &ClusterKey, is_discovered: bool) -> Arc<Member> {
        let options = &self.inner.options;
        let secrets: Api<Secret> = Api::namespaced(options.client.clone(), &key.namespace);
        let read = match tokio::time::timeout(READ, secrets.get(&key.name)).await {
            Ok(Ok(secret)) => Ok(secret),
            Ok(Err(error)) => Err(unread(key, &ApiError::from(error).to_string())),
            Err(_) => Err(unread(key, "no answer in time")),
        };
        let (metadata, access) = match read {
            Ok(secret) => (secret.metadata.clone(), self.access(key, &secret).await),
            Err(fault) => (ObjectMeta::default(), Err(fault)),
        };
        let member = Arc::new(Member::new(Parts {
            key: key.clone(),
            version: version(&metadata),
            labels: metadata.labels.unwrap_or_default(),
            annotations: metadata.annotations.unwrap_or_default(),
            is_discovered,
            access,
            at_once: options.at_once,
        }));
        let before = self.inner.members.lock().insert(key.clone(), Arc::clone(&member));
        if let Some(before) = &before {
            before.gone.cancel();
        }
        tracing::info!(cluster = %key, changed = before.is_some(), "cluster engaged");
        tokio::spawn(attend(self.clone(), Arc::clone(&member)));
        self.changed(key);
        member
    }

    async fn access(&self, key: &ClusterKey, secret: &Secret) -> Result<Access, Fault> {
        let options = &self.inner.options;
        let missing = || {
            let message = format!("Secret {key} has no key {:?} with a kubeconfig", key.data_key);
            Fault::new("KeyMissing", message)
        };
        let text = secret.data.as_ref().and_then(|data| data.get(&key.data_key)).ok_or_else(missing)?;
        // Whoever may write Secrets beside the operator's may do what the operator may.
        let files = if key.namespace == options.namespace { Files::Allowed } else { Files::Refused };
        let cluster = Cluster::from_kubeconfig(&text.0, None, files).await?;
        let deployer = Arc::new(options.pipeline.on(cluster.clone()));
        Ok(Access { cluster, deployer })
    }

    /// Lets a cluster go; what is on it stays as it is.
    fn let_go(&self, key: &ClusterKey) {
        if let Some(member) = self.inner.members.lock().remove(key) {
            member.gone.cancel();
            tracing::info!(cluster = %key, "cluster let go");
            self.inner.options.metrics.forget(&member.key.name);
            self.changed(key);
        }
    }

    /// Whether what is known of a Secret is what it is now.
    fn is_current(&self, key: &ClusterKey, metadata: &ObjectMeta) -> bool {
        let members = self.inner.members.lock();
        members.get(key).is_some_and(|member| member.is_discovered && member.version == version(metadata))
    }

    /// Nobody need listen.
    fn changed(&self, key: &ClusterKey) {
        let _ = self.inner.changes.send(key.clone());
    }

    /// Lets clusters go that resources named once and no longer ask for.
    async fn sweep(&self) {
        loop {
            tokio::time::sleep(UNUSED / 4).await;
            let unused =
                |member: &Arc<Member>| !member.is_discovered && member.used.lock().elapsed() > UNUSED;
            let keys: Vec<ClusterKey> = {
                let members = self.inner.members.lock();
                members.values().filter(|member| unused(member)).map(|member| member.key.clone()).collect()
            };
            keys.iter().for_each(|key| self.let_go(key));
        }
    }

    /// Publishes an event on a cluster's Secret.
    pub(super) async fn tell(&self, key: &ClusterKey, fault: Option<&Fault>, note: String) {
        let event = Event {
            type_: if fault.is_some() { EventType::Warning } else { EventType::Normal },
            reason: fault.map_or("ClusterConnected", |fault| fault.reason).to_owned(),
            note: Some(note),
            action: "Connect".to_owned(),
            secondary: None,
        };
        let mut secret = Secret::default();
        secret.metadata.name = Some(key.name.clone());
        secret.metadata.namespace = Some(key.namespace.clone());
        if let Err(error) = self.inner.recorder.publish(&event, &secret.object_ref(&())).await {
            tracing::debug!(cluster = %key, %error, "failed to publish an event");
        }
    }
}

/// Asks a cluster whether it is there until it is let go, and tells of every change.
async fn attend(fleet: Fleet, member: Arc<Member>) {
    let metrics = &fleet.inner.options.metrics;
    let (mut failures, mut before) = (0u32, Link::Unknown);
    loop {
        let link = match &member.access {
            Some(access) => tokio::select! {
                link = link::probe(&access.cluster) => link,
                () = member.gone.cancelled() => return,
            },
            None => member.link(),
        };
        failures = if matches!(link, Link::Down(_)) { failures.saturating_add(1) } else { 0 };
        if link != before {
            metrics.connected(member.name(), matches!(link, Link::Up(_)));
            member.link.send_replace(link.clone());
            fleet.changed(&member.key);
            announce(&fleet, &member, &link).await;
        }
        // A Secret that holds nothing usable is not asked again: it has to change.
        if member.access.is_none() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(link::pause(&link, failures)) => {}
            () = member.gone.cancelled() => return,
        }
        before = link;
    }
}

async fn announce(fleet: &Fleet, member: &Member, link: &Link) {
    match link {
        Link::Unknown => {}
        Link::Up(version) => {
            tracing::info!(cluster = %member.key, version, "cluster connected");
            fleet.tell(&member.key, None, format!("connected to Kubernetes {version}")).await;
        }
        Link::Down(fault) => {
            tracing::warn!(cluster = %member.key, reason = fault.reason, error = fault.message, "cluster not available");
            fleet.inner.options.metrics.failed(member.name(), fault.reason);
            fleet.tell(&member.key, Some(fault), fault.message.clone()).await;
        }
    }
}

fn unread(key: &ClusterKey, problem: &str) -> Fault {
    Fault::new("SecretUnreadable", format!("failed to read the Secret {key} with the kubeconfig: {problem}"))
}

/// What a Secret is, to tell a changed one. Another Secret of the same name has another uid.
fn version(metadata: &ObjectMeta) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{}/{}", text(&metadata.uid), text(&metadata.resource_version))
}

/// A Secret's metadata has a name.
fn name<K: kube::Resource>(object: &K) -> String {
    object.name_any()
}

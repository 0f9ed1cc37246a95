//! Waiting until objects are ready, or gone.
//!
//! Events of watches drive this. A watch covers the objects of one kind in one namespace; kinds that are ready as
//! soon as they exist are not watched at all. Every wait ends at its deadline and says what it still waited for.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{SelectAll, Stream, StreamExt as _};
use kube::Api;
use kube::core::DynamicObject;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt as _, watcher::watcher};
use serde_json::Value;
use tokio::time::Instant;

use super::readiness::is_always_ready;
use super::{ApiError, Cluster, Object, ObjectKey, Readiness, ReadyState, Resource, Rules};

/// How often objects are looked at that must not be watched.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long a wait lasts before anybody is told what it is for.
const LONG: Duration = Duration::from_secs(4);
/// How many objects are told of at a time.
const TOLD_OF: usize = 10;

/// Why a wait did not end well. Prints as Helm 4's waiting does, with the culprit behind each object.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// Objects are not ready.
    #[error("{}", lines(.objects, *.timed_out))]
    NotReady {
        /// Each object with its state and, where known, the culprit.
        objects: Vec<(ObjectKey, Readiness, String)>,
        /// Whether the deadline passed; otherwise they have failed for good.
        timed_out: bool,
    },
    /// Objects still exist.
    #[error("{}\ncontext deadline exceeded", still_there(.0))]
    NotGone(Vec<ObjectKey>),
    /// The API server gave no answer.
    #[error(transparent)]
    Api(#[from] ApiError),
}

fn lines(objects: &[(ObjectKey, Readiness, String)], timed_out: bool) -> String {
    let mut lines: Vec<_> = objects
        .iter()
        .map(|(key, readiness, culprit)| {
            let (state, message) = (readiness.state.as_str(), &readiness.message);
            let separator = if culprit.is_empty() { "" } else { ": " };
            format!("resource {key} not ready. status: {state}, message: {message}{separator}{culprit}")
        })
        .collect();
    if timed_out {
        lines.push("context deadline exceeded".into());
    }
    lines.join("\n")
}

fn still_there(keys: &[ObjectKey]) -> String {
    let lines = keys.iter().map(|key| format!("resource {key} still exists. status: Terminating"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Waits for objects of one cluster.
#[derive(Clone)]
pub struct Waiter {
    cluster: Cluster,
    deadline: Instant,
    teller: Option<Teller>,
}

/// What is new about an object that is waited for.
#[derive(Clone, Copy, Debug)]
pub struct News<'a> {
    /// The object.
    pub object: &'a ObjectKey,
    /// Its state.
    pub state: ReadyState,
    /// The state's message, and what its containers and the last warning say.
    pub message: &'a str,
    /// The last line that a failing container wrote.
    pub log: Option<&'a str>,
}

/// Is told of news. Must not block.
pub type Teller = Arc<dyn Fn(News<'_>) + Send + Sync>;

/// What was told of each object.
type Told = BTreeMap<ObjectKey, (String, Option<String>)>;

/// What a watch tells: an object as it is now, or that it is gone.
enum Seen {
    There(Box<DynamicObject>),
    Gone(String),
    /// This user may not watch.
    MayNotWatch,
}

type Events = Pin<Box<dyn Stream<Item = (usize, Seen)> + Send>>;

/// The objects of one kind in one namespace.
struct Group {
    resource: Resource,
    namespace: String,
    names: Vec<String>,
    polled: bool,
}

impl Waiter {
    /// A waiter that gives up after `timeout`.
    pub fn new(cluster: &Cluster, timeout: Duration) -> Self {
        Self { cluster: cluster.clone(), deadline: Instant::now() + timeout, teller: None }
    }

    /// The same, telling somebody what is waited for when it takes long.
    #[must_use]
    pub fn telling(mut self, teller: Teller) -> Self {
        self.teller = Some(teller);
        self
    }

    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Waits until every object is ready by the rules, or has failed for good while all others are ready.
    ///
    /// # Errors
    /// [`WaitError::NotReady`] names the objects and what keeps them.
    pub async fn ready(&self, objects: &[Object], rules: Rules) -> Result<(), WaitError> {
        let watched: Vec<&Object> = objects.iter().filter(|object| needs_watch(object, rules)).collect();
        let mut states = BTreeMap::new();
        for object in &watched {
            let unknown = Readiness::new(ReadyState::Unknown, "");
            states.insert(object.key(), ((*object).clone(), unknown));
        }
        let mut groups = groups(&watched);
        let mut events = self.watch(&groups);
        let mut tick = tokio::time::interval(LOOK_EVERY);
        let (began, mut told) = (Instant::now(), Told::new());
        let timed_out = loop {
            if is_settled(&states) {
                break false;
            }
            tokio::select! {
                event = events.next(), if !events.is_empty() => {
                    let Some((index, seen)) = event else { continue };
                    let Some(group) = groups.get_mut(index) else { continue };
                    note(&mut states, group, seen, rules);
                }
                _ = tick.tick() => {
                    self.look(&mut states, &groups, rules).await?;
                    if began.elapsed() >= LONG {
                        self.tell(&states, &mut told).await;
                    }
                }
                () = tokio::time::sleep_until(self.deadline) => break true,
            }
        };
        self.verdict(states, timed_out).await
    }

    /// Tells what is new about those that are not ready, and of those that were told of and now are.
    async fn tell(&self, states: &States, told: &mut Told) {
        let Some(teller) = &self.teller else { return };
        let (waiting, ready): (Vec<_>, Vec<_>) =
            states.iter().partition(|(_, (_, readiness))| readiness.state != ReadyState::Current);
        for (key, (_, readiness)) in ready {
            if told.remove(key).is_some() {
                let message = readiness.message.as_str();
                teller(News { object: key, state: readiness.state, message, log: None });
            }
        }
        for (key, (object, readiness)) in waiting.into_iter().take(TOLD_OF) {
            let (culprit, log) = self.cluster.explanation(object).await;
            let parts = [readiness.message.as_str(), &culprit];
            let message = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
            let news = (message, log);
            if told.get(key) != Some(&news) {
                let (message, log) = (news.0.as_str(), news.1.as_deref());
                teller(News { object: key, state: readiness.state, message, log });
                told.insert(key.clone(), news);
            }
        }
    }

    async fn verdict(&self, states: States, timed_out: bool) -> Result<(), WaitError> {
        let mut objects = Vec::new();
        for (key, (object, readiness)) in states {
            if readiness.state != ReadyState::Current {
                let culprit = self.cluster.culprit(&object).await;
                objects.push((key, readiness, culprit));
            }
        }
        if objects.is_empty() { Ok(()) } else { Err(WaitError::NotReady { objects, timed_out }) }
    }

    /// Waits until none of the objects exists.
    ///
    /// # Errors
    /// [`WaitError::NotGone`] names those that still do.
    pub async fn gone(&self, objects: &[Object]) -> Result<(), WaitError> {
        let mut pause = Duration::from_millis(50);
        let mut left: Vec<&Object> = objects.iter().filter(|object| !object.name.is_empty()).collect();
        loop {
            let mut still = Vec::new();
            for object in left {
                if self.cluster.get(object).await?.is_some() {
                    still.push(object);
                }
            }
            left = still;
            if left.is_empty() {
                return Ok(());
            }
            if Instant::now() + pause > self.deadline {
                return Err(WaitError::NotGone(left.iter().map(|object| object.key()).collect()));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LOOK_EVERY);
        }
    }

    /// Waits until the server lists kinds that were just defined among those it serves, which it does a moment after
    /// their definitions are established. When the time is over, whoever needs one of them finds out.
    ///
    /// # Errors
    /// Where the server gives no answer.
    pub async fn discovered(&self, kinds: &[Resource]) -> Result<(), WaitError> {
        let mut pause = Duration::from_millis(50);
        loop {
            self.cluster.forget_discovery().await;
            let discovery = self.cluster.discovery().await?;
            let is_listed = |kind: &Resource| discovery.resource(&kind.api_version(), &kind.kind).is_some();
            if kinds.iter().all(is_listed) || Instant::now() + pause > self.deadline {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LOOK_EVERY);
        }
    }

    /// Waits until a kind that was just defined is served.
    ///
    /// # Errors
    /// What the server said last, when the time is over.
    pub async fn served(&self, resource: &Resource) -> Result<(), WaitError> {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.cluster.list_metadata(resource, "", "").await {
                Err(error) if error.is_not_found() && Instant::now() + pause < self.deadline => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LOOK_EVERY);
                }
                Err(error) if error.is_not_found() => return Err(error.into()),
                // Served, whether we may list it or not.
                _ => return Ok(()),
            }
        }
    }

    fn watch(&self, groups: &[Group]) -> SelectAll<Events> {
        let streams = groups.iter().enumerate().map(|(index, group)| self.stream(index, group));
        futures::stream::select_all(streams)
    }

    fn stream(&self, index: usize, group: &Group) -> Events {
        let resource = group.resource.api_resource();
        let api: Api<DynamicObject> = match group.namespace.as_str() {
            "" => Api::all_with(self.cluster.client(), &resource),
            namespace => Api::namespaced_with(self.cluster.client(), namespace, &resource),
        };
        let config = match group.names.as_slice() {
            [name] => watcher::Config::default().fields(&format!("metadata.name={name}")),
            _ => watcher::Config::default(),
        };
        let events = watcher(api, config).default_backoff().filter_map(move |event| async move {
            match event {
                Ok(Event::Apply(object) | Event::InitApply(object)) => {
                    Some((index, Seen::There(Box::new(object))))
                }
                Ok(Event::Delete(object)) => {
                    Some((index, Seen::Gone(object.metadata.name.unwrap_or_default())))
                }
                Ok(Event::Init | Event::InitDone) => None,
                Err(error) if is_refusal(&error) => Some((index, Seen::MayNotWatch)),
                Err(_) => None,
            }
        });
        Box::pin(events)
    }

    /// Looks at objects that must not be watched.
    async fn look(&self, states: &mut States, groups: &[Group], rules: Rules) -> Result<(), ApiError> {
        for (key, (object, readiness)) in states.iter_mut() {
            if groups.iter().any(|group| group.polled && group.holds(key)) {
                let found = self.cluster.get(object).await?;
                *readiness = found.map_or_else(not_found, |body| Readiness::of(&body, rules));
            }
        }
        Ok(())
    }
}

type States = BTreeMap<ObjectKey, (Object, Readiness)>;

impl Group {
    fn holds(&self, key: &ObjectKey) -> bool {
        self.resource.group == key.group && self.resource.kind == key.kind && self.namespace == key.namespace
    }

    fn key(&self, name: &str) -> ObjectKey {
        ObjectKey {
            group: self.resource.group.clone(),
            kind: self.resource.kind.clone(),
            namespace: self.namespace.clone(),
            name: name.to_owned(),
        }
    }
}

fn needs_watch(object: &Object, rules: Rules) -> bool {
    let kind = object.resource.kind.as_str();
    let group = object.resource.group.as_str();
    match rules {
        _ if object.name.is_empty() => false,
        Rules::Hooks => matches!((group, kind), ("", "Pod") | ("batch", "Job")),
        _ if kind == "Deployment" && object.body.pointer("/spec/paused") == Some(&Value::Bool(true)) => false,
        _ => !is_always_ready(group, kind),
    }
}

fn groups(objects: &[&Object]) -> Vec<Group> {
    let mut groups = BTreeMap::<(Resource, String), Vec<String>>::new();
    for object in objects {
        let key = (object.resource.clone(), object.namespace.clone());
        groups.entry(key).or_default().push(object.name.clone());
    }
    let group = |((resource, namespace), names)| Group { resource, namespace, names, polled: false };
    groups.into_iter().map(group).collect()
}

fn note(states: &mut States, group: &mut Group, seen: Seen, rules: Rules) {
    let (name, readiness) = match seen {
        Seen::MayNotWatch => {
            group.polled = true;
            return;
        }
        Seen::Gone(name) => (name, not_found()),
        Seen::There(object) => {
            let name = object.metadata.name.clone().unwrap_or_default();
            let body = serde_json::to_value(with_types(*object, &group.resource)).unwrap_or_default();
            (name, Readiness::of(&body, rules))
        }
    };
    if let Some((_, state)) = states.get_mut(&group.key(&name)) {
        *state = readiness;
    }
}

/// Items of lists come without kind.
fn with_types(mut object: DynamicObject, resource: &Resource) -> DynamicObject {
    object.types =
        Some(kube::core::TypeMeta { api_version: resource.api_version(), kind: resource.kind.clone() });
    object
}

fn not_found() -> Readiness {
    Readiness::new(ReadyState::NotFound, "Resource not found")
}

fn is_settled(states: &States) -> bool {
    states.values().all(|(_, readiness)| matches!(readiness.state, ReadyState::Current | ReadyState::Failed))
}

fn is_refusal(error: &watcher::Error) -> bool {
    let cause = match error {
        watcher::Error::InitialListFailed(cause)
        | watcher::Error::WatchStartFailed(cause)
        | watcher::Error::WatchFailed(cause) => cause,
        _ => return false,
    };
    matches!(cause, kube::Error::Api(status) if status.is_forbidden() || status.code == 405)
}

//! Whether a release's objects are still as they were applied.
//!
//! Each object is read, and applied once more as a dry run: the server says what it would become, defaults, webhooks and
//! all, so nothing here needs to know a kind. A difference is drift. What was found clean is remembered by the versions
//! of the objects: while none of them changes, a look costs one request for each object and no dry run.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::apply::AT_ONCE;
use super::objects;
use super::ownership::Owner;
use super::{DeployError, Deployer};
use crate::cluster::{ApplyOptions, FieldValidation, Object, ObjectKey, Readiness, ReadyState, Rules};

/// How many fields of one object are named.
const FIELDS: usize = 8;
/// The annotations and fields that the server keeps for itself.
pub(super) const OF_THE_SERVER: [&str; 5] =
    ["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"];

/// An object that is not as it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The object.
    pub object: ObjectKey,
    /// The fields that differ, as JSON pointers, eight at most; empty where the object is missing. Never their values.
    pub fields: Vec<String>,
}

impl Drift {
    /// Whether the object does not exist.
    pub fn is_missing(&self) -> bool {
        self.fields.is_empty()
    }
}

impl fmt::Display for Drift {
    /// `Deployment/web/web is missing`, `ConfigMap/web/web differs in /data/mode`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_missing() {
            true => write!(formatter, "{} is missing", self.object),
            false => write!(formatter, "{} differs in {}", self.object, self.fields.join(", ")),
        }
    }
}

/// What a look at a release's objects found.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// The objects that are not as they were applied.
    pub drift: Vec<Drift>,
    /// The objects that are not ready, and why, by Helm's rules.
    pub not_ready: Vec<(ObjectKey, String)>,
    /// What the next look may go by.
    pub seen: Option<Seen>,
}

/// What a look without findings remembers: which objects there are, and a hash of their versions.
#[derive(Clone, Debug)]
pub struct Seen {
    revision: i64,
    objects: Arc<[Object]>,
    versions: u64,
}

/// An object as it shall be, and as it is.
struct Pair {
    object: Object,
    live: Option<Value>,
}

impl Deployer {
    /// Compares a revision's objects with the cluster, and asks whether they are ready. Nothing is written. `before` is
    /// what the last look remembered.
    ///
    /// # Errors
    /// Where the record can't be read, a kind is no longer served, or the server gives no answer.
    pub async fn inspect(
        &self,
        name: &str,
        revision: i64,
        before: Option<&Seen>,
    ) -> Result<Inspection, DeployError> {
        if let Some(seen) = before.filter(|seen| seen.revision == revision) {
            let pairs = self.pairs(seen.objects.to_vec()).await?;
            if versions(&pairs) == Some(seen.versions) {
                return Ok(Inspection {
                    drift: Vec::new(),
                    not_ready: not_ready(&pairs),
                    seen: Some(seen.clone()),
                });
            }
        }
        let pairs = self.pairs(self.recorded(name, revision).await?).await?;
        let looks: Vec<_> = pairs.iter().map(|pair| self.look(pair)).collect();
        let looks = futures::stream::iter(looks).buffered(AT_ONCE);
        let drift: Vec<Drift> = looks.try_filter_map(|drift| async { Ok(drift) }).try_collect().await?;
        let seen = versions(&pairs).filter(|_| drift.is_empty()).map(|versions| Seen {
            revision,
            objects: pairs.iter().map(|pair| without_body(&pair.object)).collect(),
            versions,
        });
        Ok(Inspection { drift, not_ready: not_ready(&pairs), seen })
    }

    async fn recorded(&self, name: &str, revision: i64) -> Result<Vec<Object>, DeployError> {
        let record = self.storage.get(name, revision).await?;
        let mut objects = objects::objects_of(&self.cluster, &record).await?;
        let owner = Owner { name: &record.name, namespace: &record.namespace };
        objects.retain(|object| !object.name.is_empty());
        objects.iter_mut().for_each(|object| owner.mark(object));
        Ok(objects)
    }

    async fn pairs(&self, objects: Vec<Object>) -> Result<Vec<Pair>, DeployError> {
        let requests = objects.into_iter().map(|object| async move {
            let live = self.cluster.get(&object).await?;
            Ok(Pair { object, live })
        });
        let requests: Vec<_> = requests.collect();
        futures::stream::iter(requests).buffered(AT_ONCE).try_collect().await
    }

    async fn look(&self, pair: &Pair) -> Result<Option<Drift>, DeployError> {
        let Some(live) = &pair.live else {
            return Ok(Some(Drift { object: pair.object.key(), fields: Vec::new() }));
        };
        let options = ApplyOptions { force: true, validation: FieldValidation::Ignore, dry_run: true };
        let applied = match self.cluster.apply(&pair.object, options).await {
            Ok(applied) => applied,
            // A webhook that can't do dry runs, or a field that can't change: applying it would tell, looking does not.
            Err(crate::cluster::ApiError::Status(status)) if matches!(status.code, 400 | 422) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let fields = differences(live, &applied);
        Ok((!fields.is_empty()).then(|| Drift { object: pair.object.key(), fields }))
    }
}

/// A hash of which objects there are in which version; `None` where one is missing.
fn versions(pairs: &[Pair]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for pair in pairs {
        pair.object.key().hash(&mut hasher);
        pair.live.as_ref()?.pointer("/metadata/resourceVersion")?.as_str()?.hash(&mut hasher);
    }
    Some(hasher.finish())
}

fn not_ready(pairs: &[Pair]) -> Vec<(ObjectKey, String)> {
    let look = |pair: &Pair| {
        let readiness = Readiness::of(pair.live.as_ref()?, Rules::Objects);
        (readiness.state != ReadyState::Current).then(|| (pair.object.key(), readiness.message))
    };
    pairs.iter().filter_map(look).collect()
}

fn without_body(object: &Object) -> Object {
    Object { body: Value::Null, ..object.clone() }
}

/// Where two states of an object differ, leaving out what the server keeps for itself, what controllers report, and the
/// replicas that an autoscaler has set.
fn differences(live: &Value, applied: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let top = |value: &Value| -> BTreeSet<String> {
        value.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect()
    };
    for name in top(live).union(&top(applied)) {
        match name.as_str() {
            "status" => {}
            "metadata" => {
                let names = |value: &Value| value.get("metadata").map(&top).unwrap_or_default();
                for field in names(live).union(&names(applied)) {
                    if !OF_THE_SERVER.contains(&field.as_str()) {
                        let path = format!("/metadata/{}", escaped(field));
                        compare(live.pointer(&path), applied.pointer(&path), path.clone(), &mut found);
                    }
                }
            }
            name => compare(live.get(name), applied.get(name), format!("/{}", escaped(name)), &mut found),
        }
    }
    if is_autoscaled(live) {
        found.retain(|path| path != "/spec/replicas");
    }
    found.truncate(FIELDS);
    found
}

fn compare(live: Option<&Value>, applied: Option<&Value>, path: String, found: &mut Vec<String>) {
    match (live, applied) {
        (Some(Value::Object(live)), Some(Value::Object(applied))) => {
            let names: BTreeSet<&String> = live.keys().chain(applied.keys()).collect();
            for name in names {
                compare(live.get(name), applied.get(name), format!("{path}/{}", escaped(name)), found);
            }
        }
        (Some(Value::Array(live)), Some(Value::Array(applied))) if live.len() == applied.len() => {
            for (index, (live, applied)) in live.iter().zip(applied).enumerate() {
                compare(Some(live), Some(applied), format!("{path}/{index}"), found);
            }
        }
        (live, applied) if live == applied => {}
        _ => found.push(path),
    }
}

/// A name as a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether the replicas were set by an autoscaler, which works through the controller manager.
fn is_autoscaled(live: &Value) -> bool {
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    entries.into_iter().flatten().any(|entry| {
        entry.get("manager").and_then(Value::as_str) == Some("kube-controller-manager")
            && entry.get("subresource").and_then(Value::as_str) == Some("scale")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_server_keeps_for_itself_is_no_drift() {
        let live = json!({"metadata": {"name": "a", "resourceVersion": "1", "managedFields": []}, "status": {"x": 1}});
        let applied = json!({"metadata": {"name": "a", "resourceVersion": "2"}});
        assert_eq!(differences(&live, &applied), Vec::<String>::new());
    }

    #[test]
    fn each_field_that_differs_is_named_and_never_its_value() {
        let live = json!({"metadata": {"labels": {"a/b": "1"}}, "spec": {"list": [{"x": 1}, 2]}, "data": {"k": "s3cret"}});
        let applied = json!({"metadata": {"labels": {"a/b": "2"}}, "spec": {"list": [{"x": 3}, 2]}});
        let found = differences(&live, &applied);
        assert_eq!(found, ["/data", "/metadata/labels/a~1b", "/spec/list/0/x"]);
    }

    #[test]
    fn replicas_that_an_autoscaler_set_are_left_to_it() {
        let scaled = |manager: &str| {
            json!({"spec": {"replicas": 5},
                "metadata": {"managedFields": [{"manager": manager, "subresource": "scale"}]}})
        };
        let applied = json!({"spec": {"replicas": 2}, "metadata": {}});
        assert!(differences(&scaled("kube-controller-manager"), &applied).is_empty());
        assert_eq!(differences(&scaled("kubectl"), &applied), ["/spec/replicas"]);
    }

    #[test]
    fn drift_names_the_object() {
        let object = ObjectKey {
            group: String::new(),
            kind: "ConfigMap".into(),
            namespace: "n".into(),
            name: "a".into(),
        };
        let missing = Drift { object: object.clone(), fields: vec![] };
        assert_eq!(missing.to_string(), "ConfigMap/n/a is missing");
        let changed = Drift { object, fields: vec!["/data/a".into()] };
        assert_eq!(changed.to_string(), "ConfigMap/n/a differs in /data/a");
    }
}

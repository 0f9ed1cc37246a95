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
use super::patch::Target;
use super::{DeployError, Deployer};
use crate::api::IgnoredFields;
use crate::cluster::{
    ApplyOptions, FIELD_MANAGER, FieldValidation, Object, ObjectKey, Readiness, ReadyState, Rules,
};

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
    /// The field managers that set them, as far as the object tells; without our own.
    pub managers: Vec<String>,
}

#[cfg(test)]
impl Drift {
    /// What unit tests tell of: fields of a ConfigMap, or one that is missing.
    pub(crate) fn of_config_map(namespace: &str, name: &str, fields: &[&str]) -> Self {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let object = ObjectKey { group: String::new(), kind: "ConfigMap".to_owned(), namespace, name };
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        Self { object, fields, managers: Vec::new() }
    }
}

impl Drift {
    /// Whether the object does not exist.
    pub fn is_missing(&self) -> bool {
        self.fields.is_empty()
    }
}

impl fmt::Display for Drift {
    /// `Deployment/web/web is missing`, `ConfigMap/web/web differs in /data/mode (set by kubectl-edit)`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_missing() {
            return write!(formatter, "{} is missing", self.object);
        }
        write!(formatter, "{} differs in {}", self.object, self.fields.join(", "))?;
        match self.managers.as_slice() {
            [] => Ok(()),
            managers => write!(formatter, " (set by {})", managers.join(", ")),
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

/// Fields of objects that others may change.
#[derive(Clone, Debug, Default)]
pub struct Ignored(Vec<(Target, Vec<String>)>);

/// A pattern that is no regular expression.
#[derive(Debug, thiserror::Error)]
#[error("spec.driftDetection.ignore[{index}].target: {problem}")]
pub struct IgnoredError {
    index: usize,
    problem: String,
}

impl Ignored {
    /// What a resource says of them.
    ///
    /// # Errors
    /// Where a pattern of a target is no regular expression.
    pub fn new(fields: &[IgnoredFields]) -> Result<Self, IgnoredError> {
        let read = |(index, entry): (usize, &IgnoredFields)| {
            let target = Target::new(&entry.target.clone().unwrap_or_default());
            let target = target.map_err(|error| IgnoredError { index, problem: error.to_string() })?;
            Ok((target, entry.paths.clone()))
        };
        fields.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The paths that don't count for an object.
    fn of(&self, object: &Object) -> Vec<&str> {
        let entries = self.0.iter().filter(|(target, _)| target.selects(object));
        entries.flat_map(|(_, paths)| paths.iter().map(|path| path.trim_end_matches('/'))).collect()
    }
}

/// Whether a path is one of those, or lies below one.
fn is_below(path: &str, above: &[&str]) -> bool {
    above
        .iter()
        .any(|above| path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

impl Deployer {
    /// Compares a revision's objects with the cluster, and asks whether they are ready. Nothing is written. `before` is
    /// what the last look with the same `ignored` remembered.
    ///
    /// # Errors
    /// Where the record can't be read, a kind is no longer served, or the server gives no answer.
    pub async fn inspect(
        &self,
        name: &str,
        revision: i64,
        before: Option<&Seen>,
        ignored: &Ignored,
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
        let looks: Vec<_> = pairs.iter().map(|pair| self.look(pair, ignored)).collect();
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

    async fn look(&self, pair: &Pair, ignored: &Ignored) -> Result<Option<Drift>, DeployError> {
        let ignored = ignored.of(&pair.object);
        if ignored.contains(&"") {
            return Ok(None);
        }
        let missing = Drift { object: pair.object.key(), fields: Vec::new(), managers: Vec::new() };
        let Some(live) = &pair.live else { return Ok((!takes_itself_away(&pair.object)).then_some(missing)) };
        let options = ApplyOptions { force: true, validation: FieldValidation::Ignore, dry_run: true };
        let applied = match self.cluster.apply(&pair.object, options).await {
            Ok(applied) => applied,
            // A webhook that can't do dry runs, or a field that can't change: applying it would tell, looking does not.
            Err(crate::cluster::ApiError::Status(status)) if matches!(status.code, 400 | 422) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let mut fields = differences(live, &applied);
        fields.retain(|path| !is_below(path, &ignored));
        fields.truncate(FIELDS);
        let managers = managers(live, &fields);
        Ok((!fields.is_empty()).then_some(Drift { fields, managers, ..missing }))
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

/// Whether an object is deleted when it has done its work.
fn takes_itself_away(object: &Object) -> bool {
    object.resource.kind == "Job" && object.body.pointer("/spec/ttlSecondsAfterFinished").is_some()
}

/// Where two states of an object differ, leaving out what the server keeps for itself, what controllers report, the
/// replicas that an autoscaler has set, and the rules that a role gathers from others.
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
    if live.get("aggregationRule").is_some() {
        found.retain(|path| !is_below(path, &["/rules"]));
    }
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

/// Who set these fields of an object, without ourselves.
fn managers(live: &Value, fields: &[String]) -> Vec<String> {
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    let owns = |entry: &&Value| {
        let owned = entry.get("fieldsV1");
        owned.is_some_and(|owned| fields.iter().any(|path| is_owned(owned, live, path)))
    };
    let names = entries.into_iter().flatten().filter(owns).filter_map(|entry| entry.get("manager")?.as_str());
    let names: BTreeSet<&str> = names.filter(|name| *name != FIELD_MANAGER).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Whether the field at a path, or something below it, is among those that `fieldsV1` lists: `f:` before the names of
/// fields, `k:` before the keys of a list's elements.
fn is_owned(owned: &Value, live: &Value, path: &str) -> bool {
    let (mut owned, mut live) = (owned, live);
    for part in path.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let (next, below) = match live.as_array().zip(name.parse::<usize>().ok()) {
            Some((list, index)) => {
                let Some(element) = list.get(index) else { return false };
                (owned.as_object().and_then(|owned| element_of(owned, element)), Some(element))
            }
            None => (owned.get(format!("f:{name}")), live.get(&name)),
        };
        let Some(next) = next else { return false };
        (owned, live) = (next, below.unwrap_or(&Value::Null));
    }
    true
}

/// What `fieldsV1` lists of an element of a list.
fn element_of<'a>(owned: &'a serde_json::Map<String, Value>, element: &Value) -> Option<&'a Value> {
    let is_its = |name: &str| {
        let keys = name.strip_prefix("k:").and_then(|keys| serde_json::from_str::<Value>(keys).ok());
        let keys = keys.as_ref().and_then(Value::as_object);
        keys.is_some_and(|keys| keys.iter().all(|(key, value)| element.get(key) == Some(value)))
    };
    owned.iter().find(|(name, _)| is_its(name)).map(|(_, owned)| owned)
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
    fn what_controllers_do_by_design_is_no_drift() {
        let live = json!({"metadata": {}, "aggregationRule": {}, "rules": [{"verbs": ["get"]}], "x": 1});
        let applied = json!({"metadata": {}, "aggregationRule": {}, "rules": [], "x": 2});
        assert_eq!(differences(&live, &applied), ["/x"]);
        let job = |spec: Value| Object {
            resource: crate::cluster::Resource {
                group: "batch".into(),
                version: "v1".into(),
                kind: "Job".into(),
                plural: "jobs".into(),
                namespaced: true,
            },
            namespace: "n".into(),
            name: "a".into(),
            body: json!({ "spec": spec }),
        };
        assert!(takes_itself_away(&job(json!({"ttlSecondsAfterFinished": 5}))));
        assert!(!takes_itself_away(&job(json!({}))));
    }

    #[test]
    fn drift_names_the_object() {
        let object = ObjectKey {
            group: String::new(),
            kind: "ConfigMap".into(),
            namespace: "n".into(),
            name: "a".into(),
        };
        let missing = Drift { object, fields: vec![], managers: vec![] };
        assert_eq!(missing.to_string(), "ConfigMap/n/a is missing");
        let changed = Drift { fields: vec!["/data/a".into()], ..missing };
        assert_eq!(changed.to_string(), "ConfigMap/n/a differs in /data/a");
        let by_hand = Drift { managers: vec!["kubectl-edit".into()], ..changed };
        assert_eq!(by_hand.to_string(), "ConfigMap/n/a differs in /data/a (set by kubectl-edit)");
    }

    #[test]
    fn who_set_a_field_is_told_also_in_lists_and_never_ourselves() {
        let entry = |manager: &str, fields: Value| json!({"manager": manager, "fieldsV1": fields});
        let live = json!({
            "metadata": {"managedFields": [
                entry("helm", json!({"f:spec": {"f:replicas": {}}})),
                entry("kubectl-edit", json!({"f:spec": {"f:replicas": {}}})),
                entry("mesh", json!({"f:spec": {"f:containers": {"k:{\"name\":\"b\"}": {".": {}, "f:image": {}}}}})),
            ]},
            "spec": {"replicas": 2, "containers": [{"name": "a"}, {"name": "b", "image": "x"}]},
        });
        let of = |path: &str| managers(&live, &[path.to_owned()]);
        assert_eq!(of("/spec/replicas"), ["kubectl-edit"]);
        assert_eq!(of("/spec/containers/1/image"), ["mesh"]);
        assert!(of("/spec/containers/0/image").is_empty() && of("/spec/paused").is_empty());
    }

    #[test]
    fn ignored_fields_hold_for_their_objects_and_all_below() {
        let resource = crate::cluster::Resource {
            group: "apps".into(),
            version: "v1".into(),
            kind: "Deployment".into(),
            plural: "deployments".into(),
            namespaced: true,
        };
        let object = |name: &str| Object {
            resource: resource.clone(),
            namespace: "n".into(),
            name: name.into(),
            body: Value::Null,
        };
        let fields = json!([
            {"paths": ["/spec/replicas"]},
            {"paths": ["/metadata"], "target": {"kind": "Deployment", "name": "web-.*"}},
        ]);
        let ignored = Ignored::new(&serde_json::from_value::<Vec<IgnoredFields>>(fields).unwrap()).unwrap();
        assert_eq!(ignored.of(&object("db")), ["/spec/replicas"]);
        assert_eq!(ignored.of(&object("web-1")), ["/spec/replicas", "/metadata"]);
        assert!(
            is_below("/spec/replicas", &["/spec/replicas"]) && is_below("/metadata/labels/a", &["/metadata"])
        );
        assert!(!is_below("/spec/replicasX", &["/spec/replicas"]));
        let broken =
            serde_json::from_value::<Vec<IgnoredFields>>(json!([{"paths": ["/a"], "target": {"name": "("}}]));
        assert!(Ignored::new(&broken.unwrap()).unwrap_err().to_string().contains("ignore[0].target"));
    }
}

//! What would change on the cluster. Pure: it is told what there is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::objects::Placed;
use super::order::{Before, Place};
use super::ownership::{Owner, describe};
use crate::cluster::{Object, ObjectKey};

/// The annotation that keeps an object.
const RESOURCE_POLICY: &str = "helm.sh/resource-policy";

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It does not exist yet.
    Create,
    /// It exists.
    Update,
    /// It is no longer part of the release.
    Delete,
    /// It is no longer part of the release and stays, as its annotation says.
    Keep,
}

/// One object and what is done to it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The object as it shall be; for a deletion, as it was recorded.
    pub object: Object,
    /// What is done.
    pub change: Change,
    /// What changes are measured from: the object as the previous revision had it; as it shall be, where it is adopted.
    pub original: Option<Value>,
    /// The object as it is on the cluster; its metadata only, where the server computes changes.
    pub live: Option<Value>,
    /// Where it stands in the release.
    pub(super) place: Place,
}

/// All changes, in order: creations and updates in install order, then deletions.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The changes.
    pub steps: Vec<Step>,
    /// Which charts have to be ready before others.
    pub(super) before: Before,
}

/// Objects as they are on the cluster; absent where they don't exist.
pub(super) type Live = BTreeMap<ObjectKey, Value>;

/// What a plan is made from.
pub(super) struct Inputs<'a> {
    /// The objects of the revision before.
    pub(super) current: &'a [Object],
    /// Objects that interrupted revisions may have left.
    pub(super) abandoned: &'a [Object],
    /// The objects as they shall be.
    pub(super) target: Vec<Placed>,
    /// Which of their charts have to be ready before others.
    pub(super) before: Before,
    /// What is on the cluster of either.
    pub(super) live: Live,
    /// The release.
    pub(super) owner: Owner<'a>,
    /// Whether objects of others may be taken.
    pub(super) take_ownership: bool,
    /// Whether an object that the revision before did not have is changed back to what is wanted wholly, and loses what
    /// others set: so a rollback does. Else it is adopted, and what others set stays.
    pub(super) restores: bool,
}

impl Plan {
    /// Compares what was, what is and what shall be.
    ///
    /// # Errors
    /// Helm's text where an object exists and belongs to somebody else.
    pub(super) fn new(inputs: Inputs<'_>) -> Result<Self, String> {
        let Inputs { current, abandoned, target, before, mut live, owner, take_ownership, restores } = inputs;
        let originals: BTreeMap<ObjectKey, &Object> =
            current.iter().map(|object| (object.key(), object)).collect();
        let mut wanted = BTreeSet::new();
        let mut steps = Vec::with_capacity(target.len());
        for Placed { mut object, place } in target {
            owner.mark(&mut object);
            let key = object.key();
            if !object.name.is_empty() && object.generates_name() {
                return Err("metadata.name and metadata.generateName cannot both be set".into());
            }
            let found = if object.generates_name() { None } else { live.get(&key).cloned() };
            let original = originals.get(&key).map(|original| original.body.clone());
            if let (None, Some(found), false) = (&original, &found, take_ownership) {
                owner.check(found).map_err(|why| {
                    format!(
                        "{} exists and cannot be imported into the current release: {why}",
                        describe(&object)
                    )
                })?;
            }
            let change = if found.is_some() { Change::Update } else { Change::Create };
            let original = original.or_else(|| (!restores).then(|| object.body.clone()));
            steps.push(Step { object, change, original, live: found, place });
            wanted.insert(key);
        }
        for object in current.iter().filter(|object| !wanted.contains(&object.key())) {
            if let Some(found) = live.remove(&object.key()) {
                let change = if is_kept(&found) { Change::Keep } else { Change::Delete };
                steps.push(leaving(object, change, found));
            }
        }
        for object in abandoned.iter().filter(|object| !wanted.contains(&object.key())) {
            let ours =
                live.remove(&object.key()).filter(|found| owner.check(found).is_ok() && !is_kept(found));
            if let Some(found) = ours {
                let change = Change::Delete;
                steps.push(leaving(object, change, found));
            }
        }
        Ok(Self { steps, before })
    }

    /// Whether anything that exists is changed or goes.
    pub(super) fn changes_something(&self) -> bool {
        self.steps.iter().any(|step| step.change != Change::Create)
    }

    /// The objects that exist afterwards.
    pub(super) fn targets(&self) -> Vec<Object> {
        let remaining =
            self.steps.iter().filter(|step| matches!(step.change, Change::Create | Change::Update));
        remaining.map(|step| step.object.clone()).collect()
    }
}

fn leaving(object: &Object, change: Change, live: Value) -> Step {
    Step { object: object.clone(), change, original: None, live: Some(live), place: Place::default() }
}

/// Whether an object's annotation says `keep`. Only uninstalling reads the word without regard to case.
pub(super) fn is_kept(body: &Value) -> bool {
    body.pointer("/metadata/annotations")
        .and_then(|all| all.get(RESOURCE_POLICY))
        .is_some_and(|word| word == "keep")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Resource;
    use serde_json::json;

    const OWNER: Owner<'static> = Owner { name: "r", namespace: "n" };

    fn object(name: &str, version: &str) -> Object {
        let resource = Resource {
            group: "g".into(),
            version: version.into(),
            kind: "K".into(),
            plural: "ks".into(),
            namespaced: true,
        };
        let body = json!({"metadata": {"name": name}});
        let mut object = Object { resource, namespace: "n".into(), name: name.into(), body };
        OWNER.mark(&mut object);
        object
    }

    fn plan(current: &[Object], target: &[Object], live: &[Object]) -> Result<Vec<(String, Change)>, String> {
        let live = live.iter().map(|object| (object.key(), object.body.clone())).collect();
        let placed = |object: &Object| Placed { object: object.clone(), place: Place::default() };
        let inputs = Inputs {
            current,
            abandoned: &[],
            target: target.iter().map(placed).collect(),
            before: Before::new(),
            live,
            owner: OWNER,
            take_ownership: false,
            restores: false,
        };
        let steps = Plan::new(inputs)?.steps;
        Ok(steps.into_iter().map(|step| (step.object.name, step.change)).collect())
    }

    #[test]
    fn what_is_missing_is_created_and_what_is_left_over_goes() {
        let (a, b, c) = (object("a", "v1"), object("b", "v1"), object("c", "v1"));
        let steps = plan(&[a.clone(), b.clone()], &[b.clone(), c], &[a, b]).unwrap();
        assert_eq!(
            steps,
            [("b".into(), Change::Update), ("c".into(), Change::Create), ("a".into(), Change::Delete)]
        );
    }

    #[test]
    fn another_version_of_a_kind_is_the_same_object() {
        let steps = plan(&[object("a", "v1")], &[object("a", "v2")], &[object("a", "v1")]).unwrap();
        assert_eq!(steps, [("a".into(), Change::Update)]);
    }

    #[test]
    fn the_live_annotation_keeps_an_object_if_it_says_just_that() {
        for (word, change) in [("keep", Change::Keep), ("Keep", Change::Delete), ("stay", Change::Delete)] {
            let mut live = object("a", "v1");
            live.add_metadata("annotations", &BTreeMap::from([(RESOURCE_POLICY, word)]));
            assert_eq!(plan(&[object("a", "v1")], &[], &[live]).unwrap(), [("a".into(), change)], "{word}");
        }
    }

    #[test]
    fn an_object_that_is_gone_already_needs_no_deletion() {
        assert_eq!(plan(&[object("a", "v1")], &[], &[]).unwrap(), []);
    }

    #[test]
    fn an_object_of_somebody_else_is_not_taken() {
        let mut foreign = object("a", "v1");
        foreign.body = json!({"metadata": {"name": "a"}});
        let error = plan(&[], &[object("a", "v1")], &[foreign]).unwrap_err();
        assert!(error.starts_with(
            "K \"a\" in namespace \"n\" exists and cannot be imported into the current release"
        ));
    }
}

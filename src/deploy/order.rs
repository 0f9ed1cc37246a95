//! In which order the steps of a plan are carried out.
//!
//! Helm's order by kind puts what others refer to before them: namespaces, service accounts, Secrets and ConfigMaps
//! before pods, roles before bindings. What it leaves open is decided here: webhooks come after all they could be in
//! the way of, objects of a definition after it is served, and the resource groups of HIP-0025 after the groups they
//! depend on. Deletions go the other way round.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::plan::Step;
use crate::cluster::Object;

/// The group that an object belongs to. Helm: HIP-0025.
const GROUP: &str = "helm.sh/resource-group";
/// The groups that an object's group depends on, as a JSON list. No key that Kubernetes would take: it never gets there.
const DEPENDS_ON: &str = "helm.sh/depends-on/resource-groups";

/// Steps that are carried out together, after those of the wave before.
#[derive(Debug, Default)]
pub(super) struct Wave<'a> {
    pub(super) steps: Vec<&'a Step>,
    /// What comes before the next wave.
    pub(super) then: Then,
}

/// What is waited for after a wave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Then {
    /// Nothing.
    #[default]
    GoOn,
    /// That the definitions are served.
    Served,
    /// That all objects are ready.
    Ready,
}

/// Where an object stands among the resource groups of its release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sequence {
    group: String,
    depends_on: Vec<String>,
}

/// Reads an object's resource group, and takes out of the object what Kubernetes would not accept.
pub(super) fn take_sequence(object: &mut Object) -> Option<Sequence> {
    let group = object.annotation(GROUP)?.to_owned();
    let annotations = object.body.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    let listed = annotations.and_then(|annotations| annotations.remove(DEPENDS_ON));
    let listed = listed.as_ref().and_then(Value::as_str).unwrap_or("[]");
    // What is no list is no dependency: HIP-0025 lets such an object come last.
    let depends_on = serde_json::from_str(listed).ok()?;
    Some(Sequence { group, depends_on })
}

/// The waves of objects that are created or changed.
///
/// # Errors
/// Names the resource groups that wait for each other.
pub(super) fn waves<'a>(staying: &[&'a Step]) -> Result<Vec<Wave<'a>>, String> {
    let mut waves = Vec::new();
    let (batches, rest) = batches(staying)?;
    for batch in batches {
        let steps = batch.into_iter().collect::<Vec<_>>();
        let mut by_kind = by_kind(&steps);
        if let Some(last) = by_kind.last_mut() {
            last.then = Then::Ready;
        }
        waves.append(&mut by_kind);
    }
    waves.append(&mut by_kind(&rest));
    // Nothing waits behind the last one.
    if let Some(last) = waves.last_mut().filter(|wave| wave.then == Then::Ready) {
        last.then = Then::GoOn;
    }
    Ok(waves)
}

/// Kinds one after another as they come, webhooks last.
fn by_kind<'a>(steps: &[&'a Step]) -> Vec<Wave<'a>> {
    let (webhooks, others): (Vec<&Step>, Vec<&Step>) =
        steps.iter().partition(|step| is_webhook(&step.object));
    let ordered: Vec<&Step> = others.into_iter().chain(webhooks).collect();
    let chunks = ordered.chunk_by(|a, b| a.object.resource.kind == b.object.resource.kind);
    let wave = |chunk: &[&'a Step]| Wave {
        steps: chunk.to_vec(),
        then: if chunk.iter().any(|step| is_definition(&step.object)) { Then::Served } else { Then::GoOn },
    };
    chunks.map(wave).collect()
}

/// The waves of objects that go: kinds from the last to the first.
pub(super) fn leaving_waves<'a>(leaving: &[&'a Step]) -> Vec<Vec<&'a Step>> {
    let chunks = leaving.chunk_by(|a, b| a.object.resource.kind == b.object.resource.kind);
    let mut waves: Vec<Vec<&Step>> = chunks.map(<[_]>::to_vec).collect();
    waves.reverse();
    waves
}

type Batches<'a> = (Vec<Vec<&'a Step>>, Vec<&'a Step>);

/// The resource groups, each after those it depends on, and the objects of none. A group that depends on one which the
/// release does not have counts as none, and so do those that depend on it.
fn batches<'a>(steps: &[&'a Step]) -> Result<Batches<'a>, String> {
    let mut groups = BTreeMap::<&str, BTreeSet<&str>>::new();
    for sequence in steps.iter().filter_map(|step| step.sequence.as_ref()) {
        let needed = groups.entry(&sequence.group).or_default();
        needed.extend(sequence.depends_on.iter().map(String::as_str));
    }
    while let Some(group) = groups
        .iter()
        .find(|(_, needed)| needed.iter().any(|name| !groups.contains_key(name)))
        .map(|(group, _)| *group)
    {
        groups.remove(group);
    }
    let mut done = BTreeSet::new();
    let mut batches = Vec::new();
    while done.len() < groups.len() {
        let next: BTreeSet<&str> = groups
            .iter()
            .filter(|(group, needed)| !done.contains(*group) && needed.is_subset(&done))
            .map(|(group, _)| *group)
            .collect();
        if next.is_empty() {
            let stuck: Vec<_> = groups.keys().copied().filter(|group| !done.contains(group)).collect();
            return Err(format!("resource groups wait for each other: {}", stuck.join(", ")));
        }
        let is_in = |step: &&&Step| {
            step.sequence.as_ref().is_some_and(|sequence| next.contains(sequence.group.as_str()))
        };
        batches.push(steps.iter().filter(is_in).copied().collect());
        done.extend(next);
    }
    let is_in_none = |step: &&&Step| {
        step.sequence.as_ref().is_none_or(|sequence| !groups.contains_key(sequence.group.as_str()))
    };
    Ok((batches, steps.iter().filter(is_in_none).copied().collect()))
}

fn is_webhook(object: &Object) -> bool {
    object.resource.group == "admissionregistration.k8s.io"
        && object.resource.kind.ends_with("WebhookConfiguration")
}

pub(super) fn is_definition(object: &Object) -> bool {
    object.resource.group == "apiextensions.k8s.io" && object.resource.kind == "CustomResourceDefinition"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::Resource;
    use crate::deploy::Change;

    fn step(group: &str, kind: &str, name: &str, annotations: Value) -> Step {
        let resource = Resource {
            group: group.into(),
            version: "v1".into(),
            kind: kind.into(),
            plural: String::new(),
            namespaced: true,
        };
        let body = json!({"metadata": {"annotations": annotations}});
        let mut object = Object { resource, namespace: "n".into(), name: name.into(), body };
        let sequence = take_sequence(&mut object);
        Step { object, change: Change::Create, original: None, live: None, sequence }
    }

    fn names(steps: &[Step]) -> Result<Vec<(Vec<String>, Then)>, String> {
        let waves = waves(&steps.iter().collect::<Vec<_>>())?;
        let names = |wave: Wave<'_>| {
            (wave.steps.iter().map(|step| step.object.name.clone()).collect::<Vec<_>>(), wave.then)
        };
        Ok(waves.into_iter().map(names).collect())
    }

    fn wave(names: &[&str], then: Then) -> (Vec<String>, Then) {
        (names.iter().map(|name| (*name).to_owned()).collect(), then)
    }

    #[test]
    fn kinds_keep_their_order_and_webhooks_come_last() {
        let none = json!({});
        let steps = [
            step("", "ConfigMap", "a", none.clone()),
            step("", "ConfigMap", "b", none.clone()),
            step("apiextensions.k8s.io", "CustomResourceDefinition", "c", none.clone()),
            step("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "w", none.clone()),
            step("example.com", "Widget", "x", none),
        ];
        let expected = [
            wave(&["a", "b"], Then::GoOn),
            wave(&["c"], Then::Served),
            wave(&["x"], Then::GoOn),
            wave(&["w"], Then::GoOn),
        ];
        assert_eq!(names(&steps).unwrap(), expected);
    }

    #[test]
    fn resource_groups_follow_those_they_depend_on() {
        let in_group = |group: &str, needed: &str| json!({GROUP: group, DEPENDS_ON: needed});
        let steps = [
            step("", "ConfigMap", "alone", json!({})),
            step("apps", "Deployment", "web", in_group("web", r#"["database"]"#)),
            step("apps", "Deployment", "database", in_group("database", "[]")),
            step("apps", "Deployment", "lost", in_group("lost", r#"["nowhere"]"#)),
        ];
        let expected = [
            wave(&["database"], Then::Ready),
            wave(&["web"], Then::Ready),
            wave(&["alone"], Then::GoOn),
            wave(&["lost"], Then::GoOn),
        ];
        assert_eq!(names(&steps).unwrap(), expected);
        assert_eq!(steps[1].object.annotation(DEPENDS_ON), None, "Kubernetes would refuse the key");
    }

    #[test]
    fn groups_that_wait_for_each_other_are_named() {
        let in_group = |group: &str, needed: &str| json!({GROUP: group, DEPENDS_ON: needed});
        let steps =
            [step("", "A", "a", in_group("x", r#"["y"]"#)), step("", "A", "b", in_group("y", r#"["x"]"#))];
        assert_eq!(names(&steps).unwrap_err(), "resource groups wait for each other: x, y");
    }

    #[test]
    fn what_goes_goes_the_other_way_round() {
        let none = json!({});
        let steps = [step("", "ConfigMap", "a", none.clone()), step("apps", "Deployment", "b", none)];
        let waves = leaving_waves(&steps.iter().collect::<Vec<_>>());
        assert_eq!(waves[0][0].object.name, "b");
        assert_eq!(waves[1][0].object.name, "a");
    }
}

//! Waves of made-up steps.

use serde_json::{Value, json};

use super::*;
use crate::cluster::Resource;
use crate::deploy::Change;

const GROUP: &str = "helm.sh/resource-group";
const DEPENDS_ON: &str = "helm.sh/depends-on/resource-groups";

fn step(source: &str, kind: &str, name: &str, annotations: Value) -> Step {
    let (group, kind) = kind.split_once('/').unwrap_or(("", kind));
    let resource = Resource {
        group: group.into(),
        version: "v1".into(),
        kind: kind.into(),
        plural: String::new(),
        namespaced: true,
    };
    let body = json!({"metadata": {"annotations": annotations}});
    let mut object = Object { resource, namespace: "n".into(), name: name.into(), body };
    let place = Place::take(&mut object, source);
    Step { object, change: Change::Create, original: None, live: None, place }
}

fn in_app(kind: &str, name: &str, annotations: Value) -> Step {
    step("app/templates/a.yaml", kind, name, annotations)
}

fn in_group(group: &str, needed: &str) -> Value {
    json!({GROUP: group, DEPENDS_ON: needed})
}

/// The names of each wave's objects, and of those that it waits for; `true` where definitions are among them.
type Named = (Vec<String>, Vec<String>, bool);

fn named_in(steps: &[Step], before: &Before) -> Result<Vec<Named>, String> {
    let names = |steps: &[&Step]| steps.iter().map(|step| step.object.name.clone()).collect::<Vec<_>>();
    let waves = waves(&steps.iter().collect::<Vec<_>>(), before)?;
    Ok(waves.iter().map(|wave| (names(&wave.steps), names(&wave.awaited), wave.defines)).collect())
}

fn named(steps: &[Step]) -> Result<Vec<Named>, String> {
    named_in(steps, &Before::new())
}

fn wave(names: &[&str], awaited: &[&str], defines: bool) -> Named {
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    (texts(names), texts(awaited), defines)
}

#[test]
fn kinds_keep_their_order_and_webhooks_come_last() {
    let steps = [
        in_app("ConfigMap", "a", json!({})),
        in_app("ConfigMap", "b", json!({})),
        in_app("apiextensions.k8s.io/CustomResourceDefinition", "c", json!({})),
        in_app("admissionregistration.k8s.io/ValidatingWebhookConfiguration", "w", json!({})),
        in_app("example.com/Widget", "x", json!({})),
    ];
    let expected = [
        wave(&["a", "b"], &[], false),
        wave(&["c"], &[], true),
        wave(&["x"], &[], false),
        wave(&["w"], &[], false),
    ];
    assert_eq!(named(&steps).unwrap(), expected);
}

#[test]
fn resource_groups_follow_those_they_depend_on() {
    let steps = [
        in_app("ConfigMap", "alone", json!({})),
        in_app("apps/Deployment", "web", in_group("web", r#"["database"]"#)),
        in_app("apps/Deployment", "database", in_group("database", "[]")),
        in_app("apps/Deployment", "lost", in_group("lost", r#"["nowhere"]"#)),
        in_app("apps/Deployment", "isolated", in_group("isolated", "[]")),
    ];
    let expected = [
        wave(&["database"], &["database"], false),
        wave(&["web"], &["web"], false),
        wave(&["alone"], &[], false),
        wave(&["lost", "isolated"], &[], false),
    ];
    assert_eq!(named(&steps).unwrap(), expected);
    assert_eq!(steps[1].object.annotation(DEPENDS_ON), None, "Kubernetes would refuse the key");
}

#[test]
fn the_whole_group_is_waited_for_and_not_its_last_kind_alone() {
    let steps = [
        in_app("apps/StatefulSet", "database", in_group("database", "[]")),
        in_app("batch/Job", "schema", in_group("database", "[]")),
        in_app("apps/Deployment", "web", in_group("web", r#"["database"]"#)),
    ];
    let expected = [
        wave(&["database"], &[], false),
        wave(&["schema"], &["database", "schema"], false),
        wave(&["web"], &[], false),
    ];
    assert_eq!(named(&steps).unwrap(), expected);
}

#[test]
fn groups_are_known_in_their_chart_only() {
    let sub = "app/charts/sub/templates/a.yaml";
    let steps = [
        in_app("A", "first", in_group("x", "[]")),
        in_app("A", "second", in_group("y", r#"["x"]"#)),
        step(sub, "A", "other", in_group("x", "[]")),
        step(sub, "A", "lost", in_group("z", r#"["y"]"#)),
    ];
    let expected = [wave(&["first", "other", "lost"], &["first"], false), wave(&["second"], &[], false)];
    assert_eq!(named(&steps).unwrap(), expected);
}

#[test]
fn charts_follow_those_they_depend_on_with_all_below() {
    let before = |chart: &str, needed: &[&str]| {
        (chart.to_owned(), needed.iter().map(|path| (*path).to_owned()).collect())
    };
    let before =
        Before::from([before("app", &["app/charts/bar"]), before("app/charts/bar", &["app/charts/db"])]);
    let steps = [
        in_app("A", "app", json!({})),
        step("app/charts/bar/templates/a.yaml", "A", "bar", json!({})),
        step("app/charts/db/charts/deep/templates/a.yaml", "A", "deep", json!({})),
        step("app/charts/db/templates/a.yaml", "A", "db", json!({})),
        step("app/charts/dbx/templates/a.yaml", "A", "free", json!({})),
    ];
    let expected = [
        wave(&["deep", "db", "free"], &["deep", "db"], false),
        wave(&["bar"], &["bar"], false),
        wave(&["app"], &[], false),
    ];
    assert_eq!(named_in(&steps, &before).unwrap(), expected);
}

#[test]
fn parts_that_wait_for_each_other_are_named() {
    let steps = [in_app("A", "a", in_group("x", r#"["y"]"#)), in_app("A", "b", in_group("y", r#"["x"]"#))];
    assert_eq!(
        named(&steps).unwrap_err(),
        "these wait for each other: resource group x of app, resource group y of app"
    );
    let before = Before::from([("app".to_owned(), ["app".to_owned()].into())]);
    let error = named_in(&[in_app("A", "a", json!({}))], &before).unwrap_err();
    assert_eq!(error, "these wait for each other: chart app");
}

#[test]
fn what_has_no_place_among_the_groups_is_warned_of() {
    let steps = vec![
        in_app("A", "a", in_group("x", r#"["nowhere"]"#)),
        in_app("A", "b", in_group("y", "nonsense")),
        in_app("A", "c", in_group("z", "[]")),
        in_app("A", "d", json!({})),
    ];
    let warnings = warnings(&Plan { steps, ..Plan::default() });
    let ends = ["depends on one that is not there", "no JSON list of names: nonsense", "has to do with z"];
    assert_eq!(warnings.len(), ends.len(), "{warnings:?}");
    assert!(warnings.iter().zip(ends).all(|(warning, end)| warning.ends_with(end)), "{warnings:?}");
}

#[test]
fn what_goes_goes_the_other_way_round() {
    let steps = [in_app("ConfigMap", "a", json!({})), in_app("apps/Deployment", "b", json!({}))];
    let waves = leaving_waves(&steps.iter().collect::<Vec<_>>());
    assert_eq!(waves[0][0].object.name, "b");
    assert_eq!(waves[1][0].object.name, "a");
}

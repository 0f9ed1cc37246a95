//! Conditions, tags, aliases and imports.

use value::{Value, json};

use super::*;
use crate::Limits;

fn processed(dependencies: &str, values: &str, sub_values: &str, user: &str, flavour: Flavour) -> Chart {
    let files = [
        ("Chart.yaml", format!("apiVersion: v2\nname: root\nversion: 1.0.0\ndependencies: {dependencies}\n")),
        ("values.yaml", values.to_owned()),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.2.0\n".to_owned()),
        ("charts/sub/values.yaml", sub_values.to_owned()),
        ("charts/sub/charts/deep/Chart.yaml", "apiVersion: v2\nname: deep\nversion: 1.0.0\n".to_owned()),
        ("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n".to_owned()),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    let chart = Chart::load_files(files, &Limits::default(), flavour).unwrap();
    let user = goyaml::unmarshal_map(user.as_bytes()).unwrap();
    process_dependencies(&chart, &user, flavour).unwrap().chart
}

fn names(chart: &Chart) -> Vec<&str> {
    chart.dependencies().iter().map(Chart::name).collect()
}

fn kept(dependency: &str, values: &str, user: &str) -> bool {
    let chart =
        processed(&format!("[{{name: sub, version: '*', {dependency}}}]"), values, "", user, Flavour::V4);
    names(&chart).contains(&"sub")
}

#[test]
fn conditions_override_tags_and_the_first_boolean_decides() {
    assert!(!kept("tags: [front]", "tags: {front: false}", ""));
    assert!(kept("tags: [front, back]", "tags: {front: false, back: true}", ""));
    assert!(kept("tags: [front], condition: sub.enabled", "tags: {front: false}", "sub: {enabled: true}"));
    assert!(!kept("condition: 'missing.x,sub.enabled'", "sub: {enabled: false}", ""));
    assert!(kept("condition: 'sub.text,sub.enabled'", "sub: {text: no text, enabled: true}", ""));
}

#[test]
fn a_space_behind_a_comma_hides_a_condition() {
    assert!(kept("condition: 'missing.x, sub.enabled'", "sub: {enabled: false}", ""));
}

#[test]
fn a_version_that_does_not_match_leaves_the_subchart_unnamed() {
    let chart = processed("[{name: sub, version: 2.x, alias: other}]", "", "", "", Flavour::V4);
    assert_eq!(names(&chart), ["lib", "sub"]);
}

#[test]
fn without_a_list_of_dependencies_all_subcharts_stay() {
    assert_eq!(names(&processed("null", "tags: {front: false}", "", "", Flavour::V4)), ["lib", "sub"]);
}

#[test]
fn a_subchart_can_have_several_aliases() {
    let declared = "[{name: sub, version: 1.x, alias: one}, {name: sub, version: 1.x, alias: two}]";
    for (flavour, deep) in
        [(Flavour::V3, "root/charts/sub/charts/deep"), (Flavour::V4, "root/charts/one/charts/deep")]
    {
        let chart = processed(declared, "", "", "", flavour);
        assert_eq!(names(&chart), ["lib", "one", "two"]);
        let one = &chart.dependencies()[1];
        assert_eq!((one.full_path(), one.dependencies()[0].full_path()), ("root/charts/one", deep));
        assert_eq!(chart.metadata().dependencies.as_ref().unwrap()[0].name, "one");
    }
}

#[test]
fn imports_lose_against_the_charts_own_values() {
    let chart = processed(
        "[{name: sub, version: '*', import-values: [data, {child: inner, parent: here.there}]}]",
        "own: 1",
        "{exports: {data: {own: 2, imported: 3}}, inner: {a: 1}}",
        "",
        Flavour::V4,
    );
    let get =
        |path: &str| json::to_string(&crate::values::path::value(chart.values(), path).unwrap()).unwrap();
    assert_eq!((get("own"), get("imported"), get("here.there.a")), ("1".into(), "3".into(), "1".into()));
    let entry = &chart.metadata().dependencies.as_ref().unwrap()[0];
    let resolved = json::to_string(&Value::List(value::List::new(entry.import_values.clone()))).unwrap();
    assert_eq!(
        resolved,
        r#"[{"child":"exports.data","parent":"."},{"child":"inner","parent":"here.there"}]"#
    );
}

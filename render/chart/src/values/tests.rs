//! What becomes of nulls, globals and subcharts' values, as Helm 3 and Helm 4 were seen to do it.

use proptest::prelude::*;
use value::{Map, Value, json};

use super::*;
use crate::dependencies::Tree;
use crate::{Chart, Flavour, Limits, process_dependencies};

const PARENT: &str = r#"
sub: {over: null, kept: {a: null}}
rootnull: null
nested: {a: null, b: {c: null}}
list: [null, {k: null}]
given: x
global: {shared: {a: 1}, gone: null}
"#;
const SUB: &str = r#"
over: default
own: null
kept: {a: 1, b: 2}
global: {shared: {a: 2, b: 2}, gone: 5}
"#;

fn chart(declares: bool, flavour: Flavour) -> Chart {
    let declared = if declares { "dependencies: [{name: sub, version: '*'}]\n" } else { "" };
    let files = [
        ("Chart.yaml", format!("apiVersion: v2\nname: root\nversion: 1.0.0\n{declared}")),
        ("values.yaml", PARENT.to_owned()),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n".to_owned()),
        ("charts/sub/values.yaml", SUB.to_owned()),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    Chart::load_files(files, &Limits::default(), flavour).unwrap()
}

fn values(declares: bool, user: &str, flavour: Flavour) -> Map {
    let user = goyaml::unmarshal_map(user.as_bytes()).unwrap();
    let processed = process_dependencies(&chart(declares, flavour), &user, flavour).unwrap();
    coalesce_values(&processed.chart, &user, flavour).unwrap().values
}

fn at(values: &Map, path: &str) -> String {
    let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = if parent.is_empty() { values.clone() } else { path::table(values, parent).unwrap() };
    parent.get(key).map_or_else(|| "absent".to_owned(), |value| json::to_string(&value).unwrap())
}

#[test]
fn helm_4_drops_the_nulls_of_defaults_and_helm_3_keeps_them() {
    let (three, four) = (values(false, "", Flavour::V3), values(false, "", Flavour::V4));
    for path in ["rootnull", "nested.a", "nested.b.c"] {
        assert_eq!((at(&three, path).as_str(), at(&four, path).as_str()), ("null", "absent"), "{path}");
    }
    assert_eq!(at(&four, "list"), r#"[null,{"k":null}]"#);
}

#[test]
fn a_users_null_removes_a_default_and_stays_where_there_is_none() {
    for flavour in [Flavour::V3, Flavour::V4] {
        let values = values(false, "{given: null, unknown: null}", flavour);
        assert_eq!((at(&values, "given").as_str(), at(&values, "unknown").as_str()), ("absent", "null"));
    }
}

#[test]
fn a_parents_null_for_a_subchart_holds_in_helm_4_only_with_values_from_the_user() {
    assert_eq!(at(&values(false, "", Flavour::V3), "sub.over"), "absent");
    assert_eq!(at(&values(false, "", Flavour::V4), "sub.over"), "\"default\"");
    assert_eq!(at(&values(false, "sub: {x: 1}", Flavour::V4), "sub.over"), "absent");
}

#[test]
fn globals_reach_subcharts_and_the_parents_win() {
    for flavour in [Flavour::V3, Flavour::V4] {
        assert_eq!(at(&values(false, "", flavour), "sub.global.shared"), r#"{"a":1,"b":2}"#);
    }
}

#[test]
fn a_declared_dependency_puts_its_defaults_into_the_stored_values() {
    let flavour = Flavour::V4;
    let processed = process_dependencies(&chart(true, flavour), &Map::new(), flavour).unwrap();
    assert_eq!(at(processed.chart.values(), "sub.kept.b"), "2");
}

#[test]
fn values_of_a_subchart_that_are_no_map_are_an_error() {
    let user = goyaml::unmarshal_map(b"sub: text").unwrap();
    let error = coalesce_values(&chart(false, Flavour::V4), &user, Flavour::V4).unwrap_err();
    assert_eq!(error.to_string(), "type mismatch on sub: %!t(string=text)");
}

#[test]
fn the_charts_own_values_stay_as_they_are() {
    let chart = chart(true, Flavour::V4);
    let before = json::to_string(&Value::Map(chart.values().clone())).unwrap();
    process_dependencies(&chart, &Map::new(), Flavour::V4).unwrap();
    assert_eq!(json::to_string(&Value::Map(chart.values().clone())).unwrap(), before);
}

#[test]
fn values_that_nest_too_deep_are_refused() {
    let mut deep = Map::new();
    for _ in 0..DEPTH + 1 {
        deep = [("a", deep)].into_iter().collect();
    }
    let error = coalesce_values(&chart(false, Flavour::V4), &deep, Flavour::V4).unwrap_err();
    assert_eq!(error, ValuesError::Nesting);
}

#[test]
fn sources_are_read_in_their_fixed_order() {
    let user = UserValues {
        files: vec![
            ("a.yaml".into(), b"{a: 1, b: {c: 1}}".to_vec()),
            ("b.yaml".into(), b"b: {d: 2}".to_vec()),
        ],
        json: vec![r#"{"b":{"e":[1]}}"#.into(), "j=1".into()],
        typed: vec!["a=2".into()],
        text: vec!["s=1".into()],
        file_contents: vec!["f=name".into()],
        literal: vec!["l=a,b=c".into()],
    };
    let values = user.assemble(Flavour::V4, &mut |name| Ok(format!("<{name}>").into_bytes())).unwrap();
    let want = r#"{"a":2,"b":{"c":1,"d":2,"e":[1]},"f":"\u003cname\u003e","j":1,"l":"a,b=c","s":"1"}"#;
    assert_eq!(json::to_string(&values.into()).unwrap(), want);
}

#[test]
fn helm_3_does_not_take_an_object_for_set_json() {
    let user = UserValues { json: vec!["{\"a\":1}".into()], ..UserValues::default() };
    let error = user.assemble(Flavour::V3, &mut |_| Ok(Vec::new())).unwrap_err();
    assert_eq!(error.to_string(), "failed parsing --set-json data {\"a\":1}");
}

/// Values that have much to do with each other, as YAML.
fn any_values() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["null", "1", "x", "[{a: null}]", "{}"]).prop_map(str::to_owned);
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop::sample::select(vec!["a", "global", "sub", "deep"]);
        prop::collection::btree_map(name, inner, 0..4).prop_map(|map| {
            let entries: Vec<_> = map.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("{{{}}}", entries.join(", "))
        })
    });
    tree.prop_map(|text| if text.starts_with('{') { text } else { "{}".to_owned() })
}

proptest! {
    #[test]
    fn values_to_look_at_are_those_of_the_release_and_leave_the_users_alone(
        texts in prop::collection::vec(any_values(), 4),
        is_old in any::<bool>(),
    ) {
        let flavour = if is_old { Flavour::V3 } else { Flavour::V4 };
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let chart = |name: &str| format!("{{apiVersion: v2, name: {name}, version: 1.0.0}}");
        let files = vec![
            file("Chart.yaml", &chart("root")),
            file("values.yaml", &texts[0]),
            file("charts/sub/Chart.yaml", &chart("sub")),
            file("charts/sub/values.yaml", &texts[1]),
            file("charts/sub/charts/deep/Chart.yaml", &chart("deep")),
            file("charts/sub/charts/deep/values.yaml", &texts[2]),
        ];
        let chart = Chart::load_files(files, &Limits::default(), flavour).unwrap();
        let mut user = goyaml::unmarshal_map(texts[3].as_bytes()).unwrap();
        let text = |values: &Map| json::to_string(&values.clone().into()).unwrap();
        // The subchart's turn comes with the values of the chart, as when dependencies are processed.
        for chart in [&chart, &chart.dependencies()[0]] {
            let (before, mut warnings) = (text(&user), Vec::new());
            let tree = Tree::new(chart);
            let look = coalesce_to_look_at(&tree, Tree::ROOT, &user, flavour, &mut warnings);
            let whole = coalesce_values(chart, &user, flavour);
            prop_assert_eq!(text(&user), before);
            let (look, whole) = match (look, whole) {
                (Ok(look), Ok(whole)) => (look, whole),
                (look, whole) => {
                    prop_assert_eq!(look.err(), whole.err());
                    break;
                }
            };
            prop_assert_eq!((text(&look), warnings), (text(&whole.values), whole.warnings));
            user = look;
        }
    }
}

//! What counts as read, judged by whole renderings.

use std::sync::Arc;

use chart::capabilities::Capabilities;
use chart::{Chart, Flavour, Limits};
use value::{Map, Step};

use super::{Evidence, Reason, unused};
use crate::testing::engine;
use crate::{Options, Release, Request, Witness};

const METADATA: &str = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
const SUB: &str = "apiVersion: v2\nname: sub\nversion: 1.0.0\n";

/// The paths of a user's values that no template of the chart read, with the reason where there is one.
fn report(files: &[(&str, &str)], user: &str) -> Vec<String> {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let chart = Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap();
    let user = goyaml::unmarshal_map(user.as_bytes()).unwrap();
    let release =
        Release { name: "r".into(), namespace: "n".into(), revision: 1, is_install: true, is_upgrade: false };
    let request = Request {
        values: &user,
        release: &release,
        capabilities: &Capabilities::offline(Flavour::V4),
        skip_schema_validation: false,
        subchart_notes: false,
    };
    let witness = Witness::of_reads();
    let options = Options { witness: Some(Arc::clone(&witness)), ..Options::default() };
    let rendered = engine().render(&chart, &request, &options).unwrap().chart;
    let defaults = chart::coalesce_values(&rendered, &Map::new(), Flavour::V4).unwrap().values;
    let evidence = Evidence { chart: &chart, rendered: &rendered, defaults: &defaults };
    let text = |reason: Reason| match reason {
        Reason::Unknown => String::new(),
        Reason::Near(path) => format!(" ~ {}", Step::join(&path)),
        Reason::NotReached { template, line } => format!(" @ {template}:{line}"),
        Reason::Disabled(name) => format!(" - {name}"),
    };
    let found = unused(&user, witness.reads(), evidence).into_iter();
    found.map(|unused| Step::join(&unused.path) + &text(unused.reason)).collect()
}

fn of_template(template: &str, user: &str) -> Vec<String> {
    report(&[("Chart.yaml", METADATA), ("templates/a.yaml", template)], user)
}

#[test]
fn a_value_that_no_template_asks_for_is_reported() {
    let found =
        of_template("a: {{ .Values.image.tag }}", "{image: {tag: x, extra: 1}, other: {deep: {x: 1}}}");
    assert_eq!(found, ["image.extra", "other"]);
}

#[test]
fn what_is_walked_through_as_a_whole_is_read() {
    for template in [
        "{{ toYaml .Values.a }}",
        "{{ range $k, $v := .Values.a }}{{ $k }}: {{ $v | toJson }}\n{{ end }}",
        "{{ tpl (.Values.a | toYaml) . }}",
        "a: {{ .Values.a | quote }}",
        "a: {{ .Values | toJson }}",
        "{{ include \"t\" . }}{{ define \"t\" }}{{ toYaml .Values.a }}{{ end }}",
        "{{ mergeOverwrite (dict) (deepCopy .Values.a) | toYaml }}",
    ] {
        assert_eq!(of_template(template, "a: {b: {c: [1, {d: 2}]}, e: x}"), [""; 0], "{template}");
    }
}

#[test]
fn a_subtree_that_is_passed_on_is_read_where_it_arrives() {
    let template = r#"{{ define "t" }}{{ .ctx.b }}{{ end }}a: {{ include "t" (dict "ctx" .Values.a) }}"#;
    assert_eq!(of_template(template, "a: {b: 1, c: 2}"), ["a.c"]);
}

#[test]
fn functions_that_look_into_maps_read_what_they_look_for() {
    let template = r#"a: {{ index .Values "a" "b" }}{{ get .Values.a "d" }}{{ hasKey .Values.a "e" }}"#;
    assert_eq!(of_template(template, "a: {b: 1, d: 2, e: 3, f: 4}"), ["a.f"]);
}

#[test]
fn the_presence_of_a_map_may_have_mattered() {
    assert_eq!(of_template("{{ if .Values.a }}x: 1{{ end }}", "a: {b: 1}"), [""; 0]);
    assert_eq!(of_template("n: {{ len .Values.a }}", "a: [{b: 1}]"), [""; 0]);
}

#[test]
fn items_of_lists_are_looked_at_one_by_one() {
    let template = "l:\n{{ range .Values.hosts }}- {{ .name }}\n{{ end }}";
    assert_eq!(of_template(template, "hosts: [{name: a}, {name: b, nmae: c}]"), ["hosts[1].nmae"]);
}

#[test]
fn a_null_is_there_to_remove_and_not_to_be_read() {
    assert_eq!(of_template("a: 1", "gone: null"), [""; 0]);
}

#[test]
fn what_was_likely_meant_is_named() {
    let template = "a: {{ .Values.replicaCount }}{{ .Values.image.tag }}{{ .Values.image.repository }}";
    let found = of_template(template, "{replicacount: 3, image: {tga: x}, repository: r}");
    assert_eq!(
        found,
        ["image.tga ~ image.tag", "replicacount ~ replicaCount", "repository ~ image.repository"]
    );
}

#[test]
fn a_place_that_was_not_reached_is_named() {
    let template = "a: 1\n{{ if .Values.ingress.enabled }}\nb: {{ .Values.ingress.host }}\n{{ end }}";
    let found = of_template(template, "ingress: {enabled: false, host: x}");
    assert_eq!(found, ["ingress.host @ c/templates/a.yaml:3"]);
}

#[test]
fn subcharts_read_their_part_and_the_globals() {
    let files = [
        ("Chart.yaml", METADATA),
        ("templates/a.yaml", "a: 1"),
        ("charts/sub/Chart.yaml", SUB),
        ("charts/sub/templates/a.yaml", "a: {{ .Values.b }}{{ .Values.global.x }}"),
    ];
    let found = report(&files, "{sub: {b: 1, c: 2}, global: {x: 1, w: 2}, b: 3}");
    assert_eq!(found, ["b", "global.w", "sub.c"]);
}

#[test]
fn what_decides_on_dependencies_is_read() {
    let metadata = format!(
        "{METADATA}dependencies: [{{name: sub, version: '*', condition: sub.enabled, tags: [t], import-values: [data]}}]\n"
    );
    let files = [
        ("Chart.yaml", metadata.as_str()),
        ("templates/a.yaml", "a: 1"),
        ("charts/sub/Chart.yaml", SUB),
        ("charts/sub/templates/a.yaml", "a: {{ .Values.b }}"),
    ];
    let user = "{sub: {enabled: true, b: 1, exports: {data: {z: 1}}}, tags: {t: true, u: true}}";
    assert_eq!(report(&files, user), ["tags.u"]);
    assert_eq!(report(&files, "sub: {enabled: false, b: 1}"), ["sub.b - sub"]);
}

//! Fields traced to templates and values.

use std::sync::Arc;

use chart::capabilities::Capabilities;
use chart::{Chart, Flavour, Limits};
use value::Step;

use super::Question;
use crate::testing::engine;
use crate::{Options, Release, Request, Witness};

const DEPLOYMENT: &str = r#"{{- $name := include "name" . -}}
kind: Deployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  {{- with .Values.strategy }}
  strategy: {{ . }}
  {{- end }}
  fixed: text
  image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.Version }}"
  hosts:
  {{- range .Values.hosts }}
  - {{ .name }}
  {{- end }}
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
"#;

const PARTIALS: &str = r#"{{- define "name" -}}
{{ .Values.nameOverride | default .Chart.Name }}
{{- end }}
{{- define "labels" -}}
app: {{ include "name" . }}
tier: front
{{- end }}"#;

const VALUES: &str = "replicas: 3\nstrategy: Recreate\nimage: {repository: app, tag: x}\nnameOverride: web\n\
    hosts: [{name: a}, {name: b}]\nresources:\n  limits:\n    cpu: 1\n    memory: 2\n";

/// `place < place (reads)` for each place that wrote the field.
fn explain(object: &str, field: &str) -> Vec<String> {
    let files = [
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("values.yaml", VALUES),
        ("templates/a.yaml", DEPLOYMENT),
        ("templates/_p.tpl", PARTIALS),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let chart = Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap();
    let release =
        Release { name: "r".into(), namespace: "n".into(), revision: 1, is_install: true, is_upgrade: false };
    let request = Request {
        values: &value::Map::new(),
        release: &release,
        capabilities: &Capabilities::offline(Flavour::V4),
        skip_schema_validation: false,
        subchart_notes: false,
    };
    let witness = Witness::of_everything();
    let options = Options { witness: Some(Arc::clone(&witness)), ..Options::default() };
    engine().render(&chart, &request, &options).unwrap();
    let values = chart.values();
    let (kind, name) = object.split_once('/').unwrap_or((object, ""));
    let field = field.parse().unwrap();
    let explanation = match engine().explain(&witness, &Question { kind, name, field: &field, values }) {
        Ok(found) => found.into_iter().next().unwrap(),
        Err(error) => return vec![error.to_string()],
    };
    let places = explanation.places.into_iter().map(|place| {
        let chain: Vec<String> = place
            .chain
            .iter()
            .map(|at| format!("{}:{}", at.template.trim_start_matches("c/templates/"), at.line))
            .collect();
        let reads: Vec<String> = place.reads.iter().map(|path| Step::join(path)).collect();
        format!("{} {} ({})", explanation.value.replace('\n', "|"), chain.join(" < "), reads.join(", "))
    });
    places.collect()
}

#[test]
fn an_action_that_prints_a_value_is_named_with_it() {
    assert_eq!(explain("Deployment/web", ".spec.replicas"), ["3 a.yaml:8 (replicas)"]);
}

#[test]
fn text_of_the_template_is_named_as_such() {
    assert_eq!(explain("deployment", ".spec.fixed"), ["text a.yaml:12 ()"]);
}

#[test]
fn what_was_included_is_followed_to_where_it_was_written() {
    let app = "web a.yaml:6 < _p.tpl:5 < _p.tpl:2 (nameOverride)";
    assert_eq!(explain("Deployment/web", ".metadata.labels.app"), [app]);
    assert_eq!(explain("Deployment/web", ".metadata.labels.tier"), ["front a.yaml:6 < _p.tpl:6 ()"]);
    assert_eq!(explain("Deployment/web", ".metadata.name"), ["web a.yaml:4 < _p.tpl:2 (nameOverride)"]);
}

#[test]
fn a_text_of_several_actions_has_several_places() {
    let want = ["app:x a.yaml:13 (image.repository)", "app:x a.yaml:13 (image.tag)"];
    assert_eq!(explain("Deployment/web", ".spec.image"), want);
}

#[test]
fn what_a_with_or_a_range_read_counts_for_what_is_inside() {
    assert_eq!(explain("Deployment/web", ".spec.strategy"), ["Recreate a.yaml:10 (strategy)"]);
    assert_eq!(explain("Deployment/web", ".spec.hosts[1]"), ["b a.yaml:16 (hosts[1].name)"]);
}

#[test]
fn of_a_map_that_was_printed_as_a_whole_the_entry_is_named() {
    let want = "2 a.yaml:19 (resources.limits.memory)";
    assert_eq!(explain("Deployment/web", ".spec.resources.limits.memory"), [want]);
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    assert_eq!(
        explain("Deployment/web", ".spec.replica"),
        [
            "Deployment/web has no field .spec.replica; there are: replicas, strategy, fixed, image, hosts, resources"
        ]
    );
    assert_eq!(explain("Service", ".spec"), ["no rendered object is Service; there are: Deployment/web"]);
}

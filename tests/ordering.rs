//! In which order the parts of a release come and go on a real API server: resource groups and subcharts of HIP-0025.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::path::PathBuf;
use std::process::Command;

use pintle_test_support::{Cluster, run, scratch};
use serde_json::Value;

/// A chart with a database that takes its time, and a subchart that everything else waits for.
const FILES: [(&str, &str); 5] = [
    (
        "Chart.yaml",
        r#"
apiVersion: v2
name: shop
version: 1.0.0
annotations:
  helm.sh/depends-on/subcharts: '["front"]'
dependencies:
- {name: front, version: 1.0.0, depends-on: [store]}
- {name: db, alias: store, version: 1.0.0}
"#,
    ),
    ("templates/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n"),
    ("charts/front/Chart.yaml", "apiVersion: v2\nname: front\nversion: 1.0.0\n"),
    (
        "charts/front/templates/front.yaml",
        r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: late
  annotations:
    helm.sh/resource-group: late
    helm.sh/depends-on/resource-groups: '["early"]'
---
apiVersion: v1
kind: Pod
metadata:
  name: early
  annotations:
    helm.sh/resource-group: early
    pintle.dev/test-ready-after: 2s
spec: {containers: [{name: web, image: web:1}]}
"#,
    ),
    ("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
];

const STORE: &str = r#"
apiVersion: v1
kind: Pod
metadata:
  name: store
  annotations: {pintle.dev/test-ready-after: 2s}
spec: {containers: [{name: store, image: store:1}]}
"#;

/// A chart with a definition in `crds/` and an object of the kind.
const DEFINED: [(&str, &str); 3] = [
    ("Chart.yaml", "apiVersion: v2\nname: defined\nversion: 1.0.0\n"),
    (
        "crds/gadgets.yaml",
        r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.ordering.example.com}
spec:
  group: ordering.example.com
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, singular: gadget}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"#,
    ),
    (
        "templates/gadget.yaml",
        r#"
{{- if not (.Capabilities.APIVersions.Has "ordering.example.com/v1/Gadget") }}{{ fail "not there" }}{{ end }}
apiVersion: ordering.example.com/v1
kind: Gadget
metadata: {name: gadget}
"#,
    ),
];

struct Place {
    cluster: &'static Cluster,
    namespace: String,
    chart: PathBuf,
}

impl Place {
    fn new() -> Self {
        Self::with(FILES.into_iter().chain([("charts/db/templates/store.yaml", STORE)]))
    }

    fn with(files: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let cluster = Cluster::shared().unwrap();
        let chart = scratch().unwrap().join("chart");
        for (name, text) in files {
            let path = chart.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self { cluster, namespace: cluster.namespace("ordering").unwrap(), chart }
    }

    fn command(&self, request: &str) -> Command {
        self.cluster.request(env!("CARGO_BIN_EXE_pintle"), &self.namespace, &self.chart, request)
    }

    /// Runs pintle and gives the objects in the order in which they were changed.
    fn changed(&self, request: &str) -> Vec<String> {
        let printed = run(&mut self.command(request)).unwrap();
        let events = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let changed = events.filter(|event| event["event"] == "changed");
        changed.map(|event| event["object"]["name"].as_str().unwrap().to_owned()).collect()
    }

    /// When an object was created, and when a pod became ready.
    fn times(&self, kind: &str, name: &str) -> (String, String) {
        let ready = r#"{.status.conditions[?(@.type=="Ready")].lastTransitionTime}"#;
        let path = format!("--output=jsonpath={{.metadata.creationTimestamp}} {ready}");
        let mut kubectl = self.cluster.kubectl().unwrap();
        let printed =
            run(kubectl.args(["--namespace", &self.namespace, "get", kind, name]).arg(path)).unwrap();
        let (created, ready) = printed.split_once(' ').unwrap();
        (created.to_owned(), ready.to_owned())
    }
}

#[test]
fn parts_come_when_those_they_depend_on_are_ready() {
    let place = Place::new();
    let order = ["store", "early", "late", "own"];
    assert_eq!(place.changed("install shop CHART -o ndjson"), order);
    let (store, early) = (place.times("pod", "store"), place.times("pod", "early"));
    assert!(store.1 <= early.0, "the subchart was ready first: {store:?}, {early:?}");
    let late = place.times("configmap", "late");
    assert!(early.1 <= late.0, "the group was ready first: {early:?}, {late:?}");
    assert_eq!(place.changed("upgrade shop CHART -o ndjson"), order);
}

#[test]
fn a_release_that_was_rolled_back_still_knows_its_order_and_goes_the_other_way_round() {
    let place = Place::new();
    place.changed("install shop CHART");
    place.changed("upgrade shop CHART --description second");
    place.changed("rollback shop 1");
    let output = place.command("uninstall shop --debug").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stderr).unwrap();
    let deleted = printed.lines().filter(|line| line.starts_with("delete "));
    let gone: Vec<&str> = deleted.filter_map(|line| line.rsplit('/').next()).collect();
    assert_eq!(gone, ["own", "late", "early", "store"], "{printed}");
}

/// A definition is established a moment before the server lists its kind, and longer where one of that name has just gone.
#[test]
fn a_kind_of_the_crds_folder_is_served_before_its_objects_are_rendered() {
    let place = Place::with(DEFINED);
    for _ in 0..5 {
        run(&mut place.command("install defined CHART")).unwrap();
        run(&mut place.command("uninstall defined")).unwrap();
        let mut kubectl = place.cluster.kubectl().unwrap();
        run(kubectl.args(["delete", "customresourcedefinition", "gadgets.ordering.example.com"])).unwrap();
    }
}

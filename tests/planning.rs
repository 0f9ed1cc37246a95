//! Plans on a real API server: what they say is what happens, and what they hide stays hidden.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use pintle_test_support::{Cluster, Proxy, run, scratch};
use serde_json::{Value, json};

const OBJECTS: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-settings}
data: {mode: {{ .Values.mode | quote }}, fixed: "1"}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-secret}
stringData: {password: {{ .Values.password | quote }}, user: admin}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-{{ .Values.mode }}}
{{- if .Values.selector }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: {{ .Values.selector }}}}
  template:
    metadata:
      labels: {app: {{ .Values.selector }}}
      annotations: {{ .Values.annotations | toJson }}
    spec: {containers: [{name: web, image: web:1}]}
{{- end }}
{{- if .Values.widget }}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.{{ .Release.Namespace }}.example.com}
spec:
  group: {{ .Release.Namespace }}.example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: {{ .Release.Namespace }}.example.com/v1
kind: Widget
metadata: {name: {{ .Release.Name }}}
{{- end }}
"#;

const DEFINITION: &str = r#"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.GROUP}
spec:
  group: GROUP
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, singular: gadget, listKind: GadgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties: {PROPERTIES}
"#;

/// A chart and a namespace for it.
struct Place {
    cluster: &'static Cluster,
    namespace: String,
    chart: PathBuf,
}

impl Place {
    fn new() -> Self {
        let cluster = Cluster::shared().unwrap();
        let chart = scratch().unwrap().join("planned");
        std::fs::create_dir_all(chart.join("templates")).unwrap();
        std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: planned\nversion: 1.0.0\n").unwrap();
        let values = "mode: a\npassword: open-sesame\nselector: \"\"\nwidget: false\nannotations: {}\n";
        std::fs::write(chart.join("values.yaml"), values).unwrap();
        std::fs::write(chart.join("templates/objects.yaml"), OBJECTS).unwrap();
        Self { cluster, namespace: cluster.namespace("planned").unwrap(), chart }
    }

    fn command(&self, request: &str) -> Command {
        self.cluster.request(env!("CARGO_BIN_EXE_pintle"), &self.namespace, &self.chart, request)
    }

    fn pintle(&self, request: &str) -> Output {
        self.command(request).output().unwrap()
    }

    fn succeeds(&self, request: &str) -> String {
        let output = self.pintle(request);
        assert!(output.status.success(), "{request}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn fails(&self, request: &str) -> String {
        let output = self.pintle(request);
        assert_eq!(output.status.code(), Some(1), "{request}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The plan that ends with this exit code.
    fn plan(&self, request: &str, code: i32) -> String {
        let output = self.pintle(request);
        assert_eq!(output.status.code(), Some(code), "{request}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn kubectl(&self, arguments: &[&str]) -> String {
        run(self.cluster.kubectl().unwrap().args(["--namespace", &self.namespace]).args(arguments)).unwrap()
    }
}

#[test]
fn a_plan_says_what_would_be_and_changes_nothing() {
    let place = Place::new();
    let text = place.plan("plan web CHART", 2);
    assert!(text.starts_with("Plan to install release \"web\""), "{text}");
    assert!(text.contains("+ ConfigMap/") && text.contains("3 to create"), "{text}");
    assert_eq!(place.kubectl(&["get", "configmaps,secrets", "--output=name", "--selector=owner=helm"]), "");
    place.succeeds("install web CHART");
    assert!(place.plan("plan web CHART", 0).contains("3 unchanged"));
    let text = place.plan("upgrade web CHART --plan --set mode=b,password=changed", 2);
    assert!(text.contains("-  mode: a\n    +  mode: b\n"), "{text}");
    assert!(text.contains("- ConfigMap/") && text.contains("is deleted"), "{text}");
    assert!(text.contains("1 to create, 2 to change, 0 to recreate, 1 to delete, 0 to take over"), "{text}");
    assert!(text.contains("*** (before)") && text.contains("*** (after)"), "{text}");
    assert!(!text.contains("Y2hhbmdlZA") && !text.contains("b3Blbi1zZXNhbWU"), "secrets are hidden: {text}");
    assert_eq!(place.kubectl(&["get", "configmap", "web-settings", "--output=jsonpath={.data.mode}"]), "a");
}

#[test]
fn a_plan_for_programs_is_json() {
    let place = Place::new();
    place.succeeds("install web CHART");
    let text = place.plan("upgrade web CHART --plan --set mode=b -o json", 2);
    let plan: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(plan["summary"]["create"], 1);
    assert_eq!(
        (&plan["action"], &plan["from"], &plan["revision"]),
        (&json!("upgrade"), &json!(1), &json!(2))
    );
    let changes = plan["changes"].as_array().unwrap();
    let settings = changes.iter().find(|change| change["object"]["name"] == "web-settings").unwrap();
    assert_eq!(
        (&settings["before"]["data"]["mode"], &settings["after"]["data"]["mode"]),
        (&json!("a"), &json!("b"))
    );
}

#[test]
fn a_saved_plan_is_done_exactly_or_not_at_all() {
    let place = Place::new();
    let file = scratch().unwrap().join("plan");
    let file = file.to_str().unwrap();
    place.plan(&format!("plan web CHART --save-plan {file}"), 2);
    place.succeeds(&format!("upgrade web CHART --use-plan {file}"));
    place.plan(&format!("upgrade web CHART --set mode=b --save-plan {file}"), 2);
    let error = place.fails(&format!("upgrade web CHART --set mode=c --use-plan {file}"));
    assert!(error.contains("made from other values"), "{error}");
    std::fs::write(place.chart.join("templates/empty.yaml"), "").unwrap();
    let error = place.fails(&format!("upgrade web CHART --use-plan {file}"));
    assert!(error.contains("made from another chart"), "{error}");
    std::fs::remove_file(place.chart.join("templates/empty.yaml")).unwrap();
    place.succeeds(&format!("upgrade web --use-plan {file}"));
    assert_eq!(place.kubectl(&["get", "configmap", "web-settings", "--output=jsonpath={.data.mode}"]), "b");
    let error = place.fails(&format!("upgrade web CHART --use-plan {file}"));
    assert!(
        error.contains("the plan no longer holds") && error.contains("the last revision is 2"),
        "{error}"
    );
    place.plan(&format!("upgrade web CHART --set mode=c --save-plan {file}"), 2);
    place.kubectl(&["patch", "configmap", "web-settings", "--patch", r#"{"data":{"mode":"drifted"}}"#]);
    let error = place.fails(&format!("upgrade web CHART --use-plan {file}"));
    assert!(error.contains("ConfigMap/") && error.contains("web-settings changed"), "{error}");
    let error = place.fails(&format!("upgrade other CHART --use-plan {file}"));
    assert!(error.contains("which is not what was asked for"), "{error}");
    place.plan(&format!("rollback web 1 --force-conflicts --save-plan {file}"), 2);
    let error = place.fails(&format!("rollback web 2 --use-plan {file}"));
    assert!(error.contains("goes back to revision 1, not to 2"), "{error}");
    place.succeeds(&format!("rollback web --use-plan {file}"));
    assert_eq!(place.kubectl(&["get", "configmap", "web-settings", "--output=jsonpath={.data.mode}"]), "a");
}

#[test]
fn only_the_object_with_an_immutable_change_is_made_anew_when_asked() {
    let place = Place::new();
    place.succeeds("install web CHART --set selector=one");
    let settings =
        || place.kubectl(&["get", "configmap", "web-settings", "--output=jsonpath={.metadata.uid}"]);
    let before = settings();
    let error = place.fails("upgrade web CHART --set selector=two");
    assert!(error.contains("field is immutable"), "{error}");
    let text = place.plan("upgrade web CHART --set selector=two --recreate-immutable --plan", 2);
    assert!(text.contains("1 to recreate"), "{text}");
    place.succeeds("upgrade web CHART --set selector=two --recreate-immutable");
    let selector = "--output=jsonpath={.spec.selector.matchLabels.app}";
    assert_eq!(place.kubectl(&["get", "deployment", "web", selector]), "two");
    assert_eq!(settings(), before, "other objects stay");
}

#[test]
fn missing_permissions_are_listed_before_anything_is_written() {
    let place = Place::new();
    let namespace = &place.namespace;
    let file = scratch().unwrap().join("user.json");
    let objects = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader"}, "rules": [
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["*"]},
            {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "reader"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
         "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": namespace}]},
    ]});
    std::fs::write(&file, objects.to_string()).unwrap();
    place.kubectl(&["apply", "--filename", file.to_str().unwrap()]);
    let user = format!("--kube-as-user=system:serviceaccount:{namespace}:reader");
    let error = place.fails(&format!("install web CHART --set selector=one {user}"));
    assert!(error.contains("not permitted; nothing was changed"), "{error}");
    for missing in
        ["create configmaps \"web-settings\"", "patch configmaps", "create deployments.apps \"web\""]
    {
        assert!(error.contains(missing), "{missing} in {error}");
    }
    assert!(!error.contains("secrets"), "{error}");
    assert_eq!(place.kubectl(&["get", "secrets,leases", "--output=name"]), "");
}

#[test]
fn objects_of_a_definition_of_the_same_release_wait_for_it() {
    let place = Place::new();
    place.succeeds("install web CHART --set widget=true");
    let group = format!("widgets.{}.example.com", place.namespace);
    assert!(place.kubectl(&["get", &group, "--output=name"]).contains("/web"));
    place.succeeds("uninstall web");
}

#[test]
fn definitions_are_planned_and_replaced_only_where_nothing_is_lost() {
    let place = Place::new();
    let group = format!("{}.gadgets.example.com", place.namespace);
    let write = |properties: &str| {
        let text = DEFINITION.replace("GROUP", &group).replace("PROPERTIES", properties);
        std::fs::create_dir_all(place.chart.join("crds")).unwrap();
        std::fs::write(place.chart.join("crds/gadgets.yaml"), text).unwrap();
    };
    write("size: {type: integer}, colour: {type: string}");
    let gadget = format!("apiVersion: {group}/v1\nkind: Gadget\nmetadata: {{name: own}}\n");
    std::fs::write(place.chart.join("templates/gadget.yaml"), gadget).unwrap();
    let text = place.plan("plan web CHART", 2);
    let definition = format!("+ CustomResourceDefinition//gadgets.{group} is created");
    assert!(text.contains(&definition) && text.contains("+ Gadget/"), "{text}");
    let saved = scratch().unwrap().join("plan");
    let saved = saved.to_str().unwrap();
    place.plan(&format!("install web CHART --save-plan {saved}"), 2);
    place.succeeds(&format!("install web --use-plan {saved}"));
    assert!(place.plan("plan web CHART --crds create", 0).contains("5 unchanged"));
    let gadget = json!({"apiVersion": format!("{group}/v1"), "kind": "Gadget", "metadata": {"name": "g"},
        "spec": {"size": 1}});
    let file = scratch().unwrap().join("gadget.json");
    std::fs::write(&file, gadget.to_string()).unwrap();
    place.kubectl(&["apply", "--filename", file.to_str().unwrap()]);
    write("colour: {type: string}");
    let error = place.fails("upgrade web CHART --crds create-replace");
    assert!(error.contains("field spec.size is in use by Gadget \"g\""), "{error}");
    write("size: {type: integer}, shape: {type: string}");
    let text = place.plan("plan web CHART --crds create-replace", 2);
    assert!(text.contains(&format!("~ CustomResourceDefinition//gadgets.{group} is changed")), "{text}");
    place.succeeds("upgrade web CHART --crds create-replace");
    let schema = "--output=jsonpath={.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties}";
    let definition = format!("customresourcedefinition/gadgets.{group}");
    let properties = place.kubectl(&["get", &definition, schema]);
    assert!(properties.contains("shape") && !properties.contains("colour"), "{properties}");
}

#[test]
fn a_long_wait_tells_what_it_is_for() {
    let place = Place::new();
    let failing = r#"annotations={"pintle.dev/test-waiting":"ImagePullBackOff"}"#;
    let error = place
        .fails(&format!("install web CHART --set selector=one --set-json {failing} --wait --timeout 9s"));
    let progress = error.lines().find(|line| line.starts_with("waiting for Deployment/"));
    assert!(progress.is_some_and(|line| line.contains("ImagePullBackOff")), "{error}");
}

#[test]
fn a_stream_has_a_line_for_each_step_and_one_for_the_release() {
    let place = Place::new();
    let text = place.succeeds("install web CHART -o ndjson");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events.first(), Some(&"recorded"));
    assert_eq!(events.iter().filter(|event| **event == "changed").count(), 3);
    assert_eq!(lines.last().unwrap()["release"]["info"]["status"], "deployed");
}

#[test]
fn many_objects_of_a_kind_are_looked_at_with_one_request() {
    let place = Place::new();
    let many = "{{ range $i := until 40 }}\n---\napiVersion: v1\nkind: ConfigMap\n\
                metadata: {name: {{ $.Release.Name }}-many-{{ $i }}}\n{{ end }}";
    std::fs::write(place.chart.join("templates/many.yaml"), many).unwrap();
    let mut proxy = Proxy::start(place.cluster.kubeconfig()).unwrap();
    place.succeeds("install web CHART");
    let mut upgrade = place.command("upgrade web CHART --set mode=b");
    run(upgrade.env("KUBECONFIG", proxy.kubeconfig())).unwrap();
    let counts = proxy.counts().unwrap();
    assert!(counts.by.get("GET configmaps").is_some_and(|count| *count <= 2), "{counts:?}");
    assert_eq!(counts.by.get("PATCH configmaps"), Some(&42), "{counts:?}");
}

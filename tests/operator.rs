//! The operator against a real control plane, with Helm looking on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use pintle_test_support::{Cluster, Process, free_port, helm4, metrics, run, scratch};
use serde_json::{Value, json};

/// An operator for one namespace; ends with the test.
struct Operator {
    cluster: &'static Cluster,
    namespace: String,
    port: u16,
    _process: Process,
}

impl Operator {
    fn start(prefix: &str) -> Self {
        let cluster = Cluster::shared().unwrap();
        let namespace = cluster.namespace(prefix).unwrap();
        define(cluster);
        let port = free_port().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.args(["operator", "run", "--watch-namespace", &namespace, "--kubeconfig"]);
        command.arg(cluster.kubeconfig()).arg(format!("--address=127.0.0.1:{port}"));
        Self { cluster, namespace, port, _process: Process::start(&mut command).unwrap() }
    }

    fn kubectl(&self, arguments: &[&str]) -> String {
        let mut command = self.cluster.kubectl().unwrap();
        command.args(["--namespace", &self.namespace]).args(arguments);
        run(&mut command).unwrap()
    }

    fn get(&self, what: &str) -> Value {
        serde_json::from_str(&self.kubectl(&["get", what, "--output=json"])).unwrap()
    }

    fn apply(&self, spec: &Value) {
        let release = json!({
            "apiVersion": "pintle.dev/v1alpha1", "kind": "Release", "metadata": {"name": "web"}, "spec": spec,
        });
        let file = scratch().unwrap().join("release.json");
        std::fs::write(&file, release.to_string()).unwrap();
        self.kubectl(&["apply", "--filename", file.to_str().unwrap()]);
    }

    fn wait(&self, condition: &str) {
        self.kubectl(&["wait", &format!("--for={condition}"), "release/web", "--timeout=120s"]);
    }

    /// The condition of a type.
    fn condition(&self, kind: &str) -> Value {
        let conditions =
            self.get("release/web")["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.into_iter().find(|condition| condition["type"] == kind).unwrap_or_default()
    }

    /// The notes of events with a reason.
    fn notes(&self, reason: &str) -> Vec<String> {
        let events = self.get("events")["items"].as_array().cloned().unwrap_or_default();
        let of_reason = events.iter().filter(|event| event["reason"] == reason);
        of_reason.map(|event| event["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Gives cause for a look at the release, and waits for the end of it.
    fn look(&self) {
        let before = self.reconciliations();
        let touch = format!("touched={before}");
        self.kubectl(&["annotate", "--overwrite", "configmap/extra", &touch]);
        self.reconciled_after(before);
    }

    /// How many reconciliations have ended.
    fn reconciliations(&self) -> u64 {
        let text = metrics(self.port);
        let counts = text.lines().filter(|line| line.starts_with("pintle_reconcile_seconds_count"));
        counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }

    /// Waits for the next reconciliation to end.
    fn reconciled_after(&self, before: u64) {
        while self.reconciliations() <= before {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Defines our resources, once for all tests.
fn define(cluster: &Cluster) {
    static DEFINED: OnceLock<()> = OnceLock::new();
    DEFINED.get_or_init(|| {
        run(cluster.kubectl().unwrap().args(["apply", "-f", "crds"])).unwrap();
        let wait = ["wait", "--for=condition=Established", "crd/releases.pintle.dev"];
        run(cluster.kubectl().unwrap().args(wait)).unwrap();
    });
}

/// The chart of the fixtures, packed and in base64.
fn shop() -> String {
    let directory = scratch().unwrap();
    run(helm4().unwrap().args(["package", "fixtures/charts/shop", "--destination"]).arg(&directory)).unwrap();
    BASE64_STANDARD.encode(std::fs::read(directory.join("shop-1.0.0.tgz")).unwrap())
}

fn spec(replicas: u32) -> Value {
    json!({
        "chart": {"inline": shop()},
        "values": {
            "context": {"domain": "a.example"},
            "base": {"autoscaling": {"enabled": false}, "replicas": 1},
            "overrides": [{"path": "replicas", "value": replicas}],
        },
    })
}

/// Installs a release with a ConfigMap of values, whose changes give cause for a look; its spec.
fn watching(operator: &Operator) -> Value {
    operator.kubectl(&["create", "configmap", "extra", "--from-literal=values.yaml=extra: 1"]);
    let mut spec = spec(1);
    spec["values"]["from"] = json!([{"kind": "ConfigMap", "name": "extra"}]);
    operator.apply(&spec);
    operator.wait("condition=Ready");
    spec
}

#[test]
fn a_release_is_installed_upgraded_and_taken_away() {
    let operator = Operator::start("operator");
    operator.apply(&spec(2));
    operator.wait("condition=Ready");
    assert_eq!(operator.get("deployment/web")["spec"]["replicas"], 2);
    operator.apply(&spec(3));
    operator.wait("jsonpath={.status.revision}=2");
    operator.wait("condition=Ready");
    assert_eq!(operator.get("deployment/web")["spec"]["replicas"], 3);
    let mut helm = operator.cluster.helm4().unwrap();
    let listed = run(helm.args(["list", "--output=json", "--namespace", &operator.namespace])).unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["revision"], "2");
    assert_eq!(listed[0]["chart"], "shop-1.0.0");
    operator.kubectl(&["delete", "release/web", "--timeout=120s"]);
    assert_eq!(operator.get("deployments")["items"], json!([]));
}

#[test]
fn when_nothing_changed_nothing_is_written() {
    let operator = Operator::start("unchanged");
    watching(&operator);
    let versions = || {
        ["release/web", "deployment/web", "service/web"]
            .map(|object| operator.get(object)["metadata"].clone())
    };
    // The deployment's status may still settle after the release is ready.
    operator.kubectl(&["rollout", "status", "deployment/web"]);
    let before = versions();
    operator.look();
    assert_eq!(versions(), before);
    let records = operator.get("secrets")["items"].as_array().unwrap().clone();
    assert_eq!(records.iter().filter(|secret| secret["type"] == "helm.sh/release.v1").count(), 1);
}

#[test]
fn what_is_no_chart_is_told_with_a_reason() {
    let operator = Operator::start("broken");
    operator.apply(&json!({"chart": {"inline": "bm8gY2hhcnQ="}}));
    operator.wait("jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}=ChartInvalid");
    let release = operator.get("release/web");
    assert_eq!(release["status"]["failures"].as_u64().map(|failures| failures > 0), Some(true));
}

#[test]
fn a_secret_value_appears_nowhere_but_in_secrets() {
    let operator = Operator::start("sealed");
    let mut spec = spec(1);
    let password = json!({"path": "database.password", "value": "canary-4711", "secret": true});
    spec["values"]["overrides"].as_array_mut().unwrap().push(password);
    operator.apply(&spec);
    operator.wait("condition=Ready");
    let secret = operator.get("secret/web");
    assert_eq!(secret["data"]["DATABASE_PASSWORD"], BASE64_STANDARD.encode("canary-4711"));
    let release = operator.get("release/web");
    assert!(!release.to_string().contains("canary"), "{release}");
    assert!(!operator.get("events").to_string().contains("canary"));
}

#[test]
fn what_goes_missing_or_is_changed_comes_back_and_is_named() {
    let operator = Operator::start("drift");
    watching(&operator);
    operator.look();
    assert!(operator.notes("Repairing").is_empty(), "a first install is no repair");
    operator.kubectl(&["delete", "service/web"]);
    // A field that the chart says nothing of is nobody's to repair.
    let limit = r#"{"spec":{"revisionHistoryLimit":5}}"#;
    operator.kubectl(&["patch", "deployment/web", "--type=merge", "--patch", limit]);
    operator.look();
    assert_eq!(operator.get("service/web")["kind"], "Service");
    let notes = operator.notes("Repairing").join("; ");
    let namespace = &operator.namespace;
    assert!(notes.contains(&format!("Service/{namespace}/web is missing")), "{notes}");
    assert_eq!(operator.get("release/web")["status"]["revision"], 2);
    operator.wait("condition=Ready");
    operator.look();
    assert_eq!(operator.get("release/web")["status"]["revision"], 2);
    assert_eq!(operator.get("deployment/web")["spec"]["revisionHistoryLimit"], 5);
}

#[test]
fn drift_may_be_told_only_ignored_or_not_looked_for() {
    let operator = Operator::start("warn");
    let mut spec = watching(&operator);
    let detect = |spec: &mut Value, detection: Value| {
        spec["driftDetection"] = detection;
        let before = operator.reconciliations();
        operator.apply(spec);
        operator.reconciled_after(before);
    };
    let replicas = || operator.get("deployment/web")["spec"]["replicas"].clone();
    detect(&mut spec, json!({"mode": "warn"}));
    operator.kubectl(&["scale", "deployment/web", "--replicas=3"]);
    operator.look();
    let told = operator.condition("Drifted");
    assert_eq!((&told["status"], &told["reason"]), (&json!("True"), &json!("DriftDetected")));
    assert!(told["message"].as_str().unwrap().contains("differs in /spec/replicas"), "{told}");
    assert_eq!((operator.condition("Ready")["status"].clone(), replicas()), (json!("True"), json!(3)));
    detect(&mut spec, json!({"mode": "disabled"}));
    assert_eq!(operator.condition("Drifted")["status"], "False");
    let target = json!({"kind": "Deployment", "name": "w.*"});
    detect(&mut spec, json!({"ignore": [{"paths": ["/spec/replicas"], "target": target}]}));
    operator.look();
    assert_eq!((replicas(), operator.get("release/web")["status"]["revision"].clone()), (json!(3), json!(1)));
    detect(&mut spec, json!({}));
    operator.wait("jsonpath={.status.revision}=2");
    assert_eq!(replicas(), 1);
}

#[test]
fn a_field_that_is_set_again_after_each_repair_is_left_for_a_while() {
    let operator = Operator::start("contest");
    watching(&operator);
    let scale = || drop(operator.kubectl(&["scale", "deployment/web", "--replicas=3"]));
    for revision in 2..=4 {
        scale();
        operator.look();
        operator.wait(&format!("jsonpath={{.status.revision}}={revision}"));
    }
    scale();
    operator.look();
    let told = operator.condition("Drifted");
    assert_eq!((&told["status"], &told["reason"]), (&json!("True"), &json!("Contested")));
    assert!(told["message"].as_str().unwrap().contains("repaired 3 times"), "{told}");
    assert_eq!(operator.get("release/web")["status"]["revision"], 4);
    assert!(!operator.notes("Contested").is_empty());
}

#[test]
fn patches_change_what_a_chart_renders() {
    let operator = Operator::start("patches");
    let mut spec = spec(1);
    spec["patches"] = json!([
        {"target": {"kind": "Deployment"}, "patch": [{"op": "add", "path": "/metadata/labels/team", "value": "a"}]},
        {"patch": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {externalName: null, sessionAffinity: ClientIP}\n"},
    ]);
    operator.apply(&spec);
    operator.wait("condition=Ready");
    assert_eq!(operator.get("deployment/web")["metadata"]["labels"]["team"], "a");
    assert_eq!(operator.get("service/web")["spec"]["sessionAffinity"], "ClientIP");
    spec["patches"] = json!([{"target": {"kind": "None"}, "patch": []}]);
    operator.apply(&spec);
    let reason = "jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}=RenderFailed";
    operator.wait(reason);
    let message = operator.condition("Ready")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("spec.patches[0] matches none of the rendered objects"), "{message}");
}

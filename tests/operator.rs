//! The operator against a real control plane, with Helm looking on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use pintle_test_support::{Cluster, helm4, run, scratch};
use serde_json::{Value, json};

/// An operator for one namespace; ends with the test.
struct Operator {
    cluster: &'static Cluster,
    namespace: String,
    port: u16,
    process: Child,
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Operator {
    fn start(prefix: &str) -> Self {
        let cluster = Cluster::shared().unwrap();
        let namespace = cluster.namespace(prefix).unwrap();
        define(cluster);
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let process = Command::new(env!("CARGO_BIN_EXE_pintle"))
            .args(["operator", "run", "--watch-namespace", &namespace, "--kubeconfig"])
            .arg(cluster.kubeconfig())
            .arg(format!("--address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { cluster, namespace, port, process }
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

    /// How many reconciliations have ended.
    fn reconciliations(&self) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
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
    operator.kubectl(&["create", "configmap", "extra", "--from-literal=values.yaml=extra: 1"]);
    let mut spec = spec(1);
    spec["values"]["from"] = json!([{"kind": "ConfigMap", "name": "extra"}]);
    operator.apply(&spec);
    operator.wait("condition=Ready");
    let versions = || {
        ["release/web", "deployment/web", "service/web"]
            .map(|object| operator.get(object)["metadata"].clone())
    };
    // The deployment's status may still settle after the release is ready.
    operator.kubectl(&["rollout", "status", "deployment/web"]);
    let (before, reconciliations) = (versions(), operator.reconciliations());
    operator.kubectl(&["annotate", "configmap/extra", "touched=yes"]);
    operator.reconciled_after(reconciliations);
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

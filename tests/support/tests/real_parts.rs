//! The parts themselves: a cluster starts, real helm installs into it, pods behave, and nothing is left.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use pintle_test_support::{
    Auth, Cluster, ClusterOptions, Registry, RegistryOptions, helm3, helm4, run, scratch,
};

const DEPLOYMENT: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 2
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {{ toJson .Values.annotations }}
    spec:
      containers: [{name: main, image: example.com/app:1}]
"#;

const HOOK: &str = r#"
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-before
  annotations: {helm.sh/hook: pre-install}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations: {{ toJson .Values.hookAnnotations }}
    spec:
      restartPolicy: Never
      containers: [{name: main, image: example.com/app:1}]
"#;

const CLOUD: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec:
  type: LoadBalancer
  ports: [{port: 80}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: {{ .Release.Name }}}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
"#;

fn chart() -> PathBuf {
    let dir = scratch().unwrap();
    fs::create_dir(dir.join("templates")).unwrap();
    fs::write(dir.join("Chart.yaml"), "apiVersion: v2\nname: tiny\nversion: 0.1.0\n").unwrap();
    fs::write(dir.join("values.yaml"), "annotations: {}\nhookAnnotations: {}\n").unwrap();
    fs::write(dir.join("templates/deployment.yaml"), DEPLOYMENT).unwrap();
    fs::write(dir.join("templates/hook.yaml"), HOOK).unwrap();
    fs::write(dir.join("templates/cloud.yaml"), CLOUD).unwrap();
    dir
}

fn install(chart: &Path, more: &[&str]) -> Vec<String> {
    let mut args = vec!["install".into(), "one".into(), chart.display().to_string()];
    args.extend(["--wait", "--timeout", "60s"].map(String::from));
    args.extend(more.iter().map(ToString::to_string));
    args
}

#[test]
fn both_helms_install_and_see_each_others_releases() {
    let cluster = Cluster::shared().unwrap();
    let chart = chart();
    for version in [3, 4] {
        let helm = || if version == 3 { cluster.helm3() } else { cluster.helm4() }.unwrap();
        let other = || if version == 3 { cluster.helm4() } else { cluster.helm3() }.unwrap();
        let namespace = cluster.namespace("helm").unwrap();
        run(helm().args(install(&chart, &["--namespace", &namespace]))).unwrap();
        let ready = "jsonpath={.items[*].status.containerStatuses[0].ready}";
        let pods = ["get", "pods", "-l", "app=one", "-o", ready, "--namespace", &namespace];
        assert_eq!(run(cluster.kubectl().unwrap().args(pods)).unwrap(), "true true");
        let list = run(other().args(["list", "--short", "--namespace", &namespace])).unwrap();
        assert_eq!(list.trim(), "one");
        run(other().args(["uninstall", "one", "--wait", "--namespace", &namespace])).unwrap();
    }
}

#[test]
fn annotations_steer_pods() {
    let cluster = Cluster::shared().unwrap();
    let chart = chart();
    let case = |setting: &str, timeout: &str| {
        let namespace = cluster.namespace("steer").unwrap();
        let args = ["--timeout", timeout, "--namespace", &namespace, "--set-string", setting];
        let started = Instant::now();
        let result = run(cluster.helm4().unwrap().args(install(&chart, &args)));
        (result, started.elapsed(), namespace)
    };
    let (slow, took, _) = case(r"annotations.pintle\.dev/test-ready-after=3s", "60s");
    slow.unwrap();
    assert!(took >= Duration::from_secs(3), "ready after {took:?}");
    case(r"annotations.pintle\.dev/test-never-ready=true", "3s").0.unwrap_err();
    case(r"hookAnnotations.pintle\.dev/test-exit=3", "20s").0.unwrap_err();
    let (waiting, _, namespace) = case(r"annotations.pintle\.dev/test-waiting=ImagePullBackOff", "3s");
    waiting.unwrap_err();
    let reasons = "jsonpath={.items[*].status.containerStatuses[0].state.waiting.reason}";
    let pods = ["get", "pods", "-l", "app=one", "-o", reasons, "--namespace", &namespace];
    assert_eq!(run(cluster.kubectl().unwrap().args(pods)).unwrap(), "ImagePullBackOff ImagePullBackOff");
}

#[test]
fn a_cluster_of_ones_own_ends_when_dropped() {
    let options = ClusterOptions { nodes: 3, audit: Some("Metadata".into()), ..ClusterOptions::default() };
    let cluster = Cluster::start(&options).unwrap();
    let nodes = run(cluster.kubectl().unwrap().args(["get", "nodes", "-o", "name"])).unwrap();
    assert_eq!(nodes.lines().count(), 3);
    assert!(fs::read_to_string(cluster.dir().join("audit.log")).unwrap().contains("audit.k8s.io/v1"));
    let dir = cluster.dir().to_owned();
    drop(cluster);
    assert!(!dir.exists());
}

/// The processes that have a directory in their command line.
fn processes_of(dir: &Path) -> usize {
    let dir = dir.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| fs::read_to_string(process.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(dir)).count()
}

#[test]
fn a_killed_supervisor_takes_its_components_along() {
    let cluster = Cluster::start(&ClusterOptions::default()).unwrap();
    let state = fs::read_to_string(cluster.dir().join("cluster.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_eq!(processes_of(cluster.dir()), 5);
    run(Command::new("kill").args(["-KILL", &state["pid"].to_string()])).unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    while processes_of(cluster.dir()) > 0 {
        assert!(Instant::now() < deadline, "components outlive their supervisor");
        thread::sleep(Duration::from_millis(20));
    }
    fs::remove_dir_all(cluster.dir()).unwrap();
}

#[test]
fn helms_report_their_release_versions() {
    for (command, version) in [(helm3(), "v3.22.0"), (helm4(), "v4.3.1")] {
        let printed = run(command.unwrap().args(["version", "--template", "{{.Version}}"])).unwrap();
        assert_eq!(printed, version);
    }
}

#[test]
fn registries_take_charts_with_each_way_to_authenticate() {
    let package = scratch().unwrap();
    run(helm4().unwrap().arg("package").arg(chart()).arg("-d").arg(&package)).unwrap();
    let archive = package.join("tiny-0.1.0.tgz");
    for (auth, tls) in [(Auth::None, false), (Auth::Basic, false), (Auth::Basic, true), (Auth::Token, true)] {
        let registry = Registry::start(&RegistryOptions { auth, tls }).unwrap();
        let url = format!("oci://{}/charts", registry.address());
        let mut transport = vec!["--plain-http".to_owned()];
        if let Some(ca) = registry.ca() {
            let path = package.join("ca.crt");
            fs::write(&path, ca).unwrap();
            transport = vec!["--ca-file".into(), path.display().to_string()];
        }
        let push = || run(helm4().unwrap().arg("push").arg(&archive).arg(&url).args(&transport));
        if auth != Auth::None {
            push().unwrap_err();
            let account = ["--username", Registry::USER, "--password", Registry::PASSWORD];
            let login = ["registry", "login", registry.address()];
            run(helm4().unwrap().args(login).args(account).args(&transport)).unwrap();
        }
        push().unwrap();
        let chart = format!("{url}/tiny");
        let shown = run(helm4().unwrap().args(["show", "chart", &chart]).args(&transport)).unwrap();
        assert!(shown.contains("name: tiny"), "{shown}");
    }
}

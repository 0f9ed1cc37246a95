//! An operator under test: its clusters, its chart repository, and what it says.

mod minutes;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use pintle_test_support::{Cluster, Memory, Process, free_port, helm4, metrics, run, scratch};
use serde_json::{Value, json};

/// How long anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(90);
/// The label of clusters.
const LABEL: &str = "sigs.k8s.io/multicluster-runtime-kubeconfig=true";

/// The two clusters that all tests share: home, and a remote one.
pub(crate) fn home() -> &'static Cluster {
    let cluster = Cluster::shared().unwrap();
    defined(cluster);
    cluster
}

pub(crate) fn remote() -> &'static Cluster {
    static REMOTE: OnceLock<Cluster> = OnceLock::new();
    let cluster = REMOTE.get_or_init(|| Cluster::start(&Default::default()).unwrap());
    defined(cluster);
    cluster
}

/// Defines our resources, once for each cluster.
fn defined(cluster: &Cluster) {
    static DEFINED: std::sync::Mutex<Vec<PathBuf>> = std::sync::Mutex::new(Vec::new());
    let mut defined = DEFINED.lock().unwrap();
    if !defined.iter().any(|kubeconfig| kubeconfig == cluster.kubeconfig()) {
        run(cluster.kubectl().unwrap().args(["apply", "--server-side", "-f", "crds"])).unwrap();
        let wait = ["wait", "--for=condition=Established", "crd", "--all"];
        run(cluster.kubectl().unwrap().args(wait)).unwrap();
        defined.push(cluster.kubeconfig().to_owned());
    }
}

/// Runs kubectl, and gives what it prints.
pub(crate) fn kubectl(cluster: &Cluster, arguments: &[&str]) -> String {
    run(cluster.kubectl().unwrap().args(arguments)).unwrap()
}

/// An object, or null where there is none.
pub(crate) fn get(cluster: &Cluster, namespace: &str, what: &str) -> Value {
    let printed =
        kubectl(cluster, &["get", what, "--namespace", namespace, "--ignore-not-found", "--output=json"]);
    serde_json::from_str(&printed).unwrap_or_default()
}

/// Applies an object.
pub(crate) fn apply(cluster: &Cluster, object: &Value) {
    with_file("apply", cluster, object);
}

/// Creates an object, or those of a list, as fast as it goes.
pub(crate) fn create(cluster: &Cluster, object: &Value) {
    with_file("create", cluster, object);
}

fn with_file(verb: &str, cluster: &Cluster, object: &Value) {
    let file = scratch().unwrap().join("object.json");
    std::fs::write(&file, object.to_string()).unwrap();
    kubectl(cluster, &[verb, "--filename", file.to_str().unwrap()]);
}

/// What a deployment says that goes to the cluster of a Secret.
pub(crate) fn to(secret: &str) -> Value {
    json!({"account": {"name": "acct"}, "region": {"name": "eu", "kubeconfig": {"secret": {"name": secret}}}})
}

/// Waits until something is so.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "still not so: {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The events of an object: reason and note.
pub(crate) fn events(cluster: &Cluster, namespace: &str, object: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = get(cluster, namespace, "events");
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let of_object = items.iter().filter(|event| event["involvedObject"]["name"] == object);
    of_object.map(|event| (text(&event["reason"]), text(&event["message"]))).collect()
}

pub(crate) fn has_event(cluster: &Cluster, namespace: &str, object: &str, reason: &str) -> bool {
    events(cluster, namespace, object).iter().any(|(found, _)| found == reason)
}

/// The condition of a type.
pub(crate) fn condition(object: &Value, kind: &str) -> Value {
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    conditions.into_iter().find(|condition| condition["type"] == kind).unwrap_or_default()
}

/// A kubeconfig as JSON.
pub(crate) fn kubeconfig(path: &Path) -> Value {
    let mut command = pintle_test_support::kubectl().unwrap();
    command.env("KUBECONFIG", path).args(["config", "view", "--raw", "--output=json"]);
    serde_json::from_str(&run(&mut command).unwrap()).unwrap()
}

/// An operator with a namespace of its own on the home cluster; ends with the test.
pub(crate) struct Operator {
    /// The namespace with the Secrets of clusters, and on every cluster that with the resources.
    pub(crate) namespace: String,
    port: u16,
    arguments: Vec<String>,
    process: Option<Process>,
}

impl Operator {
    /// A namespace on both clusters, and no operator yet.
    pub(crate) fn new(prefix: &str) -> Self {
        let namespace = home().namespace(prefix).unwrap();
        kubectl(remote(), &["create", "namespace", &namespace]);
        let port = free_port().unwrap();
        let arguments = [
            "operator".to_owned(),
            "run".to_owned(),
            "--krypton".to_owned(),
            "--release-sets".to_owned(),
            "--no-releases".to_owned(),
            format!("--namespace={namespace}"),
            format!("--watch-namespaces={namespace}"),
            format!("--watch-namespace={namespace}"),
            format!("--address=127.0.0.1:{port}"),
            format!("--kubeconfig={}", home().kubeconfig().display()),
            format!("--chart-repo={}", repository()),
            "--chart-name=web".to_owned(),
            "--chart-version=1.0.0".to_owned(),
            "--log-level=warn".to_owned(),
        ];
        let operator = Self { namespace, port, arguments: arguments.into(), process: None };
        // The home cluster too watches this test's namespace alone.
        operator.cluster("self-cluster", home().kubeconfig(), &[]);
        operator
    }

    /// One that runs, with the remote cluster as `name`.
    pub(crate) fn with_remote(prefix: &str, name: &str, labels: &[&str]) -> Self {
        let mut operator = Self::new(prefix);
        operator.cluster(name, remote().kubeconfig(), labels);
        operator.start(&[]);
        operator
    }

    pub(crate) fn start(&mut self, more: &[&str]) {
        self.process = Some(Process::start(&mut self.command(more)).unwrap());
    }

    /// The command that starts it.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        for variable in ["POD_NAMESPACE", "WATCH_NAMESPACE", "WATCH_NAMESPACES"] {
            command.env_remove(variable);
        }
        command.env("KRYPTON_CHECK_INTERVAL", "2s");
        command.args(&self.arguments).args(more);
        command
    }

    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Makes or changes the Secret of a cluster.
    pub(crate) fn cluster(&self, name: &str, kubeconfig: &Path, labels: &[&str]) {
        self.secret(name, &std::fs::read_to_string(kubeconfig).unwrap());
        let namespace = &self.namespace;
        let labels: Vec<&str> = [LABEL].into_iter().chain(labels.iter().copied()).collect();
        let label = ["label", "--overwrite", "--namespace", namespace, "secret", name];
        kubectl(home(), &[&label[..], &labels].concat());
    }

    /// Makes or changes a Secret with a kubeconfig, which is no cluster until it has the label.
    pub(crate) fn secret(&self, name: &str, kubeconfig: &str) {
        apply(
            home(),
            &json!({
                "apiVersion": "v1", "kind": "Secret", "stringData": {"kubeconfig": kubeconfig},
                "metadata": {"name": name, "namespace": self.namespace,
                    "annotations": {"pintle.dev/watch-namespaces": self.namespace}},
            }),
        );
    }

    /// Applies a Tenant on a cluster.
    pub(crate) fn tenant(&self, cluster: &Cluster, name: &str, spec: &Value) {
        apply(cluster, &self.resource("mesh.openkcm.io/v1alpha1", "Tenant", name, spec));
    }

    /// Applies a `KryptonDeployment` on the home cluster.
    pub(crate) fn deployment(&self, name: &str, spec: &Value) {
        apply(home(), &self.resource("mesh.openkcm.io/v1alpha1", "KryptonDeployment", name, spec));
    }

    /// Applies a `ReleaseSet` on the home cluster.
    pub(crate) fn release_set(&self, name: &str, spec: &Value) {
        apply(home(), &self.resource("pintle.dev/v1alpha1", "ReleaseSet", name, spec));
    }

    fn resource(&self, version: &str, kind: &str, name: &str, spec: &Value) -> Value {
        let metadata = json!({"name": name, "namespace": self.namespace});
        json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})
    }

    /// An object of this test's namespace.
    pub(crate) fn get(&self, cluster: &Cluster, what: &str) -> Value {
        get(cluster, &self.namespace, what)
    }

    pub(crate) fn has_event(&self, cluster: &Cluster, object: &str, reason: &str) -> bool {
        has_event(cluster, &self.namespace, object, reason)
    }

    /// Waits for a phase, and gives the object.
    pub(crate) fn in_phase(&self, cluster: &Cluster, what: &str, phase: &str) -> Value {
        let mut found = Value::Null;
        eventually(&format!("{what} is {phase}"), || {
            found = self.get(cluster, what);
            found["status"]["phase"] == phase
        });
        found
    }

    /// Waits until the summary of a `ReleaseSet` is this, and gives the object.
    pub(crate) fn summed_up(&self, what: &str, summary: &str) -> Value {
        let mut found = Value::Null;
        eventually(&format!("{what} is {summary}"), || {
            found = self.get(home(), what);
            found["status"]["summary"] == summary
        });
        found
    }

    /// All metrics.
    pub(crate) fn metrics(&self) -> String {
        metrics(self.port)
    }

    /// The value of a metric with these labels; `None` where there is none.
    pub(crate) fn metric(&self, name: &str) -> Option<f64> {
        self.metrics().lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// The process that runs.
    pub(crate) fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    /// The memory that it takes.
    pub(crate) fn memory(&self) -> Memory {
        self.process().memory()
    }

    /// How many connections to API servers it has open.
    pub(crate) fn connections(&self) -> usize {
        self.process().connections(self.port)
    }

    /// How often releases on a cluster were found unchanged.
    pub(crate) fn unchanged(&self, cluster: &str) -> f64 {
        let name =
            format!("pintle_cluster_reconciliations_total{{cluster=\"{cluster}\",result=\"unchanged\"}}");
        self.metric(&name).unwrap_or_default()
    }

    /// Waits until releases on a cluster were found unchanged so many times more.
    pub(crate) fn rounds(&self, cluster: &str, more: f64) {
        let before = self.unchanged(cluster);
        eventually("a round went by", || self.unchanged(cluster) >= before + more);
    }
}

/// The URL of a chart repository with `web` 1.0.0 and 1.1.0, `light` 1.0.0, which has no pods, and `broken` 1.0.0, which
/// can't be rendered.
pub(crate) fn repository() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let directory = scratch().unwrap();
        for (name, version, template) in [
            ("web", "1.0.0", WEB),
            ("web", "1.1.0", WEB),
            ("broken", "1.0.0", BROKEN),
            ("light", "1.0.0", LIGHT),
        ] {
            packed(&directory, name, version, template);
        }
        run(helm4().unwrap().args(["repo", "index"]).arg(&directory)).unwrap();
        serve(directory)
    })
}

const WEB: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  mode: {{ .Values.mode | quote }}
  installCRDs: {{ .Values.installCRDs | quote }}
  replicaCount: {{ .Values.replicaCount | quote }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: web}]}
"#;

const LIGHT: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  mode: light
"#;

const BROKEN: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data: {mode: {{ required "mode is broken" .Values.mode }}}
"#;

fn packed(directory: &Path, name: &str, version: &str, template: &str) {
    let chart = scratch().unwrap().join(name);
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    let metadata = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let values = if name == "web" { "mode: default\nreplicaCount: 1\ninstallCRDs: false\n" } else { "" };
    for (file, text) in
        [("Chart.yaml", metadata.as_str()), ("values.yaml", values), ("templates/all.yaml", template)]
    {
        std::fs::write(chart.join(file), text).unwrap();
    }
    run(helm4().unwrap().arg("package").arg(&chart).arg("--destination").arg(directory)).unwrap();
}

/// Serves the files of a directory until the process ends.
fn serve(directory: PathBuf) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let directory = directory.clone();
            std::thread::spawn(move || answer(stream, &directory));
        }
    });
    url
}

fn answer(mut stream: TcpStream, directory: &Path) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(path) = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned)) else { return };
    let _headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let (status, body) = match std::fs::read(directory.join(path.trim_start_matches('/'))) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}

/// The releases of a namespace, as Helm lists them: name to revision.
pub(crate) fn listed(mut helm: Command, namespace: &str) -> BTreeMap<String, String> {
    let printed = run(helm.args(["list", "--output=json", "--namespace", namespace])).unwrap();
    let list: Vec<Value> = serde_json::from_str(&printed).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter().map(|release| (text(&release["name"]), text(&release["revision"]))).collect()
}

//! A release under test: its namespace, its chart, and the command lines that work on it.

use std::path::PathBuf;
use std::process::{Command, Output};

use pintle_test_support::interop::{pack, unpack};
use pintle_test_support::{Cluster, Proxy, run, scratch};
use serde_json::{Value, json};

/// Which Helm.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Helm {
    V3,
    V4,
}

impl Helm {
    /// The flag that makes pintle print as this Helm does.
    pub(crate) fn flag(self) -> &'static str {
        match self {
            Helm::V3 => "--helm-version 3",
            Helm::V4 => "--helm-version 4",
        }
    }
}

/// A cluster and a chart.
pub(crate) struct World {
    cluster: &'static Cluster,
    chart: PathBuf,
}

impl World {
    pub(crate) fn start() -> Self {
        let cluster = Cluster::shared().unwrap();
        let chart = scratch().unwrap().join("web");
        for (name, text) in CHART {
            let path = chart.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self { cluster, chart }
    }

    /// A release of that name in a namespace of its own.
    pub(crate) fn release(&self, name: &str) -> Release<'_> {
        let namespace = self.cluster.namespace("lifecycle").unwrap();
        Release { world: self, name: format!("zz-{name}"), namespace }
    }
}

/// A release. Requests are command lines in which `NAME` and `CHART` stand for its own; so they do in answers.
pub(crate) struct Release<'a> {
    world: &'a World,
    name: String,
    namespace: String,
}

impl Release<'_> {
    fn request(&self, mut command: Command, request: &str) -> Command {
        for word in request.split_whitespace() {
            let word = if word == "CHART" { self.world.chart.to_str().unwrap() } else { word };
            command.arg(word.replace("NAME", &self.name));
        }
        command.args(["--namespace", &self.namespace]);
        command
    }

    fn answer(&self, text: &str) -> String {
        text.replace(&self.name, "NAME").replace(&self.namespace, "NAMESPACE")
    }

    fn pintle_command(&self, request: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.env("KUBECONFIG", self.world.cluster.kubeconfig());
        self.request(command, request)
    }

    fn helm_command(&self, helm: Helm, request: &str) -> Command {
        let command = match helm {
            Helm::V3 => self.world.cluster.helm3(),
            Helm::V4 => self.world.cluster.helm4(),
        };
        self.request(command.unwrap(), request)
    }

    /// pintle's answer to a request that succeeds.
    pub(crate) fn pintle(&self, request: &str) -> String {
        self.answer(&run(&mut self.pintle_command(request)).unwrap())
    }

    /// Helm's answer to a request that succeeds.
    pub(crate) fn helm(&self, helm: Helm, request: &str) -> String {
        self.answer(&run(&mut self.helm_command(helm, request)).unwrap())
    }

    /// What pintle says to a request that fails.
    pub(crate) fn pintle_fails(&self, request: &str) -> String {
        self.failure(self.pintle_command(request).output().unwrap())
    }

    /// What Helm says to a request that fails, without its log.
    pub(crate) fn helm_fails(&self, helm: Helm, request: &str) -> String {
        let text = self.failure(self.helm_command(helm, request).output().unwrap());
        text.split_inclusive('\n').filter(|line| !line.starts_with("level=")).collect()
    }

    fn failure(&self, output: Output) -> String {
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        self.answer(&String::from_utf8(output.stderr).unwrap())
    }

    /// A proxy before the cluster.
    pub(crate) fn proxy(&self) -> Proxy {
        Proxy::start(self.world.cluster.kubeconfig()).unwrap()
    }

    /// pintle's answer to a request that goes through a proxy.
    pub(crate) fn pintle_through(&self, proxy: &Proxy, request: &str) -> String {
        let mut command = self.pintle_command(request);
        self.answer(&run(command.env("KUBECONFIG", proxy.kubeconfig())).unwrap())
    }

    /// Stores the release's record under that many other names; the last one is of a failed release.
    pub(crate) fn copy_record(&self, copies: usize) {
        let key = format!("sh.helm.release.v1.{}.v1", self.name);
        let secret: Value =
            serde_json::from_str(&self.kubectl_raw(&format!("get secret {key} -o json"))).unwrap();
        let record = unpack(&secret).unwrap();
        let copy = |index: usize| {
            let name = format!("copy-{index}");
            let status = if index + 1 == copies { "failed" } else { "deployed" };
            let mut record = record.clone();
            record["name"] = json!(name);
            record["info"]["status"] = json!(status);
            json!({
                "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
                "metadata": {
                    "name": format!("sh.helm.release.v1.{name}.v1"),
                    "labels": {"name": name, "owner": "helm", "status": status, "version": "1"},
                },
                "data": {"release": pack(&record)},
            })
        };
        let list =
            json!({"apiVersion": "v1", "kind": "List", "items": (0..copies).map(copy).collect::<Vec<_>>()});
        let file = scratch().unwrap().join("copies.json");
        std::fs::write(&file, list.to_string()).unwrap();
        self.kubectl_raw(&format!("create --filename {}", file.display()));
    }

    fn kubectl_raw(&self, request: &str) -> String {
        run(&mut self.request(self.world.cluster.kubectl().unwrap(), request)).unwrap()
    }

    pub(crate) fn kubectl(&self, request: &str) -> String {
        let command = self.world.cluster.kubectl().unwrap();
        self.answer(&run(&mut self.request(command, request)).unwrap())
    }

    /// The names of those of the objects that exist.
    pub(crate) fn existing(&self, objects: &str) -> String {
        self.kubectl(&format!("get {objects} --ignore-not-found -o name"))
    }

    /// A field of the release's object of that kind.
    pub(crate) fn field(&self, kind: &str, path: &str) -> String {
        self.kubectl(&format!("get {kind} NAME -o jsonpath={{{path}}}"))
    }
}

const CHART: [(&str, &str); 5] = [
    (
        "Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: \"7\"\ndescription: a chart <for> tests & more\n\
         annotations: {a: b}\n",
    ),
    (
        "values.yaml",
        "replicas: 1\nextra: true\nannotations: {}\nhookAnnotations: {}\nsize: 1000000\nnothing: null\n",
    ),
    (
        "templates/all.yaml",
        r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-settings
data:
  size: "{{ .Values.size }}"
  revision: "{{ .Release.Revision }}"
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {app: {{ .Release.Name }}}
  ports: [{port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {{ .Values.annotations | toJson }}
    spec:
      containers:
      - name: web
        image: web:1
{{- if .Values.extra }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-extra
stringData: {a: b}
{{- end }}
"#,
    ),
    (
        "templates/hook.yaml",
        r#"apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations: {{ .Values.hookAnnotations | toJson }}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: web:1}]
"#,
    ),
    ("templates/NOTES.txt", "Hello {{ .Release.Name }} in {{ .Release.Namespace }}\n"),
];

//! What is interrupted: a chart with hooks around every action, and objects that come and go with a letter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use pintle_test_support::{Cluster, run, scratch};
use serde_json::{Value, json};

/// Objects named after the release, and after a letter that every upgrade changes; hooks that are to be gone.
const OBJECTS: &str = r#"{{- range list "kept" (printf "only-%s" .Values.letter) }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.Release.Name }}-{{ . }}
data:
  letter: {{ $.Values.letter | quote }}
{{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-before
  annotations:
    helm.sh/hook: pre-install,pre-upgrade,pre-rollback,pre-delete
    helm.sh/hook-weight: "-1"
    helm.sh/hook-delete-policy: hook-succeeded
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade,post-rollback,post-delete
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  template:
    metadata:
      annotations: {pintle.dev/test-complete-after: {{ .Values.delay }}}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: web:1}]
"#;

/// What is done to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Install,
    Upgrade,
    Rollback,
    Uninstall,
}

impl Deed {
    pub(crate) const ALL: [Self; 4] = [Self::Install, Self::Upgrade, Self::Rollback, Self::Uninstall];
}

/// Who goes on after the interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Pintle,
    Helm,
}

/// A cluster, a namespace of it, and a chart.
pub(crate) struct World {
    cluster: &'static Cluster,
    namespace: String,
    chart: PathBuf,
}

/// A release that something is done to.
pub(crate) struct Action<'a> {
    world: &'a World,
    deed: Deed,
    name: String,
}

impl World {
    pub(crate) fn start() -> Self {
        let cluster = Cluster::shared().unwrap();
        let chart = scratch().unwrap().join("letters");
        std::fs::create_dir_all(chart.join("templates")).unwrap();
        std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: letters\nversion: 1.0.0\n").unwrap();
        std::fs::write(chart.join("values.yaml"), "letter: a\ndelay: 10ms\n").unwrap();
        std::fs::write(chart.join("templates/objects.yaml"), OBJECTS).unwrap();
        Self { cluster, namespace: cluster.namespace("interrupted").unwrap(), chart }
    }

    pub(crate) fn cluster(&self) -> &'static Cluster {
        self.cluster
    }

    pub(crate) fn kubeconfig(&self) -> &Path {
        self.cluster.kubeconfig()
    }

    /// A release in the state in which the deed begins.
    pub(crate) fn prepare(&self, deed: Deed, name: &str) -> Action<'_> {
        let action =
            Action { world: self, deed, name: format!("{}-{name}", format!("{deed:?}").to_lowercase()) };
        let history: &[&str] = match deed {
            Deed::Install => &[],
            Deed::Upgrade | Deed::Uninstall => &["install NAME CHART"],
            Deed::Rollback => &["install NAME CHART", "upgrade NAME CHART --set letter=b"],
        };
        for request in history {
            run(action.command(request, self.kubeconfig()).arg("--no-hooks")).unwrap();
        }
        action
    }

    /// A user who may do everything with releases, and nothing with leases.
    pub(crate) fn user_without_leases(&self) -> PathBuf {
        let file = scratch().unwrap().join("user.json");
        let namespace = &self.namespace;
        let objects = json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "limited"}},
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "limited"}, "rules": [
                {"apiGroups": ["", "batch"], "resources": ["*"], "verbs": ["*"]}]},
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "limited"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "limited"},
             "subjects": [{"kind": "ServiceAccount", "name": "limited", "namespace": namespace}]},
        ]});
        std::fs::write(&file, objects.to_string()).unwrap();
        self.kubectl(&["apply", "--filename", file.to_str().unwrap()]);
        let token = self.kubectl(&["create", "token", "limited"]);
        let view =
            run(self.cluster.kubectl().unwrap().args(["config", "view", "--raw", "--output=json"])).unwrap();
        let mut config: Value = serde_json::from_str(&view).unwrap();
        config["users"][0]["user"] = json!({"token": token.trim()});
        std::fs::write(&file, config.to_string()).unwrap();
        file
    }

    fn kubectl(&self, arguments: &[&str]) -> String {
        run(self.cluster.kubectl().unwrap().args(["--namespace", &self.namespace]).args(arguments)).unwrap()
    }

    /// The objects of a release: ConfigMaps, Jobs and Leases by kind and name, and its records.
    fn objects(&self, name: &str) -> (BTreeMap<String, Value>, BTreeMap<i64, String>) {
        let text = self.kubectl(&["get", "configmaps,jobs,leases,secrets", "--output=json"]);
        let list: Value = serde_json::from_str(&text).unwrap();
        let (mut objects, mut records) = (BTreeMap::new(), BTreeMap::new());
        for item in list["items"].as_array().unwrap() {
            let (kind, metadata) = (item["kind"].as_str().unwrap(), &item["metadata"]);
            let own = metadata["name"].as_str().unwrap();
            if kind == "Secret" && metadata["labels"]["name"] == name {
                let revision = metadata["labels"]["version"].as_str().unwrap().parse().unwrap();
                records.insert(revision, metadata["labels"]["status"].as_str().unwrap().to_owned());
            } else if let Some(rest) = own.strip_prefix(&format!("{name}-")) {
                objects.insert(format!("{kind}/{rest}"), item.clone());
            } else if own == format!("pintle-release-{name}") {
                objects.insert(kind.to_owned(), item.clone());
            }
        }
        (objects, records)
    }
}

impl Action<'_> {
    fn request(&self) -> &'static str {
        match self.deed {
            Deed::Install => "install NAME CHART",
            Deed::Upgrade => "upgrade NAME CHART --set letter=b",
            Deed::Rollback => "rollback NAME 1",
            Deed::Uninstall => "uninstall NAME --ignore-not-found",
        }
    }

    fn fill(&self, mut command: Command, request: &str) -> Command {
        for word in request.split_whitespace() {
            let chart = self.world.chart.to_str().unwrap();
            command.arg(if word == "CHART" { chart.to_owned() } else { word.replace("NAME", &self.name) });
        }
        command.args(["--namespace", &self.world.namespace]);
        command
    }

    fn command(&self, request: &str, kubeconfig: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.env("KUBECONFIG", kubeconfig);
        self.fill(command, request)
    }

    /// The deed by pintle.
    pub(crate) fn pintle(&self, kubeconfig: &Path) -> Command {
        self.command(self.request(), kubeconfig)
    }

    /// The deed by pintle, with hooks that take two seconds.
    pub(crate) fn slowly(&self, kubeconfig: &Path) -> Command {
        self.command(&format!("{} --set delay=2s", self.request()), kubeconfig)
    }

    pub(crate) fn upgrade_to(&self, letter: &str, kubeconfig: &Path) -> Command {
        self.command(&format!("upgrade NAME CHART --set letter={letter}"), kubeconfig)
    }

    /// Does the deed again after an interruption, and expects it to succeed or to have been done.
    pub(crate) fn go_on(&self, next: Next) {
        let done = match next {
            Next::Pintle => self.attempt(self.pintle(self.world.kubeconfig())),
            Next::Helm => self.helm(self.request()),
        };
        let Err(error) = done else { return };
        if next == Next::Helm && error.contains("is in progress") {
            // Helm's own way out of a pending revision.
            self.helm("rollback NAME").unwrap();
            return self.go_on(next);
        }
        let (_, records) = self.world.objects(&self.name);
        let installed = self.deed == Deed::Install && error.contains("name that is still in use");
        if installed && next == Next::Helm && records.values().all(|status| status != "deployed") {
            self.helm("uninstall NAME").unwrap();
            return self.go_on(next);
        }
        assert!(installed, "{:?} again: {error}", self.deed);
    }

    fn helm(&self, request: &str) -> Result<(), String> {
        self.attempt(self.fill(self.world.cluster.helm4().unwrap(), request))
    }

    fn attempt(&self, mut command: Command) -> Result<(), String> {
        let output = command.output().unwrap();
        if output.status.success() { Ok(()) } else { Err(String::from_utf8(output.stderr).unwrap()) }
    }

    /// What was wanted is there, and nothing else.
    pub(crate) fn assert_done(&self, next: Next) {
        let letter = if self.deed == Deed::Upgrade { "b" } else { "a" };
        if self.deed != Deed::Uninstall {
            self.assert_state(&[letter.to_owned()], next);
            return self.assert_history(next);
        }
        let (mut objects, records) = self.world.objects(&self.name);
        objects.retain(|name, _| next == Next::Pintle || name != "Lease");
        assert!(objects.is_empty() && records.is_empty(), "left: {:?} {records:?}", objects.keys());
    }

    /// The release is as one of those letters says.
    pub(crate) fn assert_one_of(&self, letters: &[String]) {
        self.assert_state(letters, Next::Pintle);
    }

    fn assert_state(&self, letters: &[String], next: Next) {
        let (mut objects, _) = self.world.objects(&self.name);
        // Helm knows of no lease; the one of a killed holder stays until pintle comes again.
        objects.retain(|name, _| next == Next::Pintle || name != "Lease");
        let letter =
            objects.get("ConfigMap/kept").map(|kept| kept["data"]["letter"].as_str().unwrap().to_owned());
        let letter = letter.unwrap_or_default();
        let found: Vec<&str> = objects.keys().map(String::as_str).collect();
        assert_eq!(found, ["ConfigMap/kept", &format!("ConfigMap/only-{letter}")], "{}", self.name);
        assert!(letters.contains(&letter), "{}: {letter} of {letters:?}", self.name);
    }

    /// Every revision is there, and only the last is deployed.
    pub(crate) fn assert_history_is_whole(&self) {
        self.assert_history(Next::Pintle);
    }

    fn assert_history(&self, next: Next) {
        let (_, records) = self.world.objects(&self.name);
        let deployed: Vec<_> = records.iter().filter(|(_, status)| *status == "deployed").collect();
        let last = records.keys().next_back().copied().unwrap_or_default();
        let first = records.keys().next().copied().unwrap_or_default();
        assert_eq!(deployed.len(), 1, "{}: {records:?}", self.name);
        assert_eq!(*deployed[0].0, last, "{}: {records:?}", self.name);
        assert_eq!(last - first + 1, records.len() as i64, "{}: {records:?}", self.name);
        // Helm leaves a pending revision behind it as it is.
        let settled = records.values().all(|status| !status.starts_with("pending"));
        assert!(settled || next == Next::Helm, "{}: {records:?}", self.name);
    }

    /// Starts an install by helm and kills it while its hook runs.
    pub(crate) fn begin_with_helm_and_kill_it(&self) {
        let mut install = self
            .fill(self.world.cluster.helm4().unwrap(), "install NAME CHART --set delay=60s")
            .spawn()
            .unwrap();
        self.until("it is pending", || {
            self.world.objects(&self.name).1.values().any(|status| status == "pending-install")
        });
        install.kill().unwrap();
        install.wait().unwrap();
    }

    /// An install whose hook takes some seconds.
    pub(crate) fn slow_install(&self) -> Command {
        self.command("install NAME CHART --set delay=8s", self.world.kubeconfig())
    }

    pub(crate) fn wait_until_held(&self) {
        self.until("it is held", || self.world.objects(&self.name).0.contains_key("Lease"));
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(Instant::now() < deadline, "{}: {what}", self.name);
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

//! What is interrupted: a chart with hooks around every action, and objects that come and go with a letter.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use pintle_test_support::{Cluster, Proxy, When, run, scratch};
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

/// The statuses of a release's revisions.
type Records = BTreeMap<i64, String>;
/// Objects by kind and name, without the release's name in front.
type Names = BTreeSet<String>;

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
    /// How long the Jobs of its hooks take.
    delay: &'static str,
}

/// What helm leaves behind where helm itself was killed in that deed, and helm went on: by the records that the killed
/// one left, every set of objects that was not wanted any more and stayed. Found out when it is first asked for.
pub(crate) struct LeftByHelm<'a> {
    world: &'a World,
    deed: Deed,
    found: OnceCell<BTreeMap<Records, BTreeSet<Names>>>,
}

impl<'a> LeftByHelm<'a> {
    pub(crate) fn in_place_of(world: &'a World, deed: Deed) -> Self {
        Self { world, deed, found: OnceCell::new() }
    }

    /// Whether helm leaves those objects, too, from those records.
    fn has(&self, records: &Records, left: &Names) -> bool {
        let found = self.found.get_or_init(|| self.find_out());
        found.get(records).is_some_and(|known| known.contains(left))
    }

    fn find_out(&self) -> BTreeMap<Records, BTreeSet<Names>> {
        let mut proxy = Proxy::start(self.world.kubeconfig()).unwrap();
        let mut found = BTreeMap::<Records, BTreeSet<Names>>::new();
        for (write, when) in (1..).flat_map(|write| [(write, When::Before), (write, When::After)]) {
            let name = format!("helm-{write}-{when:?}").to_lowercase();
            let action = self.world.prepare(self.deed, &name);
            let mut helm = action.fill(self.world.cluster.helm4().unwrap(), action.request());
            if proxy.kill_at(helm.env("KUBECONFIG", proxy.kubeconfig()), write, when).unwrap().is_some() {
                break;
            }
            let records = action.records();
            action.go_on(Next::Helm);
            found.entry(records).or_default().insert(action.unwanted());
        }
        found
    }
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
        self.prepare_with(deed, name, "10ms")
    }

    /// The same with hooks that take two seconds.
    pub(crate) fn prepare_slow(&self, deed: Deed, name: &str) -> Action<'_> {
        self.prepare_with(deed, name, "2s")
    }

    fn prepare_with(&self, deed: Deed, name: &str, delay: &'static str) -> Action<'_> {
        let name = format!("{}-{name}", format!("{deed:?}").to_lowercase());
        let action = Action { world: self, deed, name, delay };
        let history: &[&str] = match deed {
            Deed::Install => &[],
            Deed::Upgrade | Deed::Uninstall => &["install NAME CHART"],
            Deed::Rollback => &["install NAME CHART", "upgrade NAME CHART --set letter=b"],
        };
        for request in history {
            let delay = format!("delay={delay}");
            run(action.command(request, self.kubeconfig()).args(["--no-hooks", "--set", &delay])).unwrap();
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
    fn objects(&self, name: &str) -> (BTreeMap<String, Value>, Records) {
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
        if matches!(self.deed, Deed::Install | Deed::Upgrade) && request == self.request() {
            command.args(["--set", &format!("delay={}", self.delay)]);
        }
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

    pub(crate) fn upgrade_here_to(&self, letter: &str) -> Command {
        self.upgrade_to(letter, self.world.kubeconfig())
    }

    pub(crate) fn upgrade_by_helm_to(&self, letter: &str) -> Command {
        let helm = self.world.cluster.helm4().unwrap();
        self.fill(helm, &format!("upgrade NAME CHART --set letter={letter}"))
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

    pub(crate) fn records(&self) -> Records {
        self.world.objects(&self.name).1
    }

    /// The letter of the release when the deed is done; `None` for no release.
    fn wanted_letter(&self) -> Option<&'static str> {
        match self.deed {
            Deed::Install | Deed::Rollback => Some("a"),
            Deed::Upgrade => Some("b"),
            Deed::Uninstall => None,
        }
    }

    /// The objects that are not to be there when the deed is done. Helm knows of no lease; the one of a killed holder
    /// stays until pintle comes again.
    fn unwanted(&self) -> Names {
        let mut names: Names = self.world.objects(&self.name).0.into_keys().collect();
        names.remove("Lease");
        if let Some(letter) = self.wanted_letter() {
            names.remove("ConfigMap/kept");
            names.remove(&format!("ConfigMap/only-{letter}"));
        }
        names
    }

    /// What was wanted is there, and nothing else, after helm went on from those records; but for what helm leaves
    /// from the same records where it was helm that was killed.
    pub(crate) fn assert_done_by_helm(&self, records: &Records, left_by_helm: &LeftByHelm<'_>) {
        let left = self.unwanted();
        if !left.is_empty() {
            let what = format!("{}: {left:?} was left, which helm after helm does not leave", self.name);
            assert!(left_by_helm.has(records, &left), "{what} from {records:?}");
        }
        let Some(letter) = self.wanted_letter() else {
            assert_eq!(self.records(), Records::new(), "{}", self.name);
            return;
        };
        let (objects, _) = self.world.objects(&self.name);
        for wanted in ["ConfigMap/kept".to_owned(), format!("ConfigMap/only-{letter}")] {
            let found = objects.get(&wanted).map(|object| object["data"]["letter"].clone());
            assert_eq!(found, Some(letter.into()), "{}: {wanted}", self.name);
        }
        self.assert_history(Next::Helm);
    }

    /// What was wanted is there, and nothing else.
    pub(crate) fn assert_done(&self) {
        if let Some(letter) = self.wanted_letter() {
            self.assert_one_of(&[letter.to_owned()]);
            return self.assert_history_is_whole();
        }
        let (objects, records) = self.world.objects(&self.name);
        assert!(objects.is_empty() && records.is_empty(), "left: {:?} {records:?}", objects.keys());
    }

    /// The release is as one of those letters says.
    pub(crate) fn assert_one_of(&self, letters: &[String]) {
        let (objects, _) = self.world.objects(&self.name);
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
        let records = self.records();
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

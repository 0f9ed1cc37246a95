//! A namespace with an operator in it, and a hub.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use pintle_test_support::{Cluster, Process, run, scratch};
use serde_json::{Value, json};

use crate::hub::{Generation, Hub};
use crate::repository::Repository;

pub(crate) const SITE: &str = "65d5c447b420da3fb12381a0";
pub(crate) const WORKLOAD: &str = "65d5c447b420da3fb12381a1";
pub(crate) const RELEASE: &str = "acme-65d5c447b420da3fb12381a1";

pub(crate) struct Place {
    pub(crate) cluster: &'static Cluster,
    pub(crate) namespace: String,
    pub(crate) hub: Hub,
    pub(crate) repository: Repository,
}

/// Defines our resources, once for all tests.
fn define(cluster: &Cluster) {
    static DEFINED: OnceLock<()> = OnceLock::new();
    DEFINED.get_or_init(|| {
        let apply = ["apply", "--server-side", "--force-conflicts", "-f", "crds"];
        run(cluster.kubectl().unwrap().args(apply)).unwrap();
        for name in ["communicationpools", "deploymentsites"] {
            let name = format!("crd/{name}.octo-mesh.meshmakers.io");
            run(cluster.kubectl().unwrap().args(["wait", "--for=condition=Established", &name])).unwrap();
        }
    });
}

impl Place {
    pub(crate) async fn new(prefix: &str, generation: Generation, sites: Value) -> Self {
        let cluster = Cluster::shared().unwrap();
        let namespace = cluster.namespace(prefix).unwrap();
        define(cluster);
        let hub = Hub::start(generation, sites).await;
        Self { cluster, namespace, hub, repository: Repository::start().await }
    }

    /// Starts an operator with these settings, and waits until the hub knows it.
    pub(crate) async fn operator(&self, settings: &[&str]) -> Process {
        let before = self.hub.calls("RegisterOperatorAsync").len();
        let operator = self.start(settings);
        self.registered(before).await;
        operator
    }

    /// Waits until an operator has registered, after so many that did before.
    pub(crate) async fn registered(&self, before: usize) {
        let known = async {
            while self.hub.calls("RegisterOperatorAsync").len() <= before {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), known).await.expect("the operator did not register");
    }

    /// The hub goes away and comes back, and the operator has registered anew.
    pub(crate) async fn restart_hub(&self) {
        let before = self.hub.calls("RegisterOperatorAsync").len();
        self.hub.set_down(true);
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.hub.set_down(false);
        self.registered(before).await;
    }

    /// Starts an operator that works only as long as it leads.
    pub(crate) fn leading(&self, identity: &str) -> Process {
        let lease = format!("--lease-namespace={}", self.namespace);
        self.spawn(&[&lease, &format!("--identity={identity}")], &[])
    }

    /// Starts an operator.
    pub(crate) fn start(&self, settings: &[&str]) -> Process {
        self.spawn(&[], settings)
    }

    fn spawn(&self, flags: &[&str], settings: &[&str]) -> Process {
        Process::start(&mut self.command_with(self.cluster.kubeconfig(), flags, settings)).unwrap()
    }

    /// The command that starts an operator which goes to the cluster that way.
    pub(crate) fn command_with(&self, kubeconfig: &Path, flags: &[&str], settings: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.args(["operator", "run", "--no-releases", "--kubeconfig"]).arg(kubeconfig);
        command.arg("--address=127.0.0.1:0").args(flags);
        let own = [
            format!("CommunicationControllerUri={}", self.hub.base),
            format!("WatchNamespace={}", self.namespace),
            format!("PoolNamespace={}", self.namespace),
            "PoolRegistrationRetrySeconds=1".to_owned(),
        ];
        for setting in own.iter().map(String::as_str).chain(settings.iter().copied()) {
            command.arg("--octo-set").arg(setting);
        }
        command
    }

    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        let mut command = self.cluster.kubectl().unwrap();
        command.args(["--namespace", &self.namespace]).args(arguments);
        run(&mut command).unwrap()
    }

    pub(crate) fn exists(&self, what: &str) -> bool {
        !self.kubectl(&["get", what, "--ignore-not-found", "--output=name"]).is_empty()
    }

    /// An object, or null where there is none: one may go between two looks.
    pub(crate) fn get(&self, what: &str) -> Value {
        let printed = self.kubectl(&["get", what, "--ignore-not-found", "--output=json"]);
        serde_json::from_str(&printed).unwrap_or_default()
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        self.until_within(Duration::from_secs(90), what, holds).await;
    }

    /// Waits so long until something holds.
    pub(crate) async fn until_within(&self, patience: Duration, what: &str, holds: impl Fn() -> bool) {
        let waited = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let waited = tokio::time::timeout(patience, waited).await;
        waited.unwrap_or_else(|_| panic!("{what} did not come"));
    }

    /// The event that deploys the workload, with more members.
    pub(crate) fn workload(&self, more: Value) -> Value {
        let mut event = json!({
            "tenantId": "acme", "poolRtId": SITE, "workloadName": "Energy Adapter", "workloadRtId": WORKLOAD,
            "workloadType": 0, "repositoryUrl": self.repository.url, "repositoryUsername": null,
            "repositoryPassword": null, "chartName": "adapter", "chartVersion": "1.0.0",
            "isReconciliation": false, "valuesYaml": "", "values": [], "receivesClusterSecrets": false,
            "ingressEnabled": false, "hostname": null, "hibernated": false,
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    }

    /// Deploys the workload.
    pub(crate) fn deploy(&self, more: Value) {
        self.hub.call("WorkloadDeployedAsync", json!([self.workload(more)]));
    }

    pub(crate) fn undeploy(&self) {
        let subject = json!({"tenantId": "acme", "poolRtId": SITE, "workloadRtId": WORKLOAD});
        self.hub.call("WorkloadUndeployedAsync", json!([subject]));
    }

    /// Applies an object.
    pub(crate) fn apply(&self, object: &Value) -> String {
        let file = scratch().unwrap().join("object.json");
        std::fs::write(&file, object.to_string()).unwrap();
        self.kubectl(&["apply", "--filename", file.to_str().unwrap()])
    }

    /// A site's resource.
    pub(crate) fn site(&self, rt_id: &str) -> String {
        self.apply(&json!({
            "apiVersion": "octo-mesh.meshmakers.io/v1", "kind": "DeploymentSite",
            "metadata": {"name": format!("acme-{rt_id}")},
            "spec": {"tenantId": "acme", "deploymentSiteRtId": rt_id},
        }))
    }

    /// What `helm list` shows of the workload's release, as both Helms see it.
    pub(crate) fn listed(&self) -> Value {
        let mut seen = Vec::new();
        for mut helm in [self.cluster.helm3().unwrap(), self.cluster.helm4().unwrap()] {
            let listed = run(helm.args(["list", "--output=json", "--namespace", &self.namespace])).unwrap();
            seen.push(serde_json::from_str::<Value>(&listed).unwrap()[0].clone());
        }
        assert_eq!(seen[0]["revision"], seen[1]["revision"]);
        seen.remove(1)
    }
}

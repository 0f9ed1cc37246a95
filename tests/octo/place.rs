//! A namespace with an operator in it, and a hub.

use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use pintle_test_support::{Cluster, run, scratch};
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

/// A running operator; ends with the test.
pub(crate) struct Operator {
    process: Child,
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Operator {
    /// What it needs, as the system tells.
    pub(crate) fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let lines = status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) {
        run(Command::new("kill").arg(self.process.id().to_string())).unwrap();
        assert!(self.process.wait().unwrap().success());
    }
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
    pub(crate) async fn operator(&self, settings: &[&str]) -> Operator {
        let before = self.hub.calls("RegisterOperatorAsync").len();
        let operator = self.start(settings);
        let known = async {
            while self.hub.calls("RegisterOperatorAsync").len() <= before {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), known).await.expect("the operator did not register");
        operator
    }

    /// Starts an operator that works only as long as it leads.
    pub(crate) fn leading(&self, identity: &str) -> Operator {
        let lease = format!("--lease-namespace={}", self.namespace);
        self.spawn(&[&lease, &format!("--identity={identity}")], &[])
    }

    /// Starts an operator.
    pub(crate) fn start(&self, settings: &[&str]) -> Operator {
        self.spawn(&[], settings)
    }

    fn spawn(&self, flags: &[&str], settings: &[&str]) -> Operator {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.args(["operator", "run", "--no-releases", "--kubeconfig"]).arg(self.cluster.kubeconfig());
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
        let process = command.stdin(Stdio::null()).spawn().unwrap();
        Operator { process }
    }

    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        let mut command = self.cluster.kubectl().unwrap();
        command.args(["--namespace", &self.namespace]).args(arguments);
        run(&mut command).unwrap()
    }

    pub(crate) fn exists(&self, what: &str) -> bool {
        !self.kubectl(&["get", what, "--ignore-not-found", "--output=name"]).is_empty()
    }

    pub(crate) fn get(&self, what: &str) -> Value {
        serde_json::from_str(&self.kubectl(&["get", what, "--output=json"])).unwrap()
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let waited = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(90), waited).await;
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

    /// A site's resource.
    pub(crate) fn site(&self, rt_id: &str) -> String {
        let file = scratch().unwrap().join("site.json");
        let site = json!({
            "apiVersion": "octo-mesh.meshmakers.io/v1", "kind": "DeploymentSite",
            "metadata": {"name": format!("acme-{rt_id}")},
            "spec": {"tenantId": "acme", "deploymentSiteRtId": rt_id},
        });
        std::fs::write(&file, site.to_string()).unwrap();
        self.kubectl(&["apply", "--filename", file.to_str().unwrap()])
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

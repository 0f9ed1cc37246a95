//! What takes minutes: `cargo test --test krypton -- --ignored`.

use pintle_test_support::{Cluster, Fault, Proxy, When};
use serde_json::{Value, json};

use super::{Operator, create, eventually, home, kubectl, listed, remote, repository, to};

/// KRY-40, T-4: an operator that is killed at any write of an install is followed by one that finishes it.
#[test]
#[ignore = "takes minutes"]
fn a_killed_operator_is_followed_by_one_that_finishes() {
    let mut operator = Operator::new("killed");
    let mut proxy = Proxy::start(remote().kubeconfig()).unwrap();
    operator.cluster("edge01", proxy.kubeconfig(), &[]);
    for write in 1..=12 {
        let name = format!("k{write}-{}", operator.namespace);
        operator.tenant(remote(), &name, &json!({}));
        let mut command = operator.command(&[]);
        assert!(proxy.kill_at(&mut command, write, When::Before).unwrap().is_none(), "{write}");
        operator.start(&[]);
        operator.in_phase(remote(), &format!("tenant/{name}"), "Ready");
        let heads = kubectl(
            remote(),
            &[
                "get",
                "secrets",
                "--namespace",
                &name,
                "--selector=owner=helm",
                "--output=jsonpath={.items[*].metadata.labels.status}",
            ],
        );
        assert_eq!(heads.matches("deployed").count(), 1, "write {write}: {heads}");
        assert!(!heads.contains("pending"), "write {write}: {heads}");
        operator.kill();
    }
}

/// KRY-27, KRY-33: an edge that goes away in the middle of a deployment, and of a deletion, and returns.
#[test]
#[ignore = "takes minutes"]
fn an_edge_may_go_away_in_the_middle_and_return() {
    let mut operator = Operator::new("middle");
    let mut proxy = Proxy::start(remote().kubeconfig()).unwrap();
    operator.cluster("edge01", proxy.kubeconfig(), &[]);
    operator.start(&[]);
    for every in [2, 3, 1] {
        let name = format!("e{every}-{}", operator.namespace);
        proxy.fault(Fault::Cut(When::After), every).unwrap();
        operator.deployment(&name, &to("edge01"));
        std::thread::sleep(std::time::Duration::from_secs(5));
        proxy.open().unwrap();
        operator.in_phase(home(), &format!("kryptondeployment/{name}"), "Ready");
        assert_eq!(listed(remote().helm4().unwrap(), &name).len(), 1);
        proxy.fault(Fault::Cut(When::Before), every).unwrap();
        let delete =
            ["delete", "kryptondeployment", &name, "--namespace", &operator.namespace, "--wait=false"];
        kubectl(home(), &delete);
        std::thread::sleep(std::time::Duration::from_secs(5));
        proxy.open().unwrap();
        eventually("it is gone", || operator.get(home(), &format!("kryptondeployment/{name}")).is_null());
        assert!(listed(remote().helm4().unwrap(), &name).is_empty());
    }
}

/// T-18: an API server that restarts, and knows nothing of watches from before, loses no change and makes no revision more.
#[test]
#[ignore = "takes a minute"]
fn an_api_server_that_restarts_loses_no_change() {
    let mut operator = Operator::new("restart");
    let mut server = remote().second_api_server().unwrap();
    operator.cluster("edge01", server.kubeconfig(), &[]);
    operator.start(&[]);
    let name = format!("acme-{}", operator.namespace);
    operator.tenant(remote(), &name, &json!({}));
    operator.in_phase(remote(), &format!("tenant/{name}"), "Ready");
    server.restart().unwrap();
    operator.tenant(remote(), &name, &json!({"values": {"mode": "two"}}));
    let revisions = || listed(remote().helm4().unwrap(), &name).into_values().collect::<Vec<_>>();
    eventually("the change", || revisions() == ["2"]);
    server.restart().unwrap();
    operator.rounds("edge01", 3.0);
    assert_eq!(revisions(), ["2"]);
}

/// What many clusters and Tenants take: `PINTLE_TENANTS` on each of `PINTLE_CLUSTERS` kubeconfigs, half of them of the remote
/// cluster, with the chart `PINTLE_CHART` (`web`, or `light`, which has no pods).
#[test]
#[ignore = "measures"]
fn many_tenants() {
    let setting = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    let number = |name: &str, usual: &str| setting(name, usual).parse::<usize>().unwrap();
    let (tenants, clusters) = (number("PINTLE_TENANTS", "50"), number("PINTLE_CLUSTERS", "2"));
    let mut crowd = Crowd::new(tenants, clusters, &setting("PINTLE_CHART", "web"));
    crowd.engage();
    crowd.install();
    crowd.restart();
    crowd.round();
}

/// An operator with many clusters, of which the first is reached through a proxy that counts.
struct Crowd {
    operator: Operator,
    proxy: Proxy,
    tenants: usize,
    clusters: usize,
    chart: String,
}

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
impl Crowd {
    fn new(tenants: usize, clusters: usize, chart: &str) -> Self {
        let mut operator = Operator::new("many");
        operator.start(&["--check-interval=1h"]);
        eventually("it runs", || operator.metric("pintle_leader") == Some(1.0));
        println!("no clusters: {}", operator.memory());
        let proxy = Proxy::start(remote().kubeconfig()).unwrap();
        Self { operator, proxy, tenants, clusters, chart: chart.to_owned() }
    }

    fn start(&mut self) {
        self.operator.start(&["--check-interval=1h"]);
    }

    /// Waits as long as many may take.
    fn until(&self, is_so: impl Fn(&str) -> bool) {
        let began = std::time::Instant::now();
        while !self.all(&is_so) {
            assert!(began.elapsed().as_secs() < 3600, "{}", self.operator.metrics());
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }

    fn cluster(index: usize) -> &'static Cluster {
        if index.is_multiple_of(2) { remote() } else { home() }
    }

    fn namespace(&self, index: usize) -> String {
        format!("{}-{index}", self.operator.namespace)
    }

    /// Whether a metric of each cluster is as it should be.
    fn all(&self, is_so: impl Fn(&str) -> bool) -> bool {
        (0..self.clusters).all(|index| is_so(&format!("edge{index:02}")))
    }

    /// What it takes to be connected to all clusters.
    fn engage(&mut self) {
        self.operator.kill();
        self.start();
        for index in 0..self.clusters {
            let (name, namespace) = (format!("edge{index:02}"), self.namespace(index));
            let cluster = Self::cluster(index);
            kubectl(cluster, &["create", "namespace", &namespace]);
            let kubeconfig = if index == 0 { self.proxy.kubeconfig() } else { cluster.kubeconfig() };
            self.operator.cluster(&name, kubeconfig, &[]);
            let only = format!("pintle.dev/watch-namespaces={namespace}");
            let own = &self.operator.namespace;
            kubectl(home(), &["annotate", "--overwrite", "secret", &name, &only, "--namespace", own]);
        }
        self.until(|name| {
            self.operator.metric(&format!(r#"pintle_cluster_connected{{cluster="{name}"}}"#)) == Some(1.0)
        });
        self.say(&format!("{} clusters without tenants", self.clusters));
    }

    /// How long all Tenants take to be Ready.
    fn install(&mut self) {
        let repository = json!({"url": repository(), "name": self.chart, "version": "1.0.0"});
        let (began, processor) = (std::time::Instant::now(), self.operator.process().processor_seconds());
        for index in 0..self.clusters {
            let namespace = self.namespace(index);
            let tenant = |tenant| {
                let name = format!("t{index}-{tenant}-{}", self.operator.namespace);
                json!({
                    "apiVersion": "mesh.openkcm.io/v1alpha1", "kind": "Tenant",
                    "metadata": {"name": name, "namespace": namespace},
                    "spec": {"chart": {"repository": repository}},
                })
            };
            let items: Vec<Value> = (0..self.tenants).map(tenant).collect();
            let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
            create(Self::cluster(index), &list);
        }
        println!("all are there after {:.1} s", began.elapsed().as_secs_f64());
        let ready = |name: &str| {
            self.operator.metric(&format!(r#"pintle_cluster_tenants{{cluster="{name}",phase="Ready"}}"#))
        };
        self.until(|name| ready(name) == Some(self.tenants as f64));
        let total = self.tenants * self.clusters;
        let processor = self.operator.process().processor_seconds() - processor;
        println!(
            "{total} tenants Ready {:.1} s after the first was there, {processor:.1} s of the processor; edge00: {:?}",
            began.elapsed().as_secs_f64(),
            self.proxy.counts().unwrap()
        );
        self.say(&format!("{} clusters with {total} tenants", self.clusters));
    }

    /// The requests of the first round after a restart.
    fn restart(&mut self) {
        self.operator.kill();
        self.proxy.counts().unwrap();
        self.start();
        self.until(|name| self.operator.unchanged(name) >= self.tenants as f64);
        println!("first round after a restart, {} tenants: {:?}", self.tenants, self.proxy.counts().unwrap());
        self.say("after a restart");
    }

    /// The requests of a round without changes.
    fn round(&mut self) {
        self.look("once");
        self.proxy.counts().unwrap();
        self.look("twice");
        println!("a round without changes, {} tenants: {:?}", self.tenants, self.proxy.counts().unwrap());
    }

    /// Gives cause for a look at each Tenant of the first cluster.
    fn look(&self, how: &str) {
        let before = self.operator.unchanged("edge00");
        let (how, namespace) = (format!("look={how}"), self.namespace(0));
        let all = ["annotate", "tenants", "--all", "--overwrite", &how, "--namespace", &namespace];
        kubectl(Self::cluster(0), &all);
        eventually("all were looked at", || {
            self.operator.unchanged("edge00") >= before + self.tenants as f64
        });
    }

    fn say(&self, when: &str) {
        println!("{when}: {}, {} connections", self.operator.memory(), self.operator.connections());
    }
}

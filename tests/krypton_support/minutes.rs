//! What takes minutes: `cargo test --test krypton -- --ignored`.

use pintle_test_support::{Cluster, Fault, Proxy, When};
use serde_json::{Value, json};

use super::{Operator, apply, eventually, home, kubectl, listed, remote, to};

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

/// How long many Tenants take, what a round without changes asks, and what memory it takes: `PINTLE_TENANTS` on each of
/// `PINTLE_CLUSTERS` kubeconfigs, half of them of the remote cluster.
#[test]
#[ignore = "measures"]
fn many_tenants() {
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (tenants, clusters) = (number("PINTLE_TENANTS", 50), number("PINTLE_CLUSTERS", 2));
    let mut operator = Operator::new("many");
    kubectl(home(), &["delete", "secret", "self-cluster", "--namespace", &operator.namespace]);
    let mut proxy = Proxy::start(remote().kubeconfig()).unwrap();
    let mut objects = Vec::new();
    for index in 0..clusters {
        let (name, namespace) = (format!("edge{index:02}"), format!("{}-{index}", operator.namespace));
        let is_remote = index % 2 == 0;
        let cluster = if is_remote { remote() } else { home() };
        operator.cluster(&name, if is_remote { proxy.kubeconfig() } else { home().kubeconfig() }, &[]);
        let only = format!("pintle.dev/watch-namespaces={namespace}");
        kubectl(
            home(),
            &["annotate", "--overwrite", "secret", &name, &only, "--namespace", &operator.namespace],
        );
        kubectl(cluster, &["create", "namespace", &namespace]);
        let items: Vec<Value> = (0..tenants)
            .map(|tenant| json!({
                "apiVersion": "mesh.openkcm.io/v1alpha1", "kind": "Tenant",
                "metadata": {"name": format!("t{index}-{tenant}-{}", operator.namespace), "namespace": namespace},
                "spec": {},
            }))
            .collect();
        objects.push((cluster, namespace, json!({"apiVersion": "v1", "kind": "List", "items": items})));
    }
    operator.start(&["--check-interval=300s"]);
    eventually("all are connected", || {
        (0..clusters).all(|index| {
            operator.metric(&format!(r#"pintle_cluster_connected{{cluster="edge{index:02}"}}"#)) == Some(1.0)
        })
    });
    println!("{clusters} clusters without tenants: {} MiB", operator.memory());
    for (cluster, _, list) in &objects {
        apply(cluster, list);
    }
    let began = std::time::Instant::now();
    let ready = |name: String| {
        operator.metric(&format!(r#"pintle_cluster_tenants{{cluster="{name}",phase="Ready"}}"#))
    };
    while !(0..clusters).all(|index| ready(format!("edge{index:02}")) == Some(tenants as f64)) {
        assert!(began.elapsed().as_secs() < 3600);
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let total = tenants * clusters;
    println!("{total} tenants on {clusters} clusters Ready after {:.1} s", began.elapsed().as_secs_f64());
    println!("{clusters} clusters with {total} tenants: {} MiB", operator.memory());
    measure_rounds(&mut operator, &mut proxy, &objects, tenants);
}

/// The requests of the first round after a restart, and of one without changes.
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn measure_rounds(
    operator: &mut Operator,
    proxy: &mut Proxy,
    objects: &[(&Cluster, String, Value)],
    tenants: usize,
) {
    let clusters = objects.len();
    operator.kill();
    proxy.counts().unwrap();
    operator.start(&["--check-interval=300s"]);
    eventually("all were looked at", || {
        (0..clusters).all(|index| operator.unchanged(&format!("edge{index:02}")) >= tenants as f64)
    });
    let counts = proxy.counts().unwrap();
    println!("first round after a restart, {} tenants: {counts:?}", tenants * clusters / 2);
    println!("after a restart: {} MiB", operator.memory());
    let metric = operator.unchanged("edge00");
    for (cluster, namespace, _) in objects {
        kubectl(cluster, &["annotate", "tenants", "--all", "look=again", "--namespace", namespace]);
    }
    proxy.counts().unwrap();
    for (cluster, namespace, _) in objects {
        kubectl(
            cluster,
            &["annotate", "tenants", "--all", "look=twice", "--overwrite", "--namespace", namespace],
        );
    }
    eventually("all were looked at again", || operator.unchanged("edge00") >= metric + 2.0 * tenants as f64);
    println!("a round without changes, {tenants} tenants of edge00: {:?}", proxy.counts().unwrap());
}

//! Helm beside the operator: on the same releases, and as the measure of upstream's charts.

use std::path::{Path, PathBuf};
use std::process::Command;

use pintle_test_support::{corpus_chart, run, scratch};
use serde_json::{Value, json};

use crate::place::{Place, RELEASE};
use crate::workloads::{place, succeeded};

fn helm(mut helm: Command, place: &Place, arguments: &[&str]) -> String {
    run(helm.args(arguments).args(["--namespace", &place.namespace])).unwrap()
}

/// T-20, X-11, X-12, OCTO-64, OCTO-65: each Helm lists, upgrades, rolls back and uninstalls what the operator deployed, and
/// the operator goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn either_helm_works_on_what_the_operator_deployed() {
    let place = place("octo-helm").await;
    let _operator = place.operator(&[]).await;
    let mut reports = 0;
    for three in [true, false] {
        let command = || if three { place.cluster.helm3().unwrap() } else { place.cluster.helm4().unwrap() };
        let level = || place.get(&format!("configmap/{RELEASE}"))["data"]["logLevel"].clone();
        let revision = || place.listed()["revision"].clone();
        place.deploy(json!({"valuesYaml": "logLevel: warn\n"}));
        reports += 1;
        succeeded(&place, reports).await;
        let listed: Value =
            serde_json::from_str(&helm(command(), &place, &["list", "--output=json"])).unwrap();
        assert_eq!((&listed[0]["name"], &listed[0]["status"]), (&json!(RELEASE), &json!("deployed")));
        let newer = ["--version=1.1.0", "--reuse-values", "--set=logLevel=debug", "--wait", "--timeout=60s"];
        let repository = format!("--repo={}", place.repository.url);
        helm(command(), &place, &[&["upgrade", RELEASE, "adapter", &repository], &newer[..]].concat());
        assert_eq!((level(), revision()), (json!("debug"), json!("2")));
        place.deploy(json!({"valuesYaml": "logLevel: info\n"}));
        reports += 1;
        succeeded(&place, reports).await;
        assert_eq!((level(), revision()), (json!("info"), json!("3")));
        helm(command(), &place, &["rollback", RELEASE, "1", "--wait", "--timeout=60s"]);
        assert_eq!((level(), revision()), (json!("warn"), json!("4")));
        place.deploy(json!({"valuesYaml": "logLevel: debug\n"}));
        reports += 1;
        succeeded(&place, reports).await;
        assert_eq!((level(), revision()), (json!("debug"), json!("5")));
        helm(command(), &place, &["uninstall", RELEASE, "--wait", "--timeout=60s"]);
        assert!(!place.exists(&format!("deployment/{RELEASE}")));
        // Deployed anew, and taken away on the hub's word though Helm was faster.
        place.deploy(json!({}));
        reports += 1;
        succeeded(&place, reports).await;
        assert_eq!(revision(), "1");
        helm(command(), &place, &["uninstall", RELEASE, "--wait", "--timeout=60s"]);
        place.undeploy();
        let secret = format!("secret/{RELEASE}-octo-secrets");
        place.until("the end of its Secret", || !place.exists(&secret)).await;
    }
}

/// Upstream's charts, where the corpus lies beside the checkout.
fn upstream() -> Vec<PathBuf> {
    let charts = [
        "meshmakers__octo-mesh-adapter/octo-mesh-adapter-0.4.0.tgz",
        "meshmakers__octo-helm-core/octo-mesh-demo-app-0.1.0.tgz",
        "meshmakers__octo-helm-core/octo-mesh-schema-provider-0.1.0.tgz",
    ];
    charts.into_iter().filter_map(corpus_chart).collect()
}

/// OCTO-46, OCTO-136..138: upstream's own charts are deployed on the hub's word, as Helm renders them with the same values.
#[tokio::test(flavor = "multi_thread")]
async fn upstreams_charts_are_deployed_as_helm_renders_them() {
    let charts = upstream();
    if charts.is_empty() {
        return;
    }
    let place = place("octo-upstream").await;
    let settings = [
        "BrokerPassword=r4bbit-canary",
        "AuthUri=https://auth.example",
        "Ingress.ClassName=nginx",
        "ClusterSecrets.MongoDbUserPassword=m0ngo-canary",
        "ClusterSecrets.MongoDbAdminPassword=adm1n-canary",
        "ClusterSecrets.StreamDataPassword=cr4te-canary",
    ];
    let _operator = place.operator(&settings).await;
    for (at, path) in charts.iter().enumerate() {
        let (name, version) = taken(&place, path);
        let (id, release) = (format!("{at:024x}"), format!("acme-{at:024x}"));
        place.deploy(json!({
            "workloadRtId": id, "chartName": name, "chartVersion": version, "receivesClusterSecrets": true,
            "ingressEnabled": true, "hostname": "acme.example", "workloadType": u8::from(at > 0),
        }));
        let status = place.hub.deployed(&id, 1).await;
        assert_eq!(status["success"], true, "{name}: {status}");
        let values = scratch().unwrap().join("values.yaml");
        let four = || place.cluster.helm4().unwrap();
        std::fs::write(&values, helm(four(), &place, &["get", "values", &release, "--output=yaml"])).unwrap();
        let (values, chart) = (values.display().to_string(), path.display().to_string());
        let rendered = helm(
            four(),
            &place,
            &["template", &release, &chart, "--values", &values, "--dry-run=server", "--no-hooks"],
        );
        let applied = helm(four(), &place, &["get", "manifest", &release]);
        assert_eq!(applied.trim(), rendered.trim(), "{name}");
        assert!(!applied.contains("canary"), "{name}: secrets come by reference");
    }
}

/// Puts a chart into the repository: its name and version.
fn taken(place: &Place, path: &Path) -> (String, String) {
    place.repository.take(path);
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let (name, version) = stem.rsplit_once('-').unwrap();
    (name.to_owned(), version.to_owned())
}

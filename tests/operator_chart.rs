//! The charts that install the operator: what pintle renders of it is what Helm renders.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::process::Command;

use pintle_test_support::{Cluster, ClusterOptions, corpus_chart, helm3, helm4, run};

const SETS: &[&str] = &[
    "replicas=1",
    "operator.watchNamespace=apps,rbac.clusterAdmin=false",
    "serviceAccount.create=false,rbac.create=false,metrics.service.enabled=false",
    "operator.krypton.enabled=true,operator.krypton.ensureWatchCrds=true,operator.releaseSets.enabled=true",
    "operator.krypton.enabled=true,operator.krypton.chart.name=web,operator.krypton.args[0]=--watch-context=mesh",
    "nodeSelector.disk=fast,tolerations[0].key=a,env[0].name=HTTPS_PROXY,env[0].value=http://proxy:3128",
];

const OCTO: &str = "charts/pintle-communication-operator";
const OCTO_SETS: &[&str] = &[
    "octo-mesh-crds.enabled=false",
    "operator.autoManagePools=true,operator.communicationControllerUri=https://c,broker.username=u,broker.password=p",
    "rbac.scope=namespace,operator.watchNamespace=edge,operator.poolNamespace=edge,secrets.rootCa=PEM",
    r"operator.ingress.tls=false,operator.ingress.annotations.a\.b/c=d,operator.clusterDependencies.rabbitMqHost=r",
    r"operator.settings.Helm\.ForceConflicts=true,operator.secretSettings.Authentication\.ClientSecret=s",
];

fn rendered(command: &mut Command, chart: &str, set: &str) -> String {
    run(command.args(["template", "p", chart, "--namespace", "ops", "--set", set])).unwrap()
}

fn pintle(helm_version: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
    command.args(["--helm-version", helm_version]);
    command
}

#[test]
fn the_operators_charts_render_as_helm_renders_them() {
    for (chart, sets) in [("charts/pintle", SETS), (OCTO, OCTO_SETS)] {
        for set in sets {
            let ours = [rendered(&mut pintle("3"), chart, set), rendered(&mut pintle("4"), chart, set)];
            let three = rendered(&mut helm3().unwrap(), chart, set);
            assert_eq!(ours, [three, rendered(&mut helm4().unwrap(), chart, set)], "{chart}: {set}");
        }
    }
}

#[test]
fn values_that_mean_nothing_are_refused() {
    let output = pintle("4").args(["template", "charts/pintle", "--set", "replica=2"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("additional properties 'replica' not allowed"));
}

/// OCTO-131: values of upstream's chart become the operator's settings, secrets only in Secrets.
#[test]
fn values_of_the_upstream_chart_become_settings() {
    let set = "operator.autoManagePools=true,operator.communicationControllerUri=https://c,broker.host=h,\
               broker.username=u,broker.password=canary,operator.clusterDependencies.mongodbHost=m";
    let text = rendered(&mut pintle("4"), OCTO, set);
    for line in [
        r#"OPERATOR__AUTOMANAGEPOOLS: "true""#,
        r#"OPERATOR__COMMUNICATIONCONTROLLERURI: "https://c""#,
        r#"OPERATOR__CLUSTERDEPENDENCIES__MONGODBHOST: "m""#,
        r#"OPERATOR__BROKERPASSWORD: "Y2FuYXJ5""#,
        "app.kubernetes.io/name: octo-mesh-communication-operator",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert!(!text.contains("canary") && !text.contains("initContainers"));
}

/// OCTO-132: a central operator needs to know whom to talk to, and the broker's login.
#[test]
fn a_central_operator_without_a_hub_is_refused() {
    let output =
        pintle("4").args(["template", OCTO, "--set", "operator.autoManagePools=true"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs broker.password"));
}

/// What upstream's chart wants to be told.
const UPSTREAM_SETS: &str = "serviceHooks.caKey=a,serviceHooks.caCrt=a,serviceHooks.svcKey=a,serviceHooks.svcCrt=a,\
operator.communicationControllerUri=https://hub.example.com";

/// OCTO-130: a release of upstream's chart is upgraded to ours with its own values, by Helm and by pintle; the definitions
/// stay, and with them all pools and sites.
#[test]
fn a_release_of_upstreams_chart_is_upgraded_to_ours() {
    let upstream = "meshmakers__octo-helm-core/octo-mesh-communication-operator-0.9.0.tgz";
    let Some(upstream) = corpus_chart(upstream) else { return };
    // One of its own: the definitions, which belong to one release, are the whole cluster's.
    let cluster = Cluster::start(&ClusterOptions::default()).unwrap();
    let mut ours = Command::new(env!("CARGO_BIN_EXE_pintle"));
    ours.env("KUBECONFIG", cluster.kubeconfig());
    for (mut upgrader, namespace) in [(cluster.helm4().unwrap(), "by-helm"), (ours, "by-pintle")] {
        let of = |mut command: Command, request: &[&str]| {
            run(command.args(request).args(["--namespace", namespace])).unwrap()
        };
        let helm = |request: &[&str]| of(cluster.helm4().unwrap(), request);
        let kubectl = |request: &[&str]| of(cluster.kubectl().unwrap(), request);
        let upstream = upstream.to_str().unwrap();
        helm(&["install", "op", upstream, "--create-namespace", "--set", UPSTREAM_SETS]);
        let pool = "customresourcedefinition/communicationpools.octo-mesh.meshmakers.io";
        let uid = || kubectl(&["get", pool, "--output=jsonpath={.metadata.uid}"]);
        let before = uid();
        run(upgrader.args(["upgrade", "op", OCTO, "--reset-then-reuse-values", "--namespace", namespace]))
            .unwrap();
        assert_eq!(uid(), before, "{namespace}");
        let listed = helm(&["list", "--output=json"]);
        assert!(listed.contains("pintle-communication-operator-") && listed.contains("deployed"), "{listed}");
        helm(&["uninstall", "op"]);
        // They stay, as those of this release.
        kubectl(&["delete", "customresourcedefinition", "--all"]);
    }
}

//! Tenants, deployments and release sets over two real control planes, with Helm looking on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod krypton_support;

use krypton_support::{
    Operator, apply, condition, events, eventually, get, has_event, home, kubeconfig, kubectl, listed,
    remote, to,
};
use pintle_test_support::{Proxy, run, scratch};
use serde_json::{Value, json};

/// A kubeconfig of nobody.
fn nowhere() -> String {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:1"}}],
    })
    .to_string()
}

/// KRY-61, KRY-62, KRY-63, KRY-65, KRY-66, KRY-67, KRY-70, KRY-73, KRY-81: a home and a remote cluster, the same name on
/// both.
#[test]
fn tenants_of_the_home_and_of_a_remote_cluster_become_ready() {
    let operator = Operator::with_remote("tenants", "edge01", &[]);
    let workspace = format!("acme-{}", operator.namespace);
    operator.tenant(remote(), &workspace, &json!({}));
    operator.tenant(
        home(),
        &workspace,
        &json!({"workspace": format!("{workspace}-w"), "values": {"mode": "own"}}),
    );
    let on_remote = operator.in_phase(remote(), &format!("tenant/{workspace}"), "Ready");
    let on_home = operator.in_phase(home(), &format!("tenant/{workspace}"), "Ready");
    let releases = listed(remote().helm3().unwrap(), &workspace);
    assert_eq!(releases.len(), 1);
    let release = releases.keys().next().unwrap().clone();
    assert!(release.starts_with("tenant-acme-"), "{release}");
    assert_eq!(listed(remote().helm4().unwrap(), &workspace), releases);
    let ready = condition(&on_remote, "edge01/ClusterReady");
    assert_eq!((&ready["status"], &ready["reason"]), (&json!("True"), &json!("Installed")), "{ready}");
    assert_eq!(condition(&on_remote, "edge01/ClusterError")["status"], "False");
    assert_eq!(condition(&on_remote, "edge01/ClusterProgress")["reason"], "InstallComplete");
    assert_eq!(condition(&on_home, "Ready")["status"], "True");
    let fingerprint = &on_remote["metadata"]["annotations"]["mesh.openkcm.io/fingerprint-edge01"];
    assert_eq!(fingerprint.as_str().map(str::len), Some(64));
    let chart = on_remote["status"]["lastAppliedChart"].as_str().unwrap();
    assert!(chart.ends_with("/web:1.0.0"), "{chart}");
    let data = get(remote(), &workspace, &format!("configmap/{release}"))["data"].clone();
    assert_eq!(data, json!({"mode": "default", "installCRDs": "true", "replicaCount": "1"}));
    for reason in ["HelmInstallStart", "WorkspaceCreated", "HelmInstalled", "PhaseSet"] {
        assert!(operator.has_event(remote(), &workspace, reason), "{reason}");
    }
    // A first install is no repair (KRY-31).
    for reason in ["ReleaseMissing", "RepairTriggered"] {
        assert!(!operator.has_event(remote(), &workspace, reason), "{reason}");
    }
    kubectl(remote(), &["delete", "tenant", &workspace, "--namespace", &operator.namespace, "--timeout=90s"]);
    let gone = get(remote(), "", &format!("namespace/{workspace}"));
    assert!(gone.is_null() || !gone["metadata"]["deletionTimestamp"].is_null());
    assert!(operator.has_event(remote(), &workspace, "HelmUninstalled"));
}

/// KRY-39, KRY-45, KRY-68, T-13: a round without changes writes nothing; a change that means nothing is HelmSkip.
#[test]
fn when_nothing_changed_not_one_write_is_made() {
    let mut operator = Operator::new("unchanged");
    let mut proxy = Proxy::start(remote().kubeconfig()).unwrap();
    operator.cluster("edge01", proxy.kubeconfig(), &[]);
    operator.start(&[]);
    let name = format!("acme-{}", operator.namespace);
    operator.tenant(remote(), &name, &json!({}));
    operator.in_phase(remote(), &format!("tenant/{name}"), "Ready");
    operator.rounds("edge01", 3.0);
    proxy.counts().unwrap();
    let before = operator.get(remote(), &format!("tenant/{name}"))["metadata"]["resourceVersion"].clone();
    operator.rounds("edge01", 2.0);
    let counts = proxy.counts().unwrap();
    assert_eq!(counts.writes, 0, "{counts:?}");
    assert_eq!(operator.get(remote(), &format!("tenant/{name}"))["metadata"]["resourceVersion"], before);
    // Values that were the chart's anyway: other values, so another fingerprint; a workspace that is the same: none.
    operator.tenant(remote(), &name, &json!({"workspace": name}));
    eventually("HelmSkip is said", || operator.has_event(remote(), &name, "HelmSkip"));
    let tenant = operator.in_phase(remote(), &format!("tenant/{name}"), "Ready");
    assert_eq!(condition(&tenant, "edge01/ClusterReady")["reason"], "NoChange");
    assert_eq!(listed(remote().helm4().unwrap(), &name).values().collect::<Vec<_>>(), ["1"]);
}

/// KRY-30, KRY-31, KRY-43, KRY-80: what is missing or changed is repaired and named, by fields and not by values.
#[test]
fn what_is_missing_or_changed_is_repaired_and_named() {
    let operator = Operator::with_remote("drift", "edge01", &[]);
    let name = format!("shop-{}", operator.namespace);
    operator.deployment(&name, &to("edge01"));
    let what = format!("kryptondeployment/{name}");
    operator.in_phase(home(), &what, "Ready");
    assert!(!operator.has_event(home(), &name, "RepairTriggered"));
    let release = listed(remote().helm4().unwrap(), &name).into_keys().next().unwrap();
    kubectl(remote(), &["delete", "deployment", &release, "--namespace", &name]);
    let patch = r#"{"data":{"mode":"s3cret"}}"#;
    kubectl(
        remote(),
        &["patch", "configmap", &release, "--namespace", &name, "--type=merge", "--patch", patch],
    );
    eventually("the objects are as they were", || {
        get(remote(), &name, &format!("configmap/{release}"))["data"]["mode"] == "default"
            && !get(remote(), &name, &format!("deployment/{release}")).is_null()
    });
    operator.in_phase(home(), &what, "Ready");
    let repairs = events(home(), &operator.namespace, &name);
    let repairs: Vec<&String> =
        repairs.iter().filter(|(reason, _)| reason == "RepairTriggered").map(|(_, note)| note).collect();
    let said = format!("{repairs:?}");
    assert!(said.contains(&format!("Deployment/{name}/{release}")), "{said}");
    let by_hand = format!("ConfigMap/{name}/{release} differs in /data/mode (set by kubectl-patch)");
    assert!(said.contains(&by_hand), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}

/// KRY-31: what somebody sets again after each repair is repaired ever less often, and said.
#[test]
fn a_field_that_is_set_again_after_each_repair_is_left_for_a_while() {
    let operator = Operator::with_remote("contest", "edge01", &[]);
    let name = format!("acme-{}", operator.namespace);
    operator.tenant(remote(), &name, &json!({}));
    let what = format!("tenant/{name}");
    operator.in_phase(remote(), &what, "Ready");
    let release = listed(remote().helm4().unwrap(), &name).into_keys().next().unwrap();
    let patch = r#"{"data":{"mode":"other"}}"#;
    let config = format!("configmap/{release}");
    let drifted = || condition(&operator.get(remote(), &what), "edge01/Drifted");
    eventually("it is left", || {
        kubectl(remote(), &["patch", &config, "--namespace", &name, "--type=merge", "--patch", patch]);
        drifted()["reason"] == "Contested"
    });
    assert_eq!(listed(remote().helm4().unwrap(), &name).into_values().collect::<Vec<_>>(), ["4"]);
    assert!(operator.has_event(remote(), &name, "Contested"));
    operator.in_phase(remote(), &what, "Ready");
}

/// KRY-15, KRY-21, KRY-22, KRY-26, KRY-27, KRY-28, KRY-32, KRY-41, KRY-42, KRY-44, T-16: the operator at home, resources
/// and Secrets on a watch cluster, the chart on an edge.
#[test]
fn operator_watch_cluster_and_edge_may_be_three() {
    let mut operator = Operator::new("roles");
    let namespace = operator.namespace.clone();
    operator.secret("mesh", &std::fs::read_to_string(remote().kubeconfig()).unwrap());
    // The edge of the watch cluster: here, the home cluster again.
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "eu-kubeconfig", "namespace": namespace},
        "stringData": {"kubeconfig": kubeconfig(home().kubeconfig()).to_string()},
    });
    apply(remote(), &secret);
    let name = format!("kd-{namespace}");
    kubectl(home(), &["create", "namespace", &name]);
    operator.start(&["--watch-kubeconfig-secret=mesh"]);
    apply(
        remote(),
        &json!({
            "apiVersion": "mesh.openkcm.io/v1alpha1", "kind": "KryptonDeployment",
            "metadata": {"name": name, "namespace": namespace, "finalizers": ["example.com/foreign"]},
            "spec": {"account": {"name": "acct"}, "region": {"name": "eu"}},
        }),
    );
    let found = operator.in_phase(remote(), &format!("kryptondeployment/{name}"), "Ready");
    assert_eq!(condition(&found, "Ready")["reason"], "Deployed");
    assert_eq!(found["status"]["lastMessage"], "Successfully deployed to region eu");
    let expected = format!("ced-{name}");
    assert!(listed(home().helm3().unwrap(), &name).contains_key(&expected));
    for reason in ["FinalizerAdded", "AccountValidated", "Routing", "HelmDeployed", "Ready"] {
        assert!(operator.has_event(remote(), &name, reason), "{reason}");
    }
    let delete = ["delete", "kryptondeployment", &name, "--namespace", &namespace, "--wait=false"];
    kubectl(remote(), &delete);
    eventually("only the finalizer of another is left", || {
        operator.get(remote(), &format!("kryptondeployment/{name}"))["metadata"]["finalizers"]
            == json!(["example.com/foreign"])
    });
    assert!(listed(home().helm4().unwrap(), &name).is_empty());
    for reason in ["DeleteStarted", "HelmUninstalled", "FinalizerRemoved"] {
        assert!(operator.has_event(remote(), &name, reason), "{reason}");
    }
    // The namespace was there before: it stays (KRY-33).
    assert!(get(home(), "", &format!("namespace/{name}"))["metadata"]["deletionTimestamp"].is_null());
    let patch = r#"{"metadata":{"finalizers":null}}"#;
    let patch =
        ["patch", "kryptondeployment", &name, "--namespace", &namespace, "--type=merge", "--patch", patch];
    kubectl(remote(), &patch);
}

/// KRY-17, KRY-33, T-12, T-15: an edge that went away keeps the finalizer; it goes when the edge is back, or when it is
/// abandoned.
#[test]
fn an_edge_that_is_away_keeps_the_finalizer_until_it_is_back_or_abandoned() {
    let operator = Operator::with_remote("away", "edge01", &[]);
    let (one, two) = (format!("one-{}", operator.namespace), format!("two-{}", operator.namespace));
    for name in [&one, &two] {
        operator.deployment(name, &to("edge01"));
        operator.in_phase(home(), &format!("kryptondeployment/{name}"), "Ready");
    }
    operator.secret("edge01", &nowhere());
    for name in [&one, &two] {
        let namespace = &operator.namespace;
        kubectl(home(), &["delete", "kryptondeployment", name, "--namespace", namespace, "--wait=false"]);
        let what = format!("kryptondeployment/{name}");
        eventually("the finalizer stays, and why is said", || {
            let found = operator.get(home(), &what);
            let ready = condition(&found, "Ready");
            ready["reason"] == "EdgeUnavailable"
                && ready["message"].as_str().is_some_and(|message| {
                    message.contains("Unreachable") && message.contains("pintle.dev/abandon=true")
                })
        });
    }
    let (namespace, abandon) = (&operator.namespace, "pintle.dev/abandon=true");
    kubectl(home(), &["annotate", "kryptondeployment", &two, "--namespace", namespace, abandon]);
    eventually("it is let go", || operator.get(home(), &format!("kryptondeployment/{two}")).is_null());
    assert!(operator.has_event(home(), &two, "Abandoned"));
    assert!(!listed(remote().helm4().unwrap(), &two).is_empty());
    operator.secret("edge01", &std::fs::read_to_string(remote().kubeconfig()).unwrap());
    eventually("it is uninstalled", || operator.get(home(), &format!("kryptondeployment/{one}")).is_null());
    assert!(listed(remote().helm4().unwrap(), &one).is_empty());
}

/// KRY-17, KRY-61, T-15: a new Secret engages, a changed one re-engages, a removed one lets go; without a restart.
#[test]
fn clusters_come_change_and_go_with_their_secrets() {
    let mut operator = Operator::new("live");
    operator.start(&[]);
    let connected = r#"pintle_cluster_connected{cluster="edge01"}"#;
    eventually("home is connected", || {
        operator.metric(r#"pintle_cluster_connected{cluster="self-cluster"}"#) == Some(1.0)
    });
    assert_eq!(operator.metric(connected), None);
    operator.cluster("edge01", remote().kubeconfig(), &[]);
    eventually("it is connected", || operator.metric(connected) == Some(1.0));
    let name = format!("acme-{}", operator.namespace);
    operator.tenant(remote(), &name, &json!({}));
    operator.in_phase(remote(), &format!("tenant/{name}"), "Ready");
    operator.secret("edge01", &nowhere());
    eventually("it is not connected", || operator.metric(connected) == Some(0.0));
    eventually("why is said", || operator.has_event(home(), "edge01", "Unreachable"));
    operator.cluster("edge01", remote().kubeconfig(), &[]);
    eventually("it is connected again", || operator.metric(connected) == Some(1.0));
    operator.rounds("edge01", 1.0);
    kubectl(home(), &["delete", "secret", "edge01", "--namespace", &operator.namespace]);
    eventually("it is let go", || operator.metric(connected).is_none());
    assert!(!listed(remote().helm4().unwrap(), &name).is_empty());
}

/// KRY-4, KRY-27: what is wrong with the way to a cluster is a reason, and no other cluster waits for it.
#[test]
fn a_cluster_that_can_not_be_had_is_a_condition_with_its_reason() {
    let operator = Operator::with_remote("reasons", "edge01", &[]);
    let with_user = |user: Value| {
        let mut kubeconfig = kubeconfig(remote().kubeconfig());
        kubeconfig["users"][0]["user"] = user;
        kubeconfig.to_string()
    };
    let mut untrusted = kubeconfig(remote().kubeconfig());
    untrusted["clusters"][0]["cluster"]["certificate-authority-data"] =
        kubeconfig(home().kubeconfig())["clusters"][0]["cluster"]["certificate-authority-data"].clone();
    let exec = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws"}});
    let cases = [
        ("expired", "CredentialsRejected", with_user(json!({"token": "no-longer-good"}))),
        ("exec", "CredentialsUnsupported", with_user(exec)),
        ("untrusted", "CertificateInvalid", untrusted.to_string()),
        ("nobody", "Unreachable", nowhere()),
        ("text", "KubeconfigInvalid", "s3cret".to_owned()),
    ];
    for (secret, _, kubeconfig) in &cases {
        operator.secret(secret, kubeconfig);
        operator.deployment(&format!("{secret}-{}", operator.namespace), &to(secret));
    }
    operator.deployment(&format!("missing-{}", operator.namespace), &to("missing"));
    let well = format!("well-{}", operator.namespace);
    operator.deployment(&well, &to("edge01"));
    operator.in_phase(home(), &format!("kryptondeployment/{well}"), "Ready");
    let reasons = cases.iter().map(|(secret, reason, _)| (*secret, *reason));
    for (secret, reason) in reasons.chain([("missing", "SecretNotFound")]) {
        let what = format!("kryptondeployment/{secret}-{}", operator.namespace);
        let found = operator.in_phase(home(), &what, "Error");
        let ready = condition(&found, "Ready");
        assert_eq!(ready["reason"], "EdgeUnavailable", "{found}");
        let message = ready["message"].as_str().unwrap();
        assert!(message.contains(reason) && !message.contains("s3cret"), "{secret}: {message}");
    }
}

/// KRY-29, T-14: two resources of one name do not share a release.
#[test]
fn the_second_resource_of_one_name_is_told_whose_the_release_is() {
    let operator = Operator::with_remote("twice", "edge01", &[]);
    let name = format!("kd-{}", operator.namespace);
    operator.deployment(&name, &to("edge01"));
    operator.in_phase(home(), &format!("kryptondeployment/{name}"), "Ready");
    let workspace = json!({"template": {"spec": {
        "releaseName": format!("ced-{name}"), "targetNamespace": name,
        "chart": {"repository": {"url": krypton_support::repository(), "name": "web"}},
    }}, "clusterSelector": {"matchLabels": {"kind": "edge"}}});
    kubectl(home(), &["label", "secret", "edge01", "kind=edge", "--namespace", &operator.namespace]);
    operator.release_set("other", &workspace);
    let set = operator.summed_up("releaseset/other", "0/1");
    eventually("whose it is is said", || {
        let clusters = operator.get(home(), "releaseset/other")["status"]["clusters"].clone();
        let message = clusters[0]["message"].as_str().unwrap_or_default().to_owned();
        clusters[0]["reason"] == "ReleaseOfAnother"
            && message.contains(&format!("belongs to KryptonDeployment {}/{name}", operator.namespace))
            && message.contains(&format!("not to ReleaseSet {}/other", operator.namespace))
    });
    assert_eq!(condition(&set, "Ready")["status"], "False");
    assert_eq!(listed(remote().helm4().unwrap(), &name).values().collect::<Vec<_>>(), ["1"]);
    kubectl(home(), &["delete", "releaseset", "other", "--namespace", &operator.namespace, "--timeout=60s"]);
    assert_eq!(listed(remote().helm4().unwrap(), &name).values().collect::<Vec<_>>(), ["1"]);
}

/// KRY-24, KRY-64: a resource that means nothing here can always be deleted.
#[test]
fn what_is_not_for_a_cluster_is_left_alone_and_can_be_deleted() {
    let operator = Operator::with_remote("mismatch", "edge01", &[]);
    let name = format!("acme-{}", operator.namespace);
    // As the reference leaves it: its finalizer is on a Tenant that is for another cluster.
    apply(
        remote(),
        &json!({
            "apiVersion": "mesh.openkcm.io/v1alpha1", "kind": "Tenant",
            "metadata": {"name": name, "namespace": operator.namespace, "finalizers": ["mesh.openkcm.io/cleanup"]},
            "spec": {"clusterRef": {"secretName": "elsewhere"}},
        }),
    );
    eventually("the finalizer is gone", || {
        operator.get(remote(), &format!("tenant/{name}"))["metadata"]["finalizers"].is_null()
    });
    assert!(operator.get(remote(), &format!("tenant/{name}"))["status"].is_null());
    let mut spec = to("edge01");
    operator.deployment(&name, &spec);
    operator.in_phase(home(), &format!("kryptondeployment/{name}"), "Ready");
    spec["account"]["name"] = json!("");
    operator.deployment(&name, &spec);
    let found = operator.in_phase(home(), &format!("kryptondeployment/{name}"), "Error");
    assert_eq!(condition(&found, "Ready")["reason"], "AccountMissing");
    assert_eq!(found["status"]["lastMessage"], "Spec.account.name must be set");
    let namespace = &operator.namespace;
    kubectl(home(), &["delete", "kryptondeployment", &name, "--namespace", namespace, "--timeout=90s"]);
    assert!(listed(remote().helm4().unwrap(), &name).is_empty());
    assert!(operator.has_event(home(), &name, "EdgeNamespaceDeleteRequested"));
}

/// KRY-69, KRY-72, KRY-82: an error of the chart has a reason, and leaves when it is over; values come in layers.
#[test]
fn a_chart_error_is_told_and_forgotten_when_it_is_over() {
    let mut operator = Operator::new("charts");
    operator.cluster("edge01", remote().kubeconfig(), &[]);
    let file = scratch().unwrap().join("values.yaml");
    std::fs::write(&file, "mode: file\nreplicaCount: 2\n").unwrap();
    operator.start(&["--chart-values-file", file.to_str().unwrap()]);
    let name = format!("acme-{}", operator.namespace);
    let chart = |version: &str| json!({"repository": {"url": krypton_support::repository(), "name": "web", "version": version}});
    operator.tenant(remote(), &name, &json!({"chart": chart("9.9.9")}));
    let found = operator.in_phase(remote(), &format!("tenant/{name}"), "Error");
    assert_eq!(condition(&found, "edge01/ClusterError")["reason"], "VersionNotFound");
    assert!(operator.has_event(remote(), &name, "ChartVersionNotFound"));
    let values = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "values", "namespace": operator.namespace},
        "data": {"values.yaml": "mode: from\n"},
    });
    apply(remote(), &values);
    let from = json!([{"kind": "ConfigMap", "name": "values"}]);
    operator.tenant(remote(), &name, &json!({"chart": chart("1.1.0"), "valuesFrom": from}));
    let found = operator.in_phase(remote(), &format!("tenant/{name}"), "Ready");
    assert_eq!(condition(&found, "edge01/ClusterError")["status"], "False");
    let release = listed(remote().helm4().unwrap(), &name).into_keys().next().unwrap();
    let data = || get(remote(), &name, &format!("configmap/{release}"))["data"].clone();
    assert_eq!(data(), json!({"mode": "from", "installCRDs": "false", "replicaCount": "2"}));
    let own = json!({"chart": chart("1.1.0"), "valuesFrom": from, "values": {"mode": "own"}});
    operator.tenant(remote(), &name, &own);
    eventually("the Tenant's own values win", || data()["mode"] == "own");
}

/// KRY-29, KRY-40, T-20: Helm lists and rolls back what was released, and pintle goes on from there.
#[test]
fn helm_lists_and_rolls_back_what_was_released() {
    let mut operator = Operator::with_remote("helm", "edge01", &[]);
    let name = format!("kd-{}", operator.namespace);
    let mut spec = to("edge01");
    operator.deployment(&name, &spec);
    operator.in_phase(home(), &format!("kryptondeployment/{name}"), "Ready");
    spec["values"] = json!({"mode": "two"});
    operator.deployment(&name, &spec);
    let release = format!("ced-{name}");
    let revision = |expected: &str| {
        eventually(&format!("revision {expected}"), || {
            listed(remote().helm4().unwrap(), &name).get(&release).is_some_and(|found| found == expected)
        });
    };
    revision("2");
    operator.in_phase(home(), &format!("kryptondeployment/{name}"), "Ready");
    operator.kill();
    let rollback = ["rollback", &release, "1", "--namespace", &name];
    run(remote().helm4().unwrap().args(rollback)).unwrap();
    run(remote().helm3().unwrap().args(["rollback", &release, "2", "--namespace", &name])).unwrap();
    run(remote().helm3().unwrap().args(rollback)).unwrap();
    let mode = || get(remote(), &name, &format!("configmap/{release}"))["data"]["mode"].clone();
    assert_eq!(mode(), "default");
    operator.start(&[]);
    revision("6");
    eventually("it is what the resource says", || mode() == "two");
}

/// Waves, maxUnavailable, stop on failure, values of a cluster, a cluster that is away, and one no longer chosen.
#[test]
fn a_release_set_goes_from_wave_to_wave_and_stops_at_a_failure() {
    let operator = Operator::with_remote("waves", "edge01", &["stage=prod", "region=eu"]);
    let namespace = &operator.namespace;
    let label = ["label", "secret", "self-cluster", "stage=canary", "region=us", "--namespace", namespace];
    kubectl(home(), &label);
    operator.cluster("edge02", remote().kubeconfig(), &["stage=away"]);
    operator.secret("edge02", &nowhere());
    let target = format!("base-{namespace}");
    let spec = |chart: &str, selector: Value| {
        json!({
            "clusterSelector": selector,
            "waves": [{"clusterSelector": {"matchLabels": {"stage": "canary"}}}],
            "clusterValues": [{"path": "mode", "label": "region", "default": "none"}],
            "template": {"spec": {
                "chart": {"repository": {"url": krypton_support::repository(), "name": chart}},
                "install": {"createNamespace": true}, "targetNamespace": target, "interval": "30s",
            }},
        })
    };
    operator.release_set("base", &spec("web", json!({})));
    let set = operator.summed_up("releaseset/base", "2/3");
    eventually("the one that is away is named", || {
        let set = operator.get(home(), "releaseset/base");
        condition(&set, "Ready")["message"]
            .as_str()
            .is_some_and(|message| message.contains("edge02: Unreachable"))
    });
    let names: Vec<&str> = set["status"]["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|cluster| cluster["name"].as_str())
        .collect();
    assert_eq!(names, ["edge01", "edge02", "self-cluster"]);
    let mode = |cluster| get(cluster, &target, "configmap/base")["data"]["mode"].clone();
    assert_eq!((mode(home()), mode(remote())), (json!("us"), json!("eu")));
    // The chart of the canary wave fails to render: the other cluster stays as it is.
    let mut broken = spec("broken", json!({}));
    broken["clusterValues"] = json!([]);
    operator.release_set("base", &broken);
    eventually("it has stopped", || {
        let set = operator.get(home(), "releaseset/base");
        condition(&set, "Stalled")["status"] == "True"
            && condition(&set, "Ready")["reason"] == "StoppedOnFailure"
    });
    assert_eq!(listed(remote().helm4().unwrap(), &target).get("base").map(String::as_str), Some("1"));
    operator.release_set("base", &spec("web", json!({"matchLabels": {"stage": "prod"}})));
    operator.summed_up("releaseset/base", "1/1");
    eventually("what is no longer chosen is gone", || listed(home().helm4().unwrap(), &target).is_empty());
    kubectl(home(), &["delete", "releaseset", "base", "--namespace", namespace, "--timeout=90s"]);
    assert!(listed(remote().helm4().unwrap(), &target).is_empty());
}

/// KRY-16, KRY-63: the definitions are made sure where that is asked for, and somebody else's stay theirs.
#[test]
fn definitions_are_made_sure_on_watched_clusters() {
    let mut operator = Operator::new("define");
    operator.cluster("edge01", remote().kubeconfig(), &[]);
    operator.start(&["--ensure-watch-crds"]);
    let name = format!("acme-{}", operator.namespace);
    operator.tenant(remote(), &name, &json!({}));
    operator.in_phase(remote(), &format!("tenant/{name}"), "Ready");
    let definition = get(remote(), "", "customresourcedefinition/tenants.mesh.openkcm.io");
    let managers = definition["metadata"]["managedFields"].to_string();
    assert!(!managers.contains("pintle-operator"), "kubectl installed it: {managers}");
    assert!(!has_event(home(), &operator.namespace, "edge01", "TenantsNotServed"));
}

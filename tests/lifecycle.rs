//! The life of releases on a real API server, shared with real Helm: what one made the other reads, changes and
//! removes, and both print the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod lifecycle_support;

use lifecycle_support::{Helm, Release, World};

/// Every way to read a release.
const READINGS: [&str; 20] = [
    "list",
    "list -o json",
    "list -o yaml",
    "list -q",
    "history NAME",
    "history NAME -o json",
    "history NAME -o yaml",
    "get values NAME",
    "get values NAME --all",
    "get values NAME -o json",
    "get manifest NAME",
    "get hooks NAME",
    "get notes NAME",
    "get metadata NAME",
    "get metadata NAME -o json",
    "get metadata NAME -o yaml",
    "get all NAME",
    "get all NAME --template {{.Release.Name}}/{{.Release.Version}}/{{.Release.Info.Status}}/{{.Release.Chart.Name}}",
    "get all NAME --template {{range.Release.Hooks}}{{.Name}}:{{.Weight}}:{{.Events}}:{{.LastRun.Phase}}{{end}}",
    "get values NAME --all -o yaml",
];

fn assert_same_readings(release: &Release<'_>) {
    for helm in [Helm::V3, Helm::V4] {
        for reading in READINGS {
            let theirs = release.helm(helm, reading);
            let ours = release.pintle(&format!("{reading} {}", helm.flag()));
            assert_eq!(ours, theirs, "{reading} as {helm:?}");
        }
    }
    let status = release.pintle("status NAME --helm-version 3");
    assert_eq!(status, release.helm(Helm::V3, "status NAME"));
}

#[test]
fn both_helms_read_what_pintle_installed_and_print_the_same() {
    let world = World::start();
    let release = world.release("read");
    release.pintle("install NAME CHART --wait --set replicas=2,list={a,b},text=1.50 --labels team=x");
    assert_same_readings(&release);
}

#[test]
fn many_releases_are_listed_as_helm_lists_them_in_few_requests() {
    let world = World::start();
    let release = world.release("many");
    release.pintle("install NAME CHART --no-hooks");
    release.copy_record(20);
    let mut proxy = release.proxy();
    assert_eq!(release.pintle_through(&proxy, "list -o json"), release.helm(Helm::V4, "list -o json"));
    let counts = proxy.counts().unwrap();
    let asked = counts.by.get("GET secrets").copied().unwrap_or_default();
    // The names, those that are deployed together, and the failed one.
    assert_eq!(asked, 3, "{counts:?}");
}

#[test]
fn helm_goes_on_with_what_pintle_installed() {
    let world = World::start();
    let release = world.release("hand-over");
    release.pintle("install NAME CHART --wait");
    release.helm(Helm::V4, "upgrade NAME CHART --set replicas=2 --wait");
    release.helm(Helm::V3, "upgrade NAME CHART --set replicas=3 --wait");
    release.helm(Helm::V4, "rollback NAME 1 --wait");
    assert_eq!(release.field("deployment", ".spec.replicas"), "1");
    release.pintle("upgrade NAME CHART --set extra=false --wait");
    assert_eq!(release.existing("secret/NAME-extra"), "");
    assert_same_readings(&release);
    release.helm(Helm::V4, "uninstall NAME --wait");
    assert_eq!(release.existing("deployment/NAME configmap/NAME-settings"), "");
}

#[test]
fn pintle_goes_on_with_what_helm_installed() {
    let world = World::start();
    for (helm, name) in [(Helm::V3, "from-three"), (Helm::V4, "from-four")] {
        let release = world.release(name);
        release.helm(helm, "install NAME CHART --wait");
        release.pintle("upgrade NAME CHART --set replicas=2 --wait");
        assert_eq!(release.field("deployment", ".spec.replicas"), "2");
        release.pintle("upgrade NAME CHART --set extra=false --server-side=true --wait");
        assert_eq!(release.existing("secret/NAME-extra"), "");
        release.pintle("rollback NAME 1 --wait");
        assert_eq!(release.existing("secret/NAME-extra"), "secret/NAME-extra\n");
        assert_same_readings(&release);
        assert_eq!(release.pintle("uninstall NAME --wait"), "release \"NAME\" uninstalled\n");
        assert_eq!(release.existing("deployment/NAME configmap/NAME-settings"), "");
        assert_eq!(release.helm(Helm::V4, "list -q"), "");
    }
}

#[test]
fn a_failed_upgrade_goes_back_to_what_worked() {
    let world = World::start();
    let release = world.release("back");
    release.pintle("install NAME CHART --wait");
    let failing = "--set-json annotations={\"pintle.dev/test-waiting\":\"ImagePullBackOff\"} --timeout 3s";
    let error = release.pintle_fails(&format!("upgrade NAME CHART --rollback-on-failure {failing}"));
    assert!(error.starts_with(
        "Error: UPGRADE FAILED: release NAME failed, and has been rolled back due to rollback-on-failure being set: "
    ));
    assert!(error.contains("ImagePullBackOff"), "names the culprit: {error}");
    let history = release.helm(Helm::V4, "history NAME");
    assert!(history.contains("failed") && history.contains("Rollback to 1"), "{history}");
}

#[test]
fn a_failed_install_leaves_nothing_behind_where_that_is_asked_for() {
    let world = World::start();
    let release = world.release("nothing");
    let failing = "--set-json annotations={\"pintle.dev/test-waiting\":\"ImagePullBackOff\"} --timeout 3s";
    let error = release.pintle_fails(&format!("install NAME CHART --rollback-on-failure {failing}"));
    assert!(error.contains("has been uninstalled due to rollback-on-failure being set"), "{error}");
    assert_eq!(release.existing("deployment/NAME configmap/NAME-settings"), "");
    assert_eq!(release.helm(Helm::V4, "list -q"), "");
}

#[test]
fn fields_of_others_are_a_conflict_that_says_whose_they_are() {
    let world = World::start();
    let release = world.release("conflict");
    release.pintle("install NAME CHART --wait");
    release.kubectl("scale deployment NAME --replicas=4");
    let error = release.pintle_fails("upgrade NAME CHART --set replicas=2");
    assert!(
        error.contains("conflict with \"kubectl\" with subresource \"scale\" using apps/v1: .spec.replicas")
    );
    assert!(error.contains(".spec.replicas belongs to \"kubectl\""), "{error}");
    assert!(error.contains("--force-conflicts"), "{error}");
    release.pintle("upgrade NAME CHART --set replicas=2 --force-conflicts --wait");
    assert_eq!(release.field("deployment", ".spec.replicas"), "2");
}

#[test]
fn an_object_of_somebody_else_is_left_alone() {
    let world = World::start();
    let release = world.release("foreign");
    release.kubectl("create configmap NAME-settings");
    let error = release.pintle_fails("install NAME CHART");
    assert_eq!(error, release.helm_fails(Helm::V4, "install NAME CHART"));
    assert_eq!(release.helm(Helm::V4, "list -q"), "");
    release.pintle("install NAME CHART --take-ownership --force-conflicts --wait");
    assert_same_readings(&release);
}

#[test]
fn wrong_requests_fail_in_helms_words() {
    let world = World::start();
    let release = world.release("wrong");
    let long = "a".repeat(54);
    let requests = [
        format!("install {long} CHART"),
        "upgrade absent CHART".to_owned(),
        "uninstall absent".to_owned(),
        "rollback absent".to_owned(),
        "history absent".to_owned(),
        "status absent".to_owned(),
        "get values absent".to_owned(),
        "install NAME CHART --labels owner=me".to_owned(),
    ];
    for request in requests {
        assert_eq!(release.pintle_fails(&request), release.helm_fails(Helm::V4, &request), "{request}");
    }
    let error = release.pintle_fails("install NAME CHART --kube-apiserver https://127.0.0.1:1");
    assert!(error.contains("kubernetes cluster unreachable: Get \"https://127.0.0.1:1/version\""), "{error}");
}

#[test]
fn a_failed_hook_fails_the_install_and_is_recorded() {
    let world = World::start();
    let release = world.release("hook");
    let error = release.pintle_fails("install NAME CHART --timeout 20s --set-json hookAnnotations={\"pintle.dev/test-exit\":\"1\",\"pintle.dev/test-complete-after\":\"1s\"}");
    assert!(error.contains("failed pre-install"), "{error}");
    let status = release.helm(Helm::V4, "status NAME -o json");
    assert!(status.contains("\"status\":\"failed\"") && status.contains("\"phase\":\"Failed\""), "{status}");
    assert_eq!(release.existing("deployment/NAME"), "");
    release.pintle("uninstall NAME");
}

#[test]
fn a_broken_record_hides_no_other() {
    let world = World::start();
    let release = world.release("whole");
    release.pintle("install NAME CHART");
    release.kubectl(
        "create secret generic sh.helm.release.v1.broken.v1 --type=helm.sh/release.v1 --from-literal=release=e30=",
    );
    release.kubectl(
        "label secret sh.helm.release.v1.broken.v1 owner=helm name=broken status=deployed version=1",
    );
    let list = release.pintle("list");
    assert!(list.contains("broken") && list.contains("BROKEN") && list.contains("NAME"), "{list}");
}

//! The chart that installs the operator: what pintle renders of it is what Helm renders.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::process::Command;

use pintle_test_support::{helm3, helm4, run};

const SETS: &[&str] = &[
    "replicas=1",
    "operator.watchNamespace=apps,rbac.clusterAdmin=false",
    "serviceAccount.create=false,rbac.create=false,metrics.service.enabled=false",
    "nodeSelector.disk=fast,tolerations[0].key=a,env[0].name=HTTPS_PROXY,env[0].value=http://proxy:3128",
];

fn rendered(command: &mut Command, set: &str) -> String {
    run(command.args(["template", "p", "charts/pintle", "--namespace", "ops", "--set", set])).unwrap()
}

fn pintle(helm_version: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
    command.args(["--helm-version", helm_version]);
    command
}

#[test]
fn the_operators_chart_renders_as_helm_renders_it() {
    for set in SETS {
        assert_eq!(rendered(&mut pintle("3"), set), rendered(&mut helm3().unwrap(), set), "{set}");
        assert_eq!(rendered(&mut pintle("4"), set), rendered(&mut helm4().unwrap(), set), "{set}");
    }
}

#[test]
fn values_that_mean_nothing_are_refused() {
    let output = pintle("4").args(["template", "charts/pintle", "--set", "replica=2"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("additional properties 'replica' not allowed"));
}

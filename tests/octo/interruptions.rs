//! Operators that are killed, and controllers that restart, wherever a deployment is; and events that come twice or in
//! another order.

use std::path::Path;

use pintle_test_support::{Proxy, When};
use serde_json::{Value, json};

use crate::place::{Place, RELEASE, SITE, WORKLOAD};
use crate::workloads::{never_ready, place, succeeded};

const STATUS: &str = "ReportWorkloadDeploymentStatusAsync";

/// What the hub asks for when one of many workloads is to be deployed, or taken away.
fn asked(place: &Place, id: &str, deploys: bool) -> (&'static str, Value) {
    match deploys {
        true => ("WorkloadDeployedAsync", json!([place.workload(json!({"workloadRtId": id}))])),
        false => {
            let subject = json!({"tenantId": "acme", "poolRtId": SITE, "workloadRtId": id});
            ("WorkloadUndeployedAsync", json!([subject]))
        }
    }
}

/// Whether a workload is as it was asked for, and nothing is left of the way there.
fn is_done(place: &Place, id: &str, deploys: bool) -> bool {
    let selector = format!("--selector=owner=helm,name=acme-{id}");
    let words = "--output=jsonpath={.items[*].metadata.labels.status}";
    let statuses = place.kubectl(&["get", "secrets", &selector, words]);
    let is_settled = match deploys {
        true => statuses.matches("deployed").count() == 1 && !statuses.contains("pending"),
        false => statuses.is_empty() && !place.exists(&format!("deployment/acme-{id}")),
    };
    is_settled && !place.exists(&format!("lease/pintle-release-acme-{id}"))
}

/// Starts an operator that passes through the proxy, asks it for something, and kills it at a write.
async fn kill_at(place: &Place, proxy: Proxy, write: u64, id: &str, deploys: bool) -> Proxy {
    let known = place.hub.calls("RegisterOperatorAsync").len();
    let mut command = place.command_with(proxy.kubeconfig(), &[], &[]);
    let killing = tokio::task::spawn_blocking(move || {
        let mut proxy = proxy;
        let ended = proxy.kill_at(&mut command, write, When::Before).unwrap();
        assert!(ended.is_none(), "it ended by itself before write {write}");
        proxy
    });
    place.registered(known).await;
    let (method, arguments) = asked(place, id, deploys);
    place.hub.call(method, arguments);
    killing.await.unwrap()
}

/// How many writes it takes to deploy a workload, or to take one away.
async fn writes(place: &Place, mut proxy: Proxy, deploys: bool) -> (Proxy, u64) {
    let known = place.hub.calls("RegisterOperatorAsync").len();
    let mut command = place.command_with(proxy.kubeconfig(), &[], &[]);
    let operator = pintle_test_support::Process::start(&mut command).unwrap();
    place.registered(known).await;
    proxy.counts().unwrap();
    let (method, arguments) = asked(place, WORKLOAD, deploys);
    place.hub.call(method, arguments);
    place.until("the end", || is_done(place, WORKLOAD, deploys)).await;
    drop(operator);
    let writes = proxy.counts().unwrap().writes;
    (proxy, writes)
}

/// T-4, OCTO-7, HUB-12, HUB-16: an operator that is killed at any write of a deployment, or of an undeployment, is followed
/// by one that finishes when the hub asks again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn an_operator_killed_at_any_write_is_followed_by_one_that_finishes() {
    let place = place("octo-writes").await;
    let mut proxy = Proxy::start(Path::new(place.cluster.kubeconfig())).unwrap();
    for deploys in [true, false] {
        let (same, count) = writes(&place, proxy, deploys).await;
        proxy = same;
        println!("deploys: {deploys}, {count} writes");
        for write in 1..=count {
            let id = format!("{write:024x}");
            proxy = kill_at(&place, proxy, write, &id, deploys).await;
            let _second = place.operator(&[]).await;
            let (method, mut arguments) = asked(&place, &id, deploys);
            arguments[0]["isReconciliation"] = json!(deploys);
            place.hub.call(method, arguments);
            place.until(&format!("the end after write {write}"), || is_done(&place, &id, deploys)).await;
        }
    }
}

/// T-2, T-3, HUB-8, HUB-12, HUB-15, HUB-18: a controller that restarts wherever a deployment is hears how it ended; when it
/// asks again, the release is deployed once more and stays what it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_controller_may_restart_in_each_phase() {
    let place = place("octo-restart").await;
    let _operator = place.operator(&[]).await;
    let slow = "podAnnotations: {\"pintle.dev/test-ready-after\": 2s}\n";
    let label = |id: &str| {
        let record = place.get(&format!("secret/sh.helm.release.v1.acme-{id}.v1"));
        record["metadata"]["labels"]["status"].as_str().unwrap_or_default().to_owned()
    };
    for (at, phase) in ["", "pending-install", "deployed"].into_iter().enumerate() {
        let id = format!("{at:024x}");
        let event = place.workload(json!({"workloadRtId": id, "valuesYaml": slow}));
        place.hub.call("WorkloadDeployedAsync", json!([event]));
        place.until(phase, || label(&id) == phase).await;
        place.restart_hub().await;
        let mut again = event;
        again["isReconciliation"] = json!(true);
        place.hub.call("WorkloadDeployedAsync", json!([again]));
        let second = format!("secret/sh.helm.release.v1.acme-{id}.v2");
        let is_there = || place.get(&second)["metadata"]["labels"]["status"] == "deployed";
        place.until("the second revision", is_there).await;
        assert_eq!(place.hub.deployed(&id, 1).await["success"], true);
        // The last word may have been on the way: what is asked for is gone, whatever the hub still hears.
        let (method, arguments) = asked(&place, &id, false);
        place.hub.call(method, arguments);
        place.restart_hub().await;
        place.until("its end", || is_done(&place, &id, false)).await;
    }
    let reports = place.hub.calls(STATUS);
    assert!(reports.iter().all(|report| report[0]["success"] == true), "{reports:?}");
}

/// Decision 4, HUB-13, HUB-28, OCTO-85: events that come twice, or in another order, end in what the last one says; progress
/// is told before the end it belongs to.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_last_event_says_is_what_there_is() {
    let place = place("octo-order").await;
    let _operator = place.operator(&[]).await;
    place.undeploy();
    place.deploy(json!({}));
    place.deploy(json!({}));
    succeeded(&place, 2).await;
    assert_eq!(place.listed()["status"], "deployed");
    place.deploy(never_ready());
    place.undeploy();
    place.undeploy();
    place.deploy(json!({"valuesYaml": "logLevel: debug\n"}));
    place.undeploy();
    place.deploy(json!({"valuesYaml": "logLevel: warn\n"}));
    let is_last = || place.get(&format!("configmap/{RELEASE}"))["data"]["logLevel"] == "warn";
    place.until("the last deployment", is_last).await;
    place.until("its end", || is_done(&place, WORKLOAD, true)).await;
    assert_eq!(place.listed()["status"], "deployed");
    assert_eq!(place.listed()["revision"], "1");
    place.undeploy();
    place.until("the end", || is_done(&place, WORKLOAD, false)).await;
    let told: Vec<String> = place.hub.log().into_iter().map(|(target, _)| target).collect();
    let last = told.iter().rposition(|target| target == STATUS);
    let late = told.iter().rposition(|target| target == "ReportWorkloadDeploymentProgressAsync");
    assert!(late < last, "{told:?}");
}

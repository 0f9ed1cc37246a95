//! The same line to a hub of the real server library, in both generations.

use std::time::Duration;

use serde_json::{Value, json};

use crate::hub::Generation;
use crate::place::{Place, RELEASE, SITE, WORKLOAD};
use crate::server::Server;

/// Waits for a call of the hub's method and gives its arguments.
async fn called(server: &Server, method: &str) -> Value {
    let found = async {
        loop {
            let state = server.state().await;
            let calls = state["calls"].as_array().unwrap();
            if let Some(call) = calls.iter().find(|call| call["method"] == method) {
                return call["arguments"].clone();
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), found).await;
    waited.unwrap_or_else(|_| panic!("{method} was not called"))
}

async fn deploys_and_undeploys(speaks: &str, generation: Generation, member: &str, registers: &str) {
    let server = Server::start(&[("HUB_GENERATION", speaks)]).await;
    // The place's own hub is left alone.
    let place = Place::new("octo-aspnet", generation, json!([])).await;
    server.tell("pools", json!([{"tenantId": "acme", member: SITE}])).await;
    let controller = format!("CommunicationControllerUri={}", server.base());
    let _operator = place.start(&["AutoManagePools=true", &controller]);
    assert_eq!(called(&server, registers).await, json!(["acme", SITE]));
    called(&server, "ReportDeployedStateAsync").await;
    let mut event = place.workload(json!({}));
    event.as_object_mut().unwrap().remove("poolRtId");
    event[member] = json!(SITE);
    server.tell("call", json!({"method": "WorkloadDeployedAsync", "arguments": [event]})).await;
    let status = called(&server, "ReportWorkloadDeploymentStatusAsync").await;
    assert_eq!(
        (&status[0]["success"], &status[0]["workloadRtId"]),
        (&json!(true), &json!(WORKLOAD)),
        "{status}"
    );
    assert_eq!(place.listed()["status"], "deployed");
    let subject = json!({"tenantId": "acme", member: SITE, "workloadRtId": WORKLOAD});
    server.tell("call", json!({"method": "WorkloadUndeployedAsync", "arguments": [subject]})).await;
    let record = format!("secret/sh.helm.release.v1.{RELEASE}.v1");
    place.until("the end of the release", || !place.exists(&record)).await;
}

/// HUB-1..5, HUB-10: a hub that speaks of pools.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn workloads_are_deployed_on_the_word_of_a_hub_of_pools() {
    deploys_and_undeploys("pools", Generation::Pools, "poolRtId", "RegisterPoolAsync").await;
}

/// HUB-1..5, HUB-10: a hub that speaks of deployment sites.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn workloads_are_deployed_on_the_word_of_a_hub_of_sites() {
    deploys_and_undeploys("sites", Generation::Sites, "deploymentSiteRtId", "RegisterDeploymentSiteAsync")
        .await;
}

/// HUB-8, HUB-12, HUB-18: a hub that is killed while a workload is being deployed, and starts again, hears how it ended.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm, python3 and 450 MB of packages"]
async fn a_hub_that_was_killed_hears_how_deployments_ended() {
    let server = Server::start(&[("HUB_GENERATION", "pools")]).await;
    let place = Place::new("octo-aspnet-killed", Generation::Pools, json!([])).await;
    let controller = format!("CommunicationControllerUri={}", server.base());
    let _operator = place.start(&[&controller]);
    called(&server, "RegisterOperatorAsync").await;
    let slow = "podAnnotations: {\"pintle.dev/test-ready-after\": 3s}\n";
    let event = place.workload(json!({"valuesYaml": slow}));
    server.tell("call", json!({"method": "WorkloadDeployedAsync", "arguments": [event]})).await;
    called(&server, "ReportWorkloadDeploymentProgressAsync").await;
    let port = server.port;
    drop(server);
    let server = Server::start_at(port, &[("HUB_GENERATION", "pools")]).await;
    called(&server, "RegisterOperatorAsync").await;
    let status = called(&server, "ReportWorkloadDeploymentStatusAsync").await;
    assert_eq!(status[0]["success"], true, "{status}");
    assert_eq!(place.listed()["revision"], "1");
}

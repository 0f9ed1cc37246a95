//! Many pools and many workloads, and what they cost.

use std::time::{Duration, Instant};

use pintle_test_support::run;
use serde_json::{Value, json};

use crate::hub::Generation;
use crate::place::{Place, RELEASE, SITE, WORKLOAD};
use crate::workloads::{never_ready, succeeded};

/// OCTO-36, HUB-10: a thousand pools, made and registered at one connect.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn a_thousand_pools_are_made_and_registered() {
    let sites: Vec<Value> =
        (0..1000).map(|at| json!({"tenantId": "acme", "poolRtId": format!("{at:024x}")})).collect();
    let place = Place::new("octo-pools", Generation::Pools, json!(sites)).await;
    let began = Instant::now();
    let operator = place.operator(&["AutoManagePools=true"]).await;
    place
        .until_within(Duration::from_secs(900), "the registrations", || {
            let words = "--output=jsonpath={range .items[*]}{.status.communicationStatus}{\"\\n\"}{end}";
            let printed = place.kubectl(&["get", "communicationpools", words]);
            printed.lines().filter(|line| *line == "Registered").count() == 1000
        })
        .await;
    println!("1000 pools in {:?}, {}", began.elapsed(), operator.memory());
}

/// HUB-28: two hundred workloads at once.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn two_hundred_workloads_at_once() {
    let place = Place::new("octo-crowd", Generation::Pools, json!([])).await;
    let operator = place.operator(&[]).await;
    let began = Instant::now();
    for at in 0..200 {
        place.deploy(json!({"workloadRtId": format!("{at:024x}")}));
    }
    for at in 0..200 {
        assert_eq!(place.hub.deployed(&format!("{at:024x}"), 1).await["success"], true);
    }
    println!("200 workloads in {:?}, {}", began.elapsed(), operator.memory());
    for at in 0..200 {
        let subject = json!({"tenantId": "acme", "poolRtId": SITE, "workloadRtId": format!("{at:024x}")});
        place.hub.call("WorkloadUndeployedAsync", json!([subject]));
    }
    place
        .until("the end of all", || place.kubectl(&["get", "deployments", "--output=name"]).is_empty())
        .await;
    let leases =
        run(place.cluster.kubectl().unwrap().args(["get", "leases", "--namespace", &place.namespace]));
    println!("{}", leases.unwrap());
}

/// OCTO-85: how long a small chart takes from the event to the report, and how long an undeploy takes to stop a deployment,
/// whenever it comes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn a_deployment_and_its_end() {
    let place = Place::new("octo-times", Generation::Pools, json!([])).await;
    let operator = place.operator(&[]).await;
    println!("idle: {}", operator.memory());
    let (mut deployed, mut stopped) = (Vec::new(), Vec::new());
    for at in 0..10 {
        let began = Instant::now();
        place.deploy(json!({}));
        succeeded(&place, 2 * at + 1).await;
        deployed.push(began.elapsed());
        place.undeploy();
        place.until("the end", || !place.exists(&format!("deployment/{RELEASE}"))).await;
        place.deploy(never_ready());
        tokio::time::sleep(Duration::from_millis(150 * at as u64)).await;
        let asked = Instant::now();
        place.undeploy();
        place.hub.deployed(WORKLOAD, 2 * at + 2).await;
        stopped.push(asked.elapsed());
        place.until("the end", || !place.exists(&format!("deployment/{RELEASE}"))).await;
    }
    deployed.sort();
    println!("deployed after {:?} (median), {:?} at most", deployed[5], deployed[9]);
    println!("stopped after {:?} at most: {stopped:?}", stopped.iter().max());
}

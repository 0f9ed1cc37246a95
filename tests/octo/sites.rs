//! Sites: made, registered, reported, deleted.

use serde_json::json;

use crate::hub::Generation;
use crate::place::{Place, SITE};

const POOL: &str = "communicationpools/acme-65d5c447b420da3fb12381a0";
const LOGIN: &str = "secret/acme-65d5c447b420da3fb12381a0-octo-mesh-connection";
const CENTRAL: &str = "AutoManagePools=true";

fn sites() -> serde_json::Value {
    json!([{"tenantId": "acme", "poolRtId": SITE}])
}

/// OCTO-4, OCTO-13..16, OCTO-30, OCTO-33, OCTO-36..38, HUB-1, HUB-2, HUB-5, HUB-10, HUB-20: the life of a pool under a
/// central operator, with a hub of the first generation.
#[tokio::test(flavor = "multi_thread")]
async fn a_central_operator_makes_registers_reports_and_deletes_pools() {
    let place = Place::new("octo-central", Generation::Pools, sites()).await;
    let first = place.operator(&[CENTRAL, "BrokerUser=u", "BrokerPassword=one"]).await;
    assert_eq!(place.hub.calls("RegisterOperatorAsync"), [json!([true])]);
    let report = place.hub.called("ReportDeployedStateAsync", |_| true).await;
    assert_eq!(
        (&report[0][0]["poolRtId"], &report[0][0]["deploymentSiteRtId"]),
        (&json!(SITE), &json!(SITE))
    );
    place.hub.called("RegisterPoolAsync", |arguments| *arguments == json!(["acme", SITE])).await;
    place.kubectl(&["wait", "--for=condition=Registered", POOL, "--timeout=60s"]);
    let pool = place.get(POOL);
    assert_eq!(pool["status"]["communicationStatus"], "Registered");
    assert_eq!(pool["metadata"]["labels"]["octo-mesh.meshmakers.io/pool-rt-id"], SITE);
    assert_eq!(pool["metadata"]["finalizers"][0], "octo-mesh.meshmakers.io/communicationpoolfinalizer");
    assert_eq!(place.get(LOGIN)["data"], json!({"brokerusername": "dQ==", "brokerpassword": "b25l"}));
    assert!(first.stop().unwrap().success());
    // The login was rotated meanwhile.
    let _second = place.operator(&[CENTRAL, "BrokerUser=u", "BrokerPassword=two"]).await;
    place.until("the new login", || place.get(LOGIN)["data"]["brokerpassword"] == "dHdv").await;
    place.until("the second registration", || place.hub.calls("RegisterPoolAsync").len() == 2).await;
    place.hub.call("PoolUndeployedAsync", json!(["acme", SITE]));
    place.hub.called("UnregisterPoolAsync", |arguments| *arguments == json!(["acme", SITE])).await;
    place.until("the end of the pool", || !place.exists(POOL) && !place.exists(LOGIN)).await;
    place.hub.call("PoolDeployedAsync", json!([{"tenantId": "acme", "poolRtId": SITE}]));
    place.until("the pool", || place.exists(POOL) && place.exists(LOGIN)).await;
}

/// OCTO-39, HUB-19, T-11, HUB-11, OCTO-34, HUB-30: an edge operator makes nothing, registers what is there in the second
/// generation, tries again what was refused, and lets go and comes back around a tenant's update.
#[tokio::test(flavor = "multi_thread")]
async fn an_edge_operator_registers_what_is_there_and_makes_nothing() {
    let other = "65d5c447b420da3fb12381b0";
    let listed = json!([{"tenantId": "acme", "deploymentSiteRtId": other}]);
    let place = Place::new("octo-edge", Generation::Sites, listed).await;
    place.hub.refuse("RegisterDeploymentSiteAsync", "unknown site");
    place.site(SITE);
    let _operator = place.operator(&[]).await;
    let name = format!("deploymentsites/acme-{SITE}");
    let status = "--for=jsonpath={.status.conditions[0].reason}=Refused";
    place.kubectl(&["wait", status, &name, "--timeout=60s"]);
    let word = place.get(&name)["status"]["communicationStatus"].as_str().unwrap().to_owned();
    assert!(word.starts_with("Failed: ") && word.contains("unknown site"), "{word}");
    place.hub.accept("RegisterDeploymentSiteAsync");
    place.kubectl(&["wait", "--for=condition=Registered", &name, "--timeout=60s"]);
    place.hub.call("DeploymentSiteDeployedAsync", json!([{"tenantId": "acme", "deploymentSiteRtId": other}]));
    place.hub.call("PreUpdateTenantAsync", json!(["acme"]));
    let registered = place.hub.calls("RegisterDeploymentSiteAsync").len();
    place.hub.called("UnregisterDeploymentSiteAsync", |_| true).await;
    place
        .until("the site's return", || place.hub.calls("RegisterDeploymentSiteAsync").len() > registered)
        .await;
    assert!(!place.exists(&format!("deploymentsites/acme-{other}")));
    assert_eq!(place.hub.calls("RegisterOperatorAsync"), [json!([false])]);
    assert!(place.hub.calls("ReportDeployedStateAsync").is_empty());
    // Deleting a resource lets the hub know, and nothing holds it.
    place.kubectl(&["delete", &name, "--timeout=60s"]);
}

/// OCTO-20, OCTO-21: what names no site is refused by the API server, which names the field and quotes the value.
#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_refuses_malformed_ids() {
    let place = Place::new("octo-invalid", Generation::Sites, json!([])).await;
    let applied = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| place.site("NOPE")));
    let text = *applied.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("spec.deploymentSiteRtId") && text.contains("NOPE"), "{text}");
}

/// HUB-8, HUB-15, HUB-18, OCTO-31: while the hub is away a site's status says so; it comes back without help.
#[tokio::test(flavor = "multi_thread")]
async fn a_sites_status_says_whether_the_hub_is_there() {
    let place = Place::new("octo-away", Generation::Sites, json!([])).await;
    place.site(SITE);
    let _operator = place.operator(&[]).await;
    let name = format!("deploymentsites/acme-{SITE}");
    place.kubectl(&["wait", "--for=condition=Registered", &name, "--timeout=60s"]);
    place.hub.set_down(true);
    place.kubectl(&["wait", "--for=condition=Registered=false", &name, "--timeout=60s"]);
    assert_eq!(place.get(&name)["status"]["communicationStatus"], "In Progress");
    place.hub.set_down(false);
    place.kubectl(&["wait", "--for=condition=Registered", &name, "--timeout=120s"]);
}

/// T-10, OCTO-16: a resource that was deleted while no operator ran, and is held by the finalizer of upstream's, goes when
/// ours starts.
#[tokio::test(flavor = "multi_thread")]
async fn what_upstreams_operator_held_is_let_go() {
    let place = Place::new("octo-held", Generation::Pools, json!([])).await;
    let name = format!("acme-{SITE}");
    place.apply(&json!({
        "apiVersion": "octo-mesh.meshmakers.io/v1alpha1", "kind": "CommunicationPool",
        "metadata": {"name": name, "finalizers": ["octo-mesh.meshmakers.io/communicationpoolfinalizer"]},
        "spec": {"tenantId": "acme", "poolRtId": SITE},
    }));
    place.kubectl(&["delete", POOL, "--wait=false"]);
    assert!(place.exists(POOL));
    let _operator = place.operator(&[]).await;
    place.until("the end of the pool", || !place.exists(POOL)).await;
}

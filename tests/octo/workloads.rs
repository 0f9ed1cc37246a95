//! Workloads: deployed, changed, scaled, undeployed.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use pintle_test_support::run;
use serde_json::{Value, json};

use crate::hub::Generation;
use crate::place::{Place, RELEASE, SITE, WORKLOAD};

const VALUES_SECRET: &str = "secret/acme-65d5c447b420da3fb12381a1-octo-secrets";

pub(crate) async fn place(prefix: &str) -> Place {
    Place::new(prefix, Generation::Pools, json!([])).await
}

pub(crate) fn never_ready() -> Value {
    json!({"valuesYaml": "podAnnotations: {\"pintle.dev/test-never-ready\": \"true\"}\n"})
}

fn replicas(place: &Place) -> Value {
    place.get(&format!("deployment/{RELEASE}"))["spec"]["replicas"].clone()
}

pub(crate) async fn succeeded(place: &Place, count: usize) {
    let status = place.hub.deployed(WORKLOAD, count).await;
    assert_eq!((&status["success"], &status["statusMessage"]), (&json!(true), &Value::Null), "{status}");
}

pub(crate) async fn failed(place: &Place, count: usize) -> String {
    let status = place.hub.deployed(WORKLOAD, count).await;
    assert_eq!(status["success"], false, "{status}");
    status["statusMessage"].as_str().unwrap().to_owned()
}

/// OCTO-40, OCTO-45, OCTO-50..53, OCTO-61..63, OCTO-70, OCTO-75, OCTO-86, OCTO-95, T-5, T-8, T-20, HUB-22..26: the life
/// of a workload, with Helm looking on.
#[tokio::test(flavor = "multi_thread")]
async fn a_workload_is_deployed_scaled_changed_and_undeployed() {
    let place = place("octo-life").await;
    let _operator = place.operator(&["BrokerPassword=r4bbit-canary"]).await;
    let values = json!([
        {"path": "logLevel", "value": "debug", "isSecret": false},
        {"path": "secrets.apiKey", "value": "s3cret-canary", "isSecret": true},
    ]);
    place.deploy(json!({"values": values, "valuesYaml": "logLevel: warn\n"}));
    succeeded(&place, 1).await;
    assert_eq!(place.listed()["chart"], "adapter-1.0.0");
    let config = place.get(&format!("configmap/{RELEASE}"))["data"].clone();
    assert_eq!((&config["logLevel"], &config["adapter"]), (&json!("debug"), &json!(WORKLOAD)));
    let secret = place.get(VALUES_SECRET);
    let encoded = |text: &str| json!(BASE64_STANDARD.encode(text));
    assert_eq!(secret["data"]["secrets.apiKey"], encoded("s3cret-canary"));
    assert_eq!(secret["data"]["secrets.rabbitmq"], encoded("r4bbit-canary"));
    assert_eq!(secret["metadata"]["annotations"]["octo-mesh.meshmakers.io/workload-name"], "Energy Adapter");
    let record = place.get(&format!("secret/sh.helm.release.v1.{RELEASE}.v1"));
    assert_eq!(record["metadata"]["labels"]["octo-mesh.meshmakers.io/workload-rt-id"], WORKLOAD);
    // Scaled by the hub, it stays so when it is deployed again, with the newest chart.
    let subject = json!({"tenantId": "acme", "poolRtId": SITE, "workloadRtId": WORKLOAD});
    let scale = |replicas: u32| {
        let mut event = subject.clone();
        event["replicas"] = json!(replicas);
        place.hub.call("ScaleWorkloadAsync", json!([event]));
    };
    scale(3);
    let report = place.hub.called("ReportWorkloadScaleStatusAsync", |_| true).await;
    assert_eq!(report[0]["statusMessage"], "Scaled 1 deployment(s) to 3 replica(s).");
    place.deploy(json!({"chartVersion": " "}));
    succeeded(&place, 2).await;
    assert_eq!((replicas(&place), place.listed()["chart"].clone()), (json!(3), json!("adapter-1.1.0")));
    // A reconciliation keeps the version that is installed.
    place.repository.add("1.2.0");
    place.deploy(json!({"chartVersion": "", "isReconciliation": true}));
    succeeded(&place, 3).await;
    assert_eq!(place.listed()["chart"], "adapter-1.1.0");
    place.deploy(json!({"hibernated": true}));
    succeeded(&place, 4).await;
    assert_eq!(replicas(&place), 0);
    // Helm goes on where we left.
    let mut helm = place.cluster.helm4().unwrap();
    run(helm.args(["rollback", RELEASE, "2", "--namespace", &place.namespace])).unwrap();
    place.undeploy();
    place.until("the end of the release", || !place.exists(VALUES_SECRET)).await;
    assert!(!place.exists(&format!("deployment/{RELEASE}")));
    scale(1);
    let nothing = "No Deployments found for the workload's helm release; nothing scaled.";
    place.hub.called("ReportWorkloadScaleStatusAsync", |report| report[0]["statusMessage"] == nothing).await;
}

/// OCTO-52, OCTO-74, OCTO-80, OCTO-81, X-8: a deployment whose image can't be pulled tells so while it runs and when it
/// has failed; the revision before runs on, with its Secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_deployment_says_why_and_leaves_the_one_before_working() {
    let place = place("octo-failed").await;
    let _operator = place.operator(&["Helm.TimeoutSeconds=7"]).await;
    let secret = |value: &str| json!([{"path": "secrets.apiKey", "value": value, "isSecret": true}]);
    place.deploy(json!({"values": secret("first-canary")}));
    succeeded(&place, 1).await;
    let broken = "podAnnotations: {\"pintle.dev/test-waiting\": ImagePullBackOff}\n";
    place.deploy(json!({"values": secret("second-canary"), "valuesYaml": broken}));
    let pull = |text: &Value| text.as_str().is_some_and(|text| text.contains("waiting: ImagePullBackOff"));
    let progress =
        place.hub.called("ReportWorkloadDeploymentProgressAsync", |report| pull(&report[0]["message"])).await;
    assert_eq!(progress[0]["workloadRtId"], WORKLOAD);
    let message = failed(&place, 2).await;
    assert!(message.contains("\n\nPod diagnostics:\nPod "), "{message}");
    assert!(message.contains("container 'adapter' waiting: ImagePullBackOff"), "{message}");
    assert!(!message.contains("canary"));
    assert_eq!(place.listed()["status"], "deployed");
    let kept = place.get(VALUES_SECRET)["data"]["secrets.apiKey"].clone();
    assert_eq!(kept, BASE64_STANDARD.encode("first-canary"));
    assert!(!place.exists(&format!("{VALUES_SECRET}-previous")));
}

/// OCTO-85, T-1, HUB-28: an undeploy stops a deployment that runs, within seconds, and one end of it is reported.
#[tokio::test(flavor = "multi_thread")]
async fn an_undeploy_stops_a_deployment_that_runs() {
    let place = place("octo-cancel").await;
    let _operator = place.operator(&[]).await;
    place.deploy(never_ready());
    let waiting =
        |report: &Value| report[0]["message"].as_str().is_some_and(|text| text.contains("Waiting for"));
    place.hub.called("ReportWorkloadDeploymentProgressAsync", waiting).await;
    let asked = std::time::Instant::now();
    place.undeploy();
    let message = failed(&place, 1).await;
    println!("an undeploy took {:?} to stop a deployment", asked.elapsed());
    assert!(message.contains("undeployed"), "{message}");
    place.until("the end of the release", || !place.exists(&format!("deployment/{RELEASE}"))).await;
    println!("and {:?} until nothing was left", asked.elapsed());
    place.deploy(json!({}));
    succeeded(&place, 2).await;
    assert_eq!(place.hub.calls("ReportWorkloadDeploymentStatusAsync").len(), 2);
}

/// OCTO-73, D9: what schemas, quotas of objects and other managers have against a deployment is found before anything
/// is changed. OCTO-90..92: a conflict is explained; with ForceConflicts the fields are taken.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_applied_changes_nothing() {
    let place = place("octo-trial").await;
    let operator = place.operator(&[]).await;
    place.deploy(json!({"valuesYaml": "logLevel: shout\n"}));
    let message = failed(&place, 1).await;
    assert!(message.contains("logLevel") && !place.exists(&format!("deployment/{RELEASE}")), "{message}");
    place.kubectl(&["create", "quota", "none", "--hard=count/configmaps=1"]);
    place.deploy(json!({}));
    let message = failed(&place, 2).await;
    assert!(message.contains("exceeded quota") && message.contains("--dry-run=server"), "{message}");
    place.kubectl(&["delete", "quota/none"]);
    place.deploy(json!({}));
    succeeded(&place, 3).await;
    place.kubectl(&[
        "set",
        "image",
        &format!("deployment/{RELEASE}"),
        "adapter=example/other:1",
        "--field-manager=kubectl-set",
    ]);
    let changed = json!({"values": [{"path": "image", "value": "example/adapter:2", "isSecret": false}]});
    place.deploy(changed.clone());
    let message = failed(&place, 4).await;
    for part in ["\"kubectl-set\" (a change by hand)", "image", "delete the Deployment", "ForceConflicts"] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert_eq!(place.listed()["revision"], "1");
    assert!(operator.stop().unwrap().success());
    let _forcing = place.operator(&["Helm.ForceConflicts=true"]).await;
    place.deploy(changed);
    succeeded(&place, 5).await;
}

/// T-2, HUB-18: what has ended while the hub was away is reported when it is back, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_could_not_be_sent_is_sent_later() {
    let place = place("octo-outbox").await;
    let _operator = place.operator(&[]).await;
    place.deploy(json!({"valuesYaml": "podAnnotations: {\"pintle.dev/test-ready-after\": 3s}\n"}));
    place.until("the deployment", || place.exists(&format!("deployment/{RELEASE}"))).await;
    place.hub.set_down(true);
    let record = format!("secret/sh.helm.release.v1.{RELEASE}.v1");
    let ended = || place.get(&record)["metadata"]["labels"]["status"] == "deployed";
    place.until("the end of the deployment", ended).await;
    assert!(place.hub.calls("ReportWorkloadDeploymentStatusAsync").is_empty());
    place.hub.set_down(false);
    succeeded(&place, 1).await;
}

/// T-3, T-4, OCTO-7, HUB-12, HUB-16: an operator that was killed in the middle of a deployment; its successor goes on when
/// the hub asks again.
#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_survives_the_death_of_its_operator() {
    let place = place("octo-killed").await;
    let first = place.operator(&[]).await;
    place.deploy(never_ready());
    place.until("the deployment", || place.exists(&format!("deployment/{RELEASE}"))).await;
    drop(first);
    let _second = place.operator(&[]).await;
    place.deploy(json!({"isReconciliation": true}));
    succeeded(&place, 1).await;
    assert_eq!(place.listed()["status"], "deployed");
}

/// Decision 3, OCTO-101, X-7: a name that another workload has is refused, and nothing of it is changed, also not by an
/// undeploy.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_anothers_is_refused() {
    let place = place("octo-taken").await;
    let _operator = place.operator(&[]).await;
    let tenant = "b".repeat(29);
    let (one, two) = ("670000000000000000000001", "670000000000000000000002");
    place.deploy(json!({"tenantId": tenant, "workloadRtId": one}));
    assert_eq!(place.hub.deployed(one, 1).await["success"], true);
    place.deploy(json!({"tenantId": tenant, "workloadRtId": two}));
    let refused = place.hub.deployed(two, 1).await;
    let message = refused["statusMessage"].as_str().unwrap();
    assert!(
        message.contains(&format!("{tenant}/{one}")) && message.contains(&format!("{tenant}/{two}")),
        "{message}"
    );
    let subject = json!({"tenantId": tenant, "poolRtId": SITE, "workloadRtId": two});
    place.hub.call("WorkloadUndeployedAsync", json!([subject]));
    let mut scale = subject.clone();
    scale["replicas"] = json!(0);
    place.hub.call("ScaleWorkloadAsync", json!([scale]));
    let report = place.hub.called("ReportWorkloadScaleStatusAsync", |_| true).await;
    assert_eq!(report[0]["success"], false);
    assert_eq!(place.listed()["status"], "deployed");
}

/// HUB-28, decision 4: many deployments at once, several of one release in their order, and events twice.
#[tokio::test(flavor = "multi_thread")]
async fn many_deployments_at_once_all_end_well() {
    let place = place("octo-many").await;
    let _operator = place.operator(&[]).await;
    let ids: Vec<String> = (0..10).map(|at| format!("{at:024x}")).collect();
    for id in &ids {
        place.deploy(json!({"workloadRtId": id}));
        place.deploy(json!({"workloadRtId": id, "valuesYaml": "logLevel: debug\n"}));
    }
    for id in &ids {
        assert_eq!(place.hub.deployed(id, 2).await["success"], true);
        let config = place.get(&format!("configmap/acme-{id}"));
        assert_eq!(config["data"]["logLevel"], "debug");
    }
}

/// HUB-4, HUB-27, T-17: what can't be understood does no harm; the connection stays.
#[tokio::test(flavor = "multi_thread")]
async fn events_that_make_no_sense_do_no_harm() {
    let place = place("octo-odd").await;
    let _operator = place.operator(&[]).await;
    place.hub.call("WorkloadDeployedAsync", json!([]));
    place.hub.call("WorkloadDeployedAsync", json!(["nonsense"]));
    place.hub.call("WorkloadDeployedAsync", json!([{"tenantId": "acme", "values": 7}]));
    place.hub.call("TenantCreatedAsync", json!(["acme"]));
    place.hub.call("ScaleWorkloadAsync", json!([{"replicas": "many"}]));
    place.hub.call("PoolUndeployedAsync", json!([null]));
    place.hub.send(json!({"type": 42}));
    place.deploy(json!({"workloadType": 77, "unknown": {"a": [1]}}));
    succeeded(&place, 1).await;
    assert_eq!(place.hub.calls("RegisterOperatorAsync").len(), 1);
}

/// OCTO-60, OCTO-66, D4: charts from a repository with a login; where it is refused, the error says so and shows no
/// password.
#[tokio::test(flavor = "multi_thread")]
async fn charts_come_from_repositories_with_logins() {
    let place = place("octo-login").await;
    let _operator = place.operator(&[]).await;
    let private = format!("{}/private", place.repository.url);
    let login = |password: &str| json!({"repositoryUrl": private, "repositoryUsername": "me", "repositoryPassword": password});
    place.deploy(login("wrong-canary"));
    let message = failed(&place, 1).await;
    assert!(message.contains("401") && !message.contains("canary"), "{message}");
    place.deploy(login("s3cret-login"));
    succeeded(&place, 2).await;
}

/// OCTO-88, OCTO-89: an adapter pool belongs to its site, and goes with it.
#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_pool_belongs_to_its_site() {
    let place = Place::new("octo-pool", Generation::Sites, json!([])).await;
    place.site(SITE);
    let _operator = place.operator(&[]).await;
    let values = json!([{"path": "secrets.apiKey", "value": "x-canary", "isSecret": true}]);
    let site = json!({"workloadType": 2, "poolRtId": null, "deploymentSiteRtId": SITE, "values": values});
    place.deploy(site);
    succeeded(&place, 1).await;
    let uid = place.get(&format!("deploymentsites/acme-{SITE}"))["metadata"]["uid"].clone();
    for object in [VALUES_SECRET.to_owned(), format!("deployment/{RELEASE}")] {
        place
            .until("the owner", || {
                let owner = place.get(&object)["metadata"]["ownerReferences"][0].clone();
                owner["uid"] == uid && owner["controller"] == false
            })
            .await;
    }
    place.kubectl(&["delete", &format!("deploymentsites/acme-{SITE}"), "--timeout=60s"]);
    place.until("the garbage collector", || !place.exists(&format!("deployment/{RELEASE}"))).await;
}

/// OCTO-6, X-18: of two operators only the leader is connected and deploys; the other takes over.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_leader_talks_to_the_hub() {
    let place = place("octo-leader").await;
    let first = place.leading("one");
    place.until("the first connection", || place.hub.operators() == 1).await;
    let _second = place.leading("two");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(place.hub.operators(), 1);
    assert!(first.stop().unwrap().success());
    place.until("the second connection", || place.hub.calls("RegisterOperatorAsync").len() == 2).await;
    place.deploy(json!({}));
    succeeded(&place, 1).await;
    assert_eq!(place.hub.calls("UnregisterOperatorAsync").len(), 1);
}

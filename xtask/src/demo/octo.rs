//! `cargo xtask demo --octo`: a hub has an edge operator deploy, upgrade and undeploy a workload.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::hub::Hub;
use super::release::NAMESPACE;
use super::stage::Stage;
use super::step;
use crate::error::Error;
use crate::repository::Repository;
use crate::workspace;

const CHART: &str = "fixtures/charts/adapter";
const SITE: &str = "65d5c447b420da3fb12381a0";
const WORKLOAD: &str = "65d5c447b420da3fb12381a1";
const ENDED: &str = "ReportWorkloadDeploymentStatusAsync";

/// Plays on a stage that is free, with this pintle.
pub(super) fn play(stage: &Stage, program: &Path) -> Result<(), Error> {
    step("Starting the hub: ASP.NET Core, in the part of the communication controller");
    let hub = Hub::start()?;
    let repository = repository(stage)?;
    step("An edge site, made by hand; its operator registers it with the hub");
    let site = stage.directory.join("site.yaml");
    let manifest = format!(
        "apiVersion: octo-mesh.meshmakers.io/v1\nkind: DeploymentSite\nmetadata:\n  name: acme-{SITE}\nspec:\n  \
         tenantId: acme\n  deploymentSiteRtId: {SITE}\n"
    );
    print!("{manifest}");
    fs::write(&site, manifest).map_err(|source| Error::Read { path: site.clone(), source })?;
    stage.show(stage.within("apply")?.arg("-f").arg(&site))?;
    let _operator = stage.edge_operator(program, &hub.url())?;
    let mut seen = 0;
    hub.follow(&mut seen, "RegisterDeploymentSiteAsync")?;
    stage.show(stage.within("wait")?.args(["deploymentsites", "--all", "--for=condition=Registered"]))?;
    stage.show(stage.within("get")?.arg("deploymentsites"))?;
    step("The hub deploys a workload whose pods take five seconds");
    let slowly = json!({"chartVersion": "1.0.0",
        "valuesYaml": "podAnnotations: {\"pintle.dev/test-ready-after\": 5s}\n"});
    hub.call("WorkloadDeployedAsync", &workload(&repository.url, slowly))?;
    hub.follow(&mut seen, ENDED)?;
    stage.show(stage.within("get")?.arg("deployments,pods"))?;
    step("And upgrades it to the newest chart");
    hub.call("WorkloadDeployedAsync", &workload(&repository.url, json!({"chartVersion": ""})))?;
    hub.follow(&mut seen, ENDED)?;
    stage.show(stage.helm()?.args(["list", "--namespace", NAMESPACE]))?;
    step("A version whose image does not exist: the one before stays");
    let broken = json!({"valuesYaml": "podAnnotations: {\"pintle.dev/test-waiting\": ImagePullBackOff}\n"});
    hub.call("WorkloadDeployedAsync", &workload(&repository.url, broken))?;
    hub.follow(&mut seen, ENDED)?;
    stage.show(stage.helm()?.args(["history", &format!("acme-{WORKLOAD}"), "--namespace", NAMESPACE]))?;
    step("The hub undeploys it");
    hub.call("WorkloadUndeployedAsync", &workload(&repository.url, json!({})))?;
    stage.show(stage.within("wait")?.args(["deployments", "--all", "--for=delete", "--timeout=60s"]))?;
    stage.show(stage.helm()?.args(["list", "--namespace", NAMESPACE]))?;
    stage
        .show(stage.within("get")?.args(["events", "--field-selector=involvedObject.kind=DeploymentSite"]))?;
    stage.show(stage.within("delete")?.args(["deploymentsites", "--all", "--timeout=60s"]))
}

/// A repository with two versions of the chart.
fn repository(stage: &Stage) -> Result<Repository, Error> {
    let directory = stage.directory.join("repository");
    fs::create_dir_all(&directory).map_err(|source| Error::Read { path: directory.clone(), source })?;
    for version in ["1.0.0", "1.1.0"] {
        let chart = workspace::root().join(CHART);
        let package = ["package", "--version", version, "--destination"];
        stage.show(stage.helm()?.args(package).arg(&directory).arg(chart))?;
    }
    let repository = Repository::serve(&directory)?;
    stage.show(stage.helm()?.args(["repo", "index", "--url", &repository.url]).arg(&directory))?;
    Ok(repository)
}

/// The event about the workload, with more members.
fn workload(repository: &str, more: Value) -> Value {
    let mut event = json!({
        "tenantId": "acme", "deploymentSiteRtId": SITE, "workloadName": "Energy Adapter",
        "workloadRtId": WORKLOAD, "workloadType": 0, "repositoryUrl": repository, "chartName": "adapter",
    });
    if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
        event.extend(more);
    }
    event
}

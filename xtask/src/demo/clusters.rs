//! `cargo xtask demo --clusters N`: one operator, several control planes, a Tenant and a `ReleaseSet`.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use pintle_test_support::{Cluster, ClusterOptions};

use super::release::NAMESPACE;
use super::source::Source;
use super::stage::Stage;
use super::step;
use crate::error::Error;
use crate::workspace;

const PATIENCE: Duration = Duration::from_secs(180);
const LABEL: &str = "sigs.k8s.io/multicluster-runtime-kubeconfig=true";

/// A cluster that releases go to.
struct Edge {
    name: String,
    region: &'static str,
    stage: Stage,
    _cluster: Cluster,
}

/// Plays on so many clusters, of which `stage` is the first, and ends when told to.
pub(super) fn play(stage: &Stage, program: &Path, count: u8, wait: bool) -> Result<(), Error> {
    let edges: Result<Vec<Edge>, Error> = (1..count).map(|number| edge(stage, number)).collect();
    let edges = edges?;
    step("Packing the chart into a repository");
    let source = Source::local(stage, None)?;
    step("Starting the operator, and giving it a Secret with a kubeconfig for each other cluster");
    stage.define()?;
    let operator = stage.operator(
        program,
        &[
            "--krypton",
            "--release-sets",
            "--ensure-watch-crds",
            "--namespace",
            NAMESPACE,
            "--check-interval=5s",
        ],
    )?;
    for edge in &edges {
        let file = format!("--from-file=kubeconfig={}", edge.kubeconfig().display());
        stage.show(stage.within("create")?.args(["secret", "generic", &edge.name, &file]))?;
        let region = format!("region={}", edge.region);
        stage.show(stage.within("label")?.args(["secret", &edge.name, LABEL, &region]))?;
    }
    let outcome = shows(stage, &edges, &source);
    if outcome.is_err() {
        println!("The operator's log is {}", stage.log().display());
    } else if wait {
        println!("\nLook around; Enter ends it all and leaves nothing.");
        for edge in &edges {
            println!("    {}: export KUBECONFIG={}", edge.name, edge.kubeconfig().display());
        }
        // Without a terminal this returns at once, which ends it just as well.
        let _ = io::stdin().read_line(&mut String::new());
    }
    drop(operator);
    outcome
}

fn edge(stage: &Stage, number: u8) -> Result<Edge, Error> {
    let name = format!("edge{number:02}");
    step(&format!("Starting another control plane: {name}"));
    let cluster = Cluster::start(&ClusterOptions::default())?;
    let kubeconfig = Some(cluster.kubeconfig().to_owned());
    let region = if number % 2 == 1 { "eu" } else { "us" };
    let stage = Stage { kubeconfig, directory: stage.directory.clone() };
    Ok(Edge { name, region, stage, _cluster: cluster })
}

fn shows(stage: &Stage, edges: &[Edge], source: &Source) -> Result<(), Error> {
    step("A ReleaseSet: one release on every cluster, with values from the labels of their Secrets");
    apply(stage, "release-set.yaml", &release_set(source))?;
    let total = edges.len() + 1;
    let summary = format!("{total}/{total}");
    until(stage, "releaseset/shop", "{.status.summary}: {.status.conditions[0].message}", &summary)?;
    stage.show(stage.within("get")?.arg("releasesets"))?;
    let Some(edge) = edges.first() else { return Ok(()) };
    step(&format!("A Tenant on {}, as the krypton operator has them", edge.name));
    until(&edge.stage, "crd/tenants.mesh.openkcm.io", "{.metadata.name}", "tenants.mesh.openkcm.io")?;
    apply(&edge.stage, "tenant.yaml", &tenant(source))?;
    until(&edge.stage, "tenant/acme", "{.status.phase}: {.status.lastMessage}", "Ready")?;
    edge.stage.show(edge.stage.kubectl()?.args(["get", "tenants,deployments", "--all-namespaces"]))?;
    edge.stage.show(edge.stage.helm()?.args(["list", "--all-namespaces"]))?;
    step("Somebody deletes what was installed there: it is repaired, and said");
    let deployment = ["delete", "deployment", "--all", "--namespace=acme"];
    edge.stage.show(edge.stage.kubectl()?.args(deployment))?;
    until(&edge.stage, "tenant/acme", "revision {.status.revision}, {.status.phase}", "revision 2, Ready")?;
    let events = ["get", "events", "--namespace", NAMESPACE, "--field-selector=reason=RepairTriggered"];
    edge.stage.show(edge.stage.kubectl()?.args(events))?;
    step("The Secrets of clusters, and what is known of them");
    stage.show(stage.within("get")?.args(["events", "--field-selector=involvedObject.kind=Secret"]))
}

fn apply(stage: &Stage, file: &str, text: &str) -> Result<(), Error> {
    print!("{text}");
    let path = stage.directory.join(file);
    fs::write(&path, text).map_err(|source| Error::Read { path: path.clone(), source })?;
    let made = ["create", "namespace", NAMESPACE, "--dry-run=client", "--output=yaml"];
    let namespace = stage.directory.join("namespace.yaml");
    let text = workspace::output(stage.kubectl()?.args(made))?;
    fs::write(&namespace, text).map_err(|source| Error::Read { path: namespace.clone(), source })?;
    workspace::output(stage.kubectl()?.args(["apply", "--server-side", "-f"]).arg(&namespace))?;
    stage.show(stage.kubectl()?.args(["apply", "-f"]).arg(&path))
}

/// Waits until what kubectl prints of an object begins with a text, and shows each change on the way.
fn until(stage: &Stage, object: &str, template: &str, wanted: &str) -> Result<(), Error> {
    let started = Instant::now();
    let mut before = String::new();
    loop {
        let query = format!("--output=jsonpath={template}");
        let mut command: Command = stage.within("get")?;
        let now = workspace::output(command.args([object, &query, "--ignore-not-found"]))?;
        if now != before {
            println!("  {:5.1} s  {now}", started.elapsed().as_secs_f64());
        }
        if now.starts_with(wanted) {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            let seconds = PATIENCE.as_secs();
            return Err(Error::Message(format!("{object} was not {wanted:?} in {seconds} s: {now}")));
        }
        before = now;
        thread::sleep(Duration::from_millis(300));
    }
}

fn release_set(source: &Source) -> String {
    let Source { url, name, .. } = source;
    format!(
        "apiVersion: pintle.dev/v1alpha1
kind: ReleaseSet
metadata:
  name: shop
  namespace: {NAMESPACE}
spec:
  waves:
    - clusterSelector:
        matchLabels: {{region: eu}}
  clusterValues:
    - {{path: domain, label: region, default: home}}
  template:
    spec:
      chart:
        repository: {{url: {url:?}, name: {name:?}}}
      targetNamespace: shop
      install: {{createNamespace: true}}
      values:
        base: {{replicas: 1, autoscaling: {{enabled: false}}}}
"
    )
}

fn tenant(source: &Source) -> String {
    let Source { url, name, .. } = source;
    format!(
        "apiVersion: mesh.openkcm.io/v1alpha1
kind: Tenant
metadata:
  name: acme
  namespace: {NAMESPACE}
spec:
  chart:
    repository: {{url: {url:?}, name: {name:?}}}
  values: {{replicas: 1, autoscaling: {{enabled: false}}}}
"
    )
}

impl Edge {
    fn kubeconfig(&self) -> &Path {
        self.stage.kubeconfig.as_deref().unwrap_or(Path::new(""))
    }
}

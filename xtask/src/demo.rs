//! `cargo xtask demo`: everything once, before your eyes.
//!
//! A control plane, a chart repository and the operator, all on this machine; a `Release` that becomes pods; Helm,
//! looking at it; an upgrade. Ends when told to, and takes everything with it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{fs, io};

use pintle_test_support::{Cluster, ClusterOptions, helm4, kubectl, scratch};

use crate::error::Error;
use crate::pintle::{self, Profile};
use crate::repository::Repository;
use crate::workspace;

/// The arguments of `cargo xtask demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A cluster that runs already, instead of one of our own
    #[arg(long)]
    kubeconfig: Option<PathBuf>,
    /// The directory of the chart to install
    #[arg(long, default_value = "fixtures/charts/shop")]
    chart: PathBuf,
    /// Ends without waiting for Enter
    #[arg(long)]
    no_wait: bool,
}

const RELEASE: &str = "web";

/// Runs the demonstration.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    step("Building pintle");
    let binary = pintle::build(Profile::Fast)
        .map_err(|problem| Error::Output { program: "cargo build".into(), problem })?;
    let cluster = match &args.kubeconfig {
        Some(_) => None,
        None => {
            step(
                "Starting a control plane: etcd, kube-apiserver, controllers, scheduler, and pods that are acted",
            );
            Some(Cluster::start(&ClusterOptions::default())?)
        }
    };
    let given = args.kubeconfig.clone();
    let kubeconfig = given.or_else(|| cluster.as_ref().map(|cluster| cluster.kubeconfig().to_owned()));
    let stage = Stage { kubeconfig: kubeconfig.unwrap_or_default() };
    let _operator = stage.play(&binary, &workspace::root().join(&args.chart))?;
    if !args.no_wait {
        println!("\n    export KUBECONFIG={}", stage.kubeconfig.display());
        println!("\nLook around; Enter ends it all and leaves nothing.");
        // Without a terminal this returns at once, which ends it just as well.
        let _ = io::stdin().read_line(&mut String::new());
    }
    step("Deleting the Release uninstalls it");
    stage.show(stage.kubectl()?.args(["delete", "release", RELEASE, "--timeout=120s"]))?;
    stage.show(stage.helm()?.args(["list", "--all-namespaces"]))
}

/// Where it plays.
struct Stage {
    kubeconfig: PathBuf,
}

impl Stage {
    /// Ends with the operator still at work.
    fn play(&self, binary: &Path, chart: &Path) -> Result<Running, Error> {
        step("Packing the chart into a repository");
        let directory = scratch()?;
        self.show(self.helm()?.args(["package", "--destination"]).arg(&directory).arg(chart))?;
        let repository = Repository::serve(&directory)?;
        self.show(self.helm()?.args(["repo", "index", "--url", &repository.url]).arg(&directory))?;
        step("Starting the operator");
        self.show(self.kubectl()?.args(["apply", "-f"]).arg(workspace::root().join("crds")))?;
        let wait = ["wait", "--for=condition=Established", "crd/releases.pintle.dev"];
        self.show(self.kubectl()?.args(wait))?;
        let operator = self.operator(binary)?;
        step("Applying a Release with three layers of values");
        let name = chart.file_name().unwrap_or_default().to_string_lossy();
        let manifest = release(&repository.url, &name);
        println!("{manifest}");
        let file = directory.join("release.yaml");
        fs::write(&file, manifest).map_err(|source| Error::Read { path: file.clone(), source })?;
        self.show(self.kubectl()?.args(["apply", "-f"]).arg(&file))?;
        self.ready("1")?;
        step("Helm sees it");
        self.show(self.helm()?.args(["list", "--all-namespaces"]))?;
        step("Changing one override");
        let patch = r#"[{"op": "replace", "path": "/spec/values/overrides/0/value", "value": "2.5"}]"#;
        self.show(self.kubectl()?.args(["patch", "release", RELEASE, "--type=json", "--patch", patch]))?;
        self.ready("2")?;
        self.show(self.helm()?.args(["history", RELEASE]))?;
        Ok(operator)
    }

    /// Waits until that revision is ready, and shows what came of it.
    fn ready(&self, revision: &str) -> Result<(), Error> {
        let condition = format!("--for=jsonpath={{.status.revision}}={revision}");
        let release = format!("release/{RELEASE}");
        self.show(self.kubectl()?.args(["wait", &condition, &release, "--timeout=180s"]))?;
        self.show(self.kubectl()?.args(["wait", "--for=condition=Ready", &release, "--timeout=180s"]))?;
        self.show(self.kubectl()?.args(["get", "releases,pods"]))
    }

    fn operator(&self, binary: &Path) -> Result<Running, Error> {
        let mut command = Command::new(binary);
        command.args(["operator", "run", "--address=127.0.0.1:0", "--kubeconfig"]).arg(&self.kubeconfig);
        command.stdin(Stdio::null());
        command.spawn().map(Running).map_err(workspace::start_failed(&command))
    }

    fn kubectl(&self) -> Result<Command, Error> {
        self.here(kubectl()?)
    }

    fn helm(&self) -> Result<Command, Error> {
        self.here(helm4()?)
    }

    fn here(&self, mut command: Command) -> Result<Command, Error> {
        command.env("KUBECONFIG", &self.kubeconfig);
        Ok(command)
    }

    /// Prints a command as one would type it, and runs it.
    fn show(&self, command: &mut Command) -> Result<(), Error> {
        let program =
            Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        println!("$ {program} {}", arguments.join(" "));
        workspace::run(command)
    }
}

/// A process that ends with us.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn step(text: &str) {
    println!("\n== {text}");
}

fn release(repository: &str, chart: &str) -> String {
    format!(
        r#"apiVersion: pintle.dev/v1alpha1
kind: Release
metadata:
  name: {RELEASE}
  namespace: default
spec:
  chart:
    repository:
      url: {repository}
      name: {chart}
  values:
    context:
      domain: demo.example
    base:
      replicas: 3
      autoscaling:
        enabled: false
    overrides:
      - path: image.tag
        value: "2.4"
      - path: database.password
        secret: true
        value: open-sesame
"#
    )
}

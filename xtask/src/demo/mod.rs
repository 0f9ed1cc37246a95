//! `cargo xtask demo`: everything once, before your eyes.
//!
//! A control plane, a chart repository and the operator, all on this machine; a `Release` that becomes pods; Helm,
//! looking at it; an upgrade. Ends when told to, and takes everything with it.

mod clusters;
mod hub;
mod octo;
mod prerequisites;
mod progress;
mod release;
mod source;
mod stage;

use std::io;
use std::path::{Path, PathBuf};

use pintle_test_support::{Cluster, ClusterOptions, parts, scratch};

use self::release::{NAME, NAMESPACE};
use self::source::Source;
use self::stage::Stage;
use crate::error::Error;
use crate::pintle::{self, Profile};

/// The arguments of `cargo xtask demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Play in a cluster that runs already, the one kubectl would use when no file is given, instead of one of our own
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<Option<PathBuf>>,
    /// The chart to install: a directory or an archive; with --repo its name there [default: a small shop]
    #[arg(long)]
    chart: Option<String>,
    /// The URL of the repository that has the chart, instead of one on this machine
    #[arg(long, value_name = "URL", requires = "chart")]
    repo: Option<String>,
    /// The chart's version, or a range of versions [default: the newest]
    #[arg(long, requires = "repo")]
    version: Option<String>,
    /// Show the communication operator instead: a hub has an edge site deploy a workload
    #[arg(long, conflicts_with_all = ["kubeconfig", "chart", "repo"])]
    octo: bool,
    /// Play on so many clusters of our own instead: a ReleaseSet over all of them, and a Tenant
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(2..=4), conflicts_with_all = ["kubeconfig", "chart", "repo"])]
    clusters: Option<u8>,
    /// The pintle binary; built when absent
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// End without waiting for Enter
    #[arg(long)]
    no_wait: bool,
}

/// Runs the demonstration.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    prerequisites::check(args.program.is_none(), args.kubeconfig.is_none())?;
    step("Building pintle, and what it is shown with");
    let program = match &args.program {
        Some(program) => program.clone(),
        None => pintle::build(Profile::Fast)?,
    };
    for part in [&parts::KUBECTL, &parts::HELM4] {
        part.ensure()?;
    }
    let (cluster, kubeconfig) = cluster(args)?;
    let stage = Stage { kubeconfig, directory: scratch()? };
    stage.check()?;
    if args.octo {
        step("Defining the resources");
        stage.define()?;
        let outcome = octo::play(&stage, &program);
        drop(cluster);
        return outcome;
    }
    if let Some(count) = args.clusters {
        return clusters::play(&stage, &program, count, !args.no_wait);
    }
    let source = match (&args.repo, &args.chart) {
        (Some(url), Some(name)) => Source::remote(url, name, args.version.as_deref()),
        (_, chart) => {
            step("Packing the chart into a repository");
            Source::local(&stage, chart.as_deref())?
        }
    };
    step("Starting the operator");
    let known = stage.define()?;
    let operator = stage.operator(&program, &[])?;
    let outcome = play(&stage, &source);
    if outcome.is_ok() {
        look_further(&stage, &program, args.kubeconfig.is_some())?;
        if !args.no_wait {
            println!("\nLook around; Enter ends it all and leaves nothing.");
            // Without a terminal this returns at once, which ends it just as well.
            let _ = io::stdin().read_line(&mut String::new());
        }
    } else {
        stage.explain();
    }
    step("Deleting the Release uninstalls it");
    let cleaned = stage.clean_up(known);
    drop(operator);
    drop(cluster);
    outcome.and(cleaned)
}

/// The cluster, if it is one of our own, and the kubeconfig; none is for kubectl to find.
fn cluster(args: &Args) -> Result<(Option<Cluster>, Option<PathBuf>), Error> {
    if let Some(path) = &args.kubeconfig {
        return Ok((None, path.clone()));
    }
    step("Starting a control plane: etcd, kube-apiserver, controllers, scheduler, and pods that are acted");
    let cluster = Cluster::start(&ClusterOptions::default())?;
    let kubeconfig = cluster.kubeconfig().to_owned();
    Ok((Some(cluster), Some(kubeconfig)))
}

fn play(stage: &Stage, source: &Source) -> Result<(), Error> {
    step("Applying a Release with three layers of values");
    let file = stage.directory.join("release.yaml");
    let manifest = release::manifest(source);
    print!("{manifest}");
    std::fs::write(&file, manifest).map_err(|source| Error::Read { path: file.clone(), source })?;
    stage.show(stage.kubectl()?.args(["apply", "-f"]).arg(&file))?;
    progress::until_ready(stage, 1)?;
    stage.show(stage.within("get")?.arg("releases,pods"))?;
    step("Helm sees it");
    stage.show(stage.helm()?.args(["list", "--all-namespaces"]))?;
    stage.show(stage.helm()?.args(["history", NAME, "--namespace", NAMESPACE]))?;
    step("Changing one override");
    let patch = release::patch(source);
    stage.show(stage.within("patch")?.args(["release", NAME, "--type=json", "--patch", &patch]))?;
    progress::until_ready(stage, 2)?;
    stage.show(stage.within("get")?.arg("releases,pods"))?;
    stage.show(stage.helm()?.args(["history", NAME, "--namespace", NAMESPACE]))
}

/// Says how to look at what is there, and how to remove it should this be interrupted.
fn look_further(stage: &Stage, program: &Path, foreign: bool) -> Result<(), Error> {
    step("How to look further, in another terminal");
    if let Some(kubeconfig) = &stage.kubeconfig {
        println!("    export KUBECONFIG={}", kubeconfig.display());
    }
    for (name, path) in
        [("kubectl", parts::KUBECTL.path()?), ("helm", parts::HELM4.path()?), ("pintle", program.to_owned())]
    {
        println!("    alias {name}='{} --namespace {NAMESPACE}'", path.display());
    }
    println!("    kubectl describe release {NAME}");
    println!("    kubectl edit release {NAME}         # makes a revision, if it changes what is installed");
    println!("    helm get values {NAME}; helm get manifest {NAME}");
    println!("    pintle status {NAME}");
    println!("    less {}", stage.log().display());
    if foreign {
        println!("\nWhat an interruption would leave is removed by");
        println!("    helm uninstall {NAME}; kubectl delete namespace {NAMESPACE}");
        println!("    kubectl delete crd releases.pintle.dev   # unless it was there before");
    }
    Ok(())
}

fn step(text: &str) {
    println!("\n== {text}");
}

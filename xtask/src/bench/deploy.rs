//! `cargo xtask bench deploy`: installing and upgrading charts of many objects, beside Helm 4, requests counted.
//!
//! Times are taken straight at the API server, in turns; requests are counted in one more run of each, through a proxy.
//! The server does most of the work, and it is the same server for both: what counts is how often it is asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use pintle_test_support::{Cluster, Proxy, scratch};

use super::measure::{Contender, contenders, middle, milliseconds, ratio};

/// Arguments of `cargo xtask bench deploy`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Rounds, in each of which the two programs take turns
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Numbers of objects
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1000])]
    objects: Vec<usize>,
    /// The pintle to measure; a release build when absent
    #[arg(long)]
    program: Option<PathBuf>,
}

/// What is measured of one program at one size.
#[derive(Default)]
struct Figures {
    install: Vec<Duration>,
    upgrade: Vec<Duration>,
    /// Requests of an install and of an upgrade.
    requests: [u64; 2],
}

/// Measures and prints a line per number of objects and action.
pub(super) fn run(arguments: &Arguments) -> Result<(), String> {
    let [_, helm4, pintle] = contenders(arguments.program.as_deref())?;
    let cluster = Cluster::shared().map_err(|error| error.to_string())?;
    println!(
        "{:>8} {:>8} {:>10} {:>10} {:>8} {:>10} {:>10}",
        "objects", "", "helm4 ms", "pintle ms", "faster", "helm4 req", "pintle req"
    );
    for objects in &arguments.objects {
        let chart = chart(*objects).map_err(|error| error.to_string())?;
        let mut figures: [Figures; 2] = Default::default();
        for round in 0..=arguments.rounds.max(1) {
            for (program, figures) in [&helm4, &pintle].into_iter().zip(&mut figures) {
                measure(cluster, program, &chart, round == 0, figures)?;
            }
        }
        print(*objects, &figures);
    }
    Ok(())
}

/// Installs and upgrades in a namespace of its own; the round that counts takes no times.
fn measure(
    cluster: &Cluster,
    program: &Contender,
    chart: &Path,
    counts: bool,
    figures: &mut Figures,
) -> Result<(), String> {
    let failed = |error: pintle_test_support::Error| error.to_string();
    let namespace = cluster.namespace("bench-deploy").map_err(failed)?;
    let mut proxy = if counts { Some(Proxy::start(cluster.kubeconfig()).map_err(failed)?) } else { None };
    let kubeconfig = proxy.as_ref().map_or(cluster.kubeconfig(), Proxy::kubeconfig).to_owned();
    let chart = chart.to_string_lossy();
    for (index, action) in ["install", "upgrade"].into_iter().enumerate() {
        let value = format!("round={index}");
        let request = [action, "bench", &chart, "--namespace", &namespace, "--set", &value];
        let cost = program.run_on(&kubeconfig, &request)?;
        match &mut proxy {
            Some(proxy) => figures.requests[index] = proxy.counts().map_err(failed)?.requests,
            None if index == 0 => figures.install.push(cost.wall),
            None => figures.upgrade.push(cost.wall),
        }
    }
    let mut kubectl = cluster.kubectl().map_err(failed)?;
    pintle_test_support::run(kubectl.args(["delete", "namespace", &namespace, "--wait=false"]))
        .map(drop)
        .map_err(failed)
}

fn print(objects: usize, [helm4, pintle]: &[Figures; 2]) {
    let times = [("install", &helm4.install, &pintle.install), ("upgrade", &helm4.upgrade, &pintle.upgrade)];
    for (index, (action, theirs, ours)) in times.into_iter().enumerate() {
        let (theirs, ours) = (middle(theirs.iter().copied()), middle(ours.iter().copied()));
        println!(
            "{objects:>8} {action:>8} {:>10} {:>10} {:>7.1}x {:>10} {:>10}",
            milliseconds(theirs),
            milliseconds(ours),
            ratio(theirs, ours),
            helm4.requests[index],
            pintle.requests[index],
        );
    }
}

/// A chart of ConfigMaps, Secrets and service accounts, each of which an upgrade changes.
fn chart(objects: usize) -> std::io::Result<PathBuf> {
    let folder = scratch().map_err(std::io::Error::other)?.join("bench");
    fs::create_dir_all(folder.join("templates"))?;
    fs::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: bench\nversion: 1.0.0\n")?;
    fs::write(folder.join("values.yaml"), "round: 0\n")?;
    let template = format!(
        "{{{{- range $i := until {objects} }}}}\n---\napiVersion: v1\n\
         kind: {{{{ index (list \"ConfigMap\" \"Secret\" \"ServiceAccount\") (mod $i 3) }}}}\n\
         metadata:\n  name: {{{{ $.Release.Name }}}}-{{{{ $i }}}}\n  labels: {{round: {{{{ $.Values.round | quote }}}}}}\n\
         {{{{- end }}}}\n"
    );
    fs::write(folder.join("templates/objects.yaml"), template)?;
    Ok(folder)
}

//! `cargo xtask bench list`: what listing releases costs, beside Helm 3 and Helm 4.
//!
//! The records are copies of one that Helm wrote, under other names and revisions, with a README beside the chart so
//! that they are as large as usual ones. All programs list the same namespace of the same API server in turns.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use pintle_test_support::interop::{chart, pack, unpack};
use pintle_test_support::{Cluster, run as capture, scratch};
use serde_json::{Value, json};

use super::measure::{Contender, Cost, contenders, mebibytes, median, milliseconds, ratio};

/// Revisions of each release.
const REVISIONS: usize = 10;
/// Words in the README of each record: some ten kilobytes, compressed.
const WORDS: usize = 6_000;
/// Records in one file for kubectl.
const A_FILE: usize = 100;

/// Arguments of `cargo xtask bench list`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Rounds, in each of which the three programs take turns
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Numbers of releases, of ten revisions each
    #[arg(long, value_delimiter = ',', default_values_t = [200, 1000])]
    releases: Vec<usize>,
    /// The pintle to measure; a release build when absent
    #[arg(long)]
    program: Option<PathBuf>,
}

/// Makes the records, measures, and prints a line per number of releases.
pub(super) fn run(arguments: &Arguments) -> Result<(), String> {
    let contenders = contenders(arguments.program.as_deref())?;
    let cluster = Cluster::shared().map_err(|error| error.to_string())?;
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>8} {:>10} {:>10} {:>8}",
        "records", "helm3 ms", "helm4 ms", "pintle ms", "faster", "helm4 MiB", "pintle MiB", "memory"
    );
    for releases in &arguments.releases {
        let namespace = cluster.namespace("bench-list").map_err(|error| error.to_string())?;
        seed(cluster, &namespace, *releases)?;
        contenders.iter().try_for_each(|contender| check(cluster, contender, &namespace, *releases))?;
        let [helm3, helm4, pintle] = measure(cluster, &contenders, &namespace, arguments.rounds)?;
        println!(
            "{:>8} {:>10} {:>10} {:>10} {:>7.1}x {:>10} {:>10} {:>7.1}%",
            releases * REVISIONS,
            milliseconds(helm3.wall),
            milliseconds(helm4.wall),
            milliseconds(pintle.wall),
            ratio(helm4.wall, pintle.wall),
            mebibytes(helm4.memory),
            mebibytes(pintle.memory),
            100.0 * pintle.memory as f64 / helm4.memory as f64,
        );
    }
    Ok(())
}

/// Makes sure that a program lists what the others list: a record that it passes over costs it less.
fn check(cluster: &Cluster, contender: &Contender, namespace: &str, releases: usize) -> Result<(), String> {
    let mut list = Command::new(&contender.program);
    list.env("KUBECONFIG", cluster.kubeconfig()).args([
        "list",
        "--short",
        "--max=0",
        "--namespace",
        namespace,
    ]);
    let listed = capture(&mut list).map_err(|error| error.to_string())?.lines().count();
    let name = contender.program.display();
    if listed == releases { Ok(()) } else { Err(format!("{name} lists {listed} of {releases} releases")) }
}

fn measure(
    cluster: &Cluster,
    contenders: &[Contender; 3],
    namespace: &str,
    rounds: usize,
) -> Result<[Cost; 3], String> {
    let mut costs: [Vec<Cost>; 3] = Default::default();
    for _ in 0..rounds.max(1) {
        for (contender, costs) in contenders.iter().zip(&mut costs) {
            costs.push(contender.run_on(cluster.kubeconfig(), &["list", "--namespace", namespace])?);
        }
    }
    Ok(costs.map(|costs| median(&costs)))
}

/// Fills a namespace with records.
fn seed(cluster: &'static Cluster, namespace: &str, releases: usize) -> Result<(), String> {
    let sample = sample(cluster, namespace)?;
    let all: Vec<(usize, usize)> =
        (0..releases).flat_map(|release| (1..=REVISIONS).map(move |revision| (release, revision))).collect();
    let folder = scratch().map_err(|error| error.to_string())?;
    let files = all.chunks(A_FILE).enumerate().map(|(index, records)| {
        let items: Vec<Value> = records
            .iter()
            .map(|(release, revision)| secret(&sample, namespace, *release, *revision))
            .collect();
        let path = folder.join(format!("{index}.json"));
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        fs::write(&path, list.to_string()).map(|()| path).map_err(|error| error.to_string())
    });
    let files: Vec<PathBuf> = files.collect::<Result<_, String>>()?;
    thread::scope(|scope| {
        let workers: Vec<_> = files
            .chunks(files.len().div_ceil(4).max(1))
            .map(|files| scope.spawn(move || files.iter().try_for_each(|file| create(cluster, file))))
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "seeding panicked".to_owned())?)
    })
}

fn create(cluster: &Cluster, file: &PathBuf) -> Result<(), String> {
    let mut kubectl = cluster.kubectl().map_err(|error| error.to_string())?;
    let created = capture(kubectl.args(["create", "--validate=false", "--filename"]).arg(file));
    created.map(drop).map_err(|error| error.to_string())
}

/// A record as Helm wrote it, with a README.
fn sample(cluster: &Cluster, namespace: &str) -> Result<Value, String> {
    let failed = |error: pintle_test_support::Error| error.to_string();
    let mut helm = cluster.helm4().map_err(failed)?;
    capture(helm.args(["install", "sample", "--namespace", namespace]).arg(chart("workloads")))
        .map_err(failed)?;
    let mut kubectl = cluster.kubectl().map_err(failed)?;
    let name = "sh.helm.release.v1.sample.v1";
    let secret = capture(kubectl.args(["get", "secret", name, "--output=json", "--namespace", namespace]));
    let secret: Value = serde_json::from_str(&secret.map_err(failed)?).map_err(|error| error.to_string())?;
    let mut record = unpack(&secret).ok_or("the record that Helm wrote can't be read")?;
    record["chart"]["files"] = json!([{ "name": "README.md", "data": STANDARD.encode(readme()) }]);
    let mut helm = cluster.helm4().map_err(failed)?;
    capture(helm.args(["uninstall", "sample", "--namespace", namespace])).map_err(failed)?;
    Ok(record)
}

/// Text of which about half remains when it is compressed.
fn readme() -> String {
    let mut state = 1_u64;
    let words = (0..WORDS).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("w{:x}", (state >> 40) % 4096)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn secret(sample: &Value, namespace: &str, release: usize, revision: usize) -> Value {
    let name = format!("app-{release:04}");
    let status = if revision == REVISIONS { "deployed" } else { "superseded" };
    let mut record = sample.clone();
    record["name"] = json!(name);
    record["version"] = json!(revision);
    record["info"]["status"] = json!(status);
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {
            "name": format!("sh.helm.release.v1.{name}.v{revision}"),
            "namespace": namespace,
            "labels": {
                "name": name, "owner": "helm", "status": status, "version": revision.to_string(),
                "modifiedAt": "1700000000",
            },
        },
        "data": { "release": pack(&record) },
    })
}

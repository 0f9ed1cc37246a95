//! `cargo xtask bench render`: every chart of a corpus with its default values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::measure::{Contender, Cost, contenders, mebibytes, median, middle, milliseconds, ratio};
use super::steps;
use crate::conformance::DEFAULT_CORPUS;
use crate::pintle::Profile;

/// Arguments of `cargo xtask bench render`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The corpus: a folder with cases.jsonl
    #[arg(value_name = "DIR", default_value = DEFAULT_CORPUS)]
    corpus: PathBuf,
    /// Rounds, in each of which the three programs take turns
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Take every Nth chart only
    #[arg(long, default_value_t = 1, value_name = "N")]
    every: usize,
    /// Only charts whose path contains this text
    #[arg(long)]
    filter: Option<String>,
    /// The pintle to measure; a release build when absent
    #[arg(long)]
    program: Option<PathBuf>,
    /// Only what the steps of rendering take inside of one process, without Helm
    #[arg(long)]
    steps: bool,
}

/// One chart's medians: helm 3, helm 4, pintle.
struct Row {
    chart: String,
    costs: [Cost; 3],
}

impl Row {
    fn wall_ratio(&self) -> f64 {
        ratio(self.costs[0].wall.min(self.costs[1].wall), self.costs[2].wall)
    }

    fn cpu_ratio(&self) -> f64 {
        ratio(self.costs[0].cpu.min(self.costs[1].cpu), self.costs[2].cpu)
    }

    fn memory_ratio(&self) -> f64 {
        self.costs[2].memory as f64 / self.costs[0].memory.min(self.costs[1].memory) as f64
    }
}

/// Measures and prints a line per chart and the summary, then the steps inside of one process.
pub(super) fn run(arguments: &Arguments) -> Result<(), String> {
    let charts = charts(&arguments.corpus, arguments.filter.as_deref())?;
    let charts: Vec<String> = charts.into_iter().step_by(arguments.every.max(1)).collect();
    if !arguments.steps {
        beside_helm(arguments, &charts)?;
        println!();
    }
    let profile = if arguments.program.is_some() { Profile::Fast } else { Profile::Release };
    steps::run(profile, &arguments.corpus, &charts)
}

fn beside_helm(arguments: &Arguments, charts: &[String]) -> Result<(), String> {
    let contenders = contenders(arguments.program.as_deref())?;
    println!("wall ms and peak MiB; the ratios and helm's MiB are those of the better helm");
    println!(
        "{:>9} {:>9} {:>9} {:>7} {:>9} {:>9} {:>7}  chart",
        "helm3 ms", "helm4 ms", "pintle ms", "faster", "helm MiB", "MiB", "memory"
    );
    let mut rows = Vec::new();
    for chart in charts {
        match measure(&arguments.corpus, chart, &contenders, arguments.rounds.max(1)) {
            Ok(row) => {
                print(&row);
                rows.push(row);
            }
            Err(why) => println!("{chart}: left out: {why}"),
        }
    }
    summarise(&rows);
    Ok(())
}

/// The charts that render with their defaults.
fn charts(corpus: &Path, filter: Option<&str>) -> Result<Vec<String>, String> {
    let cases = crate::conformance::read_cases(corpus, None)?;
    let charts: BTreeMap<String, ()> = cases
        .into_iter()
        .filter(|case| case.values.is_empty() && case.flags.is_empty() && case.expected(4).exit == 0)
        .filter(|case| filter.is_none_or(|filter| case.chart.contains(filter)))
        .map(|case| (case.chart, ()))
        .collect();
    Ok(charts.into_keys().collect())
}

fn measure(corpus: &Path, chart: &str, contenders: &[Contender; 3], rounds: usize) -> Result<Row, String> {
    let path = corpus.join(chart);
    let path = path.to_string_lossy();
    let arguments = ["template", "demo-release", &path, "-n", "demo-ns", "--kube-version", "1.33.0"];
    let mut costs: [Vec<Cost>; 3] = Default::default();
    for round in 0..=rounds {
        for (contender, costs) in contenders.iter().zip(&mut costs) {
            let cost = contender.run(&arguments)?;
            if round > 0 {
                costs.push(cost); // The first round only warms the file cache.
            }
        }
    }
    Ok(Row { chart: chart.to_owned(), costs: costs.map(|costs| median(&costs)) })
}

fn print(row: &Row) {
    let [helm3, helm4, pintle] = &row.costs;
    println!(
        "{:>9} {:>9} {:>9} {:>6.1}x {:>9} {:>9} {:>7.3}  {}",
        milliseconds(helm3.wall),
        milliseconds(helm4.wall),
        milliseconds(pintle.wall),
        row.wall_ratio(),
        mebibytes(helm4.memory.min(helm3.memory)),
        mebibytes(pintle.memory),
        row.memory_ratio(),
        row.chart
    );
}

fn summarise(rows: &[Row]) {
    println!("\n{} charts; each beside the better helm", rows.len());
    summary("wall time", rows, "times less", Row::wall_ratio);
    summary("CPU time", rows, "times less", Row::cpu_ratio);
    summary("memory", rows, "of helm's", Row::memory_ratio);
    let slowest = rows.iter().max_by_key(|row| row.costs[2].wall);
    if let Some(row) = slowest {
        println!("slowest chart: {} with {:.1} times less wall time", row.chart, row.wall_ratio());
    }
}

fn summary(what: &str, rows: &[Row], unit: &str, ratio: impl Fn(&Row) -> f64) {
    let ratios = || rows.iter().map(&ratio);
    let (least, most) = (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max));
    println!("{what:>10}: median {:.3} {unit}, from {least:.3} to {most:.3}", middle(ratios()));
}

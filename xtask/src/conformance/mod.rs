//! `cargo xtask conformance`: does `pintle template` print what Helm prints?
//!
//! A corpus is a folder with `cases.jsonl`, the charts that its cases name, and a bundle (`tar.xz`) for each chart with
//! values files and Helm's recorded output. Cases run in parallel; Helm's bytes are the expectation.

mod bundle;
mod case;
mod compare;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::bundle::Bundles;
pub(crate) use self::case::read as read_cases;
use self::case::{Case, Expected};
use self::compare::{Difference, difference, same_error};
use crate::error::Error;
use crate::pintle::{self, Profile};

/// Where the corpus lies when no folder is given, beside the checkout.
pub(crate) const DEFAULT_CORPUS: &str = "../shared/corpus";

/// Arguments of `cargo xtask conformance`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The corpus: a folder with cases.jsonl
    #[arg(value_name = "DIR", default_value = DEFAULT_CORPUS)]
    corpus: PathBuf,
    /// The Helm version to compare with
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(3..=4))]
    helm_version: u8,
    /// Only cases whose id contains this text
    #[arg(long)]
    filter: Option<String>,
    /// Error texts must be Helm's too, not only the failure
    #[arg(long)]
    strict_errors: bool,
    /// The program; built when absent
    #[arg(long)]
    program: Option<PathBuf>,
    /// Differences to show
    #[arg(long, default_value_t = 10)]
    show: usize,
}

/// Runs the corpus and prints differences and the summary line.
pub(crate) fn run(arguments: &Args) -> Result<(), Error> {
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => pintle::build(Profile::Fast)?,
    };
    let cases = case::read(&arguments.corpus, arguments.filter.as_deref())?;
    let values = std::env::temp_dir().join(format!("pintle-conformance-{}", std::process::id()));
    let bundles = Bundles::new(&arguments.corpus, &values);
    let results = run_all(&cases, &Runner { arguments, program: &program, bundles: &bundles });
    // OK because what is left of temporary files harms nobody.
    let _ = std::fs::remove_dir_all(&values);
    report(&results, arguments.show)
}

struct Runner<'a> {
    arguments: &'a Args,
    program: &'a Path,
    bundles: &'a Bundles,
}

type Results = BTreeMap<String, Result<(), String>>;

/// Cases of one chart stay together, so that its bundle is unpacked once.
fn run_all(cases: &[Case], runner: &Runner<'_>) -> Results {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Results::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = runner.run(case);
                    if let Ok(mut results) = results.lock() {
                        results.insert(case.id.clone(), result);
                    }
                }
            });
        }
    });
    results.into_inner().unwrap_or_default()
}

impl Runner<'_> {
    fn run(&self, case: &Case) -> Result<(), String> {
        let bundle = self.bundles.open(&case.bundle)?;
        let expected = case.expected(self.arguments.helm_version);
        let chart = self.arguments.corpus.join(&case.chart);
        let mut command = Command::new(self.program);
        command.args(["--helm-version", &self.arguments.helm_version.to_string(), "template"]);
        command.arg(&case.release).arg(chart).args(["-n", &case.namespace]);
        if !case.flags.iter().any(|flag| flag == "--kube-version") {
            command.args(["--kube-version", &case.kube_version]);
        }
        for values in &case.values {
            command.arg("-f").arg(bundle.path(values));
        }
        command.args(&case.flags);
        let answer = answer(command)?;
        self.judge(&expected, &answer, &bundle)
    }

    fn judge(&self, expected: &Expected, answer: &Answer, bundle: &bundle::Bundle) -> Result<(), String> {
        match (expected.exit, answer.exit) {
            (_, None) => Err(format!("crashed: {}", answer.stderr)),
            (_, Some(101)) => Err(format!("panicked: {}", answer.stderr)),
            (0, Some(0)) => {
                let wanted = bundle.text(expected.output.as_deref())?;
                difference(&wanted, &answer.stdout, expected).map_or(Ok(()), |at| Err(describe(&at)))
            }
            (0, Some(_)) => Err(format!("failed where Helm does not: {}", answer.stderr.trim())),
            (_, Some(0)) => Err("succeeded where Helm fails".to_owned()),
            _ if !self.arguments.strict_errors => Ok(()),
            _ => {
                let wanted = String::from_utf8_lossy(&bundle.text(expected.error.as_deref())?).into_owned();
                if same_error(&wanted, &answer.stderr) {
                    return Ok(());
                }
                Err(format!(
                    "another error text\n    want {}\n    got  {}",
                    wanted.trim(),
                    answer.stderr.trim()
                ))
            }
        }
    }
}

fn describe(at: &Difference) -> String {
    format!("line {} differs\n    want {:?}\n    got  {:?}", at.line, at.wanted, at.got)
}

struct Answer {
    exit: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

fn answer(mut command: Command) -> Result<Answer, String> {
    let missing = "/nonexistent";
    command.env("TZ", "UTC").env("KUBECONFIG", missing);
    for name in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(name, missing);
    }
    command.stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("failed to start: {error}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Answer { exit: output.status.code(), stdout: output.stdout, stderr })
}

fn report(results: &Results, show: usize) -> Result<(), Error> {
    let failures: Vec<_> =
        results.iter().filter_map(|(id, result)| Some((id, result.as_ref().err()?))).collect();
    for (id, why) in failures.iter().take(show) {
        println!("--- {id}\n    {why}");
    }
    if failures.len() > show {
        println!("… and {} more", failures.len() - show);
    }
    println!("{} passed, {} failed", results.len() - failures.len(), failures.len());
    if failures.is_empty() { Ok(()) } else { Err(Error::TestsFailed) }
}

//! `cargo xtask interop`: whoever makes a release, it comes out the same.
//!
//! The scripts are in `fixtures/interop`. Each is played by Helm 3, Helm 4 and pintle in turns, once for every place
//! pintle can take, and compared with what the helms alone made of it.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pintle_test_support::Cluster;
use pintle_test_support::interop::{Script, Stage, Verdict};

use crate::error::Error;
use crate::pintle::{Profile, build};

/// Arguments of `cargo xtask interop`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only scripts whose name contains this text
    #[arg(long, default_value = "", hide_default_value = true)]
    only: String,
    /// Only Helm 4 alone beside pintle alone, and not all of them in turns
    #[arg(long)]
    quick: bool,
    /// The pintle that plays; built when absent
    #[arg(long)]
    program: Option<PathBuf>,
    /// Scripts played at a time
    #[arg(long, default_value_t = 3)]
    jobs: usize,
}

/// Plays the scripts and prints what came out otherwise. A running cluster is used where `PINTLE_TEST_KUBECONFIG`
/// names one.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    let program = match &args.program {
        Some(program) => {
            program.canonicalize().map_err(|source| Error::Read { path: program.clone(), source })?
        }
        None => build(Profile::Fast)?,
    };
    let stage = Stage::new(Cluster::shared()?, program);
    let mut scripts = Script::all()?;
    scripts.retain(|script| script.name.contains(&args.only));
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..args.jobs.max(1) {
            scope.spawn(|| {
                while let Some(script) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdicts = stage.compare(script, args.quick).map_err(|error| error.to_string());
                    if let Ok(mut tally) = tally.lock() {
                        tally.note(&script.name, verdicts);
                    }
                }
            });
        }
    });
    let tally = tally.into_inner().map_err(|_| "a script panicked; see above".to_owned())?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(Error::TestsFailed) }
}

/// Comparisons counted so far.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    fn note(&mut self, script: &str, verdicts: Result<Vec<Verdict>, String>) {
        let verdicts = match verdicts {
            Ok(verdicts) => verdicts,
            Err(error) => {
                self.failed += 1;
                return println!("FAILED {script}: {error}");
            }
        };
        let (good, bad): (Vec<Verdict>, Vec<Verdict>) =
            verdicts.into_iter().partition(|verdict| verdict.differences.is_empty());
        self.passed += good.len();
        self.failed += bad.len();
        if bad.is_empty() {
            println!("ok     {script} ({} casts)", good.len());
        }
        for Verdict { cast, differences } in bad {
            println!("FAILED {script} (by {cast})");
            differences.iter().for_each(|difference| println!("    {difference}"));
        }
    }
}

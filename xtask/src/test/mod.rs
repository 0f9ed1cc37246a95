//! `cargo xtask test`: everything that has to hold before a change goes in.
//!
//! Each check is one line in [`CHECKS`]. A check of ours counts as one test, passed or failed; `tests` counts
//! what `cargo test` counts. All checks run even when one fails, and the last line is always the sum.

mod layering;
mod licences;
mod size;
mod spdx;
mod unit;

use std::process::Command;

use crate::error::Error;
use crate::{parts, workspace};

/// The arguments of `cargo xtask test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave out what needs a cluster, helm or Go
    #[arg(long)]
    unit: bool,
    /// Run only the check of this name; can be repeated. fmt, gofmt, size, layering, licences, clippy, parts, tests
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Passed on to `cargo test`, such as `-p chart` or the name of a test
    #[arg(last = true)]
    cargo_test: Vec<String>,
}

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    passed: u32,
    failed: u32,
}

/// What a check found wrong: one line for each problem.
type Problems = Vec<String>;

enum Check {
    /// Counts as one test.
    One(fn() -> Result<Problems, Error>),
    /// Counts its own tests.
    Many(fn(&Args) -> Result<Count, Error>),
}

/// All checks, the quick ones first.
const CHECKS: &[(&str, Check)] = &[
    ("fmt", Check::One(|| command(&["fmt", "--all", "--check"]))),
    ("gofmt", Check::One(gofmt)),
    ("size", Check::One(size::check)),
    ("layering", Check::One(layering::check)),
    ("licences", Check::One(licences::check)),
    ("clippy", Check::One(|| command(CLIPPY))),
    ("parts", Check::One(|| parts::build_all().map(|()| Problems::new()))),
    ("tests", Check::Many(|args| unit::run(args.unit, &args.cargo_test))),
];

const CLIPPY: &[&str] = &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];

/// The checks that `--unit` leaves out, for they need Go.
const NEED_GO: &[&str] = &["gofmt", "parts"];

/// Runs the checks and prints the sum.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    let names = || CHECKS.iter().map(|(name, _)| *name);
    if let Some(name) = args.only.iter().find(|only| !names().any(|name| name == *only)) {
        return Err(Error::NoSuchCheck {
            name: name.clone(),
            checks: names().collect::<Vec<_>>().join(", "),
        });
    }
    let mut total = Count::default();
    for (name, check) in CHECKS {
        let left_out = args.unit && NEED_GO.contains(name);
        if left_out || !args.only.is_empty() && !args.only.iter().any(|only| only == name) {
            continue;
        }
        println!("--- {name}");
        let count = count(name, check, args);
        total.passed += count.passed;
        total.failed += count.failed;
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { Ok(()) } else { Err(Error::TestsFailed) }
}

fn count(name: &str, check: &Check, args: &Args) -> Count {
    let result = match check {
        Check::One(check) => check(),
        Check::Many(check) => match check(args) {
            Ok(count) => return count,
            Err(error) => Err(error),
        },
    };
    let problems = result.unwrap_or_else(|error| vec![error.to_string()]);
    for problem in &problems {
        println!("{name}: {problem}");
    }
    if problems.is_empty() { Count { passed: 1, failed: 0 } } else { Count { passed: 0, failed: 1 } }
}

fn command(args: &[&str]) -> Result<Problems, Error> {
    workspace::run(&mut workspace::cargo(args)).map(|()| Problems::new())
}

fn gofmt() -> Result<Problems, Error> {
    let mut command = Command::new("gofmt");
    command.arg("-l").args(workspace::files(&["*.go"])?).current_dir(workspace::root());
    let unformatted = workspace::output(&mut command)?;
    Ok(unformatted.lines().map(|file| format!("{file} is not formatted; run `gofmt -w {file}`")).collect())
}

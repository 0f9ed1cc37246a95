//! `cargo test`, with its results counted while they stream by.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::Count;
use crate::error::Error;
use crate::workspace;

/// The package of the product, whose integration tests use real parts, and the one that provides those.
const REAL: [&str; 2] = ["pintle", "pintle-test-support"];

/// Runs the tests; with `unit` only those that need no cluster, helm or Go.
pub(super) fn run(unit: bool, more: &[String]) -> Result<Count, Error> {
    if more.iter().any(|word| word == "-p" || word.starts_with("--package")) {
        return cargo_test(&[], more);
    }
    if !unit {
        return cargo_test(&["--workspace"], more);
    }
    let render = cargo_test(&["--workspace", "--exclude", REAL[0], "--exclude", REAL[1]], more)?;
    let product = cargo_test(&["--package", REAL[0], "--lib", "--bins"], more)?;
    Ok(Count { passed: render.passed + product.passed, failed: render.failed + product.failed })
}

fn cargo_test(args: &[&str], more: &[String]) -> Result<Count, Error> {
    let mut command = workspace::cargo(&["test", "--locked", "--no-fail-fast"]);
    command.args(args).args(more).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(workspace::start_failed(&command))?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            println!("{line}");
            if let Some(result) = parse(&line) {
                count.passed += result.passed;
                count.failed += result.failed;
            }
        }
    }
    let status = child.wait().map_err(workspace::start_failed(&command))?;
    // A test that does not compile, or ends its process, is in no result.
    if !status.success() && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

/// Reads `test result: ok. 5 passed; 0 failed; …`.
fn parse(line: &str) -> Option<Count> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |what: &str| {
        let part = numbers.split("; ").find(|part| part.ends_with(what))?;
        part.split(' ').next()?.parse().ok()
    };
    Some(Count { passed: number(" passed")?, failed: number(" failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line = "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(parse(line), Some(Count { passed: 3, failed: 2 }));
        assert_eq!(parse("test a::result ... ok"), None);
    }
}

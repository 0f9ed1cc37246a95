//! Random-input harnesses, on the pinned toolchain: `cargo xtask fuzz TARGET --seconds N`.
//!
//! Inputs are seeds of ours, cut, repeated, spliced and sprinkled with the words of each language. An input that makes
//! a target panic, overflow its stack or run far too long is written to a file, and the run fails.

mod mutate;
mod seeds;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::mutate::Mutator;
use crate::targets::{TARGETS, Target};

/// Longer than any bounded work on a small input may take, even on a busy machine.
const TOO_LONG: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let run = match &arguments[..] {
        [target, seconds, seed, folder] => start(target, seconds, seed, Path::new(folder)),
        _ => Err("usage: pintle-fuzz TARGET SECONDS SEED FOLDER".to_owned()),
    };
    match run {
        Ok(line) => {
            print(&line);
            ExitCode::SUCCESS
        }
        Err(line) => {
            print(&line);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn print(line: &str) {
    println!("{line}");
}

fn start(target: &str, seconds: &str, seed: &str, folder: &Path) -> Result<String, String> {
    let known = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    let target = TARGETS
        .iter()
        .find(|known| known.name == target)
        .ok_or_else(|| format!("no target {target}; there are {}", known()))?;
    let seconds = seconds.parse().map_err(|_| format!("SECONDS is no number: {seconds}"))?;
    let seed = seed.parse().map_err(|_| format!("SEED is no number: {seed}"))?;
    fuzz(target, Duration::from_secs(seconds), seed, folder)
}

/// The input is written before it runs: after a stack overflow nobody is left to write it.
fn fuzz(target: &Target, time: Duration, seed: u64, folder: &Path) -> Result<String, String> {
    let current = folder.join(format!("{}.input", target.name));
    let mut mutator = Mutator::new(seed, target.seeds);
    let start = Instant::now();
    let mut inputs = 0u64;
    while start.elapsed() < time {
        let input = mutator.next_input();
        std::fs::write(&current, &input).map_err(|error| format!("{}: {error}", current.display()))?;
        let began = Instant::now();
        let panicked = catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err();
        if panicked || began.elapsed() > TOO_LONG {
            let what = if panicked { "panicked" } else { "took too long" };
            return Err(format!(
                "{} {what} (seed {seed}, input {inputs}): {}",
                target.name,
                current.display()
            ));
        }
        inputs += 1;
    }
    Ok(format!("{}: {inputs} inputs in {} s, none broke it", target.name, time.as_secs()))
}

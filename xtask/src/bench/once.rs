//! `cargo xtask bench once`: one run of a program, measured.
//!
//! The system counts into a program's peak memory what its process held before it became that program, and a process
//! starts as a copy of its parent. Whoever holds a corpus would lend its own size to what it measures; so each run is
//! started by a fresh and small process, which is this.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use wait4::Wait4;

use super::measure::Cost;

/// Arguments of `cargo xtask bench once`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The program
    program: PathBuf,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Runs the program with its output thrown away, and prints what it took.
pub(super) fn run(arguments: &Arguments) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", arguments.program.display());
    let mut command = Command::new(&arguments.program);
    command.args(&arguments.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The first process that a process starts takes longer to start: that is no cost of the program's.
    command.status().map_err(failed)?;
    let start = Instant::now();
    let used = command.spawn().map_err(failed)?.wait4().map_err(failed)?;
    let wall = start.elapsed();
    if !used.status.success() {
        return Err(format!("{} failed: {}", arguments.program.display(), used.status));
    }
    let cpu = used.rusage.utime + used.rusage.stime;
    println!("{} {} {}", wall.as_nanos(), cpu.as_nanos(), used.rusage.maxrss);
    Ok(())
}

/// Starts such a process for a program on a cluster, and reads what it prints.
pub(super) fn start(
    program: &OsStr,
    kubeconfig: &Path,
    arguments: &[impl AsRef<OsStr>],
) -> Result<Cost, String> {
    let own = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let mut command = Command::new(own);
    command.args(["bench", "once", "--"]).arg(program).args(arguments);
    command.env("KUBECONFIG", kubeconfig).env("TZ", "UTC");
    let output = command.output().map_err(|error| format!("failed to start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map_while(|number| number.parse::<u64>().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(wall), Some(cpu), Some(memory)) => {
            Ok(Cost { wall: Duration::from_nanos(wall), cpu: Duration::from_nanos(cpu), memory })
        }
        _ => Err(format!("unexpected output of a measurement: {text}")),
    }
}

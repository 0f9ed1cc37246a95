//! The one place that writes to the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where the command line prints")]

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use super::CliError;

/// Prints to standard output. A reader that went away (`| head`) ends the command quietly.
pub(super) fn print(text: impl AsRef<[u8]>) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_ref()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(CliError::Silent),
        Err(error) => Err(CliError::Output(error)),
        Ok(()) => Ok(()),
    }
}

/// A line for the user on standard error, beside the command's answer.
pub(super) fn note(line: &str) {
    eprintln!("{line}");
}

/// Helm's form of a warning.
pub(super) fn warn(text: &str) {
    eprintln!("WARNING: {text}");
}

/// Shows wrong usage, or the help that was asked for.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    // OK because there is nowhere left to tell that it failed.
    let _ = error.print();
    if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Shows why a command failed, as Helm does.
pub(super) fn failure(error: &CliError) -> ExitCode {
    if !matches!(error, CliError::Silent) {
        eprintln!("Error: {error}");
        eprint!("{}", error.advice());
    }
    ExitCode::FAILURE
}

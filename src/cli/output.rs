//! The one place that writes to the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where the command line prints")]

use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write};
use std::process::ExitCode;

use super::CliError;

/// The exit code of a plan with changes.
const CHANGES: u8 = 2;
/// How much is collected before it is handed to the system.
const OUTPUT_BYTES: usize = 64 << 10;

/// Prints to standard output. A reader that went away (`| head`) ends the command quietly.
pub(super) fn print(text: impl AsRef<[u8]>) -> Result<(), CliError> {
    write(|stdout| stdout.write_all(text.as_ref()))
}

/// Prints piece by piece, as [`print`] does.
pub(super) fn write(pieces: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    let mut stdout = BufWriter::with_capacity(OUTPUT_BYTES, io::stdout().lock());
    match pieces(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(CliError::Silent),
        Err(error) => Err(CliError::Output(error)),
        Ok(()) => Ok(()),
    }
}

/// A line for the user on standard error, beside the command's answer.
pub(super) fn note(line: &str) {
    eprintln!("{line}");
}

/// Whether standard error is a terminal.
pub(super) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Whether standard output is a terminal that shows colours.
pub(super) fn shows_colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|word| !word.is_empty());
    io::stdout().is_terminal() && !unwanted
}

/// Writes lines over as many of the last ones on a terminal.
pub(super) fn redraw(lines: usize, text: &str) {
    let up = if lines == 0 { String::new() } else { format!("\x1b[{lines}A") };
    eprint!("{up}{text}");
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
    if !matches!(error, CliError::Silent | CliError::Changes) {
        eprintln!("Error: {error}");
        eprint!("{}", error.advice());
    }
    if matches!(error, CliError::Changes) { ExitCode::from(CHANGES) } else { ExitCode::FAILURE }
}

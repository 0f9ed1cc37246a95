//! Passwords that are not on the command line.

use std::io::{BufRead as _, Read as _, Write as _};

use super::{CliError, output};
use crate::source::plain;

/// The longest password that is read; tokens of registries have some kilobytes.
const PASSWORD_BYTES: u64 = 64 << 10;

/// All of standard input, without the line's end.
pub(super) fn from_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin().lock().take(PASSWORD_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// A line that is asked for.
pub(super) fn ask(prompt: &str) -> Result<String, CliError> {
    output::print(prompt)?;
    std::io::stdout().flush().map_err(CliError::Output)?;
    line()
}

/// A line that is asked for and not shown while it is typed, which takes a terminal.
#[cfg(unix)]
pub(super) fn ask_silently(prompt: &str) -> Result<String, CliError> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    output::print(prompt)?;
    let stdin = std::io::stdin();
    let shown = tcgetattr(&stdin).map_err(|error| unreadable(error.into()))?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Now, &hidden).map_err(|error| unreadable(error.into()))?;
    let line = line();
    // OK because nothing more can be done for the terminal.
    let _ = tcsetattr(&stdin, OptionalActions::Now, &shown);
    output::print("\n")?;
    line
}

/// There is no such thing: `--password-stdin` does it.
#[cfg(not(unix))]
pub(super) fn ask_silently(_: &str) -> Result<String, CliError> {
    Err(CliError::message("password required"))
}

fn line() -> Result<String, CliError> {
    let mut line = String::new();
    let count = std::io::stdin().lock().take(PASSWORD_BYTES).read_line(&mut line).map_err(unreadable)?;
    if count == 0 {
        return Err(CliError::message("EOF"));
    }
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// As Go says it.
fn unreadable(source: std::io::Error) -> CliError {
    CliError::message(plain(&source))
}

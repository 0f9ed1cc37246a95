//! Where things are in this repository, and what cargo and git say about it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::Value;

use crate::error::Error;

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// The directory for what is made from the checkout.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs us, else the one on PATH.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// Runs a program with our stdout and stderr.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(start_failed(command))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { program: line(command) }) }
}

/// Whether there is a program of that name: it is started with an argument with which it does nothing.
pub(crate) fn starts(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Runs a program and gives its stdout. Its stderr is ours.
pub(crate) fn output(command: &mut Command) -> Result<String, Error> {
    let output = command.stderr(Stdio::inherit()).output().map_err(start_failed(command))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Failed { program: line(command) })
    }
}

/// What `cargo metadata` says.
pub(crate) fn metadata() -> Result<Value, Error> {
    let mut command = cargo(&["metadata", "--format-version=1", "--locked"]);
    let text = output(&mut command)?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Output { program: line(&command), problem: error.to_string() })
}

/// The files git knows or would know, relative to the root.
pub(crate) fn files(patterns: &[&str]) -> Result<Vec<PathBuf>, Error> {
    let mut command = Command::new("git");
    command.args(["ls-files", "--cached", "--others", "--exclude-standard", "--"]).args(patterns);
    let text = output(command.current_dir(root()))?;
    // A file that is deleted but not yet committed is still listed.
    Ok(text.lines().map(PathBuf::from).filter(|path| root().join(path).exists()).collect())
}

/// The text of a file given relative to the root.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let path = root().join(path);
    fs::read_to_string(&path).map_err(|source| Error::Read { path, source })
}

/// The string under a key of a JSON object; empty without one.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The array under a key of a JSON object; empty without one.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// A command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Makes the error of a command that could not be started.
pub(crate) fn start_failed(command: &Command) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let program = line(command);
    move |source| Error::Start { program, source }
}

//! The command lines of others, kept apart from whatever the user of this machine has set up for them.

use std::path::{Path, PathBuf};
use std::process::{self, Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

use crate::Error;
use crate::parts::{self, Part};

const PREFIX: &str = "pintle-test-";

/// Helm 3 with no cluster. Its repositories and logins are those of this process, at first none.
///
/// # Errors
/// When helm cannot be built.
pub fn helm3() -> Result<Command, Error> {
    isolated(&parts::HELM3)
}

/// Helm 4 with no cluster. Its repositories and logins are those of this process, at first none.
///
/// # Errors
/// When helm cannot be built.
pub fn helm4() -> Result<Command, Error> {
    isolated(&parts::HELM4)
}

/// kubectl with no cluster.
///
/// # Errors
/// When kubectl cannot be built.
pub fn kubectl() -> Result<Command, Error> {
    isolated(&parts::KUBECTL)
}

fn isolated(part: &Part) -> Result<Command, Error> {
    let mut command = Command::new(part.ensure()?);
    for (variable, _) in env::vars_os() {
        if variable.to_string_lossy().starts_with("HELM_") {
            command.env_remove(variable);
        }
    }
    let home = home()?.join(part.name);
    for (variable, below) in [
        ("HELM_CACHE_HOME", "cache"),
        ("HELM_CONFIG_HOME", "config"),
        ("HELM_DATA_HOME", "data"),
        ("HELM_REGISTRY_CONFIG", "registry.json"),
        ("KUBECACHEDIR", "discovery"),
    ] {
        command.env(variable, home.join(below));
    }
    // No file, so no cluster: not the user's own by accident.
    command.env("KUBECONFIG", "/dev/null");
    Ok(command)
}

/// The directory for what the tools of this process keep between two commands.
fn home() -> Result<PathBuf, Error> {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    match HOME.get() {
        Some(home) => Ok(home.clone()),
        None => scratch().map(|dir| HOME.get_or_init(|| dir).clone()),
    }
}

/// What a command answered: standard output, the error as Helm words it, and whether it succeeded.
pub type Answer = (String, String, bool);

/// Runs a command that may fail.
///
/// # Errors
/// When it cannot be started.
pub fn answer(command: &mut Command) -> Result<Answer, Error> {
    let output = finished(command)?;
    let stderr = text(&output.stderr);
    Ok((text(&output.stdout), error_in(&stderr).to_owned(), output.status.success()))
}

/// The error as Helm words it, without what was logged before.
pub fn error_in(stderr: &str) -> &str {
    stderr.find("Error: ").map_or("", |at| &stderr[at..])
}

fn finished(command: &mut Command) -> Result<Output, Error> {
    command.output().map_err(|source| Error::Command {
        command: format!("{command:?}"),
        status: "could not be started".into(),
        output: source.to_string(),
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a command and gives its stdout.
///
/// # Errors
/// When it cannot be started or fails; the error holds the command line and what it wrote.
pub fn run(command: &mut Command) -> Result<String, Error> {
    let line = format!("{command:?}");
    let output = finished(command)?;
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    let written = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    Err(Error::Command {
        command: line,
        status: format!("failed ({})", output.status),
        output: text(written),
    })
}

/// A new empty directory. It is removed some time after this process has ended, by the next one that asks.
///
/// # Errors
/// When it cannot be created.
pub fn scratch() -> Result<PathBuf, Error> {
    static SWEPT: OnceLock<()> = OnceLock::new();
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    SWEPT.get_or_init(sweep);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let dir = env::temp_dir().join(format!("{PREFIX}{}", process::id())).join(count.to_string());
    fs::create_dir_all(&dir).map_err(Error::io("failed to create", &dir))?;
    Ok(dir)
}

/// Removes the directories of processes that are gone. One that cannot be removed is left for another time.
fn sweep() {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
        if process.is_some_and(|id| !Path::new("/proc").join(id.to_string()).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A chart of the corpus of real ones, where that lies beside the checkout or `PINTLE_CORPUS` names it.
pub fn corpus_chart(path: &str) -> Option<PathBuf> {
    let corpus = std::env::var_os("PINTLE_CORPUS").map_or_else(|| "../shared/corpus".into(), PathBuf::from);
    Some(corpus.join("charts").join(path)).filter(|path| path.exists())
}

//! Running a program of the user's: documents in, documents out.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use thiserror::Error;

/// How long a program may take.
const DEADLINE: Duration = Duration::from_secs(300);
/// How much a program may give.
const MAX_OUTPUT: u64 = 256 << 20;

/// A program that changes rendered manifests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<String>,
}

/// Why a program was of no use. Texts are Helm 3's where it has one.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// There is no such program.
    #[error("unable to find binary at {0}: exec: {0:?}: executable file not found in $PATH")]
    NotFound(String),
    /// It could not be started, or its streams broke.
    #[error("error while running command {}: {problem}", path.display())]
    Broken {
        /// The program.
        path: PathBuf,
        /// Why.
        problem: std::io::Error,
    },
    /// It ended with an error.
    #[error("error while running command {}. error output:\n{stderr}: {status}", path.display())]
    Failed {
        /// The program.
        path: PathBuf,
        /// What it said.
        stderr: String,
        /// How it ended: `exit status 1`.
        status: String,
    },
    /// It took too long.
    #[error("command {} gave no answer within {}s; it was ended", path.display(), DEADLINE.as_secs())]
    Deadline {
        /// The program.
        path: PathBuf,
    },
    /// It gave more than anybody can want.
    #[error("command {} gave more than {MAX_OUTPUT} bytes", path.display())]
    TooMuch {
        /// The program.
        path: PathBuf,
    },
    /// It gave nothing.
    #[error("post-renderer {0:?} produced empty output")]
    Empty(String),
}

impl Program {
    /// Finds a program: a path, or a name in `PATH`.
    ///
    /// # Errors
    /// Where there is none that can be executed.
    pub fn find(name: &str, arguments: Vec<String>) -> Result<Self, ProgramError> {
        let found = if name.contains(std::path::MAIN_SEPARATOR) {
            Some(PathBuf::from(name)).filter(|path| is_executable(path))
        } else {
            let path = std::env::var_os("PATH").unwrap_or_default();
            in_path(&path, name)
        };
        let path = found.and_then(|path| std::path::absolute(path).ok());
        let path = path.ok_or_else(|| ProgramError::NotFound(name.to_owned()))?;
        Ok(Self { path, arguments })
    }

    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Runs the program with that on its standard input, and gives its standard output.
    pub(super) fn run(&self, input: &[u8]) -> Result<Vec<u8>, ProgramError> {
        let broken = |problem| ProgramError::Broken { path: self.path.clone(), problem };
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(broken)?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            // A program need not read all of its input; that it closes the pipe is no error.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input).ok()));
            let errors = scope.spawn(move || read_all(stderr).unwrap_or_default());
            scope.spawn(move || sender.send(read_all(stdout)).ok());
            let output = match receiver.recv_timeout(DEADLINE) {
                Ok(output) => output.map_err(broken),
                Err(_) => Err(ProgramError::Deadline { path: self.path.clone() }),
            };
            let output = match output {
                Ok(output) if output.len() as u64 <= MAX_OUTPUT => output,
                other => {
                    // OK because it may have ended by itself meanwhile.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(other.err().unwrap_or(ProgramError::TooMuch { path: self.path.clone() }));
                }
            };
            let status = child.wait().map_err(broken)?;
            if status.success() {
                return Ok(output);
            }
            let stderr = String::from_utf8_lossy(&errors.join().unwrap_or_default()).into_owned();
            let status = match status.code() {
                Some(code) => format!("exit status {code}"),
                None => status.to_string(),
            };
            Err(ProgramError::Failed { path: self.path.clone(), stderr, status })
        })
    }
}

/// Everything, or one byte more than is allowed.
fn read_all(stream: Option<impl Read>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(MAX_OUTPUT + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn in_path(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|path| is_executable(path))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

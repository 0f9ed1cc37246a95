//! A server that belongs to this process: it says in one JSON line that it is ready, and ends when its stdin
//! closes, which the kernel sees to when this process ends in whatever way.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::Error;

#[derive(Debug)]
pub(crate) struct Owned {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Owned {
    /// Starts the program and waits for its line.
    pub(crate) fn start(program: &Path, args: &[String]) -> Result<(Self, Value), Error> {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::io("failed to start", program))?;
        let mut line = String::new();
        let mut stdout = child.stdout.take().map(BufReader::new);
        if let Some(stdout) = &mut stdout {
            stdout.read_line(&mut line).map_err(Error::io("failed to read the output of", program))?;
        }
        let mut owned = Self { child, stdout };
        if let Ok(ready) = serde_json::from_str(&line) {
            return Ok((owned, ready));
        }
        Err(Error::NotReady { program: program.display().to_string(), output: line + &owned.end() })
    }

    /// What the program prints after its first line, to be read once.
    pub(crate) fn take_lines(&mut self) -> Option<BufReader<ChildStdout>> {
        self.stdout.take()
    }

    /// Sends the program a line.
    pub(crate) fn say(&mut self, line: &Value) -> std::io::Result<()> {
        match &mut self.child.stdin {
            Some(stdin) => writeln!(stdin, "{line}"),
            None => Ok(()),
        }
    }

    /// Ends the program and gives what it wrote to stderr.
    fn end(&mut self) -> String {
        let mut output = Vec::new();
        drop(self.child.stdin.take());
        if let Some(mut stderr) = self.child.stderr.take() {
            // What cannot be read is left out of a message that is about something else.
            let _ = stderr.read_to_end(&mut output);
        }
        let _ = self.child.wait();
        String::from_utf8_lossy(&output).into_owned()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.end();
    }
}

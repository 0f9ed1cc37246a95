//! A program under test: it ends with the test, and can be asked what it needs and what it counts.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::{fmt, fs};

use crate::{Error, run};

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

/// What a program needs, in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Now.
    pub now: u64,
    /// At most, up to now.
    pub peak: u64,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MiB, at most {} MiB", self.now, self.peak)
    }
}

impl Process {
    /// Starts a program, without input.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Result<Self, Error> {
        let program = command.get_program().to_owned();
        let child = command.stdin(Stdio::null()).spawn().map_err(Error::io("failed to start", program))?;
        Ok(Self { child })
    }

    /// Asks it to stop (SIGTERM), and waits until it has.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn stop(mut self) -> Result<ExitStatus, Error> {
        run(Command::new("kill").arg(self.child.id().to_string()))?;
        self.child.wait().map_err(Error::io("failed to wait for", self.child.id().to_string()))
    }

    /// The memory that it takes. Nothing of a program that has ended.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            kib.unwrap_or_default() / 1024
        };
        Memory { now: mib("VmRSS:"), peak: mib("VmHWM:") }
    }

    /// The processor time that it took, in seconds.
    #[must_use]
    pub fn processor_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name, in parentheses, may hold spaces; user and system time are the 14th and 15th field.
        let fields = stat.rsplit(") ").next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        ticks as f64 / 100.0
    }

    /// How many connections it has open to others: established TCP connections that it did not accept on `port`.
    #[must_use]
    pub fn connections(&self, port: u16) -> usize {
        let directory = format!("/proc/{}", self.child.id());
        let sockets: Vec<String> = fs::read_dir(format!("{directory}/fd"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect();
        let own = format!(":{port:04X}");
        let of_ours = |line: &&str| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let field = |index: usize| fields.get(index).copied().unwrap_or_default();
            field(3) == "01" && !field(1).ends_with(&own) && sockets.iter().any(|inode| inode == field(9))
        };
        let table = ["tcp", "tcp6"].map(|name| fs::read_to_string(format!("{directory}/net/{name}")));
        table.iter().flatten().map(|table| table.lines().filter(of_ours).count()).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16, Error> {
    let failed = || Error::io("failed to listen on", "127.0.0.1");
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed())?;
    Ok(listener.local_addr().map_err(failed())?.port())
}

/// What a program counts: the text at `/metrics` of a port, empty while nobody listens there.
#[must_use]
pub fn metrics(port: u16) -> String {
    let asked = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        std::io::Result::Ok(text)
    };
    asked().unwrap_or_default()
}

//! A proxy before an API server: it counts requests, stops at one of them, and breaks connections.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::owned::Owned;
use crate::{Error, kubectl, parts, run, scratch};

/// How long the proxy may take to answer its owner.
const ANSWER: Duration = Duration::from_secs(30);
/// How often a process is looked at that runs towards the request it is to be killed at.
const LOOK: Duration = Duration::from_millis(10);

/// A proxy on a free port, without TLS, whose clients are the administrator. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    kubeconfig: PathBuf,
    owned: Owned,
    lines: Receiver<Value>,
}

/// On which side of a request's way something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The server never sees the request.
    Before,
    /// The server has answered, and the client never sees it.
    After,
}

/// What happens to connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They are closed.
    Cut(When),
    /// They are reset.
    Reset(When),
    /// They take so long.
    Delay(Duration),
}

/// What passed through the proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All requests.
    pub requests: u64,
    /// Those that change something; renewals of leases are none.
    pub writes: u64,
    /// Requests by `METHOD resource`.
    pub by: BTreeMap<String, u64>,
}

impl Proxy {
    /// Starts a proxy before the server of a kubeconfig.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn start(kubeconfig: &Path) -> Result<Self, Error> {
        let dir = scratch()?;
        let real = dir.join("real.json");
        let view = ["config", "view", "--raw", "--output=json"];
        let text = run(kubectl()?.env("KUBECONFIG", kubeconfig).args(view))?;
        fs::write(&real, text).map_err(Error::io("failed to write", &real))?;
        let args = [format!("--kubeconfig={}", real.display())];
        let (mut owned, ready) = Owned::start(&parts::PROXY.ensure()?, &args)?;
        let address = ready.get("address").and_then(Value::as_str).unwrap_or_default();
        let kubeconfig = dir.join("kubeconfig");
        let through = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "proxy",
            "clusters": [{"name": "proxy", "cluster": {"server": format!("http://{address}")}}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": ""}}],
        });
        fs::write(&kubeconfig, through.to_string()).map_err(Error::io("failed to write", &kubeconfig))?;
        let (sender, lines) = channel();
        if let Some(output) = owned.take_lines() {
            std::thread::spawn(move || {
                let lines = output.lines().map_while(Result::ok);
                lines
                    .filter_map(|line| serde_json::from_str(&line).ok())
                    .all(|line| sender.send(line).is_ok())
            });
        }
        Ok(Self { kubeconfig, owned, lines })
    }

    /// The kubeconfig of clients that are to pass through here.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// What passed since the last time.
    ///
    /// # Errors
    /// When the proxy is gone.
    pub fn counts(&mut self) -> Result<Counts, Error> {
        let answer = self.ask(&json!({"do": "counts"}))?;
        let number = |field: &str| answer.get(field).and_then(Value::as_u64).unwrap_or_default();
        let by = answer.get("by").and_then(Value::as_object).into_iter().flatten();
        let by = by.map(|(name, count)| (name.clone(), count.as_u64().unwrap_or_default())).collect();
        Ok(Counts { requests: number("requests"), writes: number("writes"), by })
    }

    /// Lets a fault befall every `every`th request from now on; watches are spared.
    ///
    /// # Errors
    /// When the proxy is gone.
    pub fn fault(&mut self, fault: Fault, every: u32) -> Result<(), Error> {
        let (kind, after, millis) = match fault {
            Fault::Cut(when) => ("cut", when == When::After, 0),
            Fault::Reset(when) => ("reset", when == When::After, 0),
            Fault::Delay(delay) => ("delay", false, delay.as_millis()),
        };
        let order =
            json!({"do": "fault", "kind": kind, "every": every, "after": after, "millis": millis as u64});
        self.ask(&order).map(drop)
    }

    /// Lets everything pass again.
    ///
    /// # Errors
    /// When the proxy is gone.
    pub fn open(&mut self) -> Result<(), Error> {
        self.ask(&json!({"do": "open"})).map(drop)
    }

    /// Runs a client and kills it (SIGKILL) at its `write`th write. `None` if it was killed; how it ended if it made
    /// fewer writes.
    ///
    /// # Errors
    /// When the client cannot be started, or the proxy is gone.
    pub fn kill_at(
        &mut self,
        client: &mut Command,
        write: u64,
        when: When,
    ) -> Result<Option<ExitStatus>, Error> {
        self.ask(&json!({"do": "trip", "write": write, "after": when == When::After}))?;
        let program = PathBuf::from(client.get_program());
        let mut child = client.spawn().map_err(Error::io("failed to start", &program))?;
        let ended = self.until_tripped(&mut child);
        // It may have ended by itself just now.
        let _ = child.kill();
        child.wait().map_err(Error::io("failed to wait for", &program))?;
        self.open()?;
        ended
    }

    fn until_tripped(&self, child: &mut Child) -> Result<Option<ExitStatus>, Error> {
        loop {
            if let Ok(Some(status)) = child.try_wait() {
                return Ok(Some(status));
            }
            match self.lines.recv_timeout(LOOK) {
                Ok(_) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            }
        }
    }

    fn ask(&mut self, order: &Value) -> Result<Value, Error> {
        self.owned.say(order).map_err(Error::io("failed to talk to", "pintle-proxy"))?;
        loop {
            let line = self.lines.recv_timeout(ANSWER).map_err(|_| gone())?;
            // An event that nobody waits for any more.
            if line.get("event").is_none() {
                return Ok(line);
            }
        }
    }
}

fn gone() -> Error {
    Error::NotReady { program: "pintle-proxy".into(), output: "nothing: it is gone".into() }
}

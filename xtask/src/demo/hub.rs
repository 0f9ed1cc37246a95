//! The hub of the demonstration: the ASP.NET Core hub of the tests, playing the communication controller.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::stage::Running;
use crate::error::Error;
use crate::workspace::{self, list, text};

const BUILD: &str = "tests/hub-server/build.sh";
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(200);

/// A running hub; it ends with this.
pub(super) struct Hub {
    _process: Running,
    port: u16,
}

impl Hub {
    /// Builds the hub, once, and starts it.
    pub(super) fn start() -> Result<Self, Error> {
        let printed = workspace::output(&mut Command::new(workspace::root().join(BUILD)))?;
        let program = PathBuf::from(printed.lines().last().unwrap_or_default());
        let failed = |source| Error::Start { program: program.display().to_string(), source };
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let port = port.map_err(failed)?.port();
        let mut command = Command::new(&program);
        command.args(["--urls", &format!("http://127.0.0.1:{port}")]).env("HUB_GENERATION", "sites");
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let hub = Self { _process: command.spawn().map(Running).map_err(failed)?, port };
        hub.until("the hub", || hub.state().ok())?;
        Ok(hub)
    }

    /// Its address, as operators are told.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Calls a method of all operators.
    pub(super) fn call(&self, method: &str, argument: &Value) -> Result<(), Error> {
        println!("hub: {method} {argument}");
        let body = json!({"method": method, "arguments": [argument]});
        self.ask("POST", "call", &body.to_string()).map(drop)
    }

    /// Prints what operators say from the `seen`th call on until `method` is among it.
    pub(super) fn follow(&self, seen: &mut usize, method: &str) -> Result<Value, Error> {
        self.until(method, || {
            let state = self.state().ok()?;
            for call in list(&state, "calls").iter().skip(*seen) {
                *seen += 1;
                println!("operator: {} {}", text(call, "method"), call["arguments"]);
                if text(call, "method") == method {
                    return Some(call["arguments"].clone());
                }
            }
            None
        })
    }

    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T, Error> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(found) = look() {
                return Ok(found);
            }
            thread::sleep(PAUSE);
        }
        Err(Error::Message(format!("{what} did not come within {} seconds", PATIENCE.as_secs())))
    }

    fn state(&self) -> Result<Value, Error> {
        let answer = self.ask("GET", "state", "")?;
        let failed = |error: serde_json::Error| Error::Output {
            program: "the hub".into(),
            problem: error.to_string(),
        };
        serde_json::from_str(&answer).map_err(failed)
    }

    /// The body of the answer to a request. In HTTP/1.0, so that it comes in one piece.
    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, Error> {
        let failed = |source| Error::Start { program: "a request to the hub".into(), source };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(failed)?;
        let head = format!("{method} /control/{path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        Ok(answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }
}

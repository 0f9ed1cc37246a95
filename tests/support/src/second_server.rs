//! One more API server on a cluster's storage, which can be restarted without the cluster noticing.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Cluster, Error, kubectl, run, scratch};

/// How long a server may take until it answers.
const READY: Duration = Duration::from_secs(180);
const PORT: &str = "--secure-port=";

/// A second API server. It ends when it is dropped, or when this process ends.
#[derive(Debug)]
pub struct SecondServer {
    command: Vec<String>,
    dir: PathBuf,
    kubeconfig: PathBuf,
    process: Child,
}

impl Cluster {
    /// Starts a second API server on this cluster's storage.
    ///
    /// # Errors
    /// When the cluster's own cannot be found, or the second does not become ready.
    pub fn second_api_server(&self) -> Result<SecondServer, Error> {
        let failed =
            |problem: &str| Error::NotReady { program: "kube-apiserver".into(), output: problem.into() };
        let own = own_server(self.dir()).ok_or_else(|| failed("the cluster's own is not to be found"))?;
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).map_err(Error::io("failed to listen on", "127.0.0.1"))?;
        let port = listener.local_addr().map_err(Error::io("failed to listen on", "127.0.0.1"))?.port();
        drop(listener);
        let own_port = own.iter().find_map(|word| word.strip_prefix(PORT)).unwrap_or_default().to_owned();
        let command: Vec<String> = own
            .into_iter()
            .map(|word| if word.starts_with(PORT) { format!("{PORT}{port}") } else { word })
            .collect();
        let config =
            fs::read_to_string(self.kubeconfig()).map_err(Error::io("failed to read", self.kubeconfig()))?;
        let kubeconfig = scratch()?.join("kubeconfig");
        let config = config.replace(&format!(":{own_port}"), &format!(":{port}"));
        fs::write(&kubeconfig, config).map_err(Error::io("failed to write", &kubeconfig))?;
        let process = start(&command, self.dir())?;
        let server = SecondServer { command, dir: self.dir().to_owned(), kubeconfig, process };
        server.wait_until_ready()?;
        Ok(server)
    }
}

impl SecondServer {
    /// The administrator's kubeconfig for this server.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Kills the server and starts it again.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.end();
        self.process = start(&self.command, &self.dir)?;
        self.wait_until_ready()
    }

    fn wait_until_ready(&self) -> Result<(), Error> {
        let deadline = Instant::now() + READY;
        loop {
            let answer =
                run(kubectl()?.env("KUBECONFIG", &self.kubeconfig).args(["get", "--raw", "/readyz"]));
            match answer {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    fn end(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

impl Drop for SecondServer {
    fn drop(&mut self) {
        self.end();
    }
}

/// The command line of the API server that works in that directory.
fn own_server(dir: &Path) -> Option<Vec<String>> {
    let processes = fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path());
    let here = processes.filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == dir));
    let mut commands = here.filter_map(|process| {
        let mut bytes = Vec::new();
        fs::File::open(process.join("cmdline")).ok()?.read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        Some(text.split_terminator('\0').map(str::to_owned).collect::<Vec<_>>())
    });
    commands.find(|words| words.get(1).is_some_and(|word| word == "kube-apiserver"))
}

/// Starts a command that is killed when its stdin closes.
fn start(command: &[String], dir: &Path) -> Result<Child, Error> {
    Command::new("sh")
        .args(["-c", r#""$@" & cat >/dev/null; kill -9 $!; wait"#, "sh"])
        .args(command)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Error::io("failed to start", "sh"))
}

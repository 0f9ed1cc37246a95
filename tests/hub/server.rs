//! ASP.NET Core as the hub. `tests/hub-server/build.sh` builds it when it is first needed.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;

/// A running hub; it ends with this.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    pub(crate) secure_port: u16,
    http: reqwest::Client,
}

impl Server {
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_at(free_port(), settings).await
    }

    pub(crate) async fn start_at(port: u16, settings: &[(&str, &str)]) -> Self {
        let secure_port = free_port();
        let secure = settings.iter().any(|(name, _)| *name == "HUB_PFX");
        // The one that is asked whether the hub is up comes last.
        let mut urls = format!("http://127.0.0.1:{port}");
        if secure {
            urls.insert_str(0, &format!("https://localhost:{secure_port};"));
        }
        let process = Command::new(built())
            .args(["--urls", &urls])
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let server = Self { process, port, secure_port, http: http() };
        while server.http.get(server.control("state")).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    /// Where the hub is.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn control(&self, what: &str) -> String {
        format!("http://127.0.0.1:{}/control/{what}", self.port)
    }

    pub(crate) async fn tell(&self, what: &str, body: Value) -> Value {
        let answer = self.http.post(self.control(what)).body(body.to_string()).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    pub(crate) async fn state(&self) -> Value {
        let answer = self.http.get(self.control("state")).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    pub(crate) fn wait(&mut self) {
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn built() -> &'static Path {
    static HUB: OnceLock<PathBuf> = OnceLock::new();
    HUB.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hub-server/build.sh");
        let output = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success());
        let lines = String::from_utf8(output.stdout).unwrap();
        PathBuf::from(lines.lines().last().unwrap())
    })
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn http() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap()
}

//! Commands in a folder, charts that are signed, and a server of files.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as Below, State};
use axum::http::StatusCode;
use axum::routing::get;
pub(crate) use pintle_test_support::Answer;
use pintle_test_support::{helm3, helm4, scratch};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A file of `fixtures/provenance`.
pub(crate) fn fixture(name: &str) -> String {
    format!("{}/fixtures/provenance/{name}", env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn pintle(version: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
    command.args(["--helm-version", version]);
    command
}

pub(crate) fn helm(version: &str) -> Command {
    if version == "3" { helm3().unwrap() } else { helm4().unwrap() }
}

/// A command that keeps its files there.
pub(crate) fn at_home(mut command: Command, home: &Path) -> Command {
    for variable in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(variable, home.join(variable));
    }
    command
}

/// Runs a command at a home that nobody else has: Helm 4 takes charts that it has seen out of a cache.
pub(crate) fn answer(command: Command, folder: &Path, arguments: &[&str]) -> Answer {
    answer_of(at_home(command, &scratch().unwrap()), folder, arguments)
}

pub(crate) fn answer_of(mut command: Command, folder: &Path, arguments: &[&str]) -> Answer {
    command.args(arguments).current_dir(folder).env("KUBECONFIG", "/dev/null");
    pintle_test_support::answer(&mut command).unwrap()
}

/// Packs `fixtures/charts/shop` under this name as version 1.2.3, and signs it.
#[track_caller]
pub(crate) fn sign(command: Command, folder: &Path, name: &str, key: &str) {
    let chart = scratch().unwrap().join(name);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/charts/shop"), &chart);
    let metadata = std::fs::read_to_string(chart.join("Chart.yaml")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), metadata.replace("name: shop\n", &format!("name: {name}\n")))
        .unwrap();
    let version = if name == "built" { "1.2.3+b1" } else { "1.2.3" };
    let chart = chart.display().to_string();
    let (ring, key) = (fixture("secret.gpg"), owner(key));
    let key = key.as_str();
    let arguments = ["package", &chart, "--version", version, "--sign", "--key", key, "--keyring", &ring];
    let (text, error, is_good) = answer(command, folder, &arguments);
    assert!(is_good, "{key}: {text}{error}");
}

/// Whose a key of the fixtures is. A part of that would do if no other had it.
pub(crate) fn owner(key: &str) -> String {
    format!("{key} <{key}@example.com>")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A server of the files in a folder. It ends when it is dropped.
pub(crate) struct Files {
    url: String,
    _runtime: Runtime,
}

impl Files {
    pub(crate) fn serve(folder: PathBuf) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/{file}", get(file)).with_state(Arc::new(folder));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { url, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

async fn file(State(folder): State<Arc<PathBuf>>, Below(file): Below<String>) -> Result<Vec<u8>, StatusCode> {
    std::fs::read(folder.join(file)).map_err(|_| StatusCode::NOT_FOUND)
}

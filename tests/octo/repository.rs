//! A chart repository in this process, with and without a login.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use pintle_test_support::{helm4, run, scratch};
use tokio::net::TcpListener;

/// A repository with the chart `adapter` in versions 1.0.0 and 1.1.0.
pub(crate) struct Repository {
    pub(crate) url: String,
    directory: PathBuf,
}

/// `Basic` for me:s3cret-login
const LOGIN: &str = "Basic bWU6czNjcmV0LWxvZ2lu";

impl Repository {
    pub(crate) async fn start() -> Self {
        let directory = scratch().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let repository = Self { url, directory: directory.clone() };
        repository.add("1.0.0");
        repository.add("1.1.0");
        let router = Router::new()
            .route("/{file}", get(public))
            .route("/private/{file}", get(private))
            .with_state(Arc::new(directory));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        repository
    }

    /// Adds a version of the chart.
    pub(crate) fn add(&self, version: &str) {
        let package = ["package", "fixtures/charts/adapter", "--version", version, "--destination"];
        run(helm4().unwrap().args(package).arg(&self.directory)).unwrap();
        self.index();
    }

    /// Takes in a chart that is packed already.
    pub(crate) fn take(&self, archive: &std::path::Path) {
        std::fs::copy(archive, self.directory.join(archive.file_name().unwrap())).unwrap();
        self.index();
    }

    fn index(&self) {
        run(helm4().unwrap().args(["repo", "index"]).arg(&self.directory)).unwrap();
    }
}

async fn public(
    State(directory): State<Arc<PathBuf>>,
    Path(file): Path<String>,
) -> Result<Vec<u8>, StatusCode> {
    std::fs::read(directory.join(file)).map_err(|_| StatusCode::NOT_FOUND)
}

async fn private(
    headers: HeaderMap,
    directory: State<Arc<PathBuf>>,
    file: Path<String>,
) -> Result<Vec<u8>, StatusCode> {
    match headers.get(AUTHORIZATION).is_some_and(|login| login == LOGIN) {
        true => public(directory, file).await,
        false => Err(StatusCode::UNAUTHORIZED),
    }
}

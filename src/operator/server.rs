//! `/healthz`, `/readyz` and `/metrics`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use super::metrics::Metrics;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether the operator is ready: connected, and the leader or waiting to be.
#[derive(Clone, Default)]
pub(super) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    pub(super) fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Relaxed);
    }

    fn status(&self) -> StatusCode {
        if self.0.load(Ordering::Relaxed) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    }
}

/// Binds the address and serves until `stop` ends.
pub(super) async fn serve(
    address: SocketAddr,
    metrics: Metrics,
    readiness: Readiness,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tokio::spawn(async move {
        let served = axum::serve(listener, router(metrics, readiness)).with_graceful_shutdown(stop).await;
        if let Err(error) = served {
            tracing::error!(%error, "the HTTP server stopped");
        }
    });
    Ok(())
}

fn router(metrics: Metrics, readiness: Readiness) -> Router {
    // The second names are those of the upstream communication operator, which its chart's probes ask for.
    let ready = move || async move { readiness.status() };
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/health/live", get(|| async { "ok" }))
        .route("/readyz", get(ready.clone()))
        .route("/health/ready", get(ready))
        .route("/metrics", get(move || async move { ([(CONTENT_TYPE, OPEN_METRICS)], metrics.text()) }))
}

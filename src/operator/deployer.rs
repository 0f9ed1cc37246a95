//! What the controller asks of the deploy pipeline, and nothing more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use value::Map;

use crate::api::{HistoryEntry, ReleaseSpec};
use crate::deploy::patch::Patch;
use crate::deploy::{Ignored, Inspection, Seen};
use crate::source::Fetched;

/// A release that shall be.
pub struct Order {
    /// The release's name.
    pub name: String,
    /// The namespace of objects and record.
    pub namespace: String,
    /// The chart.
    pub chart: Fetched,
    /// The user's values.
    pub values: Map,
    /// Changes to rendered objects.
    pub patches: Vec<Patch>,
    /// How long to wait.
    pub timeout: Duration,
    /// Everything else the user asked for.
    pub spec: ReleaseSpec,
    /// Labels of the record.
    pub labels: BTreeMap<String, String>,
    /// Hears of each step. The text may hold what the chart says: it is not yet redacted.
    pub progress: Arc<dyn Fn(&str) + Send + Sync>,
    /// Is called when all is applied, and nothing left to do but to wait until it is ready.
    pub waiting: Arc<dyn Fn() + Send + Sync>,
}

/// A release that is. Comes from the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployed {
    /// The current revision.
    pub revision: i64,
    /// Its status, in Helm's words.
    pub status: String,
    /// The chart's name.
    pub chart: String,
    /// The chart's version.
    pub version: String,
    /// The version of what the chart installs.
    pub app_version: String,
    /// The last revisions, newest first.
    pub history: Vec<HistoryEntry>,
}

/// The newest revision of a release, as labels tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// The revision.
    pub revision: i64,
    /// Its status, in Helm's words.
    pub status: String,
    /// All labels of its record.
    pub labels: BTreeMap<String, String>,
}

/// Why a deployment or an uninstallation failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct DeployFailure {
    /// A stable word for conditions, events and metrics.
    pub reason: &'static str,
    /// A sentence. It may hold what the chart says: it is not yet redacted.
    pub message: String,
    /// The failed revision, if one was written.
    pub revision: Option<i64>,
}

/// The deploy pipeline, as the controller sees it.
pub trait Deployer: Send + Sync + 'static {
    /// The newest revision, read from labels only; `None` if there is none.
    fn current<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Current>, DeployFailure>>;

    /// Installs or upgrades.
    fn deploy(&self, order: Order) -> BoxFuture<'_, Result<Deployed, DeployFailure>>;

    /// Compares the objects of a revision with the cluster and asks whether they are ready; `before` is what the last
    /// look with the same `ignored` fields remembered.
    fn inspect<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        revision: i64,
        before: Option<&'a Seen>,
        ignored: &'a Ignored,
    ) -> BoxFuture<'a, Result<Inspection, DeployFailure>>;

    /// Uninstalls; a release that does not exist is uninstalled already.
    fn uninstall<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        spec: &'a ReleaseSpec,
    ) -> BoxFuture<'a, Result<(), DeployFailure>>;
}

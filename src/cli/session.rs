//! A command's way to the cluster and to the records of its namespace.

use std::sync::Arc;

use tokio::sync::watch;

use super::global::GlobalFlags;
use super::progress::Printer;
use super::{CliError, output};
use crate::cluster::Cluster;
use crate::deploy::Deployer;
use crate::release::{Driver, DriverKind, Record, Storage};

/// A cluster and a namespace of it.
pub(super) struct Session {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    driver: DriverKind,
}

impl Session {
    /// Finds the cluster. Nothing is asked of it yet.
    pub(super) async fn open(global: &GlobalFlags) -> Result<Self, CliError> {
        let driver = std::env::var("HELM_DRIVER").unwrap_or_default();
        let driver = DriverKind::parse(&driver).map_err(|error| CliError::message(error.to_string()))?;
        let cluster = Cluster::connect(&global.connect_options()).await?;
        Ok(Self { cluster, namespace: global.namespace_or_default(), driver })
    }

    /// As [`Session::open`], and makes sure that somebody answers.
    pub(super) async fn reach(global: &GlobalFlags) -> Result<Self, CliError> {
        let session = Self::open(global).await?;
        session.cluster.version().await?;
        Ok(session)
    }

    /// The records of the namespace.
    pub(super) fn storage(&self) -> Storage {
        self.storage_of(&self.namespace)
    }

    /// The records of another namespace; the empty one stands for all.
    pub(super) fn storage_of(&self, namespace: &str) -> Storage {
        Storage::new(Driver::new(self.driver, &self.cluster, namespace))
    }

    /// A revision of a release, 0 for the last.
    pub(super) async fn record(&self, name: &str, revision: i64) -> Result<Record, CliError> {
        if !crate::deploy::is_valid_name(name) {
            return Err(CliError::message(format!("releaseContent: Release name is invalid: {name}")));
        }
        let record = match revision {
            0 => self.storage().last(name).await?,
            revision => self.storage().get(name, revision).await?,
        };
        Ok(record)
    }

    /// What carries actions out; an interrupt ends them in order.
    pub(super) fn deployer(&self, global: &GlobalFlags, release: &str, max_history: usize) -> Deployer {
        Deployer {
            cluster: self.cluster.clone(),
            storage: self.storage().with_max_history(max_history),
            engine: Arc::new(global.engine()),
            observer: Arc::new(Printer::new(global.debug)),
            cancelled: cancel_on_interrupt(release.to_owned()),
        }
    }
}

/// Turns true at the first interrupt or request to end. A second interrupt ends the process as usual.
fn cancel_on_interrupt(release: String) -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        interrupted().await;
        // OK because nobody is left to read it where standard output is gone.
        let _ = output::print(format!("Release {release} has been cancelled.\n"));
        sender.send_replace(true);
        interrupted().await;
        std::process::exit(130);
    });
    receiver
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    // OK because without a handler the system ends the process.
    let _ = tokio::signal::ctrl_c().await;
}

//! What every action needs: the cluster, the records, the engine, and somebody who is told.

use std::sync::Arc;

use pintle_render::Engine;
use tokio::sync::watch;

use super::apply::Method;
use super::objects::{self, Placed};
use super::{DeployError, DryRun, Observer, Options, Progress, ServerSide, WaitFor};
use crate::cluster::{Cluster, FieldValidation, Object, Resource, Rules, Waiter};
use crate::release::{ApplyMethod, Record, Status, Storage, StorageError};

/// Carries out actions on the releases of one namespace.
#[derive(Clone)]
pub struct Deployer {
    /// The cluster.
    pub cluster: Cluster,
    /// The records of the namespace.
    pub storage: Storage,
    /// Renders charts.
    pub engine: Arc<Engine>,
    /// Is told of every step.
    pub observer: Arc<dyn Observer>,
    /// Turns true when the action shall end early; what was begun is recorded as failed.
    pub cancelled: watch::Receiver<bool>,
}

/// One action under way.
#[derive(Clone, Copy)]
pub(super) struct Action<'a> {
    pub(super) deployer: &'a Deployer,
    pub(super) options: &'a Options,
}

impl Deployer {
    pub(super) fn action<'a>(&'a self, options: &'a Options) -> Action<'a> {
        Action { deployer: self, options }
    }

    /// Runs to the end, or until somebody cancels.
    pub(super) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T, DeployError>>,
    ) -> Result<T, DeployError> {
        let mut cancelled = self.cancelled.clone();
        tokio::select! {
            result = work => result,
            Ok(_) = cancelled.wait_for(|cancelled| *cancelled) => Err(DeployError::Cancelled),
        }
    }
}

impl Action<'_> {
    pub(super) fn cluster(&self) -> &Cluster {
        &self.deployer.cluster
    }

    pub(super) fn storage(&self) -> &Storage {
        &self.deployer.storage
    }

    pub(super) fn tell(&self, progress: &Progress<'_>) {
        self.deployer.observer.observe(progress);
    }

    pub(super) fn warn(&self, text: &str) {
        self.tell(&Progress::Warning(text));
    }

    pub(super) fn is_dry_run(&self) -> bool {
        self.options.dry_run != DryRun::No
    }

    /// The options that exclude each other, and labels of the system.
    pub(super) fn check_options(&self) -> Result<(), DeployError> {
        let refuse = |text: &str| Err(DeployError::Refused(text.to_owned()));
        if self.options.hide_secrets && !self.is_dry_run() {
            return refuse("hiding Kubernetes secrets requires a dry-run mode");
        }
        if self.options.force_replace && self.options.force_conflicts {
            return refuse(
                "if any flags in the group [force-replace force-conflicts] are set none of the others can be",
            );
        }
        crate::release::check_user_labels(&self.options.labels).map_err(DeployError::from)
    }

    pub(super) fn validation(&self) -> FieldValidation {
        if self.options.validate_fields { FieldValidation::Strict } else { FieldValidation::Ignore }
    }

    /// How the objects of a revision are changed; with `migrate`, fields that our client-side manager owns become applied
    /// ones first, where the server computes changes.
    pub(super) fn method(&self, next: &Record, migrate: bool) -> Method {
        let server_side = next.apply_method.is_server_side();
        Method {
            server_side,
            force_conflicts: self.options.force_conflicts,
            force_replace: self.options.force_replace,
            migrate: server_side && migrate,
            validation: self.validation(),
            updates: true,
        }
    }

    /// Reads a manifest's objects against what the server serves.
    pub(super) async fn build(&self, manifest: &str, namespace: &str) -> Result<Vec<Object>, DeployError> {
        objects::build(self.cluster(), manifest, namespace).await
    }

    /// As [`Action::build`], with the objects' places in the release. `brought` are kinds that the action brings.
    pub(super) async fn build_placed(
        &self,
        manifest: &str,
        namespace: &str,
        brought: &[Resource],
    ) -> Result<Vec<Placed>, DeployError> {
        objects::build_placed(self.cluster(), manifest, namespace, brought).await
    }

    /// The objects of the revision that is being replaced.
    pub(super) async fn build_current(&self, current: &Record) -> Result<Vec<Object>, DeployError> {
        objects::objects_of(self.cluster(), current)
            .await
            .map_err(|error| error.at("unable to build kubernetes objects from current release manifest"))
    }

    /// Waits for the objects of the release as the options say.
    pub(super) async fn wait(&self, objects: &[Object]) -> Result<(), DeployError> {
        let wait = self.options.effective_wait();
        if wait == WaitFor::Hooks {
            return Ok(());
        }
        self.tell(&Progress::Waiting { objects: objects.len() });
        let waiter = self.waiter();
        let waited = match wait {
            WaitFor::Hooks => Ok(()),
            WaitFor::Objects => waiter.ready(objects, Rules::Objects).await,
            WaitFor::ObjectsAndJobs => waiter.ready(objects, Rules::ObjectsAndJobs).await,
            WaitFor::Legacy { jobs } => waiter.ready_as_helm3(objects, jobs).await,
        };
        waited.map_err(DeployError::from)
    }

    /// The records, with what the options say about large ones.
    pub(super) fn sized_storage(&self) -> Storage {
        self.storage().clone().with_slim_records(self.options.slim_records)
    }

    /// Waits as long as the options say, and tells of what it waits for.
    pub(super) fn waiter(&self) -> Waiter {
        let observer = Arc::clone(&self.deployer.observer);
        Waiter::new(self.cluster(), self.options.timeout).telling(Arc::new(move |news| {
            observer.observe(&Progress::Object {
                object: news.object,
                state: news.state.as_str(),
                message: news.message,
                log: news.log,
            });
        }))
    }

    /// Stores a new revision.
    pub(super) async fn create_record(&self, record: &mut Record) -> Result<(), DeployError> {
        self.sized_storage().create(record).await?;
        self.tell(&Progress::Recorded { revision: record.revision, status: &record.info.status });
        Ok(())
    }

    /// Stores a changed revision.
    pub(super) async fn update_record(&self, record: &mut Record) -> Result<(), DeployError> {
        self.storage().update(record).await?;
        self.tell(&Progress::Recorded { revision: record.revision, status: &record.info.status });
        Ok(())
    }

    /// Stores a changed revision where a failure to do so must not hide another one.
    pub(super) async fn try_update_record(&self, record: &mut Record) {
        if let Err(error) = self.update_record(record).await {
            self.warn(&format!("failed to record revision {}: {error}", record.revision));
        }
    }

    /// Marks every deployed revision but `except` as superseded.
    pub(super) async fn supersede(&self, name: &str, except: i64) -> Result<(), DeployError> {
        for mut record in self.storage().deployed_all(name).await? {
            if record.revision != except {
                record.info.status = Status::Superseded;
                self.update_record(&mut record).await?;
            }
        }
        Ok(())
    }
}

/// Whether the objects of a new revision are applied on the server, by what the previous one did.
pub(super) fn is_server_side(wanted: ServerSide, previous: &ApplyMethod) -> bool {
    match wanted {
        ServerSide::Auto => previous.is_server_side(),
        ServerSide::Always => true,
        ServerSide::Never => false,
    }
}

/// What the record says about it.
pub(super) fn apply_method(server_side: bool) -> ApplyMethod {
    if server_side { ApplyMethod::ServerSide } else { ApplyMethod::ClientSide }
}

/// The last revision of a release; `None` where there is none.
pub(super) async fn last(storage: &Storage, name: &str) -> Result<Option<Record>, StorageError> {
    match storage.last(name).await {
        Ok(record) => Ok(Some(record)),
        Err(StorageError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

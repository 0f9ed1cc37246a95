//! Uninstalling a release. Helm: `pkg/action/uninstall.go`, H-99 of its behaviour.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use chart::Flavour;
use futures::StreamExt as _;
use pintle_render::{Head, HookEvent, uninstall_rank};
use serde_json::Value;

use super::apply::AT_ONCE;
use super::live::View;
use super::name::is_valid_name;
use super::objects::Placed;
use super::order::{Before, Place, batches};
use super::ownership::Owner;
use super::{Action, DeployError, Deployer, Options};
use crate::cluster::{ApiError, Object, ObjectKey, Propagation, Waiter};
use crate::release::{Record, Status, StorageError, Time};

/// How a release is uninstalled.
#[derive(Clone, Debug)]
pub struct UninstallOptions {
    /// `--dry-run`
    pub dry_run: bool,
    /// Off with `--no-hooks`.
    pub hooks: bool,
    /// `--ignore-not-found`
    pub ignore_not_found: bool,
    /// `--keep-history`
    pub keep_history: bool,
    /// `--wait`: until the objects are gone.
    pub wait: bool,
    /// `--cascade`
    pub propagation: Propagation,
    /// `--timeout`
    pub timeout: Duration,
    /// `--description`; empty for Helm's own words.
    pub description: String,
    /// `--lock-timeout`: how long somebody who works on the release is waited for.
    pub lock_timeout: Duration,
}

impl Default for UninstallOptions {
    fn default() -> Self {
        Self {
            dry_run: false,
            hooks: true,
            ignore_not_found: false,
            keep_history: false,
            wait: false,
            propagation: Propagation::Background,
            timeout: Duration::from_secs(300),
            description: String::new(),
            lock_timeout: Duration::ZERO,
        }
    }
}

/// A release that was uninstalled.
#[derive(Clone, Debug)]
pub struct Uninstalled {
    /// Its last revision.
    pub record: Record,
    /// What was kept and why, for people; empty where everything is gone.
    pub info: String,
}

impl Deployer {
    /// Deletes a release's objects and its records. `None` where there is no such release and that is fine.
    ///
    /// # Errors
    /// Where there is no such release; where an object can't be deleted, the records stay.
    pub async fn uninstall(
        &self,
        name: &str,
        options: &UninstallOptions,
    ) -> Result<Option<Uninstalled>, DeployError> {
        self.cluster.version().await?;
        if !is_valid_name(name) {
            return Err(DeployError::Refused(format!("uninstall: Release name is invalid: {name}")));
        }
        if options.dry_run {
            return self.uninstall_held(name, options).await;
        }
        let held = self.hold(name, options.lock_timeout).await?;
        let deployer = held.deployer();
        held.run(deployer.uninstall_held(name, options)).await
    }

    async fn uninstall_held(
        &self,
        name: &str,
        options: &UninstallOptions,
    ) -> Result<Option<Uninstalled>, DeployError> {
        let settings = Options {
            hooks: options.hooks,
            timeout: options.timeout,
            description: options.description.clone(),
            ..Options::default()
        };
        let uninstall = Uninstall { action: self.action(&settings), options };
        let heads = self.storage.release_heads(name).await?;
        let mut revisions: Vec<i64> = heads.iter().map(|head| head.revision).collect();
        revisions.sort_unstable();
        let Some(last) = revisions.last() else {
            return match options.ignore_not_found {
                true => Ok(None),
                false if options.dry_run => Err(StorageError::NotFound.into()),
                false => Err(DeployError::from(StorageError::NotFound)
                    .at(format!("uninstall: Release not loaded: {name}"))),
            };
        };
        let record = self.storage.get(name, *last).await.map_err(|error| match error {
            StorageError::Record { source, .. } => DeployError::Record(source)
                .at("corrupted release record. You must manually delete the resources"),
            error => error.into(),
        })?;
        uninstall.run(record, &revisions).await.map(Some)
    }
}

struct Uninstall<'a> {
    action: Action<'a>,
    options: &'a UninstallOptions,
}

/// The objects of a release, by what becomes of them.
#[derive(Default)]
struct Sorted {
    owned: Vec<Placed>,
    info: String,
}

impl Sorted {
    /// Objects that go together, in the order in which they go: what depends on others goes before them (HIP-0025).
    /// What waits for itself goes at once.
    fn batches(&self, before: &Before) -> Vec<Vec<Object>> {
        let placed: Vec<&Placed> = self.owned.iter().collect();
        let Ok(batches) = batches(&placed, |placed| &placed.place, before) else {
            return vec![self.objects()];
        };
        let objects = |placed: Vec<&Placed>| placed.into_iter().map(|placed| placed.object.clone()).collect();
        batches.into_iter().rev().map(|batch| objects(batch.things)).collect()
    }

    fn objects(&self) -> Vec<Object> {
        self.owned.iter().map(|placed| placed.object.clone()).collect()
    }
}

impl Uninstall<'_> {
    async fn run(&self, mut record: Record, revisions: &[i64]) -> Result<Uninstalled, DeployError> {
        let name = record.name.clone();
        if self.options.dry_run {
            let info = self.sort(&record, Vec::new()).await?.info;
            return Ok(Uninstalled { record, info });
        }
        if record.info.status == Status::Uninstalled {
            if self.options.keep_history {
                return Err(DeployError::Refused(format!("the release named {name:?} is already deleted")));
            }
            self.purge(&name, revisions)
                .await
                .map_err(|error| error.at("uninstall: Failed to purge the release"))?;
            return Ok(Uninstalled { record, info: String::new() });
        }
        // An install of ours that failed is taken away while we hold the release.
        if record.holder.is_some() && record.holder.as_deref() != self.action.storage().holder() {
            record = self.action.settle(record).await?;
        }
        let abandoned = self.action.abandoned_before(record.revision + 1, &record).await?;
        record.set_status(Status::Uninstalling, "Deletion in progress (or silently failed)");
        record.info.deleted = Some(Time::now());
        if self.options.hooks {
            self.action.run_hooks(&mut record, HookEvent::PreDelete, true).await?;
        }
        self.action.try_update_record(&mut record).await;
        let sorted = self
            .sort(&record, abandoned)
            .await
            .map_err(|error| error.at(format!("failed to delete release: {name}")))?;
        self.delete(&name, &sorted.batches(&record.sequence)).await?;
        let errors = self.finish(&mut record, &sorted.objects(), revisions).await?;
        if errors.is_empty() {
            return Ok(Uninstalled { record, info: sorted.info });
        }
        let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
        let count = texts.len();
        Err(DeployError::Refused(format!(
            "uninstallation completed with {count} error(s): {}",
            texts.join("; ")
        )))
    }

    /// Deletes one batch after the other; the next one when those of the one before are gone.
    async fn delete(&self, name: &str, batches: &[Vec<Object>]) -> Result<(), DeployError> {
        for (index, batch) in batches.iter().enumerate() {
            let errors = self.action.delete_all(batch, self.options.propagation).await;
            if let Some(first) = errors.into_iter().next() {
                return Err(DeployError::Api(first).at(format!("failed to delete release: {name}")));
            }
            if index + 1 < batches.len() {
                self.action.waiter().gone(batch).await?;
            }
        }
        Ok(())
    }

    /// Waits, runs the last hooks, and does away with the records. The objects are gone, so every step is tried.
    async fn finish(
        &self,
        record: &mut Record,
        deleted: &[Object],
        revisions: &[i64],
    ) -> Result<Vec<DeployError>, DeployError> {
        let mut errors = Vec::new();
        if self.options.wait {
            let waiter = Waiter::new(self.action.cluster(), self.options.timeout);
            errors.extend(waiter.gone(deleted).await.err().map(DeployError::from));
        }
        if self.options.hooks {
            errors.extend(self.action.run_hooks(record, HookEvent::PostDelete, true).await.err());
        }
        record.set_status(Status::Uninstalled, self.action.options.description_or("Uninstallation complete"));
        if self.options.keep_history {
            self.action.try_update_record(record).await;
            self.action.supersede(&record.name, record.revision).await?;
            return Ok(errors);
        }
        let purged = self.purge(&record.name, revisions).await;
        errors.extend(purged.err().map(|error| error.at("uninstall: Failed to purge the release")));
        Ok(errors)
    }

    /// Oldest first: whoever looks in between still finds the last one.
    async fn purge(&self, name: &str, revisions: &[i64]) -> Result<(), DeployError> {
        for revision in revisions {
            match self.action.storage().delete(name, *revision).await {
                Err(StorageError::NotFound) => {}
                result => result?,
            }
        }
        Ok(())
    }

    /// Tells the objects that go from those that stay: by policy, or because they belong to somebody else. What
    /// interrupted revisions left goes, too.
    async fn sort(&self, record: &Record, abandoned: Vec<Object>) -> Result<Sorted, DeployError> {
        let mut sorted = Sorted::default();
        let documents = documents(&record.manifest)?;
        let (keep, delete): (Vec<_>, Vec<_>) = documents.into_iter().partition(|(head, _)| has_policy(head));
        let kept: Vec<_> = keep.iter().filter(|(head, _)| keeps(head)).collect();
        if !kept.is_empty() {
            sorted.info.push_str("These resources were kept due to the resource policy:\n");
            kept.iter().for_each(|(head, _)| list(&mut sorted.info, &head.kind, &head.name, ""));
        }
        let manifest: String = delete.into_iter().map(|(_, text)| format!("\n---\n{text}")).collect();
        let placed = self
            .action
            .build_placed(&manifest, &record.namespace, &[])
            .await
            .map_err(|error| error.at("unable to build kubernetes objects for delete"))?;
        let known: BTreeSet<ObjectKey> = placed.iter().map(|placed| placed.object.key()).collect();
        let more = abandoned.into_iter().filter(|object| !known.contains(&object.key()));
        let more = more.map(|object| Placed { object, place: Place::default() });
        let placed = placed.into_iter().chain(more).collect();
        self.check_owners(record, placed, &mut sorted).await;
        Ok(sorted)
    }

    /// The objects as they are, in few requests; one for each where that fails, to tell which of them fail.
    async fn look(&self, placed: &[Placed]) -> Vec<Result<Option<Value>, ApiError>> {
        let objects = placed.iter().map(|placed| &placed.object);
        if let Ok(live) = self.action.live(objects.clone(), View::Metadata).await
            && objects.clone().all(|object| !object.name.is_empty())
        {
            return objects.map(|object| Ok(live.get(&object.key()).cloned())).collect();
        }
        let reads: Vec<_> = objects.map(|object| self.action.cluster().get(object)).collect();
        futures::stream::iter(reads).buffered(AT_ONCE).collect().await
    }

    async fn check_owners(&self, record: &Record, placed: Vec<Placed>, sorted: &mut Sorted) {
        let owner = Owner { name: &record.name, namespace: &record.namespace };
        let mut foreign = Vec::new();
        let mut unknown = Vec::new();
        let found = self.look(&placed).await;
        for (placed, found) in placed.into_iter().zip(found) {
            match found {
                Ok(None) => {}
                Ok(Some(live)) if owner.check(&live).is_ok() => sorted.owned.push(placed),
                Ok(Some(_)) => foreign.push(placed.object),
                Err(error) => unknown.push((placed.object, error)),
            }
        }
        let info = &mut sorted.info;
        if !foreign.is_empty() {
            headline(info, foreign.len(), "they are not owned by this release");
            foreign.iter().for_each(|object| list(info, &object.resource.kind, &object.name, ""));
        }
        if !unknown.is_empty() {
            headline(info, unknown.len(), "their ownership could not be verified");
            unknown.iter().for_each(|(object, error)| {
                list(info, &object.resource.kind, &object.name, &format!(": {error}"));
            });
        }
    }
}

fn headline(info: &mut String, count: usize, why: &str) {
    let separator = if info.is_empty() { "" } else { "\n" };
    let _ = writeln!(info, "{separator}{count} resource(s) were not deleted because {why}:");
}

fn list(info: &mut String, kind: &str, name: &str, more: &str) {
    let _ = writeln!(info, "[{kind}] {name}{more}");
}

/// The documents of a manifest in the order in which they go.
///
/// Helm counts them as text (`manifest-10` before `manifest-2`) before it sorts them by kind.
fn documents(manifest: &str) -> Result<Vec<(Head, String)>, DeployError> {
    let mut numbered = BTreeMap::new();
    for (index, document) in pintle_render::split(manifest.as_bytes(), Flavour::V4).into_iter().enumerate() {
        numbered.insert(format!("manifest-{index}"), document);
    }
    let mut documents = Vec::with_capacity(numbered.len());
    for document in numbered.into_values() {
        let head = Head::parse(document, Flavour::V4).map_err(|error| {
            DeployError::Refused(format!(
                "corrupted release record. You must manually delete the resources: {error}"
            ))
        })?;
        documents.push((head, String::from_utf8_lossy(document).into_owned()));
    }
    documents.sort_by(|(a, _), (b, _)| order(&a.kind).cmp(&order(&b.kind)));
    Ok(documents)
}

/// Known kinds in their order, then all others by name.
fn order(kind: &str) -> (bool, usize, &str) {
    match uninstall_rank(kind, Flavour::V4) {
        Some(rank) => (false, rank, ""),
        None => (true, 0, kind),
    }
}

const RESOURCE_POLICY: &str = "helm.sh/resource-policy";

fn has_policy(head: &Head) -> bool {
    head.annotations.contains_key(RESOURCE_POLICY)
}

fn keeps(head: &Head) -> bool {
    head.annotations.get(RESOURCE_POLICY).is_some_and(|word| word.trim().to_lowercase() == "keep")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_go_before_workloads_and_namespaces_last() {
        let manifest = "---\nkind: Namespace\n---\nkind: Zebra\n---\nkind: Deployment\n---\nkind: Service\n";
        let kinds: Vec<_> = documents(manifest).unwrap().into_iter().map(|(head, _)| head.kind).collect();
        assert_eq!(kinds, ["Service", "Deployment", "Namespace", "Zebra"]);
    }
}

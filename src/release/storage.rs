//! Releases and their histories on top of single records. Helm: `pkg/storage`.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _};

use super::driver::{Named, Query, TOGETHER, is_selectable};
use super::fit::{self, Fit};
use super::labels::check_user_labels;
use super::{Driver, Head, Listed, Record, RecordError, Status, StorageError, Summary};

/// How many records a listing reads at a time.
const READ_AT_ONCE: usize = 8;

/// How many requests for many records are under way at a time.
const TOGETHER_AT_ONCE: usize = 2;
/// From how many records on one request for all takes the place of one for each.
const WORTH_TOGETHER: usize = 4;

/// What a listing shows, by the storing object's namespace and name.
type Summaries = BTreeMap<(String, String), Result<Summary, RecordError>>;

/// The histories of releases.
#[derive(Clone, Debug)]
pub struct Storage {
    driver: Driver,
    /// How many revisions a release may have; 0 is no limit.
    max_history: usize,
    /// Whether records that are too large are stored without what Helm can do without.
    slim: bool,
    /// Who works on the release whose records these are; pending revisions say so.
    holder: Option<String>,
}

impl Storage {
    /// Histories without a limit.
    pub fn new(driver: Driver) -> Self {
        Self { driver, max_history: 0, slim: false, holder: None }
    }

    /// The same with a limit on the revisions of a release, 0 for none.
    #[must_use]
    pub fn with_max_history(mut self, max_history: usize) -> Self {
        self.max_history = max_history;
        self
    }

    /// The same where a record that is too large for Kubernetes is stored without the chart's templates and files,
    /// which nothing needs to list, show or roll back.
    #[must_use]
    pub fn with_slim_records(mut self, slim: bool) -> Self {
        self.slim = slim;
        self
    }

    /// The same, with the name of whoever works on the release: pending revisions carry it, so that the next one can
    /// tell whose they are.
    #[must_use]
    pub fn held_by(mut self, holder: String) -> Self {
        self.holder = Some(holder);
        self
    }

    /// Who works on the release, where that is known.
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// The namespace of the records; `None` where they lie in no cluster.
    pub fn namespace(&self) -> Option<&str> {
        self.driver.namespace()
    }

    /// Stores a new revision and first makes room for it.
    ///
    /// # Errors
    /// [`StorageError::Exists`] where somebody else stored that revision first; [`StorageError::TooLarge`] where
    /// Kubernetes can't hold it, before anything is written.
    pub async fn create(&self, record: &mut Record) -> Result<(), StorageError> {
        check_user_labels(&record.labels)?;
        let text = fit::fit(record, Fit::New { slim: self.slim })?;
        if self.max_history > 0 {
            self.prune(&record.name, self.max_history - 1).await?;
        }
        record.set_holder(self.holder.as_deref());
        self.driver.create(record, &text).await
    }

    /// Whether a new revision would fit: what [`Storage::create`] says, without storing anything.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`]
    pub fn check_size(&self, record: &Record) -> Result<(), StorageError> {
        fit::fit(&mut record.clone(), Fit::New { slim: self.slim }).map(drop)
    }

    /// Stores a changed revision. What would make it too large now is shortened: it has begun and must be told of.
    ///
    /// # Errors
    /// [`StorageError::Changed`] where somebody else changed it since it was read.
    pub async fn update(&self, record: &mut Record) -> Result<(), StorageError> {
        let text = fit::fit(record, Fit::Stored)?;
        record.set_holder(self.holder.as_deref());
        self.driver.update(record, &text).await
    }

    /// Removes a revision.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] where there is none.
    pub async fn delete(&self, name: &str, revision: i64) -> Result<(), StorageError> {
        self.driver.delete(name, revision).await
    }

    /// Reads a revision.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] where there is none.
    pub async fn get(&self, name: &str, revision: i64) -> Result<Record, StorageError> {
        self.driver.get(name, revision).await
    }

    /// The last revision of a release.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] where there is none.
    pub async fn last(&self, name: &str) -> Result<Record, StorageError> {
        let heads = self.release_heads(name).await?;
        let last = heads.iter().max_by_key(|head| head.revision).ok_or(StorageError::NotFound)?;
        self.open(last).await
    }

    /// The deployed revision of a release; the highest where a race left several.
    ///
    /// # Errors
    /// [`StorageError::NoDeployed`] where there is none.
    pub async fn deployed(&self, name: &str) -> Result<Record, StorageError> {
        let heads = self.release_heads(name).await?;
        let deployed = heads.iter().filter(|head| head.status == Status::Deployed);
        let newest = deployed.max_by_key(|head| head.revision);
        self.open(newest.ok_or_else(|| StorageError::NoDeployed(name.to_owned()))?).await
    }

    /// All revisions of a release that are deployed: more than one after a race.
    ///
    /// # Errors
    /// Where the cluster gives no answer or a record can't be read.
    pub async fn deployed_all(&self, name: &str) -> Result<Vec<Record>, StorageError> {
        let mut records = Vec::new();
        for head in self.release_heads(name).await?.iter().filter(|head| head.status == Status::Deployed) {
            records.push(self.open(head).await?);
        }
        Ok(records)
    }

    /// What the labels say about each revision of a release, in no order.
    ///
    /// # Errors
    /// Where the cluster gives no answer.
    pub async fn release_heads(&self, name: &str) -> Result<Vec<Head>, StorageError> {
        self.driver.heads(Query { name: Some(name), ..Query::default() }).await
    }

    /// What the labels say about every revision of every release, in no order.
    ///
    /// # Errors
    /// Where the cluster gives no answer, or the selector is none.
    pub async fn heads(&self, selector: &str) -> Result<Vec<Head>, StorageError> {
        self.driver.heads(Query { selector: Some(selector), ..Query::default() }).await
    }

    /// What a listing shows of these records, in their order; those that are gone by now are left out. A few are read
    /// at a time, and of each only as much as is shown.
    ///
    /// # Errors
    /// Where the cluster gives no answer.
    pub async fn summaries(&self, heads: Vec<Head>) -> Result<Vec<Listed>, StorageError> {
        let mut known = self.summaries_together(&heads).await?;
        let requests: Vec<_> = heads
            .into_iter()
            .map(|head| {
                let known = known.remove(&(head.namespace.clone(), head.object_name.clone()));
                self.summary(head, known)
            })
            .collect();
        let read = futures::stream::iter(requests).buffered(READ_AT_ONCE);
        let listed: Vec<Option<Listed>> = read.try_collect().await?;
        Ok(listed.into_iter().flatten().collect())
    }

    /// What a listing shows of those records that can be read many at a time.
    async fn summaries_together(&self, heads: &[Head]) -> Result<Summaries, StorageError> {
        let selectable: Vec<Head> = heads.iter().filter(|head| is_selectable(head)).cloned().collect();
        if selectable.len() < WORTH_TOGETHER {
            return Ok(Summaries::new());
        }
        let requests: Vec<_> =
            selectable.chunks(TOGETHER).map(|heads| self.driver.summaries(heads)).collect();
        let read = futures::stream::iter(requests).buffered(TOGETHER_AT_ONCE);
        let named: Vec<Vec<Named>> = read.try_collect().await?;
        Ok(named.into_iter().flatten().collect())
    }

    async fn summary(
        &self,
        head: Head,
        known: Option<Result<Summary, RecordError>>,
    ) -> Result<Option<Listed>, StorageError> {
        if let Some(summary) = known {
            return Ok(Some(Listed { head, summary }));
        }
        match self.driver.summary(&head).await {
            Err(StorageError::NotFound) => Ok(None),
            read => read.map(|summary| Some(Listed { head, summary })),
        }
    }

    async fn open(&self, head: &Head) -> Result<Record, StorageError> {
        self.driver.open(head).await
    }

    /// Removes the oldest revisions until at most `keep` are left; never the newest that is deployed.
    async fn prune(&self, name: &str, keep: usize) -> Result<(), StorageError> {
        let mut heads = self.release_heads(name).await?;
        heads.sort_by_key(|head| head.revision);
        let mut errors = Vec::new();
        for revision in surplus(&heads, keep) {
            match self.driver.delete(name, revision).await {
                Ok(()) | Err(StorageError::NotFound) => {}
                Err(error) => errors.push(error),
            }
        }
        let count = errors.len();
        match errors.into_iter().next() {
            None => Ok(()),
            Some(only) if count == 1 => Err(only),
            Some(first) => Err(StorageError::Prune { count, first: Box::new(first) }),
        }
    }
}

/// Which of the revisions, oldest first, must go.
fn surplus(heads: &[Head], keep: usize) -> Vec<i64> {
    let deployed = heads.iter().rev().find(|head| head.status == Status::Deployed).map(|head| head.revision);
    let removable = heads.iter().map(|head| head.revision).filter(|revision| Some(*revision) != deployed);
    removable.take(heads.len().saturating_sub(keep)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(revision: i64, status: Status) -> Record {
        let mut record = Record { name: "r".into(), namespace: "n".into(), revision, ..Record::default() };
        record.info.status = status;
        record
    }

    async fn storage(statuses: &[Status], max_history: usize) -> Storage {
        let storage = Storage::new(Driver::memory()).with_max_history(max_history);
        for (revision, status) in (1..).zip(statuses) {
            storage.driver.create(&mut record(revision, status.clone()), "").await.unwrap();
        }
        storage
    }

    async fn revisions(storage: &Storage) -> Vec<i64> {
        let mut heads = storage.release_heads("r").await.unwrap();
        heads.sort_by_key(|head| head.revision);
        heads.iter().map(|head| head.revision).collect()
    }

    #[tokio::test]
    async fn old_revisions_make_room_but_not_the_deployed_one() {
        let storage = storage(&[Status::Deployed, Status::Failed, Status::Failed, Status::Failed], 3).await;
        storage.create(&mut record(5, Status::PendingUpgrade)).await.unwrap();
        assert_eq!(revisions(&storage).await, [1, 4, 5]);
    }

    #[tokio::test]
    async fn without_a_limit_every_revision_stays() {
        let storage = storage(&[Status::Superseded, Status::Superseded, Status::Deployed], 0).await;
        storage.create(&mut record(4, Status::PendingUpgrade)).await.unwrap();
        assert_eq!(revisions(&storage).await, [1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn the_tenth_revision_comes_after_the_ninth() {
        let storage = storage(&vec![Status::Superseded; 11], 0).await;
        assert_eq!(storage.last("r").await.unwrap().revision, 11);
        assert!(matches!(storage.deployed("r").await, Err(StorageError::NoDeployed(_))));
    }

    #[tokio::test]
    async fn a_revision_is_stored_once() {
        let storage = storage(&[Status::Deployed], 0).await;
        let error = storage.create(&mut record(1, Status::PendingInstall)).await.unwrap_err();
        assert_eq!(error.to_string(), "release: already exists");
    }
}

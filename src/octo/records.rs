//! What records say before a deployment: a lock that nobody holds any more, and which chart is installed.

use std::time::Duration;

use jiff::Timestamp;

use crate::release::{Head, Record, Status, Storage, StorageError, Time};

/// After how long a revision that Helm left pending is taken for abandoned.
const STALE: Duration = Duration::from_secs(600);

/// Ends a pending revision of Helm's that is older than ten minutes, so that the next can follow. What pintle left
/// pending says who holds it, and `deploy` sees to it. What can't be found out or changed is left as it is.
pub(super) async fn release_stale_lock(storage: &Storage, newest: &Head) {
    if let Err(error) = end_if_stale(storage, newest).await {
        tracing::warn!(release = newest.name, %error, "a pending revision could not be looked at");
    }
}

async fn end_if_stale(storage: &Storage, head: &Head) -> Result<(), StorageError> {
    let mut record = match storage.get(&head.name, head.revision).await {
        Err(StorageError::NotFound) => return Ok(()),
        record => record?,
    };
    let began = record.info.last_deployed.map(Time::timestamp);
    if record.holder.is_some() || !is_stale(began, Timestamp::now()) {
        return Ok(());
    }
    tracing::warn!(
        release = head.name,
        revision = head.revision,
        status = head.status.as_str(),
        "a revision was begun more than ten minutes ago and never ended; it is recorded as failed"
    );
    record.set_status(Status::Failed, "Interrupted: whoever began this did not finish it");
    storage.update(&mut record).await
}

fn is_stale(began: Option<Timestamp>, now: Timestamp) -> bool {
    began.is_none_or(|began| began < now && now.duration_since(began).unsigned_abs() > STALE)
}

/// The version of the chart that a release has, where it is that chart: of the newest revision that is deployed.
pub(super) async fn installed_version(storage: &Storage, release: &str, chart: &str) -> Option<String> {
    match storage.deployed(release).await {
        Ok(record) => version_of(&record, chart),
        Err(StorageError::NoDeployed(_) | StorageError::NotFound) => None,
        Err(error) => {
            tracing::warn!(release, %error, "the installed version is not known; the newest is taken");
            None
        }
    }
}

fn version_of(record: &Record, chart: &str) -> Option<String> {
    let metadata = record.chart.metadata()?;
    (metadata.name == chart).then_some(metadata.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::{Driver, StoredChart};

    /// OCTO-71: ten minutes are a dead lock's age, less is somebody at work.
    #[test]
    fn a_lock_is_stale_after_ten_minutes() {
        let began = Timestamp::constant(1_000_000, 0);
        let after = |seconds: i64| is_stale(Some(began), began + jiff::SignedDuration::from_secs(seconds));
        assert!(after(601));
        assert!(!after(599) && !after(-700));
    }

    async fn storage(status: Status) -> Storage {
        let storage = Storage::new(Driver::memory());
        let chart = r#"{"metadata":{"name":"adapter","version":"1.0.71","apiVersion":"v2"}}"#;
        let raw = serde_json::value::RawValue::from_string(chart.into()).unwrap();
        let mut record = Record {
            name: "r".into(),
            namespace: "n".into(),
            revision: 1,
            chart: StoredChart::from_json(raw),
            ..Record::default()
        };
        record.info.status = status;
        storage.create(&mut record).await.unwrap();
        storage
    }

    /// OCTO-64, OCTO-65, OCTO-72: the installed version is that of the deployed revision, and of no other chart.
    #[tokio::test]
    async fn the_installed_version_is_the_deployed_one() {
        let deployed = storage(Status::Deployed).await;
        assert_eq!(installed_version(&deployed, "r", "adapter").await.as_deref(), Some("1.0.71"));
        assert_eq!(installed_version(&deployed, "r", "other").await, None);
        assert_eq!(installed_version(&deployed, "missing", "adapter").await, None);
        assert_eq!(installed_version(&storage(Status::Failed).await, "r", "adapter").await, None);
    }

    /// OCTO-71, T-4: what Helm left is ended, and what pintle holds is not.
    #[tokio::test]
    async fn only_helms_stale_revision_is_ended() {
        for (holder, ended) in [(None, Status::Failed), (Some("me".to_owned()), Status::PendingUpgrade)] {
            let mut storage = storage(Status::PendingUpgrade).await;
            if let Some(holder) = holder {
                storage = storage.held_by(holder);
                let mut record = storage.last("r").await.unwrap();
                storage.update(&mut record).await.unwrap();
            }
            let heads = storage.release_heads("r").await.unwrap();
            release_stale_lock(&storage, &heads[0]).await;
            assert_eq!(storage.last("r").await.unwrap().info.status, ended);
        }
    }
}

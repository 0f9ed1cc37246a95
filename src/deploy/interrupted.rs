//! Revisions that somebody began and did not finish.
//!
//! A pending revision carries the name of who works on it. Whoever holds the release's lease and finds a pending
//! revision of another knows that the other is gone: it could only work while it held the lease itself. Pending
//! revisions without a name are Helm's; of them nobody can tell whether Helm is still at it.

use super::action::last;
use super::{Action, DeployError, Deployer, Options, Progress};
use crate::cluster::Object;
use crate::release::{HookPhase, Record, Status};

/// How the description of an interrupted revision begins.
const INTERRUPTED: &str = "Interrupted: ";

/// Whether a revision was left unfinished by somebody who is gone, and is recorded so.
pub(super) fn was_interrupted(record: &Record) -> bool {
    record.info.status == Status::Failed && record.info.description.starts_with(INTERRUPTED)
}

impl Deployer {
    /// Records as failed what somebody began who is gone. Every action does so itself before it goes on; a dry run,
    /// which changes nothing, can't.
    ///
    /// # Errors
    /// [`DeployError::Busy`] where somebody works on the release, or nobody can say whether.
    pub async fn settle_interrupted(&self, name: &str, options: &Options) -> Result<(), DeployError> {
        let held = self.hold(name, options.lock_timeout).await?;
        let deployer = held.deployer();
        let settled = async move {
            match last(&deployer.storage, name).await? {
                Some(record) => deployer.action(options).settle(record).await.map(drop),
                None => Ok(()),
            }
        };
        held.run(settled).await
    }
}

impl Action<'_> {
    /// Sees to the last revision before another follows: if it is pending and its holder is gone, what its hooks left
    /// is removed and it is recorded as failed.
    ///
    /// # Errors
    /// [`DeployError::Busy`] where it is pending and nobody can say whether somebody works on it.
    pub(super) async fn settle(&self, mut last: Record) -> Result<Record, DeployError> {
        if !last.info.status.is_pending() {
            return Ok(last);
        }
        let name = last.name.clone();
        let gone = match (&last.holder, self.storage().holder()) {
            (Some(theirs), Some(ours)) if theirs != ours => theirs.clone(),
            (theirs, _) => return Err(DeployError::Busy { release: name, holder: theirs.clone() }),
        };
        let (revision, status) = (last.revision, last.info.status.clone());
        self.tell(&Progress::Note(&format!(
            "revision {revision} of release {name} is {status}, and {gone}, who began it, is gone: going on from there"
        )));
        self.remove_unfinished_hooks(&last).await?;
        last.set_status(Status::Failed, format!("{INTERRUPTED}{gone} did not finish it"));
        self.update_record(&mut last).await?;
        Ok(last)
    }

    /// Deletes the hooks that would be gone had their run been seen to its end.
    async fn remove_unfinished_hooks(&self, record: &Record) -> Result<(), DeployError> {
        for (index, hook) in record.hooks.iter().enumerate() {
            let policies: &[&str] = match hook.last_run.phase {
                HookPhase::Running => &["hook-succeeded", "hook-failed"],
                HookPhase::Succeeded => &["hook-succeeded"],
                _ => &[],
            };
            for policy in policies {
                self.delete_hook(record, index, policy).await?;
            }
        }
        Ok(())
    }

    /// As [`Action::abandoned`]; without a question where the revision before the next is the one that is deployed.
    pub(super) async fn abandoned_before(
        &self,
        next: i64,
        current: &Record,
    ) -> Result<Vec<Object>, DeployError> {
        let follows = current.revision + 1 == next && current.info.status == Status::Deployed;
        if follows { Ok(Vec::new()) } else { self.abandoned(current).await }
    }

    /// The objects that interrupted revisions may have left on the cluster besides those of `current`. Helm knows of
    /// none: without an interruption there are none here either.
    pub(super) async fn abandoned(&self, current: &Record) -> Result<Vec<Object>, DeployError> {
        let name = &current.name;
        let heads = self.storage().release_heads(name).await?;
        let deployed = heads.iter().filter(|head| head.status == Status::Deployed);
        let since = deployed.map(|head| head.revision).max().unwrap_or(0);
        let mut records = Vec::new();
        for head in heads.iter().filter(|head| head.revision >= since && head.revision != current.revision) {
            if matches!(head.status, Status::Deployed | Status::Failed) {
                records.push(self.storage().get(name, head.revision).await?);
            }
        }
        let is_unfinished = was_interrupted(current) || current.info.status == Status::Uninstalling;
        if !is_unfinished && !records.iter().any(was_interrupted) {
            return Ok(Vec::new());
        }
        records.retain(|record| record.info.status == Status::Deployed || was_interrupted(record));
        let mut objects = Vec::new();
        for record in &records {
            // A kind that is no longer served has no objects left.
            objects.extend(self.build(&record.manifest, &record.namespace).await.unwrap_or_default());
        }
        Ok(objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_recorded_interruption_is_one() {
        let mut record = Record::default();
        record.set_status(Status::Failed, "Interrupted: host_1_a did not finish it");
        assert!(was_interrupted(&record));
        record.set_status(Status::Failed, "Upgrade \"web\" failed: timed out");
        assert!(!was_interrupted(&record));
        record.set_status(Status::Superseded, "Interrupted: host_1_a did not finish it");
        assert!(!was_interrupted(&record));
    }
}

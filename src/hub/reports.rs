//! Reports that must arrive: kept until the hub has taken them, the last one of each key.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

/// How many keys are kept. Beyond it the oldest report is given up.
const MOST: usize = 4096;

/// A call of a method of the hub that is to be made now or, without a connection, after the next connect.
#[derive(Clone)]
pub struct Report {
    /// A report replaces one with the same key that has not been sent yet.
    pub key: String,
    /// The hub's method.
    pub target: String,
    /// Its arguments: exactly as many as it takes.
    pub arguments: Vec<Value>,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Report")
            .field("key", &self.key)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// The reports to be sent, oldest first.
pub(super) struct Outbox {
    waiting: watch::Sender<VecDeque<Arc<Report>>>,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self { waiting: watch::Sender::new(VecDeque::new()) }
    }

    /// Adds a report at the end, in place of an earlier one with the same key.
    pub(super) fn put(&self, report: Report) {
        self.waiting.send_modify(|waiting| {
            waiting.retain(|earlier| earlier.key != report.key);
            if waiting.len() >= MOST
                && let Some(lost) = waiting.pop_front()
            {
                tracing::error!(
                    key = lost.key,
                    target = lost.target,
                    "too many reports wait; the oldest is given up"
                );
            }
            waiting.push_back(Arc::new(report));
        });
    }

    /// The report to send next; it stays until [`Self::remove`]. Waits while there is none.
    pub(super) async fn next(&self) -> Arc<Report> {
        let mut waiting = self.waiting.subscribe();
        loop {
            if let Some(report) = waiting.borrow_and_update().front() {
                return Arc::clone(report);
            }
            // Can't fail: the sender is ours.
            let _ = waiting.changed().await;
        }
    }

    /// Removes a report that was sent, unless a newer one has taken its place.
    pub(super) fn remove(&self, sent: &Arc<Report>) {
        self.waiting.send_modify(|waiting| waiting.retain(|report| !Arc::ptr_eq(report, sent)));
    }

    /// Waits until nothing is left.
    pub(super) async fn empty(&self) {
        let _ = self.waiting.subscribe().wait_for(VecDeque::is_empty).await;
    }

    /// How many reports wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.borrow().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(key: &str, target: &str) -> Report {
        Report { key: key.into(), target: target.into(), arguments: Vec::new() }
    }

    #[tokio::test]
    async fn only_the_last_of_each_key_is_kept_in_the_order_of_the_last() {
        let outbox = Outbox::new();
        for (key, target) in [("a", "progress"), ("b", "status"), ("a", "status")] {
            outbox.put(report(key, target));
        }
        let first = outbox.next().await;
        assert_eq!((first.key.as_str(), outbox.len()), ("b", 2));
        outbox.remove(&first);
        assert_eq!(outbox.next().await.target, "status");
    }

    #[tokio::test]
    async fn a_newer_report_survives_the_sending_of_the_older() {
        let outbox = Outbox::new();
        outbox.put(report("a", "progress"));
        let sent = outbox.next().await;
        outbox.put(report("a", "status"));
        outbox.remove(&sent);
        assert_eq!(outbox.next().await.target, "status");
    }

    #[tokio::test]
    async fn reports_are_bounded() {
        let outbox = Outbox::new();
        for key in 0..=MOST {
            outbox.put(report(&key.to_string(), "status"));
        }
        assert_eq!((outbox.len(), outbox.next().await.key.as_str()), (MOST, "1"));
    }

    #[test]
    fn arguments_are_not_shown() {
        let report = Report { arguments: vec!["canary".into()], ..report("a", "status") };
        assert!(!format!("{report:?}").contains("canary"));
    }
}

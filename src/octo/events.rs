//! Events about sites, and about what happens to workloads on them. Upstream writes none.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};

use super::names::FIELD_MANAGER;
use super::site_status::Report;

/// The longest note that Kubernetes takes.
const LONGEST: usize = 1024;

/// Publishes events. What can't be published is logged and otherwise let be.
pub(super) struct Events {
    recorder: Recorder,
}

impl Events {
    pub(super) fn new(client: Client, instance: String) -> Self {
        let reporter = Reporter { controller: FIELD_MANAGER.to_owned(), instance: Some(instance) };
        Self { recorder: Recorder::new(client, reporter) }
    }

    /// Tells how a site is now.
    pub(super) async fn site(&self, object: &ObjectReference, report: &Report) {
        self.publish(
            object,
            !report.holds && report.reason != "HubUnavailable",
            report.reason,
            &report.message,
        )
        .await;
    }

    pub(super) async fn publish(&self, object: &ObjectReference, warning: bool, reason: &str, note: &str) {
        let event = Event {
            type_: if warning { EventType::Warning } else { EventType::Normal },
            reason: reason.to_owned(),
            note: Some(note.chars().take(LONGEST).collect()),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        if let Err(error) = self.recorder.publish(&event, object).await {
            tracing::warn!(name = object.name, %error, "failed to publish an event");
        }
    }
}

//! What users see: conditions, status and events. Written only where something changed.

use jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use serde_json::json;

use super::MANAGER;
use super::error::ReconcileError;
use crate::api::{Condition, ConditionStatus, Release, ReleaseStatus};

/// The longest text in a condition or event.
const LONGEST_MESSAGE: usize = 1024;

/// Ready, Progressing and Stalled, as one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The release is what the spec asks for.
    Ready,
    /// On the way there.
    Progressing,
    /// Failed, and will be tried again.
    Failed,
    /// Failed, and only another spec helps.
    Stalled,
    /// Left alone because the user said so.
    Suspended,
}

/// Sets all conditions for a state.
pub(super) fn set_state(
    status: &mut ReleaseStatus,
    state: State,
    generation: i64,
    reason: &str,
    message: &str,
) {
    use ConditionStatus::{False, True, Unknown};
    let (ready, progressing, stalled) = match state {
        State::Ready => (True, False, False),
        // Trying again what failed, or looking again at what is ready, is no news.
        State::Progressing if status.observed_generation == generation => (known(status), True, False),
        State::Progressing => (Unknown, True, False),
        State::Failed => (False, True, False),
        State::Stalled => (False, False, True),
        State::Suspended => (known(status), False, False),
    };
    for (kind, holds) in [("Ready", ready), ("Progressing", progressing), ("Stalled", stalled)] {
        status.set_condition(Condition {
            kind: kind.to_owned(),
            status: holds,
            observed_generation: generation,
            last_transition_time: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            reason: reason.to_owned(),
            message: shortened(message),
        });
    }
    status.observed_generation = generation;
}

fn known(status: &ReleaseStatus) -> ConditionStatus {
    status.condition("Ready").map_or(ConditionStatus::Unknown, |ready| ready.status)
}

/// A text fit for a status: at most a kilobyte.
fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE - 1) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

/// Writes status and events of one `Release`.
pub(super) struct Reports {
    releases: Api<Release>,
    recorder: Recorder,
    name: String,
    release: Release,
}

impl Reports {
    pub(super) fn new(client: Client, instance: Option<String>, release: &Release) -> Self {
        let reporter = Reporter { controller: MANAGER.to_owned(), instance };
        Self {
            releases: Api::namespaced(client.clone(), &release.namespace().unwrap_or_default()),
            recorder: Recorder::new(client, reporter),
            name: release.name_any(),
            release: release.clone(),
        }
    }

    /// Writes the status, if it is another than the one last read or written.
    pub(super) async fn status(&mut self, status: &ReleaseStatus) -> Result<(), ReconcileError> {
        if self.release.status.as_ref() == Some(status) {
            return Ok(());
        }
        let object = json!({
            "apiVersion": Release::api_version(&()),
            "kind": Release::kind(&()),
            "metadata": { "name": self.name },
            "status": status,
        });
        let apply = PatchParams::apply(MANAGER).force();
        let written = self.releases.patch_status(&self.name, &apply, &Patch::Apply(object)).await;
        written.map_err(ReconcileError::api("write the status"))?;
        self.release.status = Some(status.clone());
        Ok(())
    }

    /// Publishes an event. That it can't be published is logged and otherwise let be.
    pub(super) async fn event(&self, warning: bool, reason: &str, note: &str) {
        let event = Event {
            type_: if warning { EventType::Warning } else { EventType::Normal },
            reason: reason.to_owned(),
            note: Some(shortened(note)),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        if let Err(error) = self.recorder.publish(&event, &self.release.object_ref(&())).await {
            tracing::warn!(release = self.name, %error, "failed to publish an event");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_told_in_three_conditions() {
        let mut status = ReleaseStatus::default();
        set_state(&mut status, State::Stalled, 2, "SpecInvalid", "no");
        let holds = |status: &ReleaseStatus, kind| status.condition(kind).unwrap().status;
        assert_eq!(holds(&status, "Ready"), ConditionStatus::False);
        assert_eq!(holds(&status, "Stalled"), ConditionStatus::True);
        set_state(&mut status, State::Ready, 3, "Deployed", "");
        assert_eq!(holds(&status, "Ready"), ConditionStatus::True);
        assert_eq!(holds(&status, "Stalled"), ConditionStatus::False);
        assert_eq!(status.observed_generation, 3);
    }

    #[test]
    fn long_messages_are_cut_at_a_letter() {
        let text = "é".repeat(5000);
        let cut = shortened(&text);
        assert_eq!(cut.chars().count(), LONGEST_MESSAGE);
        assert!(cut.ends_with('…'));
    }
}

//! What users see: conditions, status and events. Written only where something changed.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::api::{Patch, PatchParams};
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::MANAGER;
use super::error::ReconcileError;
use super::looks::Left;
use super::written::Written;
use crate::api::{Condition, ConditionStatus, ReleaseStatus};

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
        status.set_condition(Condition::new(kind, holds, generation, reason, shortened(message)));
    }
    status.observed_generation = generation;
}

fn known(status: &ReleaseStatus) -> ConditionStatus {
    status.condition("Ready").map_or(ConditionStatus::Unknown, |ready| ready.status)
}

/// A text fit for a status: at most a kilobyte.
pub(super) fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE - 1) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

/// Who says it, in events.
#[derive(Clone, Debug)]
pub(super) struct Speaker {
    /// The controller's name.
    pub(super) controller: &'static str,
    /// The name of our pod.
    pub(super) instance: Option<String>,
}

/// Writes status and events of one resource of the kind `K` with the status `S`.
pub(super) struct Reports<K, S> {
    api: Api<K>,
    client: Client,
    reporter: Reporter,
    object: K,
    status: Option<S>,
    written: Written,
}

impl<K, S> Reports<K, S>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
    S: Serialize + PartialEq + Clone,
{
    /// Reports on an object whose status was read, and notes what is written of it.
    pub(super) fn new(
        client: Client,
        speaker: &Speaker,
        object: &K,
        status: Option<&S>,
        written: &Written,
    ) -> Self {
        let reporter =
            Reporter { controller: speaker.controller.to_owned(), instance: speaker.instance.clone() };
        Self {
            api: Api::namespaced(client.clone(), &object.namespace().unwrap_or_default()),
            client,
            reporter,
            object: object.clone(),
            status: status.cloned(),
            written: written.clone(),
        }
    }

    /// Writes the status, if it is another than the one last read or written.
    pub(super) async fn status(&mut self, status: &S) -> Result<(), ReconcileError> {
        if self.status.as_ref() == Some(status) {
            return Ok(());
        }
        let name = self.object.name_any();
        let object = json!({
            "apiVersion": K::api_version(&()),
            "kind": K::kind(&()),
            "metadata": { "name": name },
            "status": status,
        });
        let apply = PatchParams::apply(MANAGER).force();
        let written = self.api.patch_status(&name, &apply, &Patch::Apply(object)).await;
        self.written.note(&written.map_err(ReconcileError::api("write the status"))?);
        self.status = Some(status.clone());
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
        // A recorder of its own: one that is shared counts events of one reason as one, and keeps the first one's note.
        let recorder = Recorder::new(self.client.clone(), self.reporter.clone());
        if let Err(error) = recorder.publish(&event, &self.object.object_ref(&())).await {
            tracing::warn!(object = self.object.name_any(), %error, "failed to publish an event");
        }
    }

    /// Writes an event about drift that is left as it is, where that is news.
    pub(super) async fn left(&self, news: Option<&Left>) {
        if let Some(left) = news {
            self.event(true, left.reason(), &left.to_string()).await;
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

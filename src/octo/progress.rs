//! What a deployment is doing, told every few seconds while it changes.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use kube::Client;

use super::diagnostics::collect_within;
use crate::deploy::{Observer, Progress};

/// How often is looked.
const EVERY: Duration = Duration::from_secs(3);
/// How long one look may take.
const LOOKING: Duration = Duration::from_secs(5);

/// Whoever wants to know.
pub(super) trait Hearer: Send + Sync {
    /// Is told what is being done; whether that arrived.
    fn hear<'a>(&'a self, text: &'a str) -> BoxFuture<'a, bool>;
}

/// The step that a deployment is at.
#[derive(Default)]
pub(super) struct Stage {
    step: Mutex<String>,
    problems: Mutex<String>,
}

impl Stage {
    fn text(&self) -> String {
        self.step.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was last seen to be in the way; when a failed deployment is undone, its pods are gone.
    pub(super) fn problems(&self) -> String {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn saw(&self, problems: &str) {
        if !problems.is_empty() {
            problems.clone_into(&mut self.problems.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Observer for Stage {
    fn observe(&self, progress: &Progress<'_>) {
        let text = match progress {
            Progress::Recorded { revision, status } => format!("Revision {revision} is {}.", status.as_str()),
            Progress::Hook { name, phase, .. } => format!("Hook {name}: {}.", phase.as_str()),
            Progress::Changed { object, .. } => format!("Applied {object}."),
            Progress::Note(text) => (*text).to_owned(),
            Progress::Waiting { objects } => format!("Waiting for {objects} object(s) to become ready."),
            // What charts and containers write may be anything.
            Progress::Warning(_) | Progress::HookLog { .. } | Progress::Object { .. } => return,
        };
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// Tells what goes on, when it is another than what was told last, for as long as it is polled.
pub(super) async fn report(
    client: &Client,
    namespace: &str,
    release: &str,
    since: Timestamp,
    stage: &Stage,
    hearer: &dyn Hearer,
) -> Infallible {
    let mut told = String::new();
    loop {
        tokio::time::sleep(EVERY).await;
        let found = collect_within(LOOKING, client, namespace, release, since).await.unwrap_or_default();
        stage.saw(&found);
        let text = [stage.text(), found].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let text = text.join("\n");
        if !text.is_empty() && text != told && hearer.hear(&text).await {
            told = text;
        }
    }
}

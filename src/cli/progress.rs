//! Tells the user how an action goes on: warnings always, steps with `--debug`.

use super::output;
use crate::deploy::{Observer, Progress};

/// Prints steps on standard error, and what hooks wrote on standard output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer {
    debug: bool,
}

impl Printer {
    pub(super) fn new(debug: bool) -> Self {
        Self { debug }
    }
}

impl Observer for Printer {
    fn observe(&self, progress: &Progress<'_>) {
        let line = match progress {
            Progress::Warning(text) => return output::warn(text),
            Progress::Note(text) => return output::note(text),
            Progress::HookLog { text, .. } => {
                // OK because a log that can't be shown must not end the action.
                let _ = output::print(text);
                return;
            }
            Progress::Recorded { revision, status } => format!("recorded revision {revision} as {status}"),
            Progress::Hook { event, name, phase } => {
                format!("{} hook {name}: {}", event.name(), phase.as_str())
            }
            Progress::Changed { object, change } => format!("{change:?} {object}").to_lowercase(),
            Progress::Waiting { objects } => format!("waiting for {objects} objects"),
        };
        if self.debug {
            output::note(&line);
        }
    }
}

//! Tells the user how an action goes on: warnings always, what is waited for when it takes long, steps with `--debug`.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::deploy_format::DeployFormat;
use super::output;
use crate::cluster::ObjectKey;
use crate::deploy::{Deployer, Observer, Progress};

/// How wide a line of a terminal may be: longer ones would wrap, and could not be written over.
const WIDTH: usize = 110;

/// Prints steps on standard error, and what hooks wrote on standard output.
#[derive(Debug)]
pub(super) struct Printer {
    debug: bool,
    /// The lines on objects that are written over as these change; `None` where there is no terminal.
    lines: Option<Mutex<Vec<(ObjectKey, String)>>>,
}

impl Printer {
    pub(super) fn new(debug: bool) -> Self {
        Self { debug, lines: output::is_terminal().then(Mutex::default) }
    }

    /// A line for an object, in its place if it has one already.
    fn show(&self, object: &ObjectKey, line: String) {
        let Some(lines) = &self.lines else { return output::note(&line) };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let before = lines.len();
        match lines.iter_mut().find(|(known, _)| known == object) {
            Some((_, old)) => *old = line,
            None => lines.push((object.clone(), line)),
        }
        let shown: String = lines
            .iter()
            .map(|(_, line)| format!("\r\x1b[K{}\n", line.chars().take(WIDTH).collect::<String>()))
            .collect();
        output::redraw(before, &shown);
    }

    /// Other lines come below; what was drawn stays as it is.
    fn leave_lines(&self) {
        if let Some(lines) = &self.lines {
            lines.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

impl Observer for Printer {
    fn observe(&self, progress: &Progress<'_>) {
        if let Progress::Object { object, state, message, log } = progress {
            let log = log.map_or_else(String::new, |log| format!("; last log line: {log}"));
            return self.show(object, format!("waiting for {object}: {state}: {message}{log}"));
        }
        self.leave_lines();
        let line = match progress {
            Progress::Warning(text) => return output::warn(text),
            Progress::Note(text) => return output::note(text),
            Progress::HookLog { text, .. } => {
                // OK because a log that can't be shown must not end the action.
                let _ = output::print(text);
                return;
            }
            Progress::Object { .. } => return,
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

/// The deployer with whoever tells of its steps in that format.
pub(super) fn observed(deployer: Deployer, format: DeployFormat) -> Deployer {
    match format {
        DeployFormat::Ndjson => Deployer { observer: Arc::new(Stream), ..deployer },
        _ => deployer,
    }
}

/// Prints every step as a line of JSON on standard output.
#[derive(Clone, Copy, Debug)]
struct Stream;

impl Observer for Stream {
    fn observe(&self, progress: &Progress<'_>) {
        // OK because whoever stopped reading does not end the action.
        let _ = output::print(format!("{}\n", event(progress)));
    }
}

fn event(progress: &Progress<'_>) -> Value {
    let object = |key: &ObjectKey| json!({"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name});
    match progress {
        Progress::Warning(text) => json!({"event": "warning", "message": text}),
        Progress::Note(text) => json!({"event": "note", "message": text}),
        Progress::Recorded { revision, status } => {
            json!({"event": "recorded", "revision": revision, "status": status.as_str()})
        }
        Progress::Hook { event, name, phase } => {
            json!({"event": "hook", "when": event.name(), "name": name, "phase": phase.as_str()})
        }
        Progress::HookLog { pod, container, text } => {
            json!({"event": "hookLog", "pod": pod, "container": container, "text": text})
        }
        Progress::Changed { object: key, change } => {
            json!({"event": "changed", "object": object(key), "change": format!("{change:?}").to_lowercase()})
        }
        Progress::Waiting { objects } => json!({"event": "waiting", "objects": objects}),
        Progress::Object { object: key, state, message, log } => json!({
            "event": "object", "object": object(key), "state": state, "message": message, "log": log,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_an_object_with_its_event() {
        let object = ObjectKey {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: "n".into(),
            name: "web".into(),
        };
        let waiting =
            Progress::Object { object: &object, state: "InProgress", message: "Replicas: 0/1", log: None };
        let event = event(&waiting);
        assert_eq!(event["event"], "object");
        assert_eq!(event["object"]["name"], "web");
        assert_eq!(event["log"], Value::Null);
    }
}

//! Shows how a release becomes ready.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::release::NAME;
use super::stage::Stage;
use crate::error::Error;
use crate::workspace::{self, list, text};

const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(300);

/// Waits until that revision is ready, and prints a line whenever something has changed.
pub(super) fn until_ready(stage: &Stage, revision: u64) -> Result<(), Error> {
    let started = Instant::now();
    let mut before = String::new();
    loop {
        let release = read(stage, &["release", NAME])?;
        let pods = read(stage, &["pods"])?;
        let now = describe(&release, &pods);
        if now != before {
            println!("  {:5.1} s  {now}", started.elapsed().as_secs_f64());
        }
        if release["status"]["revision"] == revision && condition(&release, "Ready").0 == "True" {
            return Ok(());
        }
        let (stalled, why) = condition(&release, "Stalled");
        if stalled == "True" {
            return Err(Error::Message(format!("release {NAME} is stalled: {why}")));
        }
        if started.elapsed() > PATIENCE {
            let minutes = PATIENCE.as_secs() / 60;
            return Err(Error::Message(format!(
                "release {NAME} did not become ready in {minutes} minutes: {now}"
            )));
        }
        before = now;
        thread::sleep(PAUSE);
    }
}

fn read(stage: &Stage, what: &[&str]) -> Result<Value, Error> {
    let mut command = stage.within("get")?;
    command.args(what).arg("--output=json");
    let printed = workspace::output(&mut command)?;
    serde_json::from_str(&printed)
        .map_err(|error| Error::Output { program: workspace::line(&command), problem: error.to_string() })
}

fn describe(release: &Value, pods: &Value) -> String {
    let pods = list(pods, "items");
    let ready = pods.iter().filter(|pod| condition(pod, "Ready").0 == "True").count();
    let (state, message) = condition(release, "Ready");
    let reason = if state == "True" { "Ready".to_owned() } else { message };
    let revision =
        release["status"]["revision"].as_u64().map_or("none yet".to_owned(), |number| number.to_string());
    format!("revision {revision}; {ready} of {} pods ready; {reason}", pods.len())
}

/// The status of a condition, and its reason with the message.
fn condition(object: &Value, kind: &str) -> (String, String) {
    let conditions = list(&object["status"], "conditions");
    let Some(condition) = conditions.iter().find(|condition| text(condition, "type") == kind) else {
        return (String::new(), "not seen by the operator yet".to_owned());
    };
    let why = [text(condition, "reason"), text(condition, "message")];
    let why: Vec<_> = why.into_iter().filter(|word| !word.is_empty()).collect();
    (text(condition, "status").to_owned(), why.join(": "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::describe;

    #[test]
    fn a_line_tells_revision_pods_and_why_it_is_not_ready() {
        let condition = |status: &str| json!([{"type": "Ready", "status": status, "reason": "Installing", "message": "m"}]);
        let release = json!({"status": {"revision": 1, "conditions": condition("False")}});
        let pods = json!({"items": [
            {"status": {"conditions": condition("True")}},
            {"status": {}},
        ]});
        assert_eq!(describe(&release, &pods), "revision 1; 1 of 2 pods ready; Installing: m");
        let unseen = describe(&json!({}), &json!({}));
        assert_eq!(unseen, "revision none yet; 0 of 0 pods ready; not seen by the operator yet");
    }
}

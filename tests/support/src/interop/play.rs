//! Playing scripts.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::{Value, json};

use super::compare::differences;
use super::{COMPARISONS, Cast, Comparison, Line, Maker, Script, chart, maker, state};
use crate::{Cluster, Error, run};

const RELEASE: &str = "rel";
/// Lines of texts for people that tell a time.
const TIMES: [&str; 4] = ["LAST DEPLOYED: ", "Last Started: ", "Last Completed: ", "DEPLOYED_AT: "];

/// A cluster to play on, and the pintle that plays.
#[derive(Debug)]
pub struct Stage {
    cluster: &'static Cluster,
    pintle: PathBuf,
    /// Written to by whoever plays on what all namespaces share.
    shared: RwLock<()>,
}

/// How one comparison came out.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Who played.
    pub cast: Cast,
    /// Where it came out otherwise than among the helms; empty where it did not.
    pub differences: Vec<String>,
}

/// Keeps scripts apart that touch what all namespaces share.
enum Guard<'a> {
    Beside { _others: RwLockReadGuard<'a, ()> },
    Alone { _all: RwLockWriteGuard<'a, ()> },
}

impl Stage {
    /// A stage for that pintle.
    pub fn new(cluster: &'static Cluster, pintle: PathBuf) -> Self {
        Self { cluster, pintle, shared: RwLock::new(()) }
    }

    /// Plays a script in every cast and compares; a quick look compares Helm 4 alone with pintle alone.
    ///
    /// # Errors
    /// When the cluster or Helm can't be used, or Helm takes a line otherwise than the script says.
    pub fn compare(&self, script: &Script, quick: bool) -> Result<Vec<Verdict>, Error> {
        let mut verdicts = Vec::new();
        let most = if quick { 1 } else { usize::MAX };
        for Comparison { reference, subjects } in COMPARISONS.into_iter().take(most) {
            let theirs = self.play(script, reference, reference.is_helm4())?;
            for &cast in subjects.iter().take(most) {
                let ours = self.play(script, cast, false)?;
                verdicts.push(Verdict { cast, differences: differences(&theirs, &ours) });
            }
        }
        Ok(verdicts)
    }

    /// Plays a script in a namespace of its own; gives all that is compared.
    fn play(&self, script: &Script, cast: Cast, strict: bool) -> Result<Value, Error> {
        let _guard = self.guard(script.is_alone());
        let namespace = self.cluster.namespace("interop")?;
        let mut steps = Vec::new();
        for line in &script.lines {
            if line.is_foreign() {
                let kubectl = self.cluster.kubectl()?;
                run(&mut words(kubectl, line.words.iter().skip(1).cloned(), &namespace))?;
                continue;
            }
            let output = self.act(line, cast.maker(steps.len()), &namespace)?;
            if strict && output.status.success() == line.fails {
                return Err(unexpected(script, line, cast, &output));
            }
            steps.push(json!({ "line": line.words.join(" "), "output": told(&output, &namespace) }));
        }
        let mut state = state::read(self.cluster, &namespace, script.is_alone())?;
        rename(&mut state, &namespace);
        if script.is_alone() {
            state::forget(self.cluster)?;
        }
        run(self.cluster.kubectl()?.args(["delete", "namespace", &namespace, "--wait=false"]))?;
        Ok(json!({ "steps": steps, "state": state }))
    }

    fn guard(&self, alone: bool) -> Guard<'_> {
        match alone {
            true => Guard::Alone { _all: self.shared.write().unwrap_or_else(PoisonError::into_inner) },
            false => Guard::Beside { _others: self.shared.read().unwrap_or_else(PoisonError::into_inner) },
        }
    }

    fn act(&self, line: &Line, maker: Maker, namespace: &str) -> Result<Output, Error> {
        let given = line.words.iter().cloned();
        let (program, given): (_, Vec<String>) = match maker {
            Maker::Helm3 => {
                (self.cluster.helm3()?, given.filter_map(|word| maker::in_helm3(&word)).collect())
            }
            Maker::Helm4 => (self.cluster.helm4()?, given.collect()),
            Maker::Pintle => (self.pintle()?, given.collect()),
        };
        let mut command = words(program, given.into_iter(), namespace);
        let line = format!("{command:?}");
        command.output().map_err(|source| Error::Command {
            command: line,
            status: "could not be started".into(),
            output: source.to_string(),
        })
    }

    /// pintle with what Helm gets of its surroundings.
    fn pintle(&self) -> Result<Command, Error> {
        let like = self.cluster.helm4()?;
        let mut command = Command::new(&self.pintle);
        for (name, value) in like.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Ok(command)
    }
}

/// The command with a script's words made definite.
fn words(mut command: Command, given: impl Iterator<Item = String>, namespace: &str) -> Command {
    for word in given {
        let chart = chart(&word);
        if word.chars().all(|letter| letter.is_ascii_lowercase()) && chart.is_dir() {
            command.arg(chart);
        } else {
            command.arg(word.replace("NAMESPACE", namespace).replace("NAME", RELEASE));
        }
    }
    command.args(["--namespace", namespace]);
    command
}

/// What a maker told: how it ended, what it printed, and why it failed.
fn told(output: &Output, namespace: &str) -> Value {
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut printed = match serde_json::from_str::<Value>(&printed) {
        Ok(mut json) => {
            state::scrub(&mut json, "");
            state::unexplain(&mut json);
            json
        }
        Err(_) => lines(&printed, |line| !TIMES.iter().any(|time| line.starts_with(time))),
    };
    rename(&mut printed, namespace);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let mut complaint = match output.status.success() {
        true => Value::Null,
        false => lines(&complaint, is_said_by_helm),
    };
    state::unexplain(&mut complaint);
    rename(&mut complaint, namespace);
    json!({ "code": output.status.code(), "printed": printed, "complaint": complaint })
}

/// Whether a line of a complaint is one that both have: not Helm's log nor its client's, and not pintle's advice.
fn is_said_by_helm(line: &str) -> bool {
    let log = line.starts_with("level=") || line.starts_with("WARNING: ") || is_of_log(line);
    let advice = line.contains(" belongs to \"") || line.starts_with("Leave these fields out of the chart");
    !log && !advice
}

/// Whether a line begins as those of Go's log (`hooks.go:99: `) or of Kubernetes' own (`W1121 23:06:31.875024 `) do.
fn is_of_log(line: &str) -> bool {
    let Some((head, _)) = line.split_once(' ') else { return false };
    let day = head.strip_prefix(['I', 'W', 'E', 'F']).unwrap_or_default();
    head.contains(".go:") && head.ends_with(':') || day.len() == 4 && day.parse::<u32>().is_ok()
}

fn lines(text: &str, kept: impl Fn(&str) -> bool) -> Value {
    text.lines().filter(|line| kept(line)).map(Value::from).collect()
}

/// Puts `NAMESPACE` where the namespace's name is, which no two have in common.
fn rename(value: &mut Value, namespace: &str) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|below| rename(below, namespace)),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, namespace)),
        Value::String(text) => {
            *text = text.replace(namespace, "NAMESPACE");
            state::without_uids(text);
        }
        _ => {}
    }
}

fn unexpected(script: &Script, line: &Line, cast: Cast, output: &Output) -> Error {
    let expected = if line.fails { "should have failed" } else { "should have succeeded" };
    Error::Command {
        command: format!("{}: {} ({cast})", script.name, line.words.join(" ")),
        status: format!("{expected} ({})", output.status),
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

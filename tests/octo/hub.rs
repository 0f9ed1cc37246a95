//! A hub that does what a communication controller does: it completes calls, remembers them, and calls all operators.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::fake::{FakeHub, Peer};

/// What a hub says of a method it does not have.
const UNKNOWN: &str =
    "Failed to invoke 'X' due to an error on the server. HubException: Method does not exist.";
/// Methods of all generations.
const COMMON: [&str; 6] = [
    "RegisterOperatorAsync",
    "UnregisterOperatorAsync",
    "ReportDeployedStateAsync",
    "ReportWorkloadDeploymentStatusAsync",
    "ReportWorkloadDeploymentProgressAsync",
    "ReportWorkloadScaleStatusAsync",
];
const POOLS: [&str; 2] = ["RegisterPoolAsync", "UnregisterPoolAsync"];
const SITES: [&str; 2] = ["RegisterDeploymentSiteAsync", "UnregisterDeploymentSiteAsync"];

/// Which generation a hub speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    Pools,
    Sites,
}

pub(crate) struct Hub {
    pub(crate) base: String,
    state: Arc<State>,
}

struct State {
    generation: Generation,
    /// What `RegisterOperatorAsync` gives.
    sites: Value,
    calls: Mutex<Vec<(String, Value)>>,
    called: Notify,
    operators: Mutex<Vec<mpsc::UnboundedSender<Value>>>,
    refusals: Mutex<HashMap<String, String>>,
    down: Arc<AtomicBool>,
}

impl Hub {
    pub(crate) async fn start(generation: Generation, sites: Value) -> Self {
        let down = Arc::new(AtomicBool::new(false));
        let is_down = Arc::clone(&down);
        let refuse = move |_: &str| is_down.load(Ordering::Relaxed).then(|| (503, "down".to_owned()));
        let mut fake = FakeHub::answering(refuse).await;
        let base = fake.url.as_str().trim_end_matches("/operatorHub").to_owned();
        let state = Arc::new(State {
            generation,
            sites,
            calls: Mutex::default(),
            called: Notify::new(),
            operators: Mutex::default(),
            refusals: Mutex::default(),
            down,
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            loop {
                let peer = fake.connected().await;
                tokio::spawn(serve(peer, Arc::clone(&shared)));
            }
        });
        Self { base, state }
    }

    /// Calls a method of all operators.
    pub(crate) fn call(&self, target: &str, arguments: Value) {
        self.send(json!({"type": 1, "target": target, "arguments": arguments}));
    }

    /// Sends a message to all operators.
    pub(crate) fn send(&self, message: Value) {
        let mut operators = self.state.operators.lock().unwrap();
        operators.retain(|operator| operator.send(message.clone()).is_ok());
    }

    /// Calls with that target so far: their arguments.
    pub(crate) fn calls(&self, target: &str) -> Vec<Value> {
        let calls = self.state.calls.lock().unwrap();
        calls.iter().filter(|(name, _)| name == target).map(|(_, arguments)| arguments.clone()).collect()
    }

    /// All calls so far, in order: targets and arguments.
    pub(crate) fn log(&self) -> Vec<(String, Value)> {
        self.state.calls.lock().unwrap().clone()
    }

    /// Waits for a call that is as wanted and gives its arguments.
    pub(crate) async fn called(&self, target: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let next = self.state.called.notified();
                if let Some(found) = self.calls(target).into_iter().find(|arguments| wanted(arguments)) {
                    return found;
                }
                next.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(90), found).await;
        waited.unwrap_or_else(|_| panic!("{target} was not called so: {:?}", self.calls(target)))
    }

    /// Waits for the end of a deployment, the `count`th of that workload, and gives the report.
    pub(crate) async fn deployed(&self, workload: &str, count: usize) -> Value {
        let of = |arguments: &Value| arguments[0]["workloadRtId"] == workload;
        let target = "ReportWorkloadDeploymentStatusAsync";
        let enough = async {
            loop {
                let next = self.state.called.notified();
                let all: Vec<Value> = self.calls(target).into_iter().filter(of).collect();
                if let Some(report) = all.get(count - 1) {
                    return report[0].clone();
                }
                next.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(90), enough).await;
        waited.unwrap_or_else(|_| panic!("no {count}. report about {workload}: {:?}", self.calls(target)))
    }

    /// Answers calls of a method with an error from now on.
    pub(crate) fn refuse(&self, target: &str, error: &str) {
        self.state.refusals.lock().unwrap().insert(target.to_owned(), error.to_owned());
    }

    /// Answers calls of a method as usual again.
    pub(crate) fn accept(&self, target: &str) {
        self.state.refusals.lock().unwrap().remove(target);
    }

    /// Drops all connections, and takes no new ones until it is up again.
    pub(crate) fn set_down(&self, down: bool) {
        self.state.down.store(down, Ordering::Relaxed);
        if down {
            self.state.operators.lock().unwrap().clear();
        }
    }

    /// How many operators are connected.
    pub(crate) fn operators(&self) -> usize {
        let mut operators = self.state.operators.lock().unwrap();
        operators.retain(|operator| !operator.is_closed());
        operators.len()
    }
}

async fn serve(mut peer: Peer, state: Arc<State>) {
    let (sender, mut messages) = mpsc::unbounded_channel();
    state.operators.lock().unwrap().push(sender);
    loop {
        tokio::select! {
            record = peer.read_any() => match record {
                Some(record) if record["type"] == 1 => peer.tell(state.answer(&record)).await,
                // Servers ping by themselves; we do when the client has.
                Some(record) if record["type"] == 6 => peer.tell(json!({"type": 6})).await,
                Some(record) if record["type"] == 7 => return,
                Some(_) => {}
                None => return,
            },
            message = messages.recv() => match message {
                Some(message) => peer.tell(message).await,
                None => return,
            },
        }
    }
}

impl State {
    fn answer(&self, call: &Value) -> Value {
        let target = call["target"].as_str().unwrap();
        let of_generation: &[&str] = match self.generation {
            Generation::Pools => &POOLS,
            Generation::Sites => &SITES,
        };
        let id = &call["invocationId"];
        if !COMMON.contains(&target) && !of_generation.contains(&target) {
            return json!({"type": 3, "invocationId": id, "error": UNKNOWN});
        }
        self.calls.lock().unwrap().push((target.to_owned(), call["arguments"].clone()));
        self.called.notify_waiters();
        if let Some(error) = self.refusals.lock().unwrap().get(target) {
            return json!({"type": 3, "invocationId": id, "error": error});
        }
        let result = match target {
            "RegisterOperatorAsync" => self.sites.clone(),
            _ => Value::Null,
        };
        json!({"type": 3, "invocationId": id, "result": result})
    }
}

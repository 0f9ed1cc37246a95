//! Work in order for each key, side by side across keys.
//!
//! A .NET client awaits one callback before it starts the next, so one long deployment holds up everything behind it,
//! even the message that would cancel it. Here the reader hands work over and reads on. What waits is bounded by
//! weight: when there is no room, the reader waits, and with it, through TCP, the server.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many bytes of a message weigh as much as a small one.
const BYTES_PER_WEIGHT: usize = 32 * 1024;

/// When a piece of work may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// At once, beside everything else. For what is short.
    Now,
    /// After all work with this key that came before.
    After(String),
    /// Instead of all work with this key that came before: what waits is dropped, what runs is told to stop, and this
    /// runs as soon as it has.
    Instead(String),
}

/// How much is done at once, and how much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DispatchLimits {
    /// How many keys may have work running at the same time. Default 16.
    pub running: usize,
    /// How much may wait or run. A message counts once for each 32 KiB begun. Default 8192: 256 MiB at most.
    pub waiting: usize,
}

impl Default for DispatchLimits {
    fn default() -> Self {
        Self { running: 16, waiting: 8192 }
    }
}

/// A piece of work. It is given a token that is cancelled when the work should stop; dropped unrun when superseded.
type Work = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>;

struct Job {
    work: Work,
    /// Held until the work is done.
    room: OwnedSemaphorePermit,
}

/// The work of one key. It exists as long as its task does.
struct Lane {
    waiting: VecDeque<Job>,
    running: CancellationToken,
}

/// Runs work, each piece when it is its turn. Cloning is cheap; all clones are the same dispatcher.
#[derive(Clone)]
pub struct Dispatcher {
    shared: Arc<Shared>,
}

struct Shared {
    limits: DispatchLimits,
    lanes: Mutex<HashMap<String, Lane>>,
    room: Arc<Semaphore>,
    slots: Semaphore,
    tasks: TaskTracker,
    /// The parent of all tokens handed out.
    stopping: CancellationToken,
}

impl Dispatcher {
    /// A dispatcher with nothing to do.
    #[must_use]
    pub fn new(limits: DispatchLimits) -> Self {
        let permits = |wanted: usize| wanted.clamp(1, Semaphore::MAX_PERMITS);
        let shared = Shared {
            limits: DispatchLimits { running: permits(limits.running), waiting: permits(limits.waiting) },
            lanes: Mutex::default(),
            room: Arc::new(Semaphore::new(permits(limits.waiting))),
            slots: Semaphore::new(permits(limits.running)),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Takes work that came with a message of so many bytes; waits while there is no room. After [`Self::stop`] work is
    /// dropped.
    pub async fn dispatch<W, F>(&self, turn: Turn, bytes: usize, work: W)
    where
        W: FnOnce(CancellationToken) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let weight = (1 + bytes / BYTES_PER_WEIGHT).min(self.shared.limits.waiting);
        let weight = u32::try_from(weight).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.shared.room).acquire_many_owned(weight).await else { return };
        let job = Job { work: Box::new(move |cancelled| Box::pin(work(cancelled))), room };
        match turn {
            Turn::Now => {
                let cancelled = self.shared.stopping.child_token();
                self.shared.tasks.spawn(job.run(cancelled));
            }
            Turn::After(key) => self.queue(key, false, job),
            Turn::Instead(key) => self.queue(key, true, job),
        }
    }

    /// Drops what waits, tells what runs to stop and waits until it has, but no longer than `grace`. Says whether all
    /// work has ended.
    pub async fn stop(&self, grace: Duration) -> bool {
        self.shared.room.close();
        self.shared.stopping.cancel();
        for lane in self.shared.lanes().values_mut() {
            lane.waiting.clear();
        }
        self.shared.tasks.close();
        tokio::time::timeout(grace, self.shared.tasks.wait()).await.is_ok()
    }

    fn queue(&self, key: String, instead: bool, job: Job) {
        let mut superseded = VecDeque::new();
        let mut lanes = self.shared.lanes();
        if let Some(lane) = lanes.get_mut(&key) {
            if instead {
                superseded = std::mem::take(&mut lane.waiting);
                lane.running.cancel();
            }
            lane.waiting.push_back(job);
        } else {
            let running = self.shared.stopping.child_token();
            lanes.insert(key.clone(), Lane { waiting: VecDeque::from([job]), running });
            self.shared.tasks.spawn(run_lane(Arc::clone(&self.shared), key));
        }
        drop(lanes);
        // Dropping work runs code of others, so it must not happen under the lock.
        drop(superseded);
    }
}

impl Shared {
    fn lanes(&self) -> MutexGuard<'_, HashMap<String, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of work of a key and its token. Ends the lane when there is none.
    fn next(&self, key: &str) -> Option<(Job, CancellationToken)> {
        let mut lanes = self.lanes();
        let lane = lanes.get_mut(key)?;
        let Some(job) = lane.waiting.pop_front() else {
            lanes.remove(key);
            return None;
        };
        lane.running = self.stopping.child_token();
        Some((job, lane.running.clone()))
    }
}

/// Does the work of one key until there is none. A slot is waited for before the work is taken, so that work can be
/// superseded until the very moment it starts.
async fn run_lane(shared: Arc<Shared>, key: String) {
    loop {
        let Ok(_slot) = shared.slots.acquire().await else { return };
        let Some((job, cancelled)) = shared.next(&key) else { return };
        job.run(cancelled).await;
    }
}

impl Job {
    /// Runs the work in a task of its own: a panic ends that task alone.
    async fn run(self, cancelled: CancellationToken) {
        let Self { work, room } = self;
        if let Err(error) = tokio::spawn(async move { work(cancelled).await }).await {
            tracing::error!(%error, "a callback of the hub panicked");
        }
        drop(room);
    }
}

#[cfg(test)]
mod tests;

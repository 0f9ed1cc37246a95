//! Telling somebody how an action goes on.

use pintle_render::HookEvent;

use super::Change;
use crate::cluster::ObjectKey;
use crate::release::{HookPhase, Status};

/// One step of an action.
#[derive(Clone, Debug)]
pub enum Progress<'a> {
    /// Something Helm would have logged as a warning.
    Warning(&'a str),
    /// Something Helm has no words for, and that whoever looks on should know.
    Note(&'a str),
    /// A revision was stored with that status.
    Recorded {
        /// The revision.
        revision: i64,
        /// Its status.
        status: &'a Status,
    },
    /// A hook started or ended.
    Hook {
        /// When it runs.
        event: HookEvent,
        /// The hook's name.
        name: &'a str,
        /// How it goes.
        phase: &'a HookPhase,
    },
    /// What a container of a hook wrote, as the chart asked for.
    HookLog {
        /// The pod.
        pod: &'a str,
        /// The container.
        container: &'a str,
        /// The log.
        text: &'a str,
    },
    /// An object was changed.
    Changed {
        /// The object.
        object: &'a ObjectKey,
        /// What was done.
        change: Change,
    },
    /// An object that is waited for, when it takes long and each time something is new about it.
    Object {
        /// The object.
        object: &'a ObjectKey,
        /// kstatus' word for its state.
        state: &'a str,
        /// What it waits for: the state's message, what its containers and the last warning say.
        message: &'a str,
        /// The last line that a failing container wrote. It may be anything, also a secret.
        log: Option<&'a str>,
    },
    /// Waiting begins.
    Waiting {
        /// For so many objects.
        objects: usize,
    },
}

/// Whoever wants to know how an action goes on: the command line prints, the operator writes events.
pub trait Observer: Send + Sync {
    /// Takes note of a step. Must not block.
    fn observe(&self, progress: &Progress<'_>);
}

/// Nobody wants to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _: &Progress<'_>) {}
}

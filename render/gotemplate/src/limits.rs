//! Bounds of an execution, and the count of what it has used.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::trace::Recorder;

/// How much an execution may use. Go has only the bound on nested `{{template}}`; these keep a hostile template
/// from taking the host's time, memory or stack.
#[derive(Clone)]
pub struct Limits {
    /// Actions, function calls and loop rounds in all templates that one execution runs, and each 64 bytes of text
    /// that a function gives. Default 50 million.
    pub steps: u64,
    /// Executions inside executions, as through Helm's `include`, and parentheses inside parentheses: what takes
    /// native stack. A level takes up to 4 KiB (unoptimised: 10), so a thread with 16 MiB bears 1000 with what
    /// functions take. Default 200, for threads of 2 MiB.
    pub nesting: usize,
    /// `{{template}}` within `{{template}}`. Default 100000, as in Go.
    pub templates: usize,
    /// Bytes of output, of all nested executions together. Default 256 MiB.
    pub output: usize,
    /// Bytes of all texts, lists and maps that functions make, whether they are kept or not. Default 1 GiB.
    pub memory: u64,
    /// Asked every few thousand steps whether to end the execution, and why. Default: never.
    pub interrupted: Option<Arc<dyn Fn() -> Option<Interruption> + Send + Sync>>,
}

/// Why an execution is to end before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Nobody wants the result any more.
    Cancelled,
    /// It has run for longer than this.
    Time(Duration),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 50_000_000,
            nesting: 200,
            templates: 100_000,
            output: 256 << 20,
            memory: 1 << 30,
            interrupted: None,
        }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("steps", &self.steps)
            .field("nesting", &self.nesting)
            .field("templates", &self.templates)
            .field("output", &self.output)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

/// The limit that an execution crossed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LimitError {
    /// [`Limits::steps`]
    #[error("exceeded the limit of {0} template steps; look for a loop that never ends")]
    Steps(u64),
    /// [`Limits::nesting`]
    #[error("exceeded the limit of {0} templates executed within one another; look for endless recursion")]
    Nesting(usize),
    /// [`Limits::output`]
    #[error("exceeded the limit of {0} bytes of template output")]
    Output(usize),
    /// [`Limits::memory`]
    #[error(
        "exceeded the limit of {0} bytes that functions make; look for a text or a list that grows without end"
    )]
    Memory(u64),
    /// [`Interruption::Time`]
    #[error("exceeded the limit of {} seconds", .0.as_secs_f64())]
    Time(Duration),
    /// [`Interruption::Cancelled`]
    #[error("the execution was cancelled")]
    Cancelled,
}

/// Asking whether to stop may cost a system call, so it is done once in so many steps.
const STEPS_BETWEEN_CHECKS: u64 = 4096;

/// What has been used of some limits so far. Several executions can share one, as the templates of one chart do: see
/// [`Execution::metered`](crate::Execution::metered).
#[derive(Debug)]
pub struct Meter {
    pub(crate) limits: Limits,
    steps: u64,
    next_check: u64,
    nesting: usize,
    output: usize,
    memory: u64,
    /// Takes down what happens, where somebody wants to know.
    pub(crate) recorder: Option<Box<Recorder>>,
}

impl Meter {
    /// Nothing is used yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, steps: 0, next_check: 0, nesting: 0, output: 0, memory: 0, recorder: None }
    }

    /// The steps taken so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub(crate) fn step(&mut self, count: u64) -> Result<(), LimitError> {
        self.steps = self.steps.saturating_add(count);
        if self.steps < self.next_check {
            return Ok(());
        }
        self.check()
    }

    #[cold]
    fn check(&mut self) -> Result<(), LimitError> {
        if self.steps > self.limits.steps {
            return Err(LimitError::Steps(self.limits.steps));
        }
        self.next_check = (self.steps + STEPS_BETWEEN_CHECKS).min(self.limits.steps.saturating_add(1));
        match &self.limits.interrupted {
            Some(interrupted) => match interrupted() {
                Some(Interruption::Cancelled) => Err(LimitError::Cancelled),
                Some(Interruption::Time(limit)) => Err(LimitError::Time(limit)),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    pub(crate) fn memory(&mut self, bytes: usize) -> Result<(), LimitError> {
        self.memory = self.memory.saturating_add(bytes as u64);
        if self.memory > self.limits.memory { Err(LimitError::Memory(self.limits.memory)) } else { Ok(()) }
    }

    pub(crate) fn output(&mut self, bytes: usize) -> Result<(), LimitError> {
        self.output = self.output.saturating_add(bytes);
        if self.output > self.limits.output { Err(LimitError::Output(self.limits.output)) } else { Ok(()) }
    }

    pub(crate) fn depth(&self) -> usize {
        self.nesting
    }

    /// Goes back to a depth, however many levels an error has left open.
    pub(crate) fn return_to(&mut self, depth: usize) {
        self.nesting = depth;
    }

    pub(crate) fn enter(&mut self) -> Result<(), LimitError> {
        if self.nesting >= self.limits.nesting {
            return Err(LimitError::Nesting(self.limits.nesting));
        }
        self.nesting += 1;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.nesting -= 1;
    }
}

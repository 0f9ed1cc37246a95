//! Bounds of an execution, and the count of what it has used.

use std::fmt;
use std::sync::Arc;

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
    /// Asked every few thousand steps; `true` ends the execution. Default: never.
    pub interrupted: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 50_000_000, nesting: 200, templates: 100_000, output: 256 << 20, interrupted: None }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("steps", &self.steps)
            .field("nesting", &self.nesting)
            .field("templates", &self.templates)
            .field("output", &self.output)
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
    /// [`Limits::interrupted`]
    #[error("template execution was interrupted")]
    Interrupted,
}

/// Asking whether to stop may cost a system call, so it is done once in so many steps.
const STEPS_BETWEEN_CHECKS: u64 = 4096;

/// What an execution has used so far.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    steps: u64,
    next_check: u64,
    nesting: usize,
    output: usize,
    /// Takes down what happens, where somebody wants to know.
    pub(crate) recorder: Option<Box<Recorder>>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, steps: 0, next_check: 0, nesting: 0, output: 0, recorder: None }
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
            Some(interrupted) if interrupted() => Err(LimitError::Interrupted),
            _ => Ok(()),
        }
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

//! Which action of which template wrote which bytes, and what values it read: for whoever asks where a line of the
//! output comes from. An execution that nobody traces pays for it with the test of one pointer.

use std::ops::Range;
use std::sync::Arc;

use value::{Read, ReadLog};

use crate::{Location, Tree};

/// One template's execution.
#[derive(Clone, Debug, Default)]
pub struct Executed {
    /// The template's name: a file's, or one that a `define` named.
    pub template: String,
    /// What it put out.
    pub output: Vec<u8>,
    /// The parts of the output, in order.
    pub pieces: Vec<Piece>,
    /// What else happened, in order: conditions, loops, variables.
    pub silent: Vec<Activity>,
}

/// A part of the output: text between actions, or what one action put out.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Which bytes of the output.
    pub output: Range<usize>,
    /// Whether this is text of the template itself.
    pub is_text: bool,
    /// Where it was written, and what for.
    pub activity: Activity,
}

/// What went on at a place of a template.
#[derive(Clone, Debug)]
pub struct Activity {
    template: Arc<str>,
    text: Arc<[u8]>,
    position: usize,
    /// What was read of watched values, in order.
    pub reads: Vec<Read>,
    /// The templates that were executed for it.
    pub calls: Vec<Executed>,
}

impl Activity {
    fn at(tree: &Tree, position: usize) -> Self {
        Self {
            template: Arc::clone(&tree.parse_name),
            text: Arc::clone(&tree.parts.text),
            position,
            reads: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// Where the action stands; of text, where its first byte does.
    pub fn location(&self) -> Location {
        self.location_of(0)
    }

    /// Where that byte of a text stands.
    pub fn location_of(&self, offset: usize) -> Location {
        Location::of(&self.template, &self.text, self.position + offset)
    }

    /// The line of the template with that number, from 1.
    pub fn line(&self, number: usize) -> Option<&[u8]> {
        self.text.split(|byte| *byte == b'\n').nth(number.checked_sub(1)?)
    }

    fn is_idle(&self) -> bool {
        self.reads.is_empty() && self.calls.is_empty()
    }
}

/// Takes down what an execution does.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    reads: Option<Arc<ReadLog>>,
    /// The executions under way, innermost last.
    open: Vec<Open>,
    /// The outermost execution, once it is over.
    done: Option<Executed>,
}

#[derive(Debug, Default)]
struct Open {
    pieces: Vec<Piece>,
    silent: Vec<Activity>,
    /// What goes on now.
    current: Option<Activity>,
}

impl Recorder {
    pub(crate) fn new(reads: Option<Arc<ReadLog>>) -> Self {
        Self { reads, ..Self::default() }
    }

    pub(crate) fn enter(&mut self) {
        self.collect();
        self.open.push(Open::default());
    }

    pub(crate) fn leave(&mut self, template: &str, output: &[u8]) {
        self.collect();
        let Some(open) = self.open.pop() else { return };
        let Open { pieces, mut silent, current } = open;
        silent.extend(current.filter(|activity| !activity.is_idle()));
        let executed = Executed { template: template.to_owned(), output: output.to_vec(), pieces, silent };
        match self.open.last_mut().and_then(|open| open.current.as_mut()) {
            Some(around) => around.calls.push(executed),
            None => self.done = Some(executed),
        }
    }

    /// A pipeline begins.
    pub(crate) fn begin(&mut self, tree: &Tree, position: usize) {
        self.collect();
        let Some(open) = self.open.last_mut() else { return };
        let before = open.current.replace(Activity::at(tree, position));
        open.silent.extend(before.filter(|activity| !activity.is_idle()));
    }

    /// The action that began last put something out.
    pub(crate) fn wrote(&mut self, output: Range<usize>) {
        self.collect();
        let Some(open) = self.open.last_mut() else { return };
        let Some(activity) = open.current.take() else { return };
        open.pieces.push(Piece { output, is_text: false, activity });
    }

    /// A text between actions was put out.
    pub(crate) fn wrote_text(&mut self, tree: &Tree, position: usize, output: Range<usize>) {
        let Some(open) = self.open.last_mut() else { return };
        open.pieces.push(Piece { output, is_text: true, activity: Activity::at(tree, position) });
    }

    pub(crate) fn into_executed(self) -> Executed {
        self.done.unwrap_or_default()
    }

    /// Gives what was read to the action that goes on now.
    fn collect(&mut self) {
        let Some(reads) = &self.reads else { return };
        let recent = reads.take_recent();
        if let Some(activity) = self.open.last_mut().and_then(|open| open.current.as_mut()) {
            activity.reads.extend(recent);
        }
    }
}

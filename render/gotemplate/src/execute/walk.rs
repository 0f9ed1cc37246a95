//! Walking through the actions of a template.
//!
//! What is under way (lists, loops, templates within templates) is kept in frames on the heap: `{{template}}` may nest
//! 100000 deep, as in Go, on any thread. Only expressions use the native stack.

use std::any::Any;
use std::slice::Iter;

use value::{Value, format};

use super::rounds::Rounds;
use crate::limits::Meter;
use crate::parse::{Branches, Command, Invocation, List, Loop, Node, Operand, Pipeline, Source, Span, Tree};
use crate::{Cause, Failure, LimitError, Reflected, Templates};

pub(super) type Result<T> = std::result::Result<T, Box<Failure>>;

/// The execution of one template and those that it invokes.
pub(super) struct Runner<'t, 'm> {
    pub(super) templates: &'t Templates,
    pub(super) meter: &'m mut Meter,
    pub(super) host: &'m mut dyn Any,
    output: Vec<u8>,
    pub(super) tree: &'t Tree,
    variables: Vec<(&'t [u8], Reflected)>,
    /// The arguments of the calls that are under way, those of the innermost last.
    pub(super) arguments: Vec<Reflected>,
    /// Where the variables of the present template start.
    base: usize,
    /// How many `{{template}}`s are under way.
    invocations: usize,
    frames: Vec<Frame<'t>>,
    /// What errors name as their place, and the template that it is a part of.
    at: (&'t Tree, At<'t>),
}

/// The node that is evaluated.
#[derive(Clone, Copy)]
pub(super) enum At<'t> {
    Start,
    Pipeline(&'t Pipeline),
    Command(&'t Command),
    Operand(&'t Operand),
    Invocation(&'t Invocation),
}

/// Room for the output of most named templates, in bytes.
const USUAL_OUTPUT: usize = 128;

/// Something under way, to be gone on with when what it waits for is done.
enum Frame<'t> {
    List(ListFrame<'t>),
    Loop(LoopFrame<'t>),
    /// The `{{else}}` of a loop, which `{{break}}` leaves too: how many variables remain.
    Otherwise(usize),
    /// A template's end: what comes back then.
    Return {
        tree: &'t Tree,
        base: usize,
    },
}

struct ListFrame<'t> {
    nodes: Iter<'t, Node>,
    dot: Reflected,
    /// How many variables remain at its end.
    variables: usize,
}

struct LoopFrame<'t> {
    node: &'t Loop,
    rounds: Rounds,
    /// How many variables remain after each round, and at the end.
    inner_variables: usize,
    outer_variables: usize,
}

impl<'t, 'm> Runner<'t, 'm> {
    pub(super) fn new(
        templates: &'t Templates,
        meter: &'m mut Meter,
        host: &'m mut dyn Any,
        tree: &'t Tree,
    ) -> Self {
        Self {
            templates,
            meter,
            host,
            output: Vec::with_capacity(USUAL_OUTPUT),
            tree,
            variables: Vec::new(),
            arguments: Vec::new(),
            base: 0,
            invocations: 0,
            frames: Vec::new(),
            at: (tree, At::Start),
        }
    }

    /// Executes the template and gives its output.
    pub(super) fn run(mut self, data: Reflected) -> Result<Vec<u8>> {
        self.enter(data);
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::List(frame) => self.list(frame)?,
                Frame::Loop(frame) => self.round(frame)?,
                Frame::Otherwise(variables) => self.variables.truncate(variables),
                Frame::Return { tree, base } => {
                    self.variables.truncate(self.base);
                    self.base = base;
                    self.tree = tree;
                    self.invocations -= 1;
                }
            }
        }
        Ok(self.output)
    }

    /// Runs the nodes of a list up to its end, or to one that opens another frame.
    fn list(&mut self, mut frame: ListFrame<'t>) -> Result<()> {
        while let Some(node) = frame.nodes.next() {
            self.step()?;
            match node {
                Node::Text(span) => {
                    self.write(|tree, output| output.extend_from_slice(span.of(&tree.parts.text)))?;
                    self.record_text(*span);
                }
                Node::Action(pipeline) => self.action(&frame.dot, pipeline)?,
                Node::Break | Node::Continue => {
                    self.leave_round(matches!(node, Node::Break));
                    return Ok(());
                }
                Node::Branches(_) | Node::Loop(_) | Node::Template(_) => {
                    let dot = frame.dot.clone();
                    self.frames.push(Frame::List(frame));
                    return self.open(&dot, node);
                }
            }
        }
        self.variables.truncate(frame.variables);
        Ok(())
    }

    fn open(&mut self, dot: &Reflected, node: &'t Node) -> Result<()> {
        match node {
            Node::Branches(branches) => self.open_branch(dot, *branches),
            Node::Loop(node) => self.open_loop(dot, node),
            Node::Template(invocation) => self.invoke(dot, invocation),
            Node::Text(_) | Node::Action(_) | Node::Break | Node::Continue => Ok(()),
        }
    }

    fn action(&mut self, dot: &Reflected, pipeline: &'t Pipeline) -> Result<()> {
        let value = self.outer_pipeline(dot, pipeline)?;
        if !pipeline.variables().is_empty() {
            return Ok(());
        }
        self.stand(At::Pipeline(pipeline));
        let start = self.output.len();
        self.write(|_, output| match value.value() {
            Value::Nil => output.extend_from_slice(b"<no value>"),
            Value::Object(object) => match pointer_text(object.as_ref()) {
                Some(text) => output.extend_from_slice(text.as_bytes()),
                None => format::write_indirect(output, value.value()),
            },
            value => format::write_value(output, value),
        })?;
        if let Some(recorder) = &mut self.meter.recorder {
            recorder.wrote(start..self.output.len());
        }
        Ok(())
    }

    fn record_text(&mut self, span: Span) {
        if let Some(recorder) = &mut self.meter.recorder {
            let end = self.output.len();
            recorder.wrote_text(self.tree, span.start(), end.saturating_sub(span.len())..end);
        }
    }

    /// A pipeline of its own begins, not one in parentheses.
    fn outer_pipeline(&mut self, dot: &Reflected, pipeline: &'t Pipeline) -> Result<Reflected> {
        if let Some(recorder) = &mut self.meter.recorder {
            recorder.begin(self.tree, pipeline.position as usize);
        }
        self.pipeline(dot, pipeline)
    }

    /// Enters the branch of an `{{if}}` or `{{with}}` that is taken.
    fn open_branch(&mut self, dot: &Reflected, branches: Branches) -> Result<()> {
        let variables = self.variables.len();
        let mut taken = (branches.otherwise, None);
        for condition in self.tree.parts.conditions.get(branches.conditions) {
            let value = self.outer_pipeline(dot, &condition.pipeline)?;
            if value.value().is_true() {
                taken = (condition.body, branches.is_with.then_some(value));
                break;
            }
        }
        let (list, with) = taken;
        let nodes = self.nodes(list);
        let dot = with.unwrap_or_else(|| dot.clone());
        self.frames.push(Frame::List(ListFrame { nodes, dot, variables }));
        Ok(())
    }

    /// Starts a `{{range}}`, or its `{{else}}` where there is nothing to go through.
    fn open_loop(&mut self, dot: &Reflected, node: &'t Loop) -> Result<()> {
        let outer_variables = self.variables.len();
        let value = self.outer_pipeline(dot, &node.pipeline)?;
        let rounds = Rounds::of(value.into_value(), node.pipeline.variables().len());
        let rounds = rounds.map_err(|message| self.error(message))?;
        let variables = self.variables.len();
        match rounds {
            Some(rounds) => {
                let frame = LoopFrame { node, rounds, inner_variables: variables, outer_variables };
                self.frames.push(Frame::Loop(frame));
            }
            None => {
                let list = ListFrame { nodes: self.nodes(node.otherwise), dot: dot.clone(), variables };
                self.frames.push(Frame::Otherwise(outer_variables));
                self.frames.push(Frame::List(list));
            }
        }
        Ok(())
    }

    /// Starts a loop's next round, or ends it.
    fn round(&mut self, mut frame: LoopFrame<'t>) -> Result<()> {
        self.variables.truncate(frame.inner_variables);
        let Some((index, element)) = frame.rounds.next() else {
            self.variables.truncate(frame.outer_variables);
            return Ok(());
        };
        self.step()?;
        self.set_loop_variables(frame.node, index, &element)?;
        let nodes = self.nodes(frame.node.body);
        let list = ListFrame { nodes, dot: element, variables: frame.inner_variables };
        self.frames.push(Frame::Loop(frame));
        self.frames.push(Frame::List(list));
        Ok(())
    }

    fn set_loop_variables(&mut self, node: &'t Loop, index: Reflected, element: &Reflected) -> Result<()> {
        let pipeline = &node.pipeline;
        match (pipeline.assigns, pipeline.variables()) {
            (_, []) => {}
            (true, [only]) => self.assign(*only, element.clone())?,
            (true, [first, second, ..]) => {
                self.assign(*first, index)?;
                self.assign(*second, element.clone())?;
            }
            (false, names) => {
                if let Some((_, last)) = self.variables.last_mut() {
                    *last = element.clone();
                }
                let first = self.variables.len().checked_sub(2).filter(|_| names.len() > 1);
                if let Some((_, first)) = first.and_then(|first| self.variables.get_mut(first)) {
                    *first = index;
                }
            }
        }
        Ok(())
    }

    /// `{{break}}` and `{{continue}}`: drops all frames down to the loop's, and that too to end it.
    fn leave_round(&mut self, ends: bool) {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Loop(frame) if ends => {
                    self.variables.truncate(frame.outer_variables);
                    return;
                }
                Frame::Otherwise(variables) if ends => {
                    self.variables.truncate(variables);
                    return;
                }
                Frame::Loop(_) => {
                    self.frames.push(frame);
                    return;
                }
                _ => {}
            }
        }
    }

    /// Enters another template, in which only `$` is known.
    fn invoke(&mut self, dot: &Reflected, invocation: &'t Invocation) -> Result<()> {
        self.stand(At::Invocation(invocation));
        let Some(tree) = self.templates.get(&invocation.name) else {
            return Err(self.error(format!("template {} not defined", format::quote(&invocation.name))));
        };
        let limit = self.meter.limits.templates;
        if self.invocations >= limit {
            return Err(self.error(format!("exceeded maximum template depth ({limit})")));
        }
        let dot = match &invocation.pipeline {
            Some(pipeline) => self.outer_pipeline(dot, pipeline)?,
            None => Reflected::INVALID,
        };
        self.invocations += 1;
        let outer_tree = std::mem::replace(&mut self.tree, tree);
        let outer_base = std::mem::replace(&mut self.base, self.variables.len());
        self.frames.push(Frame::Return { tree: outer_tree, base: outer_base });
        self.enter(dot);
        Ok(())
    }

    /// Starts the nodes of the present template.
    fn enter(&mut self, dot: Reflected) {
        self.variables.push((b"$", dot.clone()));
        let variables = self.variables.len();
        let nodes = self.nodes(self.tree.root);
        self.frames.push(Frame::List(ListFrame { nodes, dot, variables }));
    }

    /// What a list of the present template holds.
    fn nodes(&self, list: List<Node>) -> Iter<'t, Node> {
        self.tree.parts.nodes.get(list).iter()
    }

    /// A part of the present template's text.
    pub(super) fn text(&self, span: Span) -> &'t [u8] {
        span.of(&self.tree.parts.text)
    }

    pub(super) fn declare(&mut self, name: Span, value: Reflected) {
        self.variables.push((self.text(name), value));
    }

    pub(super) fn assign(&mut self, name: Span, value: Reflected) -> Result<()> {
        let name = self.text(name);
        let own = self.variables.get_mut(self.base..).unwrap_or_default();
        match own.iter_mut().rev().find(|(variable, _)| *variable == name) {
            Some((_, variable)) => {
                *variable = value;
                Ok(())
            }
            None => Err(self.undefined(name)),
        }
    }

    pub(super) fn variable(&self, name: Span) -> Result<&Reflected> {
        let name = self.text(name);
        let own = self.variables.get(self.base..).unwrap_or_default();
        match own.iter().rev().find(|(variable, _)| *variable == name) {
            Some((_, value)) => Ok(value),
            None => Err(self.undefined(name)),
        }
    }

    fn undefined(&self, name: &[u8]) -> Box<Failure> {
        self.error(format!("undefined variable: {}", String::from_utf8_lossy(name)))
    }

    fn write(&mut self, write: impl FnOnce(&Tree, &mut Vec<u8>)) -> Result<()> {
        let before = self.output.len();
        write(self.tree, &mut self.output);
        self.meter.output(self.output.len() - before).map_err(|limit| self.limit(limit))
    }

    /// Charges one step.
    pub(super) fn step(&mut self) -> Result<()> {
        self.meter.step(1).map_err(|limit| self.limit(limit))
    }

    /// Goes to a node of the present template.
    pub(super) fn stand(&mut self, at: At<'t>) {
        self.at = (self.tree, at);
    }

    /// An error at the present node, in Go's words.
    pub(super) fn error(&self, message: impl Into<String>) -> Box<Failure> {
        self.failure(Cause::Message(message.into()))
    }

    pub(super) fn limit(&self, limit: LimitError) -> Box<Failure> {
        self.failure(Cause::Limit(limit))
    }

    pub(super) fn failure(&self, cause: Cause) -> Box<Failure> {
        let (tree, at) = self.at;
        let parts = &tree.parts;
        let (position, context) = match at {
            At::Start => (0, String::new()),
            At::Pipeline(pipeline) => (pipeline.position as usize, pipeline.source(parts)),
            At::Command(command) => (command.position as usize, command.source(parts)),
            At::Operand(operand) => (operand.position as usize, operand.source(parts)),
            At::Invocation(invocation) => (invocation.position, invocation.source(parts)),
        };
        let location = tree.location(position);
        Box::new(Failure { location, executing: self.tree.name().to_owned(), context, cause })
    }
}

/// Go prints a struct that it can take the address of by the `String` method of its pointer.
fn pointer_text(object: &dyn value::Object) -> Option<value::Str> {
    if object.kind() != value::Kind::Struct || object.to_text().is_some() {
        return None;
    }
    object.call("String", &[])?.ok()?.as_string().cloned()
}

//! The syntax tree.

use std::sync::Arc;

use value::{Str, unicode};

use super::lists::{List, Lists};
use super::number::Number;
use crate::Location;

/// A parsed template: immutable, so that executions on any thread can share it.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) name: Arc<str>,
    pub(crate) parse_name: Arc<str>,
    pub(crate) parts: Arc<Parts>,
    pub(crate) root: List<Node>,
}

/// A text, and what all templates in it are made of.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) text: Arc<[u8]>,
    pub(crate) nodes: Lists<Node>,
    pub(crate) conditions: Lists<Condition>,
    pub(crate) commands: Lists<Command>,
    pub(crate) operands: Lists<Operand>,
}

impl Parts {
    /// A text of which nothing is made yet, with room for what is usual in so long a one.
    pub(super) fn of(text: &Arc<[u8]>) -> Self {
        // A text of megabytes is mostly text.
        let usual = text.len().min(128 << 10);
        Self {
            text: Arc::clone(text),
            nodes: Lists::with_capacity(usual / 32),
            conditions: Lists::default(),
            commands: Lists::with_capacity(usual / 32),
            operands: Lists::with_capacity(usual / 64),
        }
    }

    /// Gives back the room that is left.
    pub(super) fn shrink(&mut self) {
        self.nodes.shrink();
        self.conditions.shrink();
        self.commands.shrink();
        self.operands.shrink();
    }

    /// Whether there is nothing but spaces.
    pub(super) fn is_blank(&self, nodes: List<Node>) -> bool {
        self.nodes.get(nodes).iter().all(|node| match node {
            Node::Text(span) => unicode::is_blank(span.of(&self.text)),
            _ => false,
        })
    }
}

/// A part of a template's text, which [`super::parse`] lets be no longer than this can tell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// Both and what stands between.
    pub(super) fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end }
    }

    /// Without the first and the last byte.
    pub(super) fn inner(self) -> Self {
        Self { start: self.start + 1, end: self.end - 1 }
    }

    /// What stands behind it up to that byte.
    pub(crate) fn rest(self, end: u32) -> Self {
        Self { start: self.end, end }
    }

    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> u32 {
        self.end
    }

    pub(crate) fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    pub(crate) fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The bytes of that part.
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// An action, or text between actions.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// The bytes of the template's text that are put out.
    Text(Span),
    Action(Pipeline),
    Branches(Branches),
    Loop(Box<Loop>),
    Template(Box<Invocation>),
    Break,
    Continue,
}

/// `{{if}}` or `{{with}}` and the `{{else if}}`s or `{{else with}}`s after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branches {
    /// Whether this is `{{with}}`, which sets dot.
    pub(crate) is_with: bool,
    pub(crate) conditions: List<Condition>,
    pub(crate) otherwise: List<Node>,
}

/// What runs under a condition.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) pipeline: Pipeline,
    pub(crate) body: List<Node>,
}

/// `{{range}}`
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub(crate) pipeline: Pipeline,
    pub(crate) body: List<Node>,
    pub(crate) otherwise: List<Node>,
}

/// `{{template}}`, or the place of a `{{block}}`.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    pub(crate) position: usize,
    pub(crate) name: String,
    pub(crate) pipeline: Option<Pipeline>,
}

/// Commands, each the last argument of the next, and the variables that take the result.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) position: u32,
    /// Whether the variables are assigned and not declared.
    pub(crate) assigns: bool,
    /// One or two; the second is empty where there is one. Few pipelines have any.
    pub(super) variables: Option<Box<[Span; 2]>>,
    pub(crate) commands: List<Command>,
}

impl Pipeline {
    /// The variables that take the result: two at most.
    pub(crate) fn variables(&self) -> &[Span] {
        match self.variables.as_deref() {
            None => &[],
            Some([first, second]) if second.is_empty() => std::slice::from_ref(first),
            Some(both) => both,
        }
    }
}

/// A function, method or value, and its arguments; never empty.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) position: u32,
    pub(crate) first: Operand,
    pub(crate) arguments: List<Operand>,
}

#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(crate) position: u32,
    pub(crate) kind: OperandKind,
}

/// Names are kept as parts of the text: a template has more of them than of anything else. What is rare, or large, is
/// kept apart, so that the usual operand takes three words.
#[derive(Clone, Debug)]
pub(crate) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Box<Number>),
    /// A short string constant that is what stands between its quotes.
    Plain(Span),
    /// Any other string constant.
    String(Box<Constant>),
    /// `.a.b`
    Field(Span),
    /// `$x.a.b`, whose fields follow the name up to that byte.
    Variable {
        name: Span,
        end: u32,
    },
    Identifier(Span),
    /// A pipeline in parentheses.
    Pipeline(Box<Pipeline>),
    Chain(Box<Chain>),
}

/// A string constant that is long, has escapes, or stands in back quotes.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    /// How long it is in the source, where the operand starts.
    pub(crate) length: u32,
    pub(crate) value: Str,
}

/// `(pipeline).a.b` or `function.a.b`
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) operand: Operand,
    pub(crate) fields: Span,
}

impl Tree {
    /// The template's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name under which the whole text was parsed, as error texts give it.
    pub fn parse_name(&self) -> &str {
        &self.parse_name
    }

    /// The whole text that was parsed; it may define other templates too.
    pub fn text(&self) -> &[u8] {
        &self.parts.text
    }

    /// Whether there is nothing but spaces and comments: such a template replaces no other.
    pub fn is_empty(&self) -> bool {
        self.parts.is_blank(self.root)
    }

    /// Line and column of a byte of the text, as Go's error texts give them.
    pub(crate) fn location(&self, position: usize) -> Location {
        Location::of(&self.parse_name, &self.parts.text, position)
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Node, Operand};

    #[test]
    fn usual_nodes_are_small() {
        assert_eq!((size_of::<Operand>(), size_of::<Command>(), size_of::<Node>()), (24, 40, 24));
    }
}

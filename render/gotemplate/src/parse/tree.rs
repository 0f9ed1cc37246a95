//! The syntax tree.

use std::ops::Range;
use std::sync::Arc;

use value::{Value, unicode};

use super::number::Number;
use crate::Location;

/// A parsed template: immutable, so that executions on any thread can share it.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) name: Arc<str>,
    pub(crate) parse_name: Arc<str>,
    pub(crate) text: Arc<[u8]>,
    pub(crate) root: List,
}

/// What runs in order.
pub(crate) type List = Box<[Node]>;

/// An action, or text between actions.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// The bytes of the template's text that are put out.
    Text(Range<usize>),
    Action(Pipeline),
    Branches(Box<Branches>),
    Loop(Box<Loop>),
    Template(Box<Invocation>),
    Break,
    Continue,
}

/// `{{if}}` or `{{with}}` and the `{{else if}}`s or `{{else with}}`s after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Branches {
    /// Whether this is `{{with}}`, which sets dot.
    pub(crate) is_with: bool,
    pub(crate) conditional: Vec<(Pipeline, List)>,
    pub(crate) otherwise: List,
}

/// `{{range}}`
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub(crate) pipeline: Pipeline,
    pub(crate) body: List,
    pub(crate) otherwise: List,
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
    pub(crate) position: usize,
    /// Whether the variables are assigned and not declared.
    pub(crate) assigns: bool,
    pub(crate) variables: Box<[Arc<str>]>,
    pub(crate) commands: Box<[Command]>,
}

/// A function, method or value, and its arguments; never empty.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) position: usize,
    pub(crate) first: Operand,
    pub(crate) arguments: Box<[Operand]>,
}

#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(crate) position: usize,
    pub(crate) kind: OperandKind,
}

#[derive(Clone, Debug)]
pub(crate) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Box<Number>),
    /// A string constant as it is quoted in the source, and its value.
    String {
        quoted: Arc<[u8]>,
        value: Value,
    },
    /// `.a.b`
    Field(Fields),
    /// `$x.a.b`
    Variable {
        name: Arc<str>,
        fields: Fields,
    },
    Identifier(Box<str>),
    /// A pipeline in parentheses.
    Pipeline(Box<Pipeline>),
    /// `(pipeline).a.b` or `function.a.b`
    Chain {
        operand: Box<Operand>,
        fields: Fields,
    },
}

/// Names after one another, `.a.b`, kept as they are written: a template has more of them than of anything else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Box<str>);

impl Fields {
    /// Takes the names with a dot before each.
    pub(super) fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The names with a dot before each.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names before the last, and the last.
    pub(crate) fn split_last(&self) -> Option<(impl Iterator<Item = &str>, &str)> {
        let (before, last) = self.0.rsplit_once('.')?;
        Some((before.split('.').skip(1), last))
    }
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
        &self.text
    }

    /// Whether there is nothing but spaces and comments: such a template replaces no other.
    pub fn is_empty(&self) -> bool {
        self.root.iter().all(|node| match node {
            Node::Text(range) => unicode::is_blank(self.slice(range)),
            _ => false,
        })
    }

    /// A part of the text.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Line and column of a byte of the text, as Go's error texts give them.
    pub(crate) fn location(&self, position: usize) -> Location {
        Location::of(&self.parse_name, &self.text, position)
    }
}

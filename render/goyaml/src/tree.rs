//! A document as nodes: kinds, styles, tags, anchors, and the line and column where each starts.

use std::borrow::Cow;

use crate::compose;
use crate::error::Error;
use crate::limits::Limits;
use crate::scan::Mark;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A single text; what it means depends on its style and tag.
    Scalar,
    /// A list of nodes.
    Sequence,
    /// A list of pairs of nodes.
    Mapping,
    /// `*name`: stands for the node with that anchor.
    Alias,
}

/// How a node is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in `'`.
    SingleQuoted,
    /// A scalar in `"`.
    DoubleQuoted,
    /// A scalar behind `|`.
    Literal,
    /// A scalar behind `>`.
    Folded,
    /// A collection by indentation.
    Block,
    /// A collection in `[]` or `{}`.
    Flow,
}

/// The number of a node in its tree.
pub(crate) type NodeId = u32;

/// No node.
pub(crate) const NONE: NodeId = NodeId::MAX;

/// What may stand before a node's content.
#[derive(Debug, Default)]
pub(crate) struct Properties<'t> {
    pub(crate) anchor: Option<Cow<'t, str>>,
    pub(crate) tag: Option<Box<str>>,
}

#[derive(Debug)]
pub(crate) struct NodeData<'t> {
    pub(crate) kind: Kind,
    pub(crate) style: Style,
    /// Whether a scalar's text decides what it is: plain without a tag, or tagged `!`.
    pub(crate) implicit: bool,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) value: Cow<'t, str>,
    /// Few nodes have any.
    pub(crate) properties: Option<Box<Properties<'t>>>,
    /// How many nodes a collection has: keys and values each count.
    pub(crate) children: u32,
    /// A collection's first child, or the node that an alias stands for.
    pub(crate) first: NodeId,
    /// The next child of the same collection.
    pub(crate) next: NodeId,
}

impl NodeData<'_> {
    /// A node without content that starts there.
    pub(crate) fn new(kind: Kind, style: Style, start: Mark) -> Self {
        Self {
            kind,
            style,
            implicit: false,
            line: start.line,
            column: start.column,
            value: Cow::Borrowed(""),
            properties: None,
            children: 0,
            first: NONE,
            next: NONE,
        }
    }

    /// The full tag, where one is written.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.properties.as_ref()?.tag.as_deref()
    }

    /// The name behind `&`, where one is written.
    pub(crate) fn anchor(&self) -> Option<&str> {
        self.properties.as_ref()?.anchor.as_deref()
    }
}

/// The nodes of one document.
#[derive(Debug)]
pub(crate) struct Nodes<'t> {
    pub(crate) list: Vec<NodeData<'t>>,
    pub(crate) root: NodeId,
}

impl<'t> Nodes<'t> {
    pub(crate) fn get(&self, id: NodeId) -> Option<&NodeData<'t>> {
        self.list.get(id as usize)
    }

    /// The node that follows in the same collection.
    pub(crate) fn next(&self, id: NodeId) -> NodeId {
        self.get(id).map_or(NONE, |node| node.next)
    }
}

/// The first document of a text, as nodes.
#[derive(Debug)]
pub struct Tree {
    nodes: Nodes<'static>,
}

impl Tree {
    /// The root node; `None` where the text has no document at all (only blanks and comments).
    pub fn root(&self) -> Option<Node<'_>> {
        Node::new(&self.nodes, self.nodes.root)
    }
}

/// Reads the first document of a text as nodes, without deciding what its scalars mean.
///
/// # Errors
/// As [`parse`](crate::parse), as far as the text itself is concerned.
pub fn parse_node(text: &[u8], limits: Limits) -> Result<Tree, Error> {
    let input = compose::input(text, limits)?;
    let nodes = compose::compose(&input, limits)?;
    let list = nodes.list.into_iter().map(NodeData::into_owned).collect();
    Ok(Tree { nodes: Nodes { list, root: nodes.root } })
}

impl NodeData<'_> {
    fn into_owned(self) -> NodeData<'static> {
        NodeData {
            value: Cow::Owned(self.value.into_owned()),
            properties: self.properties.map(|properties| Box::new(properties.into_owned())),
            kind: self.kind,
            style: self.style,
            implicit: self.implicit,
            line: self.line,
            column: self.column,
            children: self.children,
            first: self.first,
            next: self.next,
        }
    }
}

impl Properties<'_> {
    fn into_owned(self) -> Properties<'static> {
        Properties { anchor: self.anchor.map(|anchor| Cow::Owned(anchor.into_owned())), tag: self.tag }
    }
}

/// One node of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    nodes: &'a Nodes<'static>,
    data: &'a NodeData<'static>,
}

impl<'a> Node<'a> {
    fn new(nodes: &'a Nodes<'static>, id: NodeId) -> Option<Self> {
        nodes.get(id).map(|data| Node { nodes, data })
    }

    /// What the node is.
    pub fn kind(self) -> Kind {
        self.data.kind
    }

    /// How the node is written; of an alias, plain.
    pub fn style(self) -> Style {
        self.data.style
    }

    /// The line where the node starts, from 1.
    pub fn line(self) -> usize {
        self.data.line as usize + 1
    }

    /// The column where the node starts, in characters from 1.
    pub fn column(self) -> usize {
        self.data.column as usize + 1
    }

    /// The text of a scalar with quotes, escapes and folding undone, or the name of an alias; empty for collections.
    pub fn value(self) -> &'a str {
        &self.data.value
    }

    /// The full tag (`tag:yaml.org,2002:str`), where one is written.
    pub fn tag(self) -> Option<&'a str> {
        self.data.tag()
    }

    /// The name behind `&`, where one is written.
    pub fn anchor(self) -> Option<&'a str> {
        self.data.anchor()
    }

    /// The node that an alias stands for; of any other node, itself.
    pub fn target(self) -> Node<'a> {
        match self.data.kind {
            Kind::Alias => Node::new(self.nodes, self.data.first).unwrap_or(self),
            _ => self,
        }
    }

    /// The items of a sequence; the keys and values in turn of a mapping; nothing else has any.
    pub fn children(self) -> Children<'a> {
        let first = if self.data.kind == Kind::Alias { NONE } else { self.data.first };
        Children { nodes: self.nodes, next: first }
    }

    /// The keys and values of a mapping, as written: duplicates and `<<` included.
    pub fn pairs(self) -> Pairs<'a> {
        match self.data.kind {
            Kind::Mapping => Pairs(self.children()),
            _ => Pairs(Children { nodes: self.nodes, next: NONE }),
        }
    }

    /// The value of the last key of a mapping that is a scalar of that text.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        let found = |(name, value): (Node<'a>, Node<'a>)| {
            (name.kind() == Kind::Scalar && name.value() == key).then_some(value)
        };
        self.pairs().filter_map(found).last()
    }
}

/// The children of a node, from [`Node::children`].
#[derive(Clone, Debug)]
pub struct Children<'a> {
    nodes: &'a Nodes<'static>,
    next: NodeId,
}

impl<'a> Iterator for Children<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let node = Node::new(self.nodes, self.next)?;
        self.next = node.data.next;
        Some(node)
    }
}

/// The keys and values of a mapping, from [`Node::pairs`].
#[derive(Clone, Debug)]
pub struct Pairs<'a>(Children<'a>);

impl<'a> Iterator for Pairs<'a> {
    type Item = (Node<'a>, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.next()?, self.0.next()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_know_where_they_start_and_how_they_are_written() {
        let tree = parse_node(b"# head\na: 1\nb:\n  - &x 'y'\n  - *x\n", Limits::default()).unwrap();
        let root = tree.root().unwrap();
        assert_eq!((root.kind(), root.line(), root.column()), (Kind::Mapping, 2, 1));
        let items: Vec<_> = root.get("b").unwrap().children().collect();
        let quoted = items[0];
        assert_eq!((quoted.style(), quoted.value(), quoted.anchor()), (Style::SingleQuoted, "y", Some("x")));
        assert_eq!((quoted.line(), quoted.column()), (4, 5));
        assert_eq!(items[1].kind(), Kind::Alias);
        assert_eq!(items[1].target().value(), "y");
    }

    #[test]
    fn a_text_of_comments_has_no_document() {
        assert!(parse_node(b"# nothing\n", Limits::default()).unwrap().root().is_none());
    }
}

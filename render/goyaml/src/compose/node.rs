//! Nodes: their anchors and tags, and their place in the tree.

use std::borrow::Cow;

use super::{Composer, Open, State, problem};
use crate::error::{Error, Problem};
use crate::scan::{Mark, TagName, Token, TokenKind};
use crate::tree::{Kind, NONE, NodeData, NodeId, Properties, Style};

impl<'t> Composer<'t> {
    /// A node: a scalar, an alias, or the start of a collection.
    pub(super) fn node(&mut self, in_block: bool, may_be_indentless: bool) -> Result<(), Error> {
        let token = self.scanner.peek()?;
        let start = token.start;
        let properties = match token.kind {
            TokenKind::Alias(_) => return self.alias(),
            TokenKind::Anchor(_) | TokenKind::Tag(_) => Some(Box::new(self.properties()?)),
            _ => None,
        };
        let token = self.scanner.peek()?;
        let (kind, style, state) = match token.kind {
            TokenKind::Scalar { .. } => return self.scalar(start, properties),
            TokenKind::BlockEntry if may_be_indentless => {
                let state = State::IndentlessSequence;
                return self.collection(Kind::Sequence, Style::Block, start, properties, state);
            }
            TokenKind::FlowSequenceStart => (Kind::Sequence, Style::Flow, State::FlowSequenceFirst),
            TokenKind::FlowMappingStart => (Kind::Mapping, Style::Flow, State::FlowMappingFirst),
            TokenKind::BlockSequenceStart if in_block => (Kind::Sequence, Style::Block, State::BlockSequence),
            TokenKind::BlockMappingStart if in_block => (Kind::Mapping, Style::Block, State::BlockMappingKey),
            _ => match properties {
                Some(properties) => {
                    let implicit = properties.tag.is_none();
                    let properties = Some(properties);
                    return self.add_scalar(Cow::Borrowed(""), Style::Plain, implicit, start, properties);
                }
                None => return Err(problem("did not find expected node content", token.start)),
            },
        };
        self.scanner.pass();
        self.collection(kind, style, start, properties, state)
    }

    /// Anchor and tag, in either order.
    fn properties(&mut self) -> Result<Properties<'t>, Error> {
        let mut properties = Properties::default();
        loop {
            match &self.scanner.peek()?.kind {
                TokenKind::Anchor(_) if properties.anchor.is_none() => {
                    if let TokenKind::Anchor(name) = self.scanner.take()?.kind {
                        properties.anchor = Some(Cow::Borrowed(name));
                    }
                }
                TokenKind::Tag(_) if properties.tag.is_none() => {
                    let Token { kind, start, .. } = self.scanner.take()?;
                    if let TokenKind::Tag(name) = kind {
                        self.scanner.peek()?;
                        properties.tag = Some(self.full_tag(&name, start)?);
                    }
                }
                _ => return Ok(properties),
            }
        }
    }

    /// The tag with its handle replaced by the prefix that it stands for.
    fn full_tag(&self, name: &TagName<'_>, mark: Mark) -> Result<Box<str>, Error> {
        if name.handle.is_empty() {
            return Ok(name.suffix.as_str().into());
        }
        let declared = self.tag_handles.iter().find(|(handle, _)| handle == name.handle);
        let prefix = match (declared, name.handle) {
            (Some((_, prefix)), _) => prefix.as_str(),
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            (None, _) => return Err(problem("found undefined tag handle", mark)),
        };
        Ok(format!("{prefix}{}", name.suffix).into())
    }

    fn alias(&mut self) -> Result<(), Error> {
        let token = self.scanner.take()?;
        let TokenKind::Alias(name) = token.kind else {
            return Ok(());
        };
        let Some(&target) = self.anchors.get(name) else {
            return Err(Error::yaml(format!("unknown anchor '{name}' referenced")));
        };
        let mut node = NodeData::new(Kind::Alias, Style::Plain, token.start);
        node.value = Cow::Borrowed(name);
        node.first = target;
        self.add(node).map(drop)
    }

    fn scalar(&mut self, start: Mark, properties: Option<Box<Properties<'t>>>) -> Result<(), Error> {
        let TokenKind::Scalar { value, style } = self.scanner.take()?.kind else {
            return Ok(());
        };
        let implicit = match properties.as_ref().and_then(|properties| properties.tag.as_deref()) {
            None => style == Style::Plain,
            Some(tag) => tag == "!",
        };
        self.add_scalar(value, style, implicit, start, properties)
    }

    pub(super) fn empty_scalar(&mut self, mark: Mark) -> Result<(), Error> {
        self.add_scalar(Cow::Borrowed(""), Style::Plain, true, mark, None)
    }

    pub(super) fn add_scalar(
        &mut self,
        value: Cow<'t, str>,
        style: Style,
        implicit: bool,
        start: Mark,
        properties: Option<Box<Properties<'t>>>,
    ) -> Result<(), Error> {
        let mut node = NodeData::new(Kind::Scalar, style, start);
        node.value = value;
        node.implicit = implicit;
        node.properties = properties;
        self.add(node).map(drop)
    }

    pub(super) fn collection(
        &mut self,
        kind: Kind,
        style: Style,
        start: Mark,
        properties: Option<Box<Properties<'t>>>,
        state: State,
    ) -> Result<(), Error> {
        let mut node = NodeData::new(kind, style, start);
        node.properties = properties;
        let node = self.add(node)?;
        self.open.push(Open { node, last_child: NONE, state });
        Ok(())
    }

    /// Adds a node to the innermost open collection.
    #[inline]
    fn add(&mut self, node: NodeData<'t>) -> Result<NodeId, Error> {
        if self.nodes.len() >= self.limits.nodes.min(NONE as usize) {
            return Err(Problem::Limit { what: "nodes", limit: self.limits.nodes }.into());
        }
        let id = self.nodes.len() as NodeId;
        if let Some(open) = self.open.last_mut() {
            let previous = std::mem::replace(&mut open.last_child, id);
            if let Some(parent) = self.nodes.get_mut(open.node as usize) {
                parent.children += 1;
                if previous == NONE {
                    parent.first = id;
                }
            }
            if let Some(sibling) = self.nodes.get_mut(previous as usize) {
                sibling.next = id;
            }
        }
        if let Some(Cow::Borrowed(anchor)) = node.properties.as_ref().and_then(|known| known.anchor.as_ref())
        {
            self.anchors.insert(anchor, id);
        }
        self.nodes.push(node);
        Ok(id)
    }
}

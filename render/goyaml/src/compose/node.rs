//! Nodes: their anchors and tags, and their place in the tree.

use std::borrow::Cow;

use super::{Composer, Open, State, problem};
use crate::error::Problem;
use crate::scan::{Mark, TagName, Token, TokenKind};
use crate::tree::{Kind, NONE, NodeData, NodeId, Style};

/// What may stand before a node's content.
#[derive(Default)]
pub(super) struct Properties {
    anchor: Option<String>,
    tag: Option<Box<str>>,
}

impl<'t> Composer<'t> {
    /// A node: a scalar, an alias, or the start of a collection.
    pub(super) fn node(&mut self, in_block: bool, may_be_indentless: bool) -> Result<(), Problem> {
        if matches!(self.scanner.peek()?.kind, TokenKind::Alias(_)) {
            return self.alias();
        }
        let (properties, start) = self.properties()?;
        let token = self.scanner.peek()?;
        let (kind, style, state) = match token.kind {
            TokenKind::Scalar { .. } => return self.scalar(start, properties),
            TokenKind::BlockEntry if may_be_indentless => {
                return self.collection(
                    Kind::Sequence,
                    Style::Block,
                    start,
                    properties,
                    State::IndentlessSequence,
                );
            }
            TokenKind::FlowSequenceStart => (Kind::Sequence, Style::Flow, State::FlowSequenceFirst),
            TokenKind::FlowMappingStart => (Kind::Mapping, Style::Flow, State::FlowMappingFirst),
            TokenKind::BlockSequenceStart if in_block => (Kind::Sequence, Style::Block, State::BlockSequence),
            TokenKind::BlockMappingStart if in_block => (Kind::Mapping, Style::Block, State::BlockMappingKey),
            _ if properties.anchor.is_some() || properties.tag.is_some() => {
                let implicit = properties.tag.is_none();
                return self.add_scalar(Cow::Borrowed(""), Style::Plain, implicit, start, properties);
            }
            _ => return Err(problem("did not find expected node content", token.start)),
        };
        self.scanner.take()?;
        self.collection(kind, style, start, properties, state)
    }

    /// Anchor and tag, in either order, and where the node starts.
    fn properties(&mut self) -> Result<(Properties, Mark), Problem> {
        let mut properties = Properties::default();
        let start = self.scanner.peek()?.start;
        loop {
            match &self.scanner.peek()?.kind {
                TokenKind::Anchor(_) if properties.anchor.is_none() => {
                    if let TokenKind::Anchor(name) = self.scanner.take()?.kind {
                        properties.anchor = Some(name.to_owned());
                    }
                }
                TokenKind::Tag(_) if properties.tag.is_none() => {
                    let Token { kind, start, .. } = self.scanner.take()?;
                    if let TokenKind::Tag(name) = kind {
                        self.scanner.peek()?;
                        properties.tag = Some(self.full_tag(&name, start)?);
                    }
                }
                _ => return Ok((properties, start)),
            }
        }
    }

    /// The tag with its handle replaced by the prefix that it stands for.
    fn full_tag(&self, name: &TagName<'_>, mark: Mark) -> Result<Box<str>, Problem> {
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

    fn alias(&mut self) -> Result<(), Problem> {
        let token = self.scanner.take()?;
        let TokenKind::Alias(name) = token.kind else {
            return Ok(());
        };
        let Some(&target) = self.anchors.get(name) else {
            return Err(Problem::yaml(format!("unknown anchor '{name}' referenced")));
        };
        let id = self.add(Kind::Alias, Style::Plain, token.start, Properties::default())?;
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.value = Cow::Borrowed(name);
            node.first = target;
        }
        Ok(())
    }

    fn scalar(&mut self, start: Mark, properties: Properties) -> Result<(), Problem> {
        let TokenKind::Scalar { value, style } = self.scanner.take()?.kind else {
            return Ok(());
        };
        let implicit = match properties.tag.as_deref() {
            None => style == Style::Plain,
            Some(tag) => tag == "!",
        };
        self.add_scalar(value, style, implicit, start, properties)
    }

    pub(super) fn empty_scalar(&mut self, mark: Mark) -> Result<(), Problem> {
        self.add_scalar(Cow::Borrowed(""), Style::Plain, true, mark, Properties::default())
    }

    fn add_scalar(
        &mut self,
        value: Cow<'t, str>,
        style: Style,
        implicit: bool,
        start: Mark,
        properties: Properties,
    ) -> Result<(), Problem> {
        let id = self.add(Kind::Scalar, style, start, properties)?;
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.value = value;
            node.implicit = implicit;
        }
        Ok(())
    }

    pub(super) fn collection(
        &mut self,
        kind: Kind,
        style: Style,
        start: Mark,
        properties: Properties,
        state: State,
    ) -> Result<(), Problem> {
        let node = self.add(kind, style, start, properties)?;
        self.open.push(Open { node, last_child: NONE, state });
        Ok(())
    }

    /// Adds a node to the innermost open collection.
    fn add(
        &mut self,
        kind: Kind,
        style: Style,
        start: Mark,
        properties: Properties,
    ) -> Result<NodeId, Problem> {
        if self.nodes.len() >= self.limits.nodes.min(NONE as usize) {
            return Err(Problem::Limit { what: "nodes", limit: self.limits.nodes });
        }
        let id = self.nodes.len() as NodeId;
        if let Some(open) = self.open.last_mut() {
            let previous = std::mem::replace(&mut open.last_child, id);
            let link = match previous {
                NONE => self.nodes.get_mut(open.node as usize).map(|parent| &mut parent.first),
                sibling => self.nodes.get_mut(sibling as usize).map(|sibling| &mut sibling.next),
            };
            if let Some(link) = link {
                *link = id;
            }
        }
        if let Some(anchor) = &properties.anchor {
            self.anchors.insert(anchor.clone(), id);
        }
        self.nodes.push(NodeData {
            kind,
            style,
            implicit: false,
            line: start.line,
            column: start.column,
            value: Cow::Borrowed(""),
            tag: properties.tag,
            anchor: properties.anchor.map(Cow::Owned),
            first: NONE,
            next: NONE,
        });
        Ok(id)
    }
}

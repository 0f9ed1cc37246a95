//! From tokens to nodes: the grammar of YAML 1.1, as a machine with a stack of open collections.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::Error;
use crate::limits::Limits;
use crate::reader::Input;
use crate::scan::{Mark, Scanner, TagName, Token, TokenKind};
use crate::tree::{Kind, NONE, NodeData, NodeId, Nodes, Style};

/// Makes the text ready, within its limit.
pub(crate) fn input(text: &[u8], limits: Limits) -> Result<Input<'_>, Error> {
    if text.len() > limits.bytes {
        return Err(Error::Limit { what: "bytes", limit: limits.bytes });
    }
    Ok(Input::new(text))
}

/// Reads the first document; what follows it counts only as far as the scanner has to look ahead.
pub(crate) fn compose<'t>(input: &'t Input<'_>, limits: Limits) -> Result<Nodes<'t>, Error> {
    let mut composer = Composer {
        scanner: Scanner::new(input),
        limits,
        nodes: Vec::new(),
        open: Vec::new(),
        anchors: HashMap::new(),
        tag_handles: Vec::new(),
    };
    let root = composer.document()?;
    Ok(Nodes { list: composer.nodes, root })
}

/// A collection that is not complete.
struct Open {
    node: NodeId,
    last_child: NodeId,
    state: State,
}

/// Where the composer stands in a collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BlockSequence,
    /// A sequence in a mapping whose dashes stand in the column of the keys: no token says where it starts or ends.
    IndentlessSequence,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequence,
    /// A pair without braces in a flow sequence: `[a: b]`.
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    /// Behind a key that is no key by its tokens: `{a, b}`.
    FlowMappingNoValue,
}

/// What may stand before a node's content.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<Box<str>>,
}

struct Composer<'t> {
    scanner: Scanner<'t>,
    limits: Limits,
    nodes: Vec<NodeData<'t>>,
    open: Vec<Open>,
    anchors: HashMap<String, NodeId>,
    tag_handles: Vec<(String, String)>,
}

/// An error that the grammar finds; Go counts its lines from zero, and names none on the first.
fn problem(text: &str, mark: Mark) -> Error {
    Error::Yaml { line: (mark.line > 0).then_some(mark.line as usize), problem: text.to_owned() }
}

impl<'t> Composer<'t> {
    /// The root of the first document.
    fn document(&mut self) -> Result<NodeId, Error> {
        if matches!(self.scanner.peek()?.kind, TokenKind::StreamEnd) {
            return Ok(NONE);
        }
        let explicit = self.document_start()?;
        let is_empty = explicit && self.at_document_boundary()?;
        if is_empty {
            let mark = self.scanner.peek()?.start;
            self.empty_scalar(mark)?;
        } else {
            self.node(true, false)?;
        }
        while let Some(open) = self.open.last() {
            self.step(open.state)?;
        }
        self.scanner.peek()?;
        Ok(if self.nodes.is_empty() { NONE } else { 0 })
    }

    /// Directives and `---`; whether there is the latter.
    fn document_start(&mut self) -> Result<bool, Error> {
        let mut has_version = false;
        let mut has_directives = false;
        loop {
            let token = self.scanner.peek()?;
            let mark = token.start;
            match token.kind {
                TokenKind::Version { major, minor } => {
                    if has_version {
                        return Err(problem("found duplicate %YAML directive", mark));
                    }
                    if (major, minor) != (1, 1) {
                        return Err(problem("found incompatible YAML document", mark));
                    }
                    has_version = true;
                    self.scanner.take()?;
                }
                TokenKind::TagHandle(_) => self.tag_directive(mark)?,
                TokenKind::DocumentStart => {
                    self.scanner.take()?;
                    return Ok(true);
                }
                _ if has_directives => return Err(problem("did not find expected <document start>", mark)),
                _ => return Ok(false),
            }
            has_directives = true;
        }
    }

    fn tag_directive(&mut self, mark: Mark) -> Result<(), Error> {
        let token = self.scanner.take()?;
        let TokenKind::TagHandle(name) = token.kind else {
            return Ok(());
        };
        if self.tag_handles.iter().any(|(handle, _)| handle == name.handle) {
            return Err(problem("found duplicate %TAG directive", mark));
        }
        self.tag_handles.push((name.handle.to_owned(), name.suffix));
        Ok(())
    }

    fn at_document_boundary(&mut self) -> Result<bool, Error> {
        Ok(matches!(
            self.scanner.peek()?.kind,
            TokenKind::Version { .. }
                | TokenKind::TagHandle(_)
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        ))
    }

    /// Goes on in the innermost open collection.
    fn step(&mut self, state: State) -> Result<(), Error> {
        match state {
            State::BlockSequence => self.block_sequence(),
            State::IndentlessSequence => self.indentless_sequence(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => self.flow_sequence(true),
            State::FlowSequence => self.flow_sequence(false),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => self.close(),
            State::FlowMappingFirst => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingNoValue => {
                let mark = self.scanner.peek()?.start;
                self.turn(State::FlowMappingKey);
                self.empty_scalar(mark)
            }
        }
    }

    fn turn(&mut self, state: State) {
        if let Some(open) = self.open.last_mut() {
            open.state = state;
        }
    }

    fn close(&mut self) -> Result<(), Error> {
        self.open.pop();
        Ok(())
    }

    /// Closes the innermost collection with the token at hand.
    fn close_with_token(&mut self) -> Result<(), Error> {
        self.scanner.take()?;
        self.close()
    }

    fn block_sequence(&mut self) -> Result<(), Error> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::BlockEntry => {
                let mark = self.scanner.take()?.end;
                match self.scanner.peek()?.kind {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => self.empty_scalar(mark),
                    _ => self.node(true, false),
                }
            }
            TokenKind::BlockEnd => self.close_with_token(),
            _ => Err(problem("did not find expected '-' indicator", token.start)),
        }
    }

    fn indentless_sequence(&mut self) -> Result<(), Error> {
        if !matches!(self.scanner.peek()?.kind, TokenKind::BlockEntry) {
            return self.close();
        }
        let mark = self.scanner.take()?.end;
        match self.scanner.peek()?.kind {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                self.empty_scalar(mark)
            }
            _ => self.node(true, false),
        }
    }

    fn block_mapping_key(&mut self) -> Result<(), Error> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Key => {
                let mark = self.scanner.take()?.end;
                self.turn(State::BlockMappingValue);
                self.block_mapping_node(mark)
            }
            TokenKind::BlockEnd => self.close_with_token(),
            _ => Err(problem("did not find expected key", token.start)),
        }
    }

    fn block_mapping_value(&mut self) -> Result<(), Error> {
        self.turn(State::BlockMappingKey);
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::Value) {
            let mark = token.start;
            return self.empty_scalar(mark);
        }
        let mark = self.scanner.take()?.end;
        self.block_mapping_node(mark)
    }

    /// A key or value of a block mapping, which may be left out.
    fn block_mapping_node(&mut self, mark: Mark) -> Result<(), Error> {
        match self.scanner.peek()?.kind {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => self.empty_scalar(mark),
            _ => self.node(true, true),
        }
    }

    fn flow_sequence(&mut self, first: bool) -> Result<(), Error> {
        if matches!(self.scanner.peek()?.kind, TokenKind::FlowSequenceEnd) {
            return self.close_with_token();
        }
        if !first {
            self.flow_entry("did not find expected ',' or ']'")?;
        }
        self.turn(State::FlowSequence);
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::FlowSequenceEnd => self.close_with_token(),
            TokenKind::Key => {
                let mark = self.scanner.take()?.start;
                self.collection(Kind::Mapping, Style::Flow, mark, Properties::default(), State::FlowPairKey)
            }
            _ => self.node(false, false),
        }
    }

    fn flow_entry(&mut self, otherwise: &str) -> Result<(), Error> {
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::FlowEntry) {
            return Err(problem(otherwise, token.start));
        }
        self.scanner.take()?;
        Ok(())
    }

    fn flow_pair_key(&mut self) -> Result<(), Error> {
        self.turn(State::FlowPairValue);
        match self.scanner.peek()?.kind {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                // Go passes over the token, whatever it is: `[? : b]` is the pair of nothing and nothing, then `b`.
                let mark = self.scanner.take()?.end;
                self.empty_scalar(mark)
            }
            _ => self.node(false, false),
        }
    }

    fn flow_pair_value(&mut self) -> Result<(), Error> {
        self.turn(State::FlowPairEnd);
        if matches!(self.scanner.peek()?.kind, TokenKind::Value) {
            // Go marks the empty value at the `:`, not behind it.
            let mark = self.scanner.take()?.start;
            if matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                return self.empty_scalar(mark);
            }
            return self.node(false, false);
        }
        let mark = self.scanner.peek()?.start;
        self.empty_scalar(mark)
    }

    fn flow_mapping_key(&mut self, first: bool) -> Result<(), Error> {
        if matches!(self.scanner.peek()?.kind, TokenKind::FlowMappingEnd) {
            return self.close_with_token();
        }
        if !first {
            self.flow_entry("did not find expected ',' or '}'")?;
        }
        match self.scanner.peek()?.kind {
            TokenKind::FlowMappingEnd => self.close_with_token(),
            TokenKind::Key => {
                self.scanner.take()?;
                self.turn(State::FlowMappingValue);
                self.flow_mapping_node(true)
            }
            _ => {
                self.turn(State::FlowMappingNoValue);
                self.node(false, false)
            }
        }
    }

    fn flow_mapping_value(&mut self) -> Result<(), Error> {
        self.turn(State::FlowMappingKey);
        if matches!(self.scanner.peek()?.kind, TokenKind::Value) {
            self.scanner.take()?;
            return self.flow_mapping_node(false);
        }
        let mark = self.scanner.peek()?.start;
        self.empty_scalar(mark)
    }

    /// A key or value of a flow mapping, which may be left out.
    fn flow_mapping_node(&mut self, is_key: bool) -> Result<(), Error> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Value if is_key => {
                let mark = token.start;
                self.empty_scalar(mark)
            }
            TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                let mark = token.start;
                self.empty_scalar(mark)
            }
            _ => self.node(false, false),
        }
    }

    /// A node: a scalar, an alias, or the start of a collection.
    fn node(&mut self, in_block: bool, may_be_indentless: bool) -> Result<(), Error> {
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
    fn properties(&mut self) -> Result<(Properties, Mark), Error> {
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
        let id = self.add(Kind::Alias, Style::Plain, token.start, Properties::default())?;
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.value = Cow::Borrowed(name);
            node.first = target;
        }
        Ok(())
    }

    fn scalar(&mut self, start: Mark, properties: Properties) -> Result<(), Error> {
        let TokenKind::Scalar { value, style } = self.scanner.take()?.kind else {
            return Ok(());
        };
        let implicit = match properties.tag.as_deref() {
            None => style == Style::Plain,
            Some(tag) => tag == "!",
        };
        self.add_scalar(value, style, implicit, start, properties)
    }

    fn empty_scalar(&mut self, mark: Mark) -> Result<(), Error> {
        self.add_scalar(Cow::Borrowed(""), Style::Plain, true, mark, Properties::default())
    }

    fn add_scalar(
        &mut self,
        value: Cow<'t, str>,
        style: Style,
        implicit: bool,
        start: Mark,
        properties: Properties,
    ) -> Result<(), Error> {
        let id = self.add(Kind::Scalar, style, start, properties)?;
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.value = value;
            node.implicit = implicit;
        }
        Ok(())
    }

    fn collection(
        &mut self,
        kind: Kind,
        style: Style,
        start: Mark,
        properties: Properties,
        state: State,
    ) -> Result<(), Error> {
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
    ) -> Result<NodeId, Error> {
        if self.nodes.len() >= self.limits.nodes.min(NONE as usize) {
            return Err(Error::Limit { what: "nodes", limit: self.limits.nodes });
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

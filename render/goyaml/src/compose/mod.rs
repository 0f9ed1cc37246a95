//! From tokens to nodes: the grammar of YAML 1.1, as a machine with a stack of open collections.

mod block;
mod flow;
mod node;

use std::collections::HashMap;

use crate::error::{Error, Problem};
use crate::limits::Limits;
use crate::reader::Input;
use crate::scan::{Mark, Scanner, TokenKind};
use crate::tree::{NONE, NodeData, NodeId, Nodes};

/// How many bytes of text a node takes where there are few comments.
const BYTES_PER_NODE: usize = 16;

/// Makes the text ready, within its limit.
pub(crate) fn input(text: &[u8], limits: Limits) -> Result<Input<'_>, Error> {
    if text.len() > limits.bytes {
        return Err(Problem::Limit { what: "bytes", limit: limits.bytes }.into());
    }
    Ok(Input::new(text))
}

/// Reads the first document; what follows it counts only as far as the scanner has to look ahead.
pub(crate) fn compose<'t>(input: &'t Input<'_>, limits: Limits) -> Result<Nodes<'t>, Error> {
    let mut composer = Composer {
        scanner: Scanner::new(input),
        limits,
        nodes: Vec::with_capacity((input.text.len() / BYTES_PER_NODE).min(limits.nodes)),
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

struct Composer<'t> {
    scanner: Scanner<'t>,
    limits: Limits,
    nodes: Vec<NodeData<'t>>,
    open: Vec<Open>,
    anchors: HashMap<&'t str, NodeId>,
    tag_handles: Vec<(String, String)>,
}

/// An error that the grammar finds; Go counts its lines from zero, and names none on the first.
fn problem(text: &str, mark: Mark) -> Error {
    Problem::Yaml { line: (mark.line > 0).then_some(mark.line as usize), problem: text.to_owned() }.into()
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
        self.scanner.pass();
        self.close()
    }
}

//! Collections in brackets and braces.

use super::{Composer, State, problem};
use crate::error::Error;
use crate::scan::TokenKind;
use crate::tree::{Kind, Style};

impl Composer<'_> {
    pub(super) fn flow_sequence(&mut self, first: bool) -> Result<(), Error> {
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
                self.collection(Kind::Mapping, Style::Flow, mark, None, State::FlowPairKey)
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

    pub(super) fn flow_pair_key(&mut self) -> Result<(), Error> {
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

    pub(super) fn flow_pair_value(&mut self) -> Result<(), Error> {
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

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Result<(), Error> {
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

    pub(super) fn flow_mapping_value(&mut self) -> Result<(), Error> {
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
}

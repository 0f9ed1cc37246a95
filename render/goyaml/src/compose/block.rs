//! Collections by indentation.

use std::borrow::Cow;

use super::{Composer, State, problem};
use crate::error::Error;
use crate::scan::{Mark, PlainKey, Token, TokenKind};
use crate::tree::Style;

impl Composer<'_> {
    pub(super) fn block_sequence(&mut self) -> Result<(), Error> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::BlockEntry => {
                let mark = token.end;
                self.scanner.pass();
                match self.scanner.peek()?.kind {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => self.empty_scalar(mark),
                    _ => self.node(true, false),
                }
            }
            TokenKind::BlockEnd => self.close_with_token(),
            _ => Err(problem("did not find expected '-' indicator", token.start)),
        }
    }

    pub(super) fn indentless_sequence(&mut self) -> Result<(), Error> {
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::BlockEntry) {
            return self.close();
        }
        let mark = token.end;
        self.scanner.pass();
        match self.scanner.peek()?.kind {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                self.empty_scalar(mark)
            }
            _ => self.node(true, false),
        }
    }

    pub(super) fn block_mapping_key(&mut self) -> Result<(), Error> {
        if let Some(PlainKey { text, start, value }) = self.scanner.take_plain_key() {
            self.add_scalar(Cow::Borrowed(text), Style::Plain, true, start, None)?;
            return self.block_mapping_node(value);
        }
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Key => {
                let mark = token.end;
                self.scanner.pass();
                self.turn(State::BlockMappingValue);
                self.block_mapping_node(mark)
            }
            TokenKind::BlockEnd => self.close_with_token(),
            _ => Err(problem("did not find expected key", token.start)),
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Result<(), Error> {
        self.turn(State::BlockMappingKey);
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::Value) {
            let mark = token.start;
            return self.empty_scalar(mark);
        }
        let mark = token.end;
        self.scanner.pass();
        self.block_mapping_node(mark)
    }

    /// A key or value of a block mapping, which may be left out.
    fn block_mapping_node(&mut self, mark: Mark) -> Result<(), Error> {
        if let Some(Token { kind: TokenKind::Scalar { value, style }, start, .. }) =
            self.scanner.take_plain_value()?
        {
            return self.add_scalar(value, style, true, start, None);
        }
        match self.scanner.peek()?.kind {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => self.empty_scalar(mark),
            _ => self.node(true, true),
        }
    }
}

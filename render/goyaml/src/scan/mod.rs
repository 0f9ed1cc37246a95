//! From text to tokens, in the dialect of Go's copy of libyaml (YAML 1.1).
//!
//! Two things need a look ahead: a mapping that starts without a sign of its own shows only at its first `:`, so
//! tokens wait in a queue while their head may still turn out to be such a "simple key"; and indentation, which
//! opens and closes collections.

mod block_scalar;
mod cursor;
mod directive;
mod escape;
mod plain_scalar;
mod quoted_scalar;
mod simple_key;
mod token;

use std::collections::VecDeque;

use crate::error::Error;
use crate::reader::Input;
use crate::tree::Style;
use cursor::Cursor;
use simple_key::{SimpleKey, SimpleKeys};
pub(crate) use token::{Mark, TagName, Token, TokenKind};

/// The deepest nesting of flow collections, and likewise of indentation.
const MAX_DEPTH: usize = 10_000;

/// A queue of tokens that fills as it is read.
pub(crate) struct Scanner<'t> {
    cursor: Cursor<'t>,
    /// What is wrong with the bytes behind the text.
    problem: Option<&'static str>,
    queue: VecDeque<Token<'t>>,
    /// How many tokens have left the queue.
    taken: usize,
    ended: bool,
    /// The column of the innermost block collection, -1 outside of all.
    indent: i64,
    outer_indents: Vec<i64>,
    flow_level: usize,
    keys: SimpleKeys,
    /// Whether a simple key may start here.
    key_allowed: bool,
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(input: &'t Input<'_>) -> Self {
        Self {
            cursor: Cursor::new(&input.text),
            problem: input.problem,
            queue: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            outer_indents: Vec::new(),
            flow_level: 0,
            keys: SimpleKeys::default(),
            key_allowed: true,
        }
    }

    /// The next token, which stays in the queue.
    pub(crate) fn peek(&mut self) -> Result<&Token<'t>, Error> {
        while self.needs_more()? {
            self.fetch()?;
        }
        self.queue
            .front()
            .ok_or_else(|| Error::yaml("attempted to go past the end of stream; corrupted value?"))
    }

    /// Takes the token that [`peek`](Self::peek) showed.
    pub(crate) fn take(&mut self) -> Result<Token<'t>, Error> {
        self.peek()?;
        self.taken += 1;
        self.queue
            .pop_front()
            .ok_or_else(|| Error::yaml("attempted to go past the end of stream; corrupted value?"))
    }

    /// Whether the head of the queue is missing, or may yet turn out to be a simple key.
    fn needs_more(&mut self) -> Result<bool, Error> {
        if self.queue.is_empty() {
            return Ok(!self.ended);
        }
        let Some(key) = self.keys.holding(self.taken) else {
            return Ok(false);
        };
        if key.is_alive(self.cursor.mark) {
            return Ok(true);
        }
        if key.required {
            return Err(self.error("could not find expected ':'"));
        }
        self.keys.forget(key.token);
        Ok(false)
    }

    /// An error at the current place.
    fn error(&self, problem: impl Into<String>) -> Error {
        let line = match self.cursor.mark.line {
            0 => None,
            line => Some(line as usize + 1),
        };
        Error::Yaml { line, problem: problem.into() }
    }

    /// Scans one token more. What is wrong behind the visible text shows as soon as that text is used up.
    fn fetch(&mut self) -> Result<(), Error> {
        let Some(problem) = self.problem else {
            return self.fetch_token();
        };
        let fetched = self.fetch_token();
        let looked_ahead = match self.queue.back().filter(|_| fetched.is_ok()).map(|token| &token.kind) {
            Some(TokenKind::Scalar { style: Style::Plain, .. }) => 2,
            Some(
                TokenKind::Scalar { .. } | TokenKind::Anchor(_) | TokenKind::Alias(_) | TokenKind::Tag(_),
            )
            | None => 1,
            Some(_) => 0,
        };
        if self.cursor.has_fewer_than(looked_ahead) {
            return Err(Input::error(problem));
        }
        fetched
    }

    fn fetch_token(&mut self) -> Result<(), Error> {
        self.skip_to_token();
        self.close_blocks(i64::from(self.cursor.mark.column));
        if let Some(problem) = self.problem.filter(|_| self.cursor.has_fewer_than(4)) {
            return Err(Input::error(problem));
        }
        if self.cursor.at_end() {
            return self.fetch_stream_end();
        }
        if self.cursor.mark.column == 0 && self.cursor.peek(0) == b'%' {
            return self.fetch_directive();
        }
        if self.cursor.at_document_indicator() {
            return self.fetch_document_indicator();
        }
        let in_flow = self.flow_level > 0;
        let before_blank = self.cursor.is_blank_or_end(1);
        match self.cursor.peek(0) {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if before_blank => self.fetch_block_entry(),
            b'?' if in_flow || before_blank => self.fetch_key(),
            b':' if in_flow || before_blank => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(),
            b'!' => self.fetch_tag(),
            b'|' if !in_flow => self.fetch_block_scalar(Style::Literal),
            b'>' if !in_flow => self.fetch_block_scalar(Style::Folded),
            b'\'' => self.fetch_quoted_scalar(Style::SingleQuoted),
            b'"' => self.fetch_quoted_scalar(Style::DoubleQuoted),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                Err(self.error("found character that cannot start any token"))
            }
            _ => self.fetch_plain_scalar(),
        }
    }

    /// Moves over blanks, comments and line breaks. A tab may not stand where a key may: it would be indentation.
    fn skip_to_token(&mut self) {
        if self.cursor.position == 0 && self.cursor.rest().starts_with("\u{feff}".as_bytes()) {
            self.cursor.skip_character();
        }
        loop {
            if self.flow_level > 0 || !self.key_allowed {
                self.cursor.skip_blanks();
            } else {
                self.cursor.skip_spaces();
            }
            self.cursor.skip_comment();
            if self.cursor.take_break().is_none() {
                return;
            }
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    fn push(&mut self, kind: TokenKind<'t>, start: Mark) {
        self.queue.push_back(Token { kind, start, end: self.cursor.mark });
    }

    /// Adds a token of so many bytes that starts here.
    fn push_indicator(&mut self, kind: TokenKind<'t>, length: usize) {
        let start = self.cursor.mark;
        self.cursor.skip(length);
        self.push(kind, start);
    }

    /// Puts a token of no length before that token of the queue (by its number); at the end if that one is gone.
    fn insert(&mut self, kind: TokenKind<'t>, mark: Mark, number: Option<usize>) {
        let token = Token { kind, start: mark, end: mark };
        match number.and_then(|number| number.checked_sub(self.taken)) {
            Some(place) if place < self.queue.len() => self.queue.insert(place, token),
            _ => self.queue.push_back(token),
        }
    }

    /// Opens a block collection if this column is further in than the innermost one.
    fn open_block(&mut self, kind: TokenKind<'t>, mark: Mark, number: Option<usize>) -> Result<(), Error> {
        let column = i64::from(mark.column);
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.outer_indents.push(self.indent);
        self.indent = column;
        if self.outer_indents.len() > MAX_DEPTH {
            return Err(self.error(format!("exceeded max depth of {MAX_DEPTH}")));
        }
        self.insert(kind, mark, number);
        Ok(())
    }

    /// Closes the block collections that are further in than this column.
    fn close_blocks(&mut self, column: i64) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.cursor.mark);
            self.indent = self.outer_indents.pop().unwrap_or(-1);
        }
    }

    /// Notes that a simple key may start with the next token.
    fn save_key(&mut self) -> Result<(), Error> {
        if !self.key_allowed {
            return Ok(());
        }
        self.drop_key()?;
        self.keys.push(SimpleKey {
            level: self.flow_level,
            token: self.taken + self.queue.len(),
            mark: self.cursor.mark,
            required: self.flow_level == 0 && self.indent == i64::from(self.cursor.mark.column),
            holds_token: true,
        });
        Ok(())
    }

    /// Gives up the simple key of this level: a required one must have been followed by `:`.
    fn drop_key(&mut self) -> Result<(), Error> {
        match self.keys.pop(self.flow_level) {
            Some(key) if key.required => Err(self.error("could not find expected ':'")),
            _ => Ok(()),
        }
    }

    fn fetch_stream_end(&mut self) -> Result<(), Error> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(TokenKind::StreamEnd, self.cursor.mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.scan_directive()
    }

    fn fetch_document_indicator(&mut self) -> Result<(), Error> {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        let kind =
            if self.cursor.peek(0) == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'t>) -> Result<(), Error> {
        self.save_key()?;
        self.keys.open_flow(self.taken + self.queue.len());
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(self.error(format!("exceeded max depth of {MAX_DEPTH}")));
        }
        self.key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'t>) -> Result<(), Error> {
        self.drop_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.close_flow();
        }
        self.key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Error> {
        self.drop_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.error("block sequence entries are not allowed in this context"));
            }
            self.open_block(TokenKind::BlockSequenceStart, self.cursor.mark, None)?;
        }
        self.drop_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            self.open_block(TokenKind::BlockMappingStart, self.cursor.mark, None)?;
        }
        self.drop_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        match self.take_live_key()? {
            Some(key) => {
                self.insert(TokenKind::Key, key.mark, Some(key.token));
                self.open_block(TokenKind::BlockMappingStart, key.mark, Some(key.token))?;
                self.key_allowed = false;
            }
            None => {
                if self.flow_level == 0 {
                    if !self.key_allowed {
                        return Err(self.error("mapping values are not allowed in this context"));
                    }
                    self.open_block(TokenKind::BlockMappingStart, self.cursor.mark, None)?;
                }
                self.key_allowed = self.flow_level == 0;
            }
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// The simple key of this level, if its `:` has come in time.
    fn take_live_key(&mut self) -> Result<Option<SimpleKey>, Error> {
        let Some(key) = self.keys.pop(self.flow_level) else {
            return Ok(None);
        };
        if key.is_alive(self.cursor.mark) {
            return Ok(Some(key));
        }
        if key.required {
            return Err(self.error("could not find expected ':'"));
        }
        Ok(None)
    }

    fn fetch_anchor(&mut self) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.scan_anchor()
    }

    fn fetch_tag(&mut self) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.scan_tag()
    }

    fn fetch_block_scalar(&mut self, style: Style) -> Result<(), Error> {
        self.drop_key()?;
        self.key_allowed = true;
        self.scan_block_scalar(style)
    }

    fn fetch_quoted_scalar(&mut self, style: Style) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.scan_quoted_scalar(style)
    }

    fn fetch_plain_scalar(&mut self) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.scan_plain_scalar()
    }
}

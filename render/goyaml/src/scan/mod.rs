//! From text to tokens, in the dialect of Go's copy of libyaml (YAML 1.1).
//!
//! Two things need a look ahead: a mapping that starts without a sign of its own shows only at its first `:`, so
//! tokens wait in a queue while their head may still turn out to be such a "simple key"; and indentation, which
//! opens and closes collections.

mod block_scalar;
mod cursor;
mod directive;
mod escape;
mod fetch;
mod plain_pair;
mod plain_scalar;
mod quoted_scalar;
mod simple_key;
mod token;

use std::collections::VecDeque;

use crate::error::{Error, Problem};
use crate::reader::Input;
use crate::tree::Style;
use cursor::Cursor;
pub(crate) use escape::single_escape;
pub(crate) use plain_pair::PlainKey;
pub(crate) use simple_key::LONGEST_SIMPLE_KEY;
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
    /// Whether the head of the queue is known to be the next token.
    ready: bool,
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
        let mut cursor = Cursor::new(&input.text);
        if input.text.starts_with('\u{feff}') {
            cursor.skip_character();
        }
        Self {
            cursor,
            problem: input.problem,
            queue: VecDeque::new(),
            taken: 0,
            ready: false,
            ended: false,
            indent: -1,
            outer_indents: Vec::new(),
            flow_level: 0,
            keys: SimpleKeys::default(),
            key_allowed: true,
        }
    }

    /// The next token, which stays in the queue.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<&Token<'t>, Error> {
        if !self.ready {
            self.prepare()?;
        }
        self.queue.front().ok_or_else(past_the_end)
    }

    /// Scans on until the head of the queue is sure to be the next token.
    #[inline(never)]
    fn prepare(&mut self) -> Result<(), Error> {
        while self.needs_more()? {
            self.fetch()?;
        }
        self.ready = true;
        Ok(())
    }

    /// Passes over the token that [`peek`](Self::peek) has shown.
    #[inline]
    pub(crate) fn pass(&mut self) {
        self.taken += 1;
        self.ready = false;
        self.queue.pop_front();
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self) -> Result<Token<'t>, Error> {
        self.peek()?;
        self.taken += 1;
        self.ready = false;
        self.queue.pop_front().ok_or_else(past_the_end)
    }

    /// Whether the head of the queue is missing, or may yet turn out to be a simple key.
    fn needs_more(&mut self) -> Result<bool, Error> {
        if self.queue.is_empty() {
            return Ok(!self.ended);
        }
        let Some(key) = self.keys.holding(self.taken) else {
            return Ok(false);
        };
        if key.is_alive(&self.cursor) {
            return Ok(true);
        }
        if key.required {
            return Err(self.error("could not find expected ':'"));
        }
        self.keys.forget(self.taken);
        Ok(false)
    }

    /// An error at the current place.
    fn error(&self, problem: impl Into<String>) -> Error {
        let line = match self.cursor.line() {
            0 => None,
            line => Some(line as usize + 1),
        };
        Problem::Yaml { line, problem: problem.into() }.into()
    }

    /// Scans one token more. What is wrong behind the visible text shows as soon as that text is used up.
    fn fetch(&mut self) -> Result<(), Error> {
        let Some(problem) = self.problem else {
            return self.fetch_token();
        };
        let fetched = self.fetch_token();
        let looked_ahead = match self.queue.back().filter(|_| fetched.is_ok()) {
            Some(token) => self.looked_ahead(token),
            None => 1,
        };
        if self.cursor.has_fewer_than(looked_ahead) {
            return Err(Input::error(problem));
        }
        fetched
    }

    /// How many characters behind a token Go has looked at when the token is complete.
    fn looked_ahead(&self, token: &Token<'_>) -> usize {
        match token.kind {
            TokenKind::Scalar { style: Style::Plain, .. } if token.end.line == self.cursor.line() => 2,
            TokenKind::Scalar { .. } | TokenKind::Anchor(_) | TokenKind::Alias(_) | TokenKind::Tag(_) => 1,
            _ => 0,
        }
    }

    fn push(&mut self, kind: TokenKind<'t>, start: Mark) {
        self.queue.push_back(Token { kind, start, end: self.cursor.mark() });
    }

    /// Adds a token of so many bytes that starts here.
    fn push_indicator(&mut self, kind: TokenKind<'t>, length: usize) {
        let start = self.cursor.mark();
        self.cursor.skip(length);
        self.push(kind, start);
    }

    /// Puts a token of no length before that token of the queue (by its number); at the end if that one is gone.
    fn insert(&mut self, kind: TokenKind<'t>, mark: Mark, number: Option<usize>) {
        let token = Token { kind, start: mark, end: mark };
        match number.and_then(|number| number.checked_sub(self.taken)) {
            Some(0) => self.queue.push_front(token),
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
            self.push(TokenKind::BlockEnd, self.cursor.mark());
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
            mark: self.cursor.mark(),
            index: self.cursor.index(),
            required: self.flow_level == 0 && self.indent == self.cursor.column(),
            holds_token: true,
        });
        Ok(())
    }

    /// Gives up the simple key of this level: a required one must have been followed by `:`.
    fn drop_key(&mut self) -> Result<(), Error> {
        if self.keys.drop_of(self.flow_level) {
            return Err(self.error("could not find expected ':'"));
        }
        Ok(())
    }
}

#[cold]
fn past_the_end() -> Error {
    Error::yaml("attempted to go past the end of stream; corrupted value?")
}

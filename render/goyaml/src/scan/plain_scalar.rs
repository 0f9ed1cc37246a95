//! Scalars without quotes.

use std::borrow::Cow;
use std::ops::Range;

use super::cursor::{Break, Cursor};
use super::{Scanner, Token, TokenKind};
use crate::error::Error;
use crate::tree::Style;

impl<'t> Scanner<'t> {
    /// Scans a plain scalar: to `: `, ` #`, the end of its indentation or, in a flow collection, to `,?[]{}`.
    pub(super) fn scan_plain_scalar(&mut self) -> Result<Token<'t>, Error> {
        let start = self.cursor.mark();
        let mut end = start;
        let mut text = self.cursor.position..self.cursor.position;
        let mut folded: Option<String> = None;
        let mut after_break = false;
        loop {
            if self.cursor.at_document_indicator() || self.cursor.peek(0) == b'#' {
                break;
            }
            let run = run_length(&self.cursor, self.flow_level > 0);
            if run > 0 {
                if std::mem::take(&mut after_break) {
                    fold(folded.get_or_insert_default(), &text, &self.cursor);
                    text.start = self.cursor.position;
                }
                self.cursor.skip(run);
                text.end = self.cursor.position;
                end = self.cursor.mark();
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            self.skip_plain_whitespace(&mut after_break)?;
            if self.flow_level == 0 && self.cursor.column() <= self.indent {
                break;
            }
        }
        self.key_allowed |= after_break;
        let last = self.cursor.slice(text.start, text.end);
        let value = folded.map_or(Cow::Borrowed(last), |folded| Cow::Owned(folded + last));
        Ok(Token { kind: TokenKind::Scalar { value, style: Style::Plain }, start, end })
    }

    /// Moves over blanks and line breaks, which fold if the scalar goes on.
    fn skip_plain_whitespace(&mut self, after_break: &mut bool) -> Result<(), Error> {
        loop {
            match self.cursor.peek(0) {
                b' ' => self.cursor.skip_spaces(),
                b'\t' if *after_break && self.cursor.column() <= self.indent => {
                    return Err(self.error("found a tab character that violates indentation"));
                }
                b'\t' => self.cursor.skip(1),
                _ if self.cursor.take_break().is_some() => *after_break = true,
                _ => return Ok(()),
            }
        }
    }
}

/// Adds a piece of text and the line breaks behind it, up to the cursor: one break becomes a space, of several the
/// first goes; a separator stays.
fn fold(folded: &mut String, text: &Range<usize>, cursor: &Cursor<'_>) {
    folded.push_str(cursor.slice(text.start, text.end));
    let mut whitespace = Cursor::new(cursor.slice(text.end, cursor.position));
    let mut next_break = || {
        whitespace.skip_blanks();
        whitespace.take_break()
    };
    let first = next_break();
    let mut found = next_break();
    match first {
        Some(Break::Line) if found.is_none() => folded.push(' '),
        Some(separator @ Break::Separator(_)) => folded.push_str(separator.text()),
        _ => {}
    }
    while let Some(more) = found {
        folded.push_str(more.text());
        found = next_break();
    }
}

/// The bytes up to the next blank or line break, or to what ends a plain scalar.
pub(super) fn run_length(cursor: &Cursor<'_>, in_flow: bool) -> usize {
    let rest = cursor.rest();
    let stops = |length: usize, byte: u8| match byte {
        b' ' | b'\t' | b'\n' | b'\r' => true,
        b':' => cursor.is_blank_or_end(length + 1),
        b',' | b'?' | b'[' | b']' | b'{' | b'}' => in_flow,
        _ => cursor.is_break(length),
    };
    let mut bytes = rest.iter().enumerate();
    bytes
        .find(|&(length, &byte)| MAY_STOP[usize::from(byte)] && stops(length, byte))
        .map_or(rest.len(), |(length, _)| length)
}

/// The bytes at which a plain scalar may end.
const MAY_STOP: [bool; 256] = {
    let mut table = [false; 256];
    let stops = b" \t\n\r:,?[]{}\xc2\xe2";
    let mut place = 0;
    while place < stops.len() {
        table[stops[place] as usize] = true;
        place += 1;
    }
    table
};

//! Scalars without quotes.

use std::borrow::Cow;

use super::cursor::{Break, Cursor};
use super::{Scanner, Token, TokenKind};
use crate::error::Error;
use crate::tree::Style;

impl Scanner<'_> {
    /// Scans a plain scalar: to `: `, ` #`, the end of its indentation or, in a flow collection, to `,?[]{}`.
    pub(super) fn scan_plain_scalar(&mut self) -> Result<(), Error> {
        let start = self.cursor.mark();
        let mut end = start;
        let mut text = Folded::new(self.cursor.position);
        let mut after_break = false;
        loop {
            if self.cursor.at_document_indicator() || self.cursor.peek(0) == b'#' {
                break;
            }
            let run = run_length(&self.cursor, self.flow_level > 0);
            if run > 0 {
                if std::mem::take(&mut after_break) {
                    text.fold(&self.cursor);
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
        if after_break {
            self.key_allowed = true;
        }
        let kind = TokenKind::Scalar { value: text.finish(&self.cursor), style: Style::Plain };
        self.queue.push_back(Token { kind, start, end });
        Ok(())
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

/// The value of a scalar: a slice of the text until a line break has to be folded.
struct Folded {
    folded: Option<String>,
    start: usize,
    /// Where the text ends that belongs to the value so far.
    end: usize,
}

impl Folded {
    fn new(start: usize) -> Self {
        Self { folded: None, start, end: start }
    }

    /// The value goes on at the cursor. One line break before it becomes a space, of several the first goes; a
    /// separator stays.
    fn fold(&mut self, cursor: &Cursor<'_>) {
        let folded = self.folded.get_or_insert_default();
        folded.push_str(cursor.slice(self.start, self.end));
        let mut whitespace = Cursor::new(cursor.slice(self.end, cursor.position));
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
        self.start = cursor.position;
        self.end = cursor.position;
    }

    fn finish<'t>(self, cursor: &Cursor<'t>) -> Cow<'t, str> {
        let last = cursor.slice(self.start, self.end);
        match self.folded {
            None => Cow::Borrowed(last),
            Some(folded) => Cow::Owned(folded + last),
        }
    }
}

/// The bytes up to the next blank or line break, or to what ends a plain scalar.
fn run_length(cursor: &Cursor<'_>, in_flow: bool) -> usize {
    let rest = cursor.rest();
    let mut length = 0;
    while let Some(&byte) = rest.get(length) {
        let stops = MAY_STOP[usize::from(byte)]
            && match byte {
                b' ' | b'\t' | b'\n' | b'\r' => true,
                b':' => cursor.is_blank_or_end(length + 1),
                b',' | b'?' | b'[' | b']' | b'{' | b'}' => in_flow,
                _ => cursor.is_break(length),
            };
        if stops {
            break;
        }
        length += 1;
    }
    length
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

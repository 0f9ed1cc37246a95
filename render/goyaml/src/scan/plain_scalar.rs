//! Scalars without quotes.

use std::borrow::Cow;

use super::cursor::{Break, Cursor};
use super::{Scanner, TokenKind};
use crate::error::Problem;
use crate::tree::Style;

impl Scanner<'_> {
    /// Scans a plain scalar: to `: `, ` #`, the end of its indentation or, in a flow collection, to `,?[]{}`.
    pub(super) fn scan_plain_scalar(&mut self) -> Result<(), Problem> {
        let start = self.cursor.mark;
        let mut end = start;
        let mut text = Folded::new(self.cursor.position);
        let mut breaks: Option<Breaks> = None;
        loop {
            if self.cursor.at_document_indicator() || self.cursor.peek(0) == b'#' {
                break;
            }
            let run = run_length(&self.cursor, self.flow_level > 0);
            if run > 0 {
                if let Some(breaks) = breaks.take() {
                    text.fold(&self.cursor, &breaks);
                }
                self.cursor.skip(run);
                text.extend_to(self.cursor.position);
                end = self.cursor.mark;
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            self.skip_plain_whitespace(&mut breaks)?;
            if self.flow_level == 0 && i64::from(self.cursor.mark.column) <= self.indent {
                break;
            }
        }
        if breaks.is_some() {
            self.key_allowed = true;
        }
        let kind = TokenKind::Scalar { value: text.finish(&self.cursor), style: Style::Plain };
        self.push(kind, start);
        if let Some(token) = self.queue.back_mut() {
            token.end = end;
        }
        Ok(())
    }

    /// Moves over blanks and line breaks, which are kept: they fold if the scalar goes on.
    fn skip_plain_whitespace(&mut self, breaks: &mut Option<Breaks>) -> Result<(), Problem> {
        loop {
            if self.cursor.is_blank(0) {
                let in_indentation = breaks.is_some() && i64::from(self.cursor.mark.column) <= self.indent;
                if in_indentation && self.cursor.peek(0) == b'\t' {
                    return Err(self.error("found a tab character that violates indentation"));
                }
                self.cursor.skip(1);
            } else if let Some(found) = self.cursor.take_break() {
                match breaks {
                    Some(breaks) => breaks.more.push_str(found.text()),
                    None => *breaks = Some(Breaks { first: found, more: String::new() }),
                }
            } else {
                return Ok(());
            }
        }
    }
}

/// Line breaks between two runs of text.
struct Breaks {
    first: Break,
    more: String,
}

/// The value of a scalar: a slice of the text until a line break has to be folded.
struct Folded {
    folded: Option<String>,
    start: usize,
    end: usize,
}

impl Folded {
    fn new(start: usize) -> Self {
        Self { folded: None, start, end: start }
    }

    /// The text up to that offset belongs to the value, blanks before it included.
    fn extend_to(&mut self, end: usize) {
        self.end = end;
    }

    /// One line break becomes a space, of several the first goes; a separator stays.
    fn fold(&mut self, cursor: &Cursor<'_>, breaks: &Breaks) {
        let folded = self.folded.get_or_insert_default();
        folded.push_str(cursor.slice(self.start, self.end));
        match breaks.first {
            Break::Line if breaks.more.is_empty() => folded.push(' '),
            Break::Line => {}
            separator => folded.push_str(separator.text()),
        }
        folded.push_str(&breaks.more);
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
    loop {
        let ahead = rest.get(length..).unwrap_or_default();
        let Some(found) = ahead.iter().position(|&byte| may_stop(byte)) else {
            return rest.len();
        };
        length += found;
        let stops = match cursor.peek(length) {
            b' ' | b'\t' => true,
            b':' => cursor.is_blank_or_end(length + 1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => in_flow,
            _ => cursor.is_break(length),
        };
        if stops {
            return length;
        }
        length += 1;
    }
}

fn may_stop(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b':' | b',' | b'?' | b'[' | b']' | b'{' | b'}' | 0xc2 | 0xe2
    )
}

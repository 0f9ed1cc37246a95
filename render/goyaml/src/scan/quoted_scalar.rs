//! Scalars in single or double quotes.

use std::borrow::Cow;

use super::cursor::Break;
use super::{Scanner, TokenKind};
use crate::error::Error;
use crate::tree::Style;

impl<'t> Scanner<'t> {
    /// Scans a scalar in quotes; the cursor stands on the opening quote.
    pub(super) fn scan_quoted_scalar(&mut self, style: Style) -> Result<(), Error> {
        let start = self.cursor.mark();
        let quote = self.cursor.peek(0);
        self.cursor.skip(1);
        let mut value = Unquoted { owned: None, start: self.cursor.position };
        loop {
            if self.cursor.at_document_indicator() {
                return Err(self.error("found unexpected document indicator"));
            }
            if self.cursor.at_end() {
                return Err(self.error("found unexpected end of stream"));
            }
            let line_escaped = self.scan_quoted_run(quote, &mut value)?;
            if self.cursor.peek(0) == quote {
                break;
            }
            self.fold_whitespace(line_escaped, &mut value);
        }
        let value = value.finish(self);
        self.cursor.skip(1);
        self.push(TokenKind::Scalar { value, style }, start);
        Ok(())
    }

    /// Scans to a blank, a line break, the end, or the closing quote. Whether an escaped line break ended it.
    fn scan_quoted_run(&mut self, quote: u8, value: &mut Unquoted) -> Result<bool, Error> {
        loop {
            let run = self.quoted_run_length(quote);
            self.cursor.skip(run);
            let here = self.cursor.peek(0);
            if here == b'\'' && quote == here && self.cursor.peek(1) == b'\'' {
                value.take(self);
                self.cursor.skip(2);
                value.push("'", self);
            } else if here == b'\\' && quote == b'"' && self.cursor.is_break(1) {
                value.take(self);
                self.cursor.skip(1);
                self.cursor.take_break();
                value.start = self.cursor.position;
                return Ok(true);
            } else if here == b'\\' && quote == b'"' {
                value.take(self);
                let character = self.scan_escape()?;
                value.push(character.encode_utf8(&mut [0; 4]), self);
            } else {
                return Ok(false);
            }
        }
    }

    /// The bytes up to the next blank, line break, quote or escape.
    fn quoted_run_length(&self, quote: u8) -> usize {
        let rest = self.cursor.rest();
        let mut length = 0;
        loop {
            let ahead = rest.get(length..).unwrap_or_default();
            let stop = |&byte: &u8| {
                matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\\' | 0xc2 | 0xe2) || byte == quote
            };
            let Some(found) = ahead.iter().position(stop) else {
                return rest.len();
            };
            length += found;
            let stops = match self.cursor.peek(length) {
                b'\\' => quote == b'"',
                0xc2 | 0xe2 => self.cursor.is_break(length),
                _ => true,
            };
            if stops {
                return length;
            }
            length += 1;
        }
    }

    /// Moves over blanks and line breaks: blanks stay unless a break is among them; breaks fold.
    fn fold_whitespace(&mut self, line_escaped: bool, value: &mut Unquoted) {
        let before = self.cursor.position;
        let mut first = None;
        let mut more = String::new();
        loop {
            if self.cursor.is_blank(0) {
                self.cursor.skip_blanks();
            } else if let Some(found) = self.cursor.take_break() {
                if first.is_none() && !line_escaped {
                    first = Some(found);
                } else {
                    more.push_str(found.text());
                }
            } else {
                break;
            }
        }
        if first.is_none() && !line_escaped {
            return;
        }
        if !line_escaped {
            value.take_to(before, self);
        }
        match first {
            Some(Break::Line) if more.is_empty() => more.push(' '),
            Some(separator @ Break::Separator(_)) => more.insert_str(0, separator.text()),
            _ => {}
        }
        value.push(&more, self);
    }
}

/// The value of a scalar in quotes: a slice of the text until something in it has to be replaced.
struct Unquoted {
    owned: Option<String>,
    start: usize,
}

impl Unquoted {
    /// Takes over the text up to here.
    fn take(&mut self, scanner: &Scanner<'_>) {
        self.take_to(scanner.cursor.position, scanner);
    }

    fn take_to(&mut self, end: usize, scanner: &Scanner<'_>) {
        self.owned.get_or_insert_default().push_str(scanner.cursor.slice(self.start, end));
        self.start = end;
    }

    /// Adds a replacement; the text goes on at the cursor.
    fn push(&mut self, text: &str, scanner: &Scanner<'_>) {
        self.owned.get_or_insert_default().push_str(text);
        self.start = scanner.cursor.position;
    }

    fn finish<'t>(self, scanner: &Scanner<'t>) -> Cow<'t, str> {
        let last = scanner.cursor.slice(self.start, scanner.cursor.position);
        match self.owned {
            None => Cow::Borrowed(last),
            Some(owned) => Cow::Owned(owned + last),
        }
    }
}

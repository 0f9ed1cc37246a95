//! Scalars in single or double quotes.

use super::place::Place;
use super::word::Style;
use crate::scan::single_escape;

impl<'t> Place<'t> {
    /// Takes a scalar in quotes.
    pub(super) fn quoted(&mut self, quote: u8) -> Option<(&'t [u8], Style)> {
        self.position += 1;
        let start = self.position;
        let mut style = Style::Quoted;
        loop {
            self.skip_to(quote, b'\\');
            match (self.peek(0), self.peek(1)) {
                (b'\'', b'\'') if quote == b'\'' => self.escaped(2, quote, &mut style),
                (b'\\', _) if quote == b'\'' => self.position += 1,
                (b'\\', b'\n') => self.escaped(1, quote, &mut style),
                (b'\\', letter) if single_escape(letter).is_some() => self.escaped(2, quote, &mut style),
                // In the first column there may be a document indicator.
                (b'\n', b'-' | b'.') | (b'\\', _) | (0, _) => return None,
                (b'\t', _) => self.position += 1,
                (b'\n', _) => {
                    style = Style::Folded;
                    self.position += 1;
                }
                _ => break,
            }
        }
        let text = self.since(start);
        self.position += 1;
        Some((text, style))
    }

    fn escaped(&mut self, length: usize, quote: u8, style: &mut Style) {
        self.position += length;
        if *style == Style::Quoted {
            *style = Style::Escaped(quote);
        }
    }
}

/// What stands between quotes on one line, with escapes replaced: `''` in single ones, `\n` and the like in double ones.
pub(super) fn unescaped(text: &str, quote: u8) -> Option<String> {
    if quote == b'\'' {
        return Some(text.replace("''", "'"));
    }
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        let mut after = escape.chars();
        unescaped.push_str(before);
        unescaped.push(single_escape(u8::try_from(after.next()?).ok()?)?);
        rest = after.as_str();
    }
    unescaped.push_str(rest);
    Some(unescaped)
}

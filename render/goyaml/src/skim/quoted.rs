//! Scalars in single or double quotes.

use super::place::Place;
use super::word::Style;

impl<'t> Place<'t> {
    /// Takes a scalar in quotes.
    pub(super) fn quoted(&mut self, quote: u8) -> Option<(&'t [u8], Style)> {
        self.position += 1;
        let start = self.position;
        let mut style = Style::Quoted;
        loop {
            self.skip_to(quote, b'\\');
            match (self.peek(0), self.peek(1)) {
                (b'\'', b'\'') if quote == b'\'' => self.escaped(2, &mut style),
                (b'\\', _) if quote == b'\'' => self.position += 1,
                (b'\\', b'\n') => self.escaped(1, &mut style),
                (b'\\', letter) if is_escape(letter) => self.escaped(2, &mut style),
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

    fn escaped(&mut self, length: usize, style: &mut Style) {
        self.position += length;
        if *style == Style::Quoted {
            *style = Style::Escaped;
        }
    }
}

/// The letters of the escapes that stand for one character.
fn is_escape(letter: u8) -> bool {
    b"0abtnvfre \"'\\N_LP".contains(&letter)
}

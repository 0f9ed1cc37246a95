//! Strings and bytes: `%s %q %x %X`, and padding.

use super::printer::Printer;
use super::quoting::{can_backquote, quote, quote_to_ascii};
use crate::unicode::{characters, count};

impl Printer<'_> {
    /// Prints a string under a verb; `false` where the verb is not for strings.
    pub(super) fn string(&mut self, text: &[u8], verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => {
                let text = self.cut(text);
                self.pad(text);
            }
            'x' => self.hexadecimal_bytes(text, b"0123456789abcdef", b"0x"),
            'X' => self.hexadecimal_bytes(text, b"0123456789ABCDEF", b"0X"),
            'q' => self.quoted(text),
            _ => return false,
        }
        true
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = self.cut(text);
        if self.flags.sharp && can_backquote(text) {
            self.pad(&[b"`", text, b"`"].concat());
        } else if self.flags.plus {
            self.pad(quote_to_ascii(text).as_bytes());
        } else {
            self.pad(quote(text).as_bytes());
        }
    }

    /// The text cut to as many characters as the precision says.
    fn cut<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else {
            return text;
        };
        let length = characters(text).take(precision).map(|(_, bytes)| bytes.len()).sum();
        &text[..length]
    }

    fn hexadecimal_bytes(&mut self, bytes: &[u8], digits: &[u8; 16], prefix: &[u8]) {
        let flags = self.flags;
        let length = flags.precision.map_or(bytes.len(), |precision| precision.min(bytes.len()));
        if length == 0 {
            let padding = if flags.zero && !flags.minus { b'0' } else { b' ' };
            return self.padding(flags.width.unwrap_or(0), padding);
        }
        let mut text = Vec::with_capacity(length * 2 + 2);
        for (index, byte) in bytes[..length].iter().enumerate() {
            if flags.space && index > 0 {
                text.push(b' ');
            }
            if flags.sharp && (index == 0 || flags.space) {
                text.extend_from_slice(prefix);
            }
            text.push(digits[usize::from(byte >> 4)]);
            text.push(digits[usize::from(byte & 15)]);
        }
        self.pad(&text);
    }

    /// Writes padded to the width, with zeros on the left if the flags say so.
    pub(super) fn pad(&mut self, text: &[u8]) {
        let Some(width) = self.flags.width else {
            return self.write(text);
        };
        let missing = width.saturating_sub(count(text));
        if self.flags.minus {
            self.write(text);
            self.padding(missing, b' ');
        } else {
            self.padding(missing, if self.flags.zero { b'0' } else { b' ' });
            self.write(text);
        }
    }

    /// Writes padded to the width with spaces, whatever the flags say.
    pub(super) fn pad_with_spaces(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(text);
        self.flags.zero = zero;
    }
}

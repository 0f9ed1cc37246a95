//! Backslash escapes that stand for one character.

use crate::{Error, ErrorKind};

/// A code point and where the pattern goes on. Surrogates are code points in Go; no text has them.
pub(crate) type Scalar = u32;

/// Reads an escape that begins at `start` with a backslash.
pub(crate) fn escape(pattern: &str, start: usize) -> Result<(Scalar, usize), Error> {
    let mut reader = Reader { pattern, at: start + 1 };
    let Some(letter) = reader.next() else {
        return Err(ErrorKind::TrailingBackslash.at(""));
    };
    let value = match letter {
        '1'..='7' if !matches!(reader.peek(), Some('0'..='7')) => None,
        '0'..='7' => Some(reader.octal(letter)),
        'x' => reader.hexadecimal(),
        'a' => Some(0x07),
        'f' => Some(0x0C),
        'n' => Some(0x0A),
        'r' => Some(0x0D),
        't' => Some(0x09),
        'v' => Some(0x0B),
        other if other.is_ascii() && !other.is_ascii_alphanumeric() => Some(other.into()),
        _ => None,
    };
    let read = pattern.get(start..reader.at).unwrap_or_default();
    value.map(|value| (value, reader.at)).ok_or_else(|| ErrorKind::InvalidEscape.at(read))
}

struct Reader<'p> {
    pattern: &'p str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.pattern.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// Up to three digits, of which one is read.
    fn octal(&mut self, first: char) -> Scalar {
        let mut value = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|letter| letter.to_digit(8)) else {
                break;
            };
            value = value * 8 + digit;
            self.at += 1;
        }
        value
    }

    /// `\xFF` or `\x{10FFFF}`; `None` where it is neither.
    fn hexadecimal(&mut self) -> Option<Scalar> {
        match self.next()? {
            '{' => self.braced(),
            first => {
                let low = self.next()?.to_digit(16)?;
                Some(first.to_digit(16)? * 16 + low)
            }
        }
    }

    fn braced(&mut self) -> Option<Scalar> {
        let mut value = None;
        loop {
            match self.next()? {
                '}' => return value,
                letter => {
                    let next = value.unwrap_or(0) * 16 + letter.to_digit(16)?;
                    value = Some(next).filter(|next| *next <= char::MAX.into());
                    value?;
                }
            }
        }
    }
}

//! Escapes in double quotes.

use super::Scanner;
use crate::error::Error;

/// The character that a letter behind a backslash stands for by itself.
pub(crate) fn single_escape(letter: u8) -> Option<char> {
    Some(match letter {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}

impl Scanner<'_> {
    /// Scans an escape; the cursor stands on the backslash.
    pub(super) fn scan_escape(&mut self) -> Result<char, Error> {
        let letter = self.cursor.peek(1);
        let (character, digits) = match (single_escape(letter), letter) {
            (Some(character), _) => (character, 0),
            (None, b'x') => ('\0', 2),
            (None, b'u') => ('\0', 4),
            (None, b'U') => ('\0', 8),
            (None, _) => return Err(self.error("found unknown escape character")),
        };
        self.cursor.skip(2);
        if digits == 0 { Ok(character) } else { self.scan_code(digits) }
    }

    fn scan_code(&mut self, digits: usize) -> Result<char, Error> {
        let mut code: u32 = 0;
        for distance in 0..digits {
            let Some(digit) = char::from(self.cursor.peek(distance)).to_digit(16) else {
                return Err(self.error("did not find expected hexdecimal number"));
            };
            code = code << 4 | digit;
        }
        let character =
            char::from_u32(code).ok_or_else(|| self.error("found invalid Unicode character escape code"))?;
        self.cursor.skip(digits);
        Ok(character)
    }
}

//! Escapes in double quotes.

use super::Scanner;
use crate::error::Error;

impl Scanner<'_> {
    /// Scans an escape; the cursor stands on the backslash.
    pub(super) fn scan_escape(&mut self) -> Result<char, Error> {
        let (character, digits) = match self.cursor.peek(1) {
            b'0' => ('\0', 0),
            b'a' => ('\x07', 0),
            b'b' => ('\x08', 0),
            b't' | b'\t' => ('\t', 0),
            b'n' => ('\n', 0),
            b'v' => ('\x0b', 0),
            b'f' => ('\x0c', 0),
            b'r' => ('\r', 0),
            b'e' => ('\x1b', 0),
            b' ' => (' ', 0),
            b'"' => ('"', 0),
            b'\'' => ('\'', 0),
            b'\\' => ('\\', 0),
            b'N' => ('\u{85}', 0),
            b'_' => ('\u{a0}', 0),
            b'L' => ('\u{2028}', 0),
            b'P' => ('\u{2029}', 0),
            b'x' => ('\0', 2),
            b'u' => ('\0', 4),
            b'U' => ('\0', 8),
            _ => return Err(self.error("found unknown escape character")),
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

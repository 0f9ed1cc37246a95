//! Characters of a document, and the line that each error names.

use thiserror::Error;
use value::{format, unicode};

/// What is wrong with a document, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("toml: line {line}{}: {message}", last_key_text(last_key))]
pub(crate) struct ReadError {
    /// From 1, or 0 where the library counts the line before the first.
    line: usize,
    /// The key read last, empty at the beginning.
    last_key: String,
    message: String,
}

fn last_key_text(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!(" (last key {})", format::quote(key)) }
}

/// An error that doesn't know yet which key was the last.
#[derive(Debug)]
pub(super) struct Trouble {
    line: usize,
    message: String,
}

impl Trouble {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }

    pub(super) fn after(self, last_key: String) -> ReadError {
        ReadError { line: self.line, last_key, message: self.message }
    }
}

/// A place in the text.
pub(super) struct Scanner<'text> {
    text: &'text [u8],
    position: usize,
    line: usize,
}

impl<'text> Scanner<'text> {
    pub(super) fn new(text: &'text [u8]) -> Self {
        Self { text, position: 0, line: 1 }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The bytes from an earlier position up to here.
    pub(super) fn since(&self, start: usize) -> &'text [u8] {
        self.text.get(start..self.position).unwrap_or_default()
    }

    /// [`Scanner::since`] as text: what was scanned is valid UTF-8.
    pub(super) fn text_since(&self, start: usize) -> String {
        String::from_utf8_lossy(self.since(start)).into_owned()
    }

    /// The character to come; `None` at the end. Control characters and bytes that are no UTF-8 are errors.
    pub(super) fn peek(&self) -> Result<Option<char>, Trouble> {
        let rest = self.text.get(self.position..).unwrap_or_default();
        let Some(first) = rest.first() else { return Ok(None) };
        let Some(letter) = unicode::decode(rest).0 else {
            return Err(self.trouble(format!("invalid UTF-8 byte: 0x{first:02x}")));
        };
        let allowed = match letter {
            '\t' | '\n' => true,
            '\r' => rest.get(1) == Some(&b'\n'),
            letter => !letter.is_ascii_control(),
        };
        if !allowed {
            let message = format!("TOML files cannot contain control characters: '0x{first:02x}'");
            return Err(self.trouble(message));
        }
        Ok(Some(letter))
    }

    /// Takes the character to come.
    pub(super) fn next(&mut self) -> Result<Option<char>, Trouble> {
        let letter = self.peek()?;
        if let Some(letter) = letter {
            self.position += letter.len_utf8();
            self.line += usize::from(letter == '\n');
        }
        Ok(letter)
    }

    /// Takes the character to come if it is this one.
    pub(super) fn accept(&mut self, wanted: char) -> Result<bool, Trouble> {
        let found = self.peek()? == Some(wanted);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes characters as long as they are of a kind.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> Result<(), Trouble> {
        while self.peek()?.is_some_and(&wanted) {
            self.next()?;
        }
        Ok(())
    }

    pub(super) fn skip_blanks(&mut self) -> Result<(), Trouble> {
        self.take_while(is_blank)
    }

    /// Steps back over characters of one byte, none of them a line break.
    pub(super) fn back(&mut self, count: usize) {
        self.position = self.position.saturating_sub(count);
    }

    /// An error in the line where the scanner is.
    pub(super) fn trouble(&self, message: impl Into<String>) -> Trouble {
        Trouble::new(self.line, message)
    }

    /// An error in the line before.
    pub(super) fn trouble_before(&self, message: impl Into<String>) -> Trouble {
        Trouble::new(self.line - 1, message)
    }

    /// An error about the character just taken: at the end of the text, the last line is the one that isn't empty.
    pub(super) fn unexpected(&self, found: Option<char>, message: impl Into<String>) -> Trouble {
        let ended =
            found.is_none() && self.text.get(..self.position).is_some_and(|text| text.ends_with(b"\n"));
        if ended { self.trouble_before(message) } else { self.trouble(message) }
    }
}

/// Go's `%q` of a character, which is zero at the end.
pub(super) fn quoted_character(found: Option<char>) -> String {
    format::quote_rune(found.unwrap_or('\0'), false)
}

pub(super) fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t')
}

pub(super) fn is_line_break(letter: char) -> bool {
    matches!(letter, '\n' | '\r')
}

pub(super) fn is_space(letter: char) -> bool {
    is_blank(letter) || is_line_break(letter)
}

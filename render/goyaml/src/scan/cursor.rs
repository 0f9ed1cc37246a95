//! The place in the text, and the classes of the characters there.

use super::token::Mark;
use crate::bytes::find;

/// A place in the text that only moves forward. Behind the end it sees NUL, which no valid text contains.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pub(crate) position: usize,
    pub(crate) mark: Mark,
}

/// A line break as Go's scanner keeps it: most become a line feed, U+2028 and U+2029 stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    Line,
    Separator(&'static str),
}

impl Break {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Break::Line => "\n",
            Break::Separator(text) => text,
        }
    }
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), position: 0, mark: Mark::default() }
    }

    /// The byte at that distance.
    pub(crate) fn peek(&self, distance: usize) -> u8 {
        self.bytes.get(self.position + distance).copied().unwrap_or(0)
    }

    /// The bytes from here on.
    pub(crate) fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// Whether there are fewer than so many characters left.
    pub(crate) fn has_fewer_than(&self, characters: usize) -> bool {
        self.rest().iter().filter(|&&byte| byte & 0xc0 != 0x80).take(characters).count() < characters
    }

    /// The text between two offsets.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether the text ends here.
    pub(crate) fn at_end(&self) -> bool {
        self.peek(0) == 0
    }

    pub(crate) fn is_blank(&self, distance: usize) -> bool {
        matches!(self.peek(distance), b' ' | b'\t')
    }

    /// The length in bytes of a line break at that distance, zero if there is none.
    pub(crate) fn break_length(&self, distance: usize) -> usize {
        match self.peek(distance) {
            b'\r' if self.peek(distance + 1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xc2 if self.peek(distance + 1) == 0x85 => 2,
            0xe2 if self.peek(distance + 1) == 0x80 && matches!(self.peek(distance + 2), 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    pub(crate) fn is_break(&self, distance: usize) -> bool {
        self.break_length(distance) > 0
    }

    pub(crate) fn is_break_or_end(&self, distance: usize) -> bool {
        self.peek(distance) == 0 || self.is_break(distance)
    }

    pub(crate) fn is_blank_or_end(&self, distance: usize) -> bool {
        self.is_blank(distance) || self.is_break_or_end(distance)
    }

    /// A letter, digit, `_` or `-`: what anchors and tag handles are made of.
    pub(crate) fn is_word(&self) -> bool {
        matches!(self.peek(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-')
    }

    /// `---` or `...` in the first column, with a blank behind.
    pub(crate) fn at_document_indicator(&self) -> bool {
        self.mark.column == 0
            && (self.rest().starts_with(b"---") || self.rest().starts_with(b"..."))
            && self.is_blank_or_end(3)
    }

    /// Moves over bytes of one line.
    pub(crate) fn skip(&mut self, length: usize) {
        let passed = self.bytes.get(self.position..self.position + length).unwrap_or_default();
        let characters = passed.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        self.position += length;
        self.mark.index += characters;
        self.mark.column += characters as u32;
    }

    /// Moves over one character that is no line break.
    pub(crate) fn skip_character(&mut self) {
        let length = self.rest().iter().skip(1).take_while(|&&byte| byte & 0xc0 == 0x80).count();
        self.skip(1 + length);
    }

    pub(crate) fn skip_spaces(&mut self) {
        let spaces = self.rest().iter().take_while(|&&byte| byte == b' ').count();
        self.skip(spaces);
    }

    pub(crate) fn skip_blanks(&mut self) {
        let blanks = self.rest().iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
        self.skip(blanks);
    }

    /// Moves to the end of the line.
    pub(crate) fn skip_line_rest(&mut self) {
        self.skip(self.line_rest());
    }

    /// The bytes from here to the end of the line.
    pub(crate) fn line_rest(&self) -> usize {
        let mut length = 0;
        loop {
            let rest = self.bytes.get(self.position + length..).unwrap_or_default();
            let Some(found) = find(rest, |byte| matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2)) else {
                return length + rest.len();
            };
            length += found;
            if self.is_break(length) {
                return length;
            }
            length += 1;
        }
    }

    pub(crate) fn skip_comment(&mut self) {
        if self.peek(0) == b'#' {
            self.skip_line_rest();
        }
    }

    /// Moves over the line break here, if there is one.
    pub(crate) fn take_break(&mut self) -> Option<Break> {
        let length = self.break_length(0);
        let (kept, characters) = match (length, self.peek(2)) {
            (0, _) => return None,
            (2, _) if self.peek(0) == b'\r' => (Break::Line, 2),
            (3, 0xa8) => (Break::Separator("\u{2028}"), 1),
            (3, _) => (Break::Separator("\u{2029}"), 1),
            _ => (Break::Line, 1),
        };
        self.position += length;
        self.mark.index += characters;
        self.mark.column = 0;
        self.mark.line += 1;
        Some(kept)
    }
}

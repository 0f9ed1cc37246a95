//! The place in the text, and the classes of the characters there.

use memchr::memchr2;

use super::token::Mark;
use crate::bytes::find;

/// A place in the text that only moves forward. Behind the end it sees NUL, which no valid text contains.
///
/// Columns and lengths count characters, but most texts have none of more than one byte: so the place is kept in
/// bytes, and what such characters have too many is taken off.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pub(crate) position: usize,
    line: u32,
    /// The position of column zero, had each character of this line so far only one byte.
    line_start: usize,
    /// The bytes so far that are not the first of their character.
    surplus: usize,
    /// Where the next character of more than one byte begins.
    next_wide: usize,
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
        let bytes = text.as_bytes();
        let mut cursor = Self { text, bytes, position: 0, line: 0, line_start: 0, surplus: 0, next_wide: 0 };
        cursor.find_next_wide();
        cursor
    }

    /// Line and column, from zero.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark { line: self.line, column: (self.position - self.line_start) as u32 }
    }

    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// The column, from zero; signed to be compared with indentations.
    pub(crate) fn column(&self) -> i64 {
        (self.position - self.line_start) as i64
    }

    /// The characters before this place.
    pub(crate) fn index(&self) -> usize {
        self.position - self.surplus
    }

    /// The byte at that distance.
    #[inline]
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

    pub(crate) fn is_break(&self, distance: usize) -> bool {
        match self.peek(distance) {
            b'\n' | b'\r' => true,
            0xc2 | 0xe2 => {
                line_break(self.bytes.get(self.position + distance..).unwrap_or_default()).is_some()
            }
            _ => false,
        }
    }

    pub(crate) fn is_break_or_end(&self, distance: usize) -> bool {
        self.peek(distance) == 0 || self.is_break(distance)
    }

    #[inline]
    pub(crate) fn is_blank_or_end(&self, distance: usize) -> bool {
        self.is_blank(distance) || self.is_break_or_end(distance)
    }

    /// A letter, digit, `_` or `-`: what anchors and tag handles are made of.
    pub(crate) fn is_word(&self) -> bool {
        matches!(self.peek(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-')
    }

    pub(crate) fn at_line_start(&self) -> bool {
        self.position == self.line_start
    }

    /// `---` or `...` in the first column, with a blank behind.
    pub(crate) fn at_document_indicator(&self) -> bool {
        self.at_line_start()
            && (self.rest().starts_with(b"---") || self.rest().starts_with(b"..."))
            && self.is_blank_or_end(3)
    }

    /// Moves over bytes of one line.
    #[inline]
    pub(crate) fn skip(&mut self, length: usize) {
        let start = self.position;
        self.position += length;
        if self.position > self.next_wide {
            let passed = self.bytes.get(start..self.position).unwrap_or_default();
            let surplus = passed.iter().filter(|&&byte| byte & 0xc0 == 0x80).count();
            self.surplus += surplus;
            self.line_start += surplus;
            self.find_next_wide();
        }
    }

    fn find_next_wide(&mut self) {
        let rest = self.rest();
        self.next_wide = self.position + find(rest, |byte| byte >= 0x80).unwrap_or(rest.len());
    }

    /// Moves over one character that is no line break.
    pub(crate) fn skip_character(&mut self) {
        let length = self.rest().iter().skip(1).take_while(|&&byte| byte & 0xc0 == 0x80).count();
        self.skip(1 + length);
    }

    pub(crate) fn skip_spaces(&mut self) {
        while self.peek(0) == b' ' {
            self.position += 1;
        }
    }

    /// Moves over the spaces in front of that column.
    pub(crate) fn skip_spaces_before(&mut self, column: i64) {
        while self.peek(0) == b' ' && self.column() < column {
            self.position += 1;
        }
    }

    pub(crate) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.position += 1;
        }
    }

    /// Moves to the end of the line.
    pub(crate) fn skip_line_rest(&mut self) {
        self.skip(self.line_rest());
    }

    /// The bytes from here to the end of the line.
    fn line_rest(&self) -> usize {
        let rest = self.rest();
        let line = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let mut length = self.next_wide - self.position;
        while length < line {
            let ahead = rest.get(length..line).unwrap_or_default();
            length += memchr2(0xc2, 0xe2, ahead).unwrap_or(ahead.len());
            if self.is_break(length) {
                return length;
            }
            length += 1;
        }
        line
    }

    /// Whether so many bytes from here on are a character each.
    pub(crate) fn is_narrow(&self, length: usize) -> bool {
        self.position + length <= self.next_wide
    }

    pub(crate) fn skip_comment(&mut self) {
        if self.peek(0) == b'#' {
            self.skip_line_rest();
        }
    }

    /// Moves over the line break here, if there is one.
    #[inline]
    pub(crate) fn take_break(&mut self) -> Option<Break> {
        match self.peek(0) {
            b'\n' => {
                self.position += 1;
                self.start_line();
                Some(Break::Line)
            }
            b'\r' | 0xc2 | 0xe2 => self.take_rare_break(),
            _ => None,
        }
    }

    #[cold]
    fn take_rare_break(&mut self) -> Option<Break> {
        let (kept, length) = line_break(self.rest())?;
        self.skip(length);
        self.start_line();
        Some(kept)
    }

    /// What follows stands on the next line.
    pub(crate) fn start_line(&mut self) {
        self.line += 1;
        self.line_start = self.position;
    }
}

/// The line break at the head of a text, and its length in bytes.
fn line_break(bytes: &[u8]) -> Option<(Break, usize)> {
    match bytes {
        [b'\r', b'\n', ..] => Some((Break::Line, 2)),
        [b'\n' | b'\r', ..] => Some((Break::Line, 1)),
        [0xc2, 0x85, ..] => Some((Break::Line, 2)),
        [0xe2, 0x80, 0xa8, ..] => Some((Break::Separator("\u{2028}"), 3)),
        [0xe2, 0x80, 0xa9, ..] => Some((Break::Separator("\u{2029}"), 3)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_any_break() {
        let mut cursor = Cursor::new("aé\u{20ac}b\u{2028}ü: \u{85}c\r\nd");
        let mut places = Vec::new();
        while !cursor.at_end() {
            cursor.skip_line_rest();
            let mark = cursor.mark();
            places.push((mark.line, mark.column, cursor.index()));
            cursor.take_break();
        }
        assert_eq!(places, [(0, 4, 4), (1, 3, 8), (2, 1, 10), (3, 1, 13)]);
    }

    #[test]
    fn letters_that_begin_as_a_break_does_are_none() {
        let mut cursor = Cursor::new("\u{a0}\u{20ac}\u{201c}\n");
        cursor.skip_line_rest();
        assert_eq!((cursor.column(), cursor.peek(0)), (3, b'\n'));
    }
}

//! The place in the text, which goes from line to line.

use memchr::memchr;

use super::eight::Eight;

/// A place in a text that has no line breaks but `\n`. Behind the end it sees NUL, which the text does not contain.
pub(super) struct Place<'t> {
    pub(super) text: &'t [u8],
    pub(super) position: usize,
    /// Where the line begins.
    line: usize,
    /// Whether the last thing was a plain scalar, which goes on where the next line is further in than its collection.
    pub(super) plain_may_go_on: bool,
}

impl<'t> Place<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, position: 0, line: 0, plain_may_go_on: false }
    }

    /// The byte at that distance.
    #[inline]
    pub(super) fn peek(&self, distance: usize) -> u8 {
        self.text.get(self.position + distance).copied().unwrap_or(0)
    }

    /// The bytes from here on.
    #[inline]
    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.position..).unwrap_or_default()
    }

    /// The bytes from there to here.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &'t [u8] {
        self.text.get(start..self.position).unwrap_or_default()
    }

    /// How far into its line the place is; that counts only where nothing but ASCII stands before it.
    pub(super) fn column(&self) -> usize {
        self.position - self.line
    }

    /// Goes from the head of a line to the first text in it or in a later one, whose column it gives.
    #[inline]
    pub(super) fn next_line(&mut self) -> Option<usize> {
        loop {
            self.line = self.position;
            self.skip_spaces();
            match self.peek(0) {
                b'\n' => self.position += 1,
                b'#' => {
                    self.plain_may_go_on = false;
                    self.skip_line();
                }
                0 => return None,
                _ => return Some(self.column()),
            }
        }
    }

    /// Moves behind a `---` before which nothing stands but comments; where there is none, nowhere.
    pub(super) fn take_document_start(&mut self) {
        let start = self.position;
        if self.next_line() == Some(0) && self.rest().starts_with(b"---") {
            self.position += 3;
            if self.take_line_end() {
                return;
            }
        }
        self.position = start;
    }

    /// How many spaces it moves over.
    #[inline]
    pub(super) fn skip_spaces(&mut self) -> usize {
        let start = self.position;
        loop {
            let spaces = Eight::at(self.text, self.position).leading_spaces();
            self.position += spaces;
            if spaces < 8 {
                return self.position - start;
            }
        }
    }

    /// Moves to the next of two signs or control character, or to the end.
    #[inline]
    pub(super) fn skip_to(&mut self, one: u8, other: u8) {
        loop {
            let passed = Eight::at(self.text, self.position).before(one, other);
            self.position += passed;
            if passed < 8 {
                return;
            }
        }
    }

    /// Moves behind the end of the line.
    #[inline]
    pub(super) fn skip_line(&mut self) {
        self.position = match memchr(b'\n', self.rest()) {
            Some(length) => self.position + length + 1,
            None => self.text.len(),
        };
    }

    /// Moves over the rest of the line and to the next one, if nothing is left but blanks and a comment. Otherwise to
    /// the next text, which does not follow without a blank.
    #[inline]
    pub(super) fn take_line_end(&mut self) -> bool {
        let spaces = self.skip_spaces();
        match self.peek(0) {
            b'\n' => self.position += 1,
            0 => {}
            b'#' if spaces > 0 => self.skip_line(),
            _ => return false,
        }
        true
    }

    /// Moves over a dash that a blank or the end of the line follows.
    #[inline]
    pub(super) fn take_dash(&mut self) -> bool {
        let is_dash = self.peek(0) == b'-' && matches!(self.peek(1), b' ' | b'\n' | 0);
        self.position += usize::from(is_dash);
        is_dash
    }

    /// Whether a line that begins here may be `---` or `...`.
    pub(super) fn may_be_document_indicator(&self) -> bool {
        matches!(self.peek(0), b'.' | b'-') && self.peek(0) == self.peek(1)
    }

    /// Whether a block scalar or a flow collection begins here.
    #[inline]
    pub(super) fn at_sign(&self) -> bool {
        matches!(self.peek(0), b'[' | b'{' | b'|' | b'>')
    }

    pub(super) fn at_block_scalar(&self) -> bool {
        matches!(self.peek(0), b'|' | b'>')
    }
}

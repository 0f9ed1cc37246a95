//! Scalars without quotes, outside of flow collections.

use super::place::Place;
use super::word::{Style, Word};
use crate::scan::LONGEST_SIMPLE_KEY;

impl<'t> Place<'t> {
    #[inline]
    pub(super) fn plain_word(&mut self) -> Option<Word<'t>> {
        let start = self.position;
        let is_key = self.skip_plain()?;
        let text = self.since(start).trim_ascii_end();
        if !is_key {
            self.end_plain_line();
        } else if self.position - start <= LONGEST_SIMPLE_KEY {
            self.position += 1;
        } else {
            return None;
        }
        Some(Word { text, style: Style::Plain, is_key })
    }

    /// Moves over a further line of a plain scalar.
    pub(super) fn plain_line(&mut self) -> Option<()> {
        if self.skip_plain()? {
            return None;
        }
        self.end_plain_line();
        Some(())
    }

    /// Moves over the text of a plain scalar, to the end of the line or a comment, or to the `:` behind a key.
    #[inline]
    fn skip_plain(&mut self) -> Option<bool> {
        loop {
            self.skip_to(b':', b'#');
            match self.peek(0) {
                b':' if self.is_blank_or_end(1) => return Some(true),
                b':' if self.peek(1) == b'\t' => return None,
                b'#' if self.is_after_space() => return Some(false),
                b':' | b'#' => self.position += 1,
                b'\t' => return None,
                _ => return Some(false),
            }
        }
    }

    /// Moves to the next line, where the scalar may go on unless a comment stands behind it.
    fn end_plain_line(&mut self) {
        if self.peek(0) == b'#' {
            self.skip_line();
        } else {
            self.position = self.text.len().min(self.position + 1);
            self.plain_may_go_on = true;
        }
    }

    fn is_after_space(&self) -> bool {
        let before = self.position.checked_sub(1).and_then(|before| self.text.get(before));
        before == Some(&b' ')
    }
}

/// Whether a plain scalar outside of flow collections begins with these two: with no indicator, or with a dash that is
/// none.
#[inline]
pub(super) fn starts_plain(first: u8, second: u8) -> bool {
    match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
        b'/' | b'_' | b'.' | b'$' | b'(' | b'+' | b'~' | b'<' | b'=' | b'^' | b'\\' => true,
        b'-' | b':' => second > b' ',
        _ => false,
    }
}

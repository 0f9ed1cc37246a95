//! Flow collections on one line. Quotes in them may go on over lines.

use super::parts::Parts;
use super::place::Place;
use super::word::{Style, Word};
use crate::scan::LONGEST_SIMPLE_KEY;

/// The deepest nesting that is followed: as many as there are bits in [`Brackets`].
pub(super) const MOST_LEVELS: usize = 32;

impl<'t> Place<'t> {
    /// Takes a flow collection and the rest of its line.
    pub(super) fn flow_collection(&mut self, parts: &mut Parts) -> Option<()> {
        let mut open = Brackets::default();
        loop {
            match self.peek(0) {
                bracket @ (b'[' | b'{') => {
                    open.push(bracket)?;
                    if open.is_mapping() {
                        parts.open_map()
                    } else {
                        parts.open_list()
                    }
                    self.position += 1;
                    self.skip_spaces();
                    if !matches!(self.peek(0), b']' | b'}') {
                        self.flow_key_in(&open, parts)?;
                        continue;
                    }
                }
                _ => parts.scalar(&self.flow_word()?)?,
            }
            if !self.flow_node_end(&mut open, parts)? {
                return self.take_line_end().then_some(());
            }
        }
    }

    /// Moves behind a node, over what closes collections, to the next node. Whether there is one.
    fn flow_node_end(&mut self, open: &mut Brackets, parts: &mut Parts) -> Option<bool> {
        loop {
            self.skip_spaces();
            let sign = self.peek(0);
            match sign {
                b',' => {
                    self.position += 1;
                    self.skip_spaces();
                    self.flow_key_in(open, parts)?;
                    return Some(true);
                }
                b']' | b'}' => {
                    open.pop(sign)?;
                    parts.close();
                    self.position += 1;
                    if open.depth == 0 {
                        return Some(false);
                    }
                }
                _ => return None,
            }
        }
    }

    /// Takes a key and its `:`, if the innermost collection is a mapping.
    fn flow_key_in(&mut self, open: &Brackets, parts: &mut Parts) -> Option<()> {
        if !open.is_mapping() {
            return Some(());
        }
        let start = self.position;
        let key = self.flow_word()?;
        let has_colon = self.peek(0) == b':' && (key.style != Style::Plain || self.peek(1) == b' ');
        let is_simple = key.style != Style::Folded && self.position - start <= LONGEST_SIMPLE_KEY;
        self.position += 1;
        self.skip_spaces();
        if has_colon && is_simple { parts.key(&key) } else { None }
    }

    fn flow_word(&mut self) -> Option<Word<'t>> {
        let start = self.position;
        let (text, style) = match self.peek(0) {
            quote @ (b'"' | b'\'') => self.quoted(quote)?,
            first if starts_flow_word(first, self.peek(1)) => {
                self.skip_flow_word();
                (self.since(start), Style::Plain)
            }
            _ => return None,
        };
        Some(Word { text, style, is_key: false })
    }

    /// Moves over letters, and signs that mean nothing inside of a word.
    fn skip_flow_word(&mut self) {
        loop {
            match self.peek(0) {
                b':' if self.peek(1).is_ascii_alphanumeric() || self.peek(1) == b'/' => {}
                byte if byte.is_ascii_alphanumeric() || b"/_.$-+=@%*()~^;".contains(&byte) => {}
                _ => return,
            }
            self.position += 1;
        }
    }
}

fn starts_flow_word(first: u8, second: u8) -> bool {
    match first {
        b'-' => second == b'-' || second.is_ascii_alphanumeric(),
        b'/' | b'_' | b'.' | b'$' => true,
        _ => first.is_ascii_alphanumeric(),
    }
}

/// The open flow collections: a bit for each, set for a mapping.
#[derive(Default)]
struct Brackets {
    mappings: u32,
    depth: usize,
}

impl Brackets {
    fn push(&mut self, bracket: u8) -> Option<()> {
        if self.depth == MOST_LEVELS {
            return None;
        }
        self.mappings = self.mappings << 1 | u32::from(bracket == b'{');
        self.depth += 1;
        Some(())
    }

    fn pop(&mut self, bracket: u8) -> Option<()> {
        if self.is_mapping() != (bracket == b'}') {
            return None;
        }
        self.mappings >>= 1;
        self.depth -= 1;
        Some(())
    }

    fn is_mapping(&self) -> bool {
        self.mappings & 1 == 1
    }
}

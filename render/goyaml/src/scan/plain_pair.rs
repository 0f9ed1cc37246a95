//! The most common lines, `key: value` in a block mapping: their tokens need not wait in the queue, since nothing has
//! to be looked up to know what they are.

use super::plain_scalar::run_length;
use super::simple_key::LONGEST_SIMPLE_KEY;
use super::{Mark, Scanner, Token};
use crate::error::Error;

/// A key, and the place behind its `:`.
pub(crate) struct PlainKey<'t> {
    pub(crate) text: &'t str,
    pub(crate) start: Mark,
    pub(crate) value: Mark,
}

impl<'t> Scanner<'t> {
    /// Takes a key and its `:`, which [`take`](Self::take) would give as three tokens, where the next thing is a word
    /// in the column of the innermost block mapping with a `:` right behind.
    pub(crate) fn take_plain_key(&mut self) -> Option<PlainKey<'t>> {
        if !self.is_between_tokens() || !self.keys.is_empty() {
            return None;
        }
        self.skip_to_token();
        let is_key = self.key_allowed && self.cursor.column() == self.indent && self.at_word();
        if !is_key {
            return None;
        }
        let length = run_length(&self.cursor, false);
        let is_simple = length <= LONGEST_SIMPLE_KEY && self.cursor.is_narrow(length);
        if !is_simple || self.cursor.peek(length) != b':' {
            return None;
        }
        let (start, position) = (self.cursor.mark(), self.cursor.position);
        self.cursor.skip(length);
        let text = self.cursor.slice(position, self.cursor.position);
        self.cursor.skip(1);
        self.key_allowed = false;
        self.taken += 3;
        Some(PlainKey { text, start, value: self.cursor.mark() })
    }

    /// Takes a plain scalar behind a `:` on its line, if there is one that starts as a word does.
    pub(crate) fn take_plain_value(&mut self) -> Result<Option<Token<'t>>, Error> {
        if !self.is_between_tokens() {
            return Ok(None);
        }
        self.skip_to_token();
        if self.key_allowed || !self.at_word() {
            return Ok(None);
        }
        self.taken += 1;
        self.scan_plain_scalar().map(Some)
    }

    /// Whether no token waits, in a block collection of a text that is sound to its end.
    fn is_between_tokens(&self) -> bool {
        self.queue.is_empty() && self.flow_level == 0 && self.problem.is_none()
    }

    /// Whether a plain scalar starts here, by its first letter.
    fn at_word(&self) -> bool {
        self.cursor.peek(0).is_ascii_alphanumeric()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Limits, parse_node};

    /// Kind, place and text of each node, parents before children.
    fn nodes(text: &str) -> Result<Vec<String>, String> {
        let tree =
            parse_node(text.as_bytes(), Limits::default()).map_err(|error| error.problem().to_string())?;
        let mut left: Vec<_> = tree.root().into_iter().collect();
        let mut shown = Vec::new();
        while let Some(node) = left.pop() {
            shown.push(format!("{}:{} {}", node.line(), node.column(), node.value()));
            let children: Vec<_> = node.children().collect();
            left.extend(children.into_iter().rev());
        }
        Ok(shown)
    }

    #[test]
    fn pairs_without_signs_know_their_places() {
        let text = "a: b\nc:  d e\n  f\ng: # none\nh:\n  i: j\nk: l\n";
        let shown =
            ["1:1 ", "1:1 a", "1:4 b", "2:1 c", "2:5 d e f", "4:1 g", "4:3 ", "5:1 h", "6:3 ", "6:3 i"];
        assert_eq!(nodes(text).unwrap()[..10], shown);
        assert_eq!(nodes("é: ü\nö: ä\n").unwrap(), ["1:1 ", "1:1 é", "1:4 ü", "2:1 ö", "2:4 ä"]);
    }

    #[test]
    fn a_word_is_a_key_only_with_a_colon_in_time() {
        let missing = "yaml: line 3: could not find expected ':'";
        assert_eq!(nodes("a: b\nc\nd: e\n").unwrap_err(), missing);
        assert_eq!(nodes("a: b\nc d\nd: e\n").unwrap_err(), missing);
        assert!(nodes(&format!("a: b\n{}: c\n", "k".repeat(1024))).is_ok());
        let error = nodes(&format!("a: b\n{}: c\n", "k".repeat(1025))).unwrap_err();
        assert_eq!(error, "yaml: line 2: could not find expected ':'");
    }

    #[test]
    fn a_second_value_on_a_line_is_an_error() {
        let error = "yaml: line 2: mapping values are not allowed in this context";
        assert_eq!(nodes("a: b\nc: d: e\n").unwrap_err(), error);
    }
}

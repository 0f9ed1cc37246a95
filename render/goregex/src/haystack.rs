//! Texts that may be invalid UTF-8, made searchable.

use std::borrow::Cow;

const REPLACEMENT: &str = "\u{FFFD}";

/// A text as Go's decoder sees it, with the way back to its bytes.
pub(crate) struct Haystack<'t> {
    bytes: &'t [u8],
    text: Cow<'t, str>,
    /// Where in `text` the stand-ins of invalid bytes begin, ascending.
    replaced: Vec<usize>,
}

impl<'t> Haystack<'t> {
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self { bytes, text: Cow::Borrowed(text), replaced: Vec::new() };
        }
        let (mut text, mut replaced) = (String::with_capacity(bytes.len() * 2), Vec::new());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for _ in chunk.invalid() {
                replaced.push(text.len());
                text.push_str(REPLACEMENT);
            }
        }
        Self { bytes, text: Cow::Owned(text), replaced }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The original bytes between two offsets into [`Self::text`].
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t [u8] {
        self.bytes.get(self.original(start)..self.original(end)).unwrap_or_default()
    }

    /// How many bytes of [`Self::text`] the letter at that offset takes; 0 at the end.
    pub(crate) fn width_at(&self, offset: usize) -> usize {
        self.text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    fn original(&self, offset: usize) -> usize {
        let replaced_before = self.replaced.partition_point(|start| *start < offset);
        offset - replaced_before * (REPLACEMENT.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Haystack;

    #[test]
    fn each_invalid_byte_is_one_letter() {
        let haystack = Haystack::new(b"a\xc3\xc3b");
        assert_eq!(haystack.text(), "a\u{FFFD}\u{FFFD}b");
        assert_eq!(haystack.slice(4, 8), b"\xc3b");
    }
}

//! Scalars and keys that are no block scalars.

use super::place::Place;
use super::plain::starts_plain;
use super::quoted::unescaped;
use crate::decode::has_text;
use crate::resolve::{Scalar, resolve_plain};
use crate::scan::LONGEST_SIMPLE_KEY;

/// A scalar, plain or in quotes.
pub(super) struct Word<'t> {
    /// Without quotes and the blanks around.
    pub(super) text: &'t [u8],
    pub(super) style: Style,
    /// Whether a `:` has followed; else the line has ended. A plain scalar may go on in the next line.
    pub(super) is_key: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// In quotes, and is what stands between them.
    Quoted,
    /// In these quotes, with escapes.
    Escaped(u8),
    /// In quotes, and over several lines.
    Folded,
}

impl<'t> Word<'t> {
    /// What it is, unless it goes over several lines.
    pub(super) fn resolve(&self) -> Option<Scalar<'t>> {
        let text = std::str::from_utf8(self.text).ok()?;
        match self.style {
            Style::Plain => Some(resolve_plain(text)),
            Style::Quoted => Some(Scalar::Text(text.into())),
            Style::Escaped(quote) => Some(Scalar::Text(unescaped(text, quote)?.into())),
            Style::Folded => None,
        }
    }

    /// Whether it has a text in JSON as a key, and is not `<<`.
    #[inline]
    pub(super) fn is_sound_key(&self) -> bool {
        let starts_word = self.text.first().is_some_and(u8::is_ascii_alphabetic);
        let is_text = self.style != Style::Plain || starts_word && !self.text.eq_ignore_ascii_case(b"null");
        is_text || self.text != b"<<" && self.resolve().is_some_and(|scalar| has_text(&scalar))
    }

    /// Whether it is no infinity and no NaN.
    #[inline]
    pub(super) fn is_finite(&self) -> bool {
        let may_be_special =
            self.style == Style::Plain && matches!(self.text.first(), Some(b'.' | b'+' | b'-'));
        let is_special = |scalar| matches!(scalar, Scalar::Float(float) if !float.is_finite());
        !may_be_special || !self.resolve().is_some_and(is_special)
    }
}

impl<'t> Place<'t> {
    /// Takes a scalar: a key with its `:`, or one that the line ends with.
    #[inline]
    pub(super) fn word(&mut self) -> Option<Word<'t>> {
        match self.peek(0) {
            quote @ (b'"' | b'\'') => self.quoted_word(quote),
            first if starts_plain(first, self.peek(1)) => self.plain_word(),
            _ => None,
        }
    }

    /// Lengths of keys are counted in bytes here: in characters they are no longer.
    #[inline(never)]
    fn quoted_word(&mut self, quote: u8) -> Option<Word<'t>> {
        let start = self.position;
        let (text, style) = self.quoted(quote)?;
        let is_key = self.peek(0) == b':' && self.is_blank_or_end(1);
        if is_key && style != Style::Folded && self.position - start <= LONGEST_SIMPLE_KEY {
            self.position += 1;
        } else if is_key || !self.take_line_end() {
            return None;
        }
        Some(Word { text, style, is_key })
    }

    /// Whether a blank, the end of the line or that of the text is at that distance.
    pub(super) fn is_blank_or_end(&self, distance: usize) -> bool {
        matches!(self.peek(distance), b' ' | b'\n' | 0)
    }
}

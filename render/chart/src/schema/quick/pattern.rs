//! Regular expressions that mean the same to the exact validator, of which only ASCII texts are asked.
//!
//! It takes `\d`, `\w` and `\s` for ASCII as far as one can tell from ASCII texts, and has no escapes of letters that
//! mean something else there. Inline flags could change that.

use regex_automata::nfa::thompson;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::util::syntax;

use super::{Unsettled, Verdict};

/// Beyond this many bytes the exact validator's form, of Unicode, might cross its own bound.
const MOST_BYTES: usize = 64 << 10;
/// No pattern so short nests too deep.
const MOST_LETTERS: usize = 128;

/// A pattern, compiled.
pub(super) struct Pattern(Box<PikeVM>);

impl Pattern {
    pub(super) fn new(pattern: &str) -> Option<Self> {
        if pattern.len() > MOST_LETTERS || !is_plain(pattern.as_bytes()) {
            return None;
        }
        let built = PikeVM::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().nfa_size_limit(Some(MOST_BYTES)))
            .build(pattern);
        built.ok().map(|engine| Self(Box::new(engine)))
    }

    /// Whether a text contains a match.
    pub(super) fn is_in(&self, text: &str) -> Verdict {
        if text.is_ascii() { Ok(self.0.is_match(&mut self.0.create_cache(), text)) } else { Err(Unsettled) }
    }
}

/// Whether escapes are known, and there are no flags. Letters beyond ASCII are taken for themselves.
fn is_plain(pattern: &[u8]) -> bool {
    let mut bytes = pattern.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let is_known = match byte {
            b'\\' => {
                bytes.next().is_some_and(|next| next.is_ascii_punctuation() || b"dwsDWS".contains(&next))
            }
            b'(' if bytes.peek() == Some(&b'?') => bytes.nth(1) == Some(b':'),
            _ => true,
        };
        if !is_known {
            return false;
        }
    }
    true
}

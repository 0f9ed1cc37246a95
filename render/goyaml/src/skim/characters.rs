//! Which texts the quick look goes over at all, by their characters.

use crate::bytes::find;
use crate::reader::is_forbidden;

/// Whether a text is UTF-8 without forbidden characters, byte order marks, and line breaks other than `\n`.
pub(super) fn are_usual(text: &[u8]) -> bool {
    match find(text, |byte| !is_usual_ascii(byte)) {
        None => true,
        Some(first) => text.get(first..).is_some_and(are_usual_beyond_ascii),
    }
}

fn is_usual_ascii(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t')
}

fn are_usual_beyond_ascii(bytes: &[u8]) -> bool {
    let Ok(mut text) = std::str::from_utf8(bytes) else { return false };
    while let Some(found) = find(text.as_bytes(), may_be_unusual) {
        let mut rest = text.get(found..).unwrap_or_default().chars();
        if rest.next().is_none_or(is_unusual) {
            return false;
        }
        text = rest.as_str();
    }
    true
}

/// Whether an unusual character may start with this byte.
fn may_be_unusual(byte: u8) -> bool {
    byte < 0x80 && !is_usual_ascii(byte) || matches!(byte, 0xc2 | 0xe2 | 0xef)
}

fn is_unusual(character: char) -> bool {
    is_forbidden(character) || matches!(character, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

//! Which strings come back unchanged from JSON text that is read as YAML.

use crate::bytes::find;

/// Keys up to this many bytes stay below the 1,024 characters that a YAML key may have, even if JSON escapes all.
const SHORT_KEY: usize = 160;

/// The text, if JSON and YAML leave it as it is: valid UTF-8 without the characters that YAML forbids (JSON does not
/// escape them) and without U+0085, which YAML folds as a line break.
pub(super) fn unchanged(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut rest = bytes;
    while let Some(place) = find(rest, |byte| matches!(byte, 0x7f | 0xc2 | 0xef)) {
        match rest.get(place..place + 3) {
            Some([0xc2, second, _]) if *second >= 0xa0 => {}
            Some([0xef, second, third]) if *second != 0xbf || *third < 0xbe => {}
            None if matches!(rest.get(place..), Some([0xc2, second]) if *second >= 0xa0) => {}
            _ => return None,
        }
        rest = rest.get(place + 1..).unwrap_or_default();
    }
    Some(text)
}

/// The same for a key, which must not be too long either.
pub(super) fn unchanged_key(bytes: &[u8]) -> Option<&str> {
    unchanged(bytes).filter(|key| key.len() <= SHORT_KEY)
}

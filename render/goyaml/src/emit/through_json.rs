//! Which strings come back unchanged from JSON text that is read as YAML.

use crate::bytes::find;

/// Keys up to this many bytes stay below the 1,024 characters that a YAML key may have, even if JSON escapes all.
pub(super) const SHORT_KEY: usize = 160;

/// Whether JSON and YAML leave a text as it is: it has none of the characters that YAML forbids (JSON does not escape
/// them), nor U+0085, which YAML folds as a line break.
pub(super) fn is_unchanged(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(place) = find(rest, |byte| matches!(byte, 0x7f | 0xc2 | 0xef)) {
        match rest.get(place..place + 3) {
            Some([0xc2, second, _]) if *second >= 0xa0 => {}
            Some([0xef, second, third]) if *second != 0xbf || *third < 0xbe => {}
            None if matches!(rest.get(place..), Some([0xc2, second]) if *second >= 0xa0) => {}
            _ => return false,
        }
        rest = rest.get(place + 1..).unwrap_or_default();
    }
    true
}

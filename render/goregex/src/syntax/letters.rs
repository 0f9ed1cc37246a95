//! Classes of letters as the automaton gets them.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, Hir};

/// How letters beyond ASCII begin in UTF-8, and how many bytes follow.
const BEYOND_ASCII: [(u8, u8, usize); 3] = [(0xC2, 0xDF, 1), (0xE0, 0xEF, 2), (0xF0, 0xF4, 3)];

/// A class as an expression.
///
/// Of classes with letters beyond ASCII the compiler makes a minimal automaton, with tables of 400 KiB that it makes and
/// drops for each pattern. Nearly all those classes, `.` and `[^/]` among them, hold *all* letters beyond ASCII. Texts
/// are valid UTF-8 here, so that these letters are told by their first byte, and need no tables.
pub(super) fn expression(class: ClassUnicode) -> Hir {
    let holds_all =
        class.ranges().last().is_some_and(|last| last.start() <= '\u{80}' && last.end() == char::MAX);
    if !holds_all {
        return Hir::class(Class::Unicode(class));
    }
    let ascii = class.ranges().iter().filter_map(|range| {
        let start = u8::try_from(range.start()).ok().filter(u8::is_ascii)?;
        Some(ClassBytesRange::new(start, u8::try_from(range.end()).unwrap_or(u8::MAX).min(0x7F)))
    });
    let beyond = BEYOND_ASCII.map(|(low, high, following)| {
        let first = bytes([ClassBytesRange::new(low, high)]);
        let following = vec![bytes([ClassBytesRange::new(0x80, 0xBF)]); following];
        Hir::concat(std::iter::once(first).chain(following).collect())
    });
    Hir::alternation(std::iter::once(bytes(ascii)).chain(beyond).collect())
}

fn bytes(ranges: impl IntoIterator<Item = ClassBytesRange>) -> Hir {
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

#[cfg(test)]
mod tests {
    use crate::Regex;

    #[test]
    fn a_letter_beyond_ascii_is_one_letter() {
        for (pattern, text, matches) in [
            ("^.$", "é", true),
            ("^..$", "é", false),
            ("^[^a]{3}$", "x€𝄞", true),
            (r"^\W\S\D$", "é€𝄞", true),
            ("^[^é]$", "é", false),
            ("^[^é]$", "è", true),
            (r"^[\x{80}-\x{10FFFF}]$", "\u{80}", true),
            (r"^[\x{80}-\x{10FFFF}]$", "\u{7F}", false),
            (r"^[^\x{7F}]$", "\u{10FFFF}", true),
            (r"^[^\x{7F}]$", "\u{7F}", false),
            ("(?s)^.{4}$", "\n\0\u{7F}\u{FFFF}", true),
        ] {
            let found = Regex::new(pattern.as_bytes()).unwrap().is_match(text.as_bytes());
            assert_eq!(found, matches, "{pattern} {text:?}");
        }
    }

    #[test]
    fn every_letter_is_one() {
        let any = Regex::new(b"(?s)^.$").unwrap();
        let none_of_a = Regex::new(b"^[^a]$").unwrap();
        for letter in ('\0'..=char::MAX).step_by(7) {
            let text = letter.to_string();
            assert!(any.is_match(text.as_bytes()), "{letter:?}");
            assert_eq!(none_of_a.is_match(text.as_bytes()), letter != 'a', "{letter:?}");
        }
    }
}

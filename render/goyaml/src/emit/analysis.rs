//! Which styles can hold a text.

use super::Dialect;
use crate::resolve::{LONGEST_WORD, is_not_text};

/// The styles that can hold a text in a block collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Analysis {
    /// Whether it has line breaks of any sort.
    pub(super) is_multiline: bool,
    pub(super) allows_plain: bool,
    pub(super) allows_single_quotes: bool,
    pub(super) allows_literal: bool,
}

impl Analysis {
    /// Of a text on one line that any style can hold.
    pub(super) const ANY_STYLE: Analysis = Analysis {
        is_multiline: false,
        allows_plain: true,
        allows_single_quotes: true,
        allows_literal: true,
    };
}

/// What a walk over the text has seen.
#[derive(Default)]
struct Seen {
    indicator: bool,
    line_break: bool,
    special: bool,
    tab: bool,
    leading_space_or_break: bool,
    trailing_space: bool,
    trailing_break: bool,
    space_after_break: bool,
    break_after_space: bool,
}

pub(super) fn analyze(text: &str, dialect: Dialect) -> Analysis {
    if is_word(text) {
        return Analysis::ANY_STYLE;
    }
    if text.is_empty() {
        return Analysis { allows_literal: false, ..Analysis::ANY_STYLE };
    }
    let seen = look(text, dialect);
    let unquotable = seen.break_after_space || seen.special;
    let edges = seen.leading_space_or_break || seen.trailing_space || seen.trailing_break;
    Analysis {
        is_multiline: seen.line_break,
        allows_plain: !(edges
            || seen.space_after_break
            || unquotable
            || seen.tab
            || seen.line_break
            || seen.indicator),
        allows_single_quotes: !(seen.space_after_break || unquotable || seen.tab),
        allows_literal: !(seen.trailing_space || unquotable),
    }
}

/// Most texts: ASCII on one line that starts with a letter, is no word for a bool or null, and has no sign that could
/// mean something where it stands. Both printers write it as it is.
pub(super) fn is_prose(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_harmless = |(place, &byte): (usize, &u8)| {
        HARMLESS[usize::from(byte)]
            || byte == b':' && bytes.get(place + 1).is_some_and(|&next| !matches!(next, b' ' | b'\t'))
    };
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last() != Some(&b' ')
        && bytes.iter().enumerate().all(is_harmless)
        && (bytes.len() > LONGEST_WORD || !is_not_text(text))
}

/// Printable ASCII without `:` and `#`.
const HARMLESS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        table[byte as usize] = !matches!(byte, b':' | b'#');
        byte += 1;
    }
    table
};

/// Many other texts: nothing but letters, digits and some signs that never mean anything inside.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'))
}

fn look(text: &str, dialect: Dialect) -> Seen {
    let bytes = text.as_bytes();
    let mut seen = Seen { indicator: text.starts_with("---") || text.starts_with("..."), ..Seen::default() };
    let mut previous = '\n';
    for (place, character) in text.char_indices() {
        let end = place + character.len_utf8();
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '/' | '.' | '=' => {}
            ' ' => {
                seen.leading_space_or_break |= place == 0;
                seen.trailing_space |= end == text.len();
                seen.space_after_break |= place > 0 && is_break(previous);
            }
            '\t' if dialect == Dialect::Pretty => seen.tab = true,
            _ if is_break(character) => {
                seen.line_break = true;
                seen.leading_space_or_break |= place == 0;
                seen.trailing_break |= end == text.len();
                seen.break_after_space |= previous == ' ';
                seen.special |= !is_printable(character);
            }
            _ => {
                let before_blank = bytes.get(end).is_none_or(|byte| matches!(byte, b' ' | b'\t'));
                seen.special |= !is_printable(character);
                seen.indicator |= is_indicator(character, place == 0, before_blank, previous);
            }
        }
        previous = character;
    }
    seen
}

/// Whether a sign would be taken for syntax if the text stood without quotes.
fn is_indicator(sign: char, is_first: bool, before_blank: bool, previous: char) -> bool {
    match sign {
        ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => is_first,
        '#' => is_first || matches!(previous, ' ' | '\t' | '\0') || is_break(previous),
        '?' | '-' => is_first && before_blank,
        ':' => before_blank,
        _ => false,
    }
}

/// The line breaks of YAML 1.1.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What Go's library prints without an escape; nothing beyond the basic plane.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> bool {
        analyze(text, Dialect::Kubernetes).allows_plain
    }

    #[test]
    fn signs_count_only_where_they_mean_something() {
        for text in ["a:b", "a#b", "-a", "?a", "a, b", "a [b]", "x'y"] {
            assert!(plain(text), "{text}");
        }
        for text in ["a: b", "a:", "a #b", "- a", "-", "? a", "[a", "'x", " a", "a ", "---", "...x", "@a"] {
            assert!(!plain(text), "{text}");
        }
    }

    #[test]
    fn prose_is_written_as_it_is() {
        for text in
            ["abcdef", "a: bcd", "abc #d", "abcde ", "abcde:", "abcd e", "http://x", "a-[b], {c}", "no yes"]
        {
            if is_prose(text) {
                assert_eq!(analyze(text, Dialect::Kubernetes), Analysis::ANY_STYLE, "{text}");
                assert_eq!(analyze(text, Dialect::Pretty), Analysis::ANY_STYLE, "{text}");
            }
        }
        let prose = ["a", "name", "abcdef", "abcd e", "http://x", "a-[b], {c}", "no yes"];
        assert!(prose.into_iter().all(is_prose));
        for text in [
            "", "n", "false", "Null", "1abcdef", "abcde:\t", "abc: d", "abcde:", "abc #d", "abcde ",
            " abcde", "abc\nde", "abcdé", "[abcde",
        ] {
            assert!(!is_prose(text), "{text}");
        }
    }

    #[test]
    fn a_tab_is_special_for_one_printer_and_not_for_the_other() {
        assert!(!analyze("a\tb\n", Dialect::Kubernetes).allows_literal);
        assert!(analyze("a\tb\n", Dialect::Pretty).allows_literal);
        assert!(!analyze("a\tb", Dialect::Pretty).allows_plain);
    }

    #[test]
    fn emoji_need_escapes() {
        assert!(!analyze("\u{1f600}", Dialect::Kubernetes).allows_single_quotes);
        assert!(plain("\u{20ac}"));
    }
}

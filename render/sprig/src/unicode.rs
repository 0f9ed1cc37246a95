//! Go's package `unicode` and its decoder of UTF-8: one letter becomes one letter, never several.

use std::sync::LazyLock;

use regex_syntax::{
    Parser,
    hir::{Class, ClassUnicode, HirKind},
};

/// The letters of a text; each invalid byte is one U+FFFD, as in Go.
pub(crate) fn letters(text: &[u8]) -> impl Iterator<Item = char> + '_ {
    spans(text).map(|(letter, _)| letter)
}

/// The letters with the bytes that they stand for.
pub(crate) fn spans(text: &[u8]) -> impl Iterator<Item = (char, &[u8])> + '_ {
    let chunks = text.utf8_chunks();
    chunks.flat_map(|chunk| {
        let valid = chunk.valid();
        let letters = valid.char_indices().map(move |(at, letter)| {
            (letter, valid.as_bytes().get(at..at + letter.len_utf8()).unwrap_or_default())
        });
        letters.chain(chunk.invalid().chunks(1).map(|byte| (char::REPLACEMENT_CHARACTER, byte)))
    })
}

/// Go's `unicode.ToUpper`.
pub(crate) fn to_upper(letter: char) -> char {
    const IOTA_BELOW: u32 = 8;
    const IOTA_BESIDE: u32 = 9;
    match letter {
        '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => {
            shifted(letter, IOTA_BELOW)
        }
        '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => shifted(letter, IOTA_BESIDE),
        _ => only(letter.to_uppercase()).unwrap_or(letter),
    }
}

/// Go's `unicode.ToLower`.
pub(crate) fn to_lower(letter: char) -> char {
    match letter {
        '\u{130}' => 'i',
        _ => only(letter.to_lowercase()).unwrap_or(letter),
    }
}

/// Go's `unicode.ToTitle`: the upper case but for letters that are two in one, and Georgian.
pub(crate) fn to_title(letter: char) -> char {
    match letter {
        '\u{1C4}'..='\u{1C6}' => '\u{1C5}',
        '\u{1C7}'..='\u{1C9}' => '\u{1C8}',
        '\u{1CA}'..='\u{1CC}' => '\u{1CB}',
        '\u{1F1}'..='\u{1F3}' => '\u{1F2}',
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => letter,
        _ => to_upper(letter),
    }
}

/// Go's `unicode.IsSpace`.
pub(crate) fn is_space(letter: char) -> bool {
    letter.is_whitespace()
}

pub(crate) fn is_upper(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_uppercase() } else { contains(&UPPER, letter) }
}

pub(crate) fn is_lower(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_lowercase() } else { contains(&LOWER, letter) }
}

pub(crate) fn is_title(letter: char) -> bool {
    contains(&TITLE, letter)
}

pub(crate) fn is_letter(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_alphabetic() } else { contains(&LETTER, letter) }
}

pub(crate) fn is_digit(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_digit() } else { contains(&DIGIT, letter) }
}

pub(crate) fn is_number(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_digit() } else { contains(&NUMBER, letter) }
}

pub(crate) fn is_punctuation(letter: char) -> bool {
    contains(&PUNCTUATION, letter)
}

static UPPER: LazyLock<ClassUnicode> = LazyLock::new(|| category("Lu"));
static LOWER: LazyLock<ClassUnicode> = LazyLock::new(|| category("Ll"));
static TITLE: LazyLock<ClassUnicode> = LazyLock::new(|| category("Lt"));
static LETTER: LazyLock<ClassUnicode> = LazyLock::new(|| category("L"));
static DIGIT: LazyLock<ClassUnicode> = LazyLock::new(|| category("Nd"));
static NUMBER: LazyLock<ClassUnicode> = LazyLock::new(|| category("N"));
static PUNCTUATION: LazyLock<ClassUnicode> = LazyLock::new(|| category("P"));

fn category(name: &str) -> ClassUnicode {
    match Parser::new().parse(&format!(r"\p{{{name}}}")).map(|expression| expression.into_kind()) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => ClassUnicode::empty(),
    }
}

fn contains(class: &ClassUnicode, letter: char) -> bool {
    let ranges = class.ranges();
    let after = ranges.partition_point(|range| range.end() < letter);
    ranges.get(after).is_some_and(|range| range.start() <= letter)
}

fn only(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next();
    if mapped.next().is_none() { first } else { None }
}

fn shifted(letter: char, by: u32) -> char {
    char::from_u32(u32::from(letter) + by).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_never_becomes_two() {
        assert_eq!(to_upper('ß'), 'ß');
        assert_eq!(to_lower('İ'), 'i');
        assert_eq!(to_upper('ᾳ'), 'ᾼ');
        assert_eq!(to_title('ǆ'), 'ǅ');
        assert_eq!(to_title('ა'), 'ა');
    }

    #[test]
    fn invalid_bytes_are_letters_of_one_byte() {
        assert_eq!(letters(b"a\xc3\xc3").collect::<String>(), "a\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn every_category_is_found() {
        assert!(is_upper('É') && is_lower('é') && is_title('ǅ') && is_letter('日'));
        assert!(is_digit('٣') && is_number('Ⅷ') && is_punctuation('«') && !is_punctuation('+'));
    }
}

//! Characters as Go's packages `unicode` and `unicode/utf8` see them.
//!
//! The classes are those of Go's Unicode version, not Rust's: whether a character is printed or escaped, or starts a
//! name in a template, must not change with the compiler.

mod tables;

/// Go's `unicode.IsLetter`.
pub fn is_letter(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_alphabetic() } else { lies_in(tables::LETTERS, letter) }
}

/// Go's `unicode.IsDigit`.
pub fn is_digit(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_digit() } else { lies_in(tables::DIGITS, letter) }
}

/// Go's `unicode.IsPrint`: a letter, mark, number, punctuation, symbol or the ASCII space.
pub fn is_print(letter: char) -> bool {
    if letter.is_ascii() { (' '..='~').contains(&letter) } else { lies_in(tables::PRINTABLE, letter) }
}

fn lies_in(turns: &[u32], letter: char) -> bool {
    turns.partition_point(|turn| *turn <= u32::from(letter)) % 2 == 1
}

/// The first character and its length, as Go's `utf8.DecodeRune`: `None` for an invalid byte, whose length is 1,
/// and for no bytes, whose length is 0.
pub fn decode(bytes: &[u8]) -> (Option<char>, usize) {
    let length = match bytes.first() {
        None => return (None, 0),
        Some(byte @ ..=0x7F) => return (Some(char::from(*byte)), 1),
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF4) => 4,
        Some(_) => return (None, 1),
    };
    let letter = bytes
        .get(..length)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next());
    (letter, if letter.is_some() { length } else { 1 })
}

/// The last character and its length, as Go's `utf8.DecodeLastRune`.
pub fn decode_last(bytes: &[u8]) -> (Option<char>, usize) {
    for length in 1..=bytes.len().min(4) {
        let tail = &bytes[bytes.len() - length..];
        let (letter, width) = decode(tail);
        if letter.is_some() && width == length {
            return (letter, width);
        }
    }
    (None, bytes.len().min(1))
}

/// Whether there is nothing but white space: what Go's `strings.TrimSpace` makes empty.
pub fn is_blank(bytes: &[u8]) -> bool {
    characters(bytes).all(|(letter, _)| letter.is_some_and(char::is_whitespace))
}

/// The number of characters, invalid bytes counting as one each: Go's `utf8.RuneCount`.
pub fn count(bytes: &[u8]) -> usize {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.chars().count();
    }
    characters(bytes).count()
}

/// The characters with their bytes; an invalid byte comes as `None`.
pub fn characters(bytes: &[u8]) -> impl Iterator<Item = (Option<char>, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (letter, width) = decode(rest);
        let (bytes, tail) = rest.split_at(width);
        rest = tail;
        (width > 0).then_some((letter, bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_unicode_15() {
        assert!(is_letter('é') && is_letter('ß') && is_letter('\u{1E4D0}'));
        assert!(!is_letter('\u{16D40}'), "came with Unicode 16");
        assert!(is_digit('٣') && !is_digit('½'));
        assert!(is_print('é') && !is_print('\u{A0}') && !is_print('\u{200B}') && !is_print('\u{7F}'));
    }

    #[test]
    fn invalid_bytes_count_one_each() {
        assert_eq!(count(b"a\xe2\x82b"), 4);
        assert_eq!(decode(b"\xe2\x82"), (None, 1));
        assert_eq!(decode_last("aé".as_bytes()), (Some('é'), 2));
        assert_eq!(decode_last(b"a\xa9"), (None, 1));
    }
}

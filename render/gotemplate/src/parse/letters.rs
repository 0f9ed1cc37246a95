//! What the lexer asks of letters and bytes.

use value::{IntType, Value, format, unicode};

/// As `starts_with`, which calls a function even where the first byte settles it.
#[inline]
pub(super) fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    text.first() == prefix.first() && text.starts_with(prefix)
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

pub(super) fn is_alphanumeric(letter: char) -> bool {
    letter == '_' || unicode::is_letter(letter) || unicode::is_digit(letter)
}

/// Whether a byte ends a word; a right delimiter does so too.
pub(super) fn is_terminator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(')
}

/// Whether a byte is an ASCII letter, a digit or an underscore.
pub(super) fn is_word_byte(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < table.len() {
            table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
            byte += 1;
        }
        table
    };
    WORD[usize::from(byte)]
}

fn is_space_byte(byte: &u8) -> bool {
    is_space(char::from(*byte))
}

pub(super) fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space_byte(space))
}

#[inline]
pub(super) fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if is_space_byte(space))
}

pub(super) fn trailing_spaces(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| is_space_byte(byte)).count()
}

pub(super) fn leading_spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_space_byte(byte)).count()
}

/// `U+00E9 'é'`
pub(super) fn code_point(before: &str, letter: char) -> Vec<u8> {
    let mut message = before.as_bytes().to_vec();
    format::write_formatted(
        &mut message,
        b"%#U",
        &[Value::Int(IntType::Int32, i64::from(u32::from(letter)))],
    );
    message
}

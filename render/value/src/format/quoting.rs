//! Quoting and unquoting as Go's package `strconv` does it.

use std::fmt::Write as _;

use thiserror::Error;

use crate::unicode::{characters, decode, is_print};

/// Go's `strconv.Quote`: in double quotes, with escapes for what is not printable and for invalid bytes.
pub fn quote(text: impl AsRef<[u8]>) -> String {
    quoted(text.as_ref(), false)
}

/// Go's `strconv.QuoteToASCII`: as [`quote`], with escapes for all that is not ASCII.
pub fn quote_to_ascii(text: impl AsRef<[u8]>) -> String {
    quoted(text.as_ref(), true)
}

/// Go's `strconv.QuoteRune`, or `QuoteRuneToASCII`: a character in single quotes.
pub fn quote_rune(letter: char, ascii_only: bool) -> String {
    let mut output = String::from('\'');
    escape(&mut output, letter, '\'', ascii_only);
    output.push('\'');
    output
}

/// Go's `strconv.CanBackquote`: whether the text can stand unchanged between backquotes.
pub fn can_backquote(text: &[u8]) -> bool {
    characters(text).all(|(letter, _)| match letter {
        None | Some('`' | '\u{7F}' | '\u{FEFF}') => false,
        Some(letter) => letter >= ' ' || letter == '\t',
    })
}

fn quoted(text: &[u8], ascii_only: bool) -> String {
    let mut output = String::with_capacity(text.len() + 2);
    output.push('"');
    // Nearly always all of the text.
    let plain = text.iter().take_while(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
    let (plain, rest) = text.split_at(plain.count());
    output.push_str(std::str::from_utf8(plain).unwrap_or_default());
    for (letter, bytes) in characters(rest) {
        match (letter, bytes) {
            (Some(letter), _) => escape(&mut output, letter, '"', ascii_only),
            (None, bytes) => bytes.iter().for_each(|byte| hex_escape(&mut output, 'x', 2, u32::from(*byte))),
        }
    }
    output.push('"');
    output
}

fn escape(output: &mut String, letter: char, delimiter: char, ascii_only: bool) {
    match letter {
        '\\' => output.push_str("\\\\"),
        _ if letter == delimiter => {
            output.push('\\');
            output.push(letter);
        }
        _ if is_print(letter) && (letter.is_ascii() || !ascii_only) => output.push(letter),
        '\x07' => output.push_str("\\a"),
        '\x08' => output.push_str("\\b"),
        '\x0C' => output.push_str("\\f"),
        '\n' => output.push_str("\\n"),
        '\r' => output.push_str("\\r"),
        '\t' => output.push_str("\\t"),
        '\x0B' => output.push_str("\\v"),
        ..' ' | '\x7F' => hex_escape(output, 'x', 2, u32::from(letter)),
        ..'\u{10000}' => hex_escape(output, 'u', 4, u32::from(letter)),
        _ => hex_escape(output, 'U', 8, u32::from(letter)),
    }
}

fn hex_escape(output: &mut String, kind: char, digits: usize, code: u32) {
    let written = write!(output, "\\{kind}{code:0digits$x}");
    debug_assert!(written.is_ok(), "writing to a String can't fail");
}

/// Go's `strconv.ErrSyntax`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("invalid syntax")]
pub struct UnquoteError;

/// Go's `strconv.Unquote`: the text inside double quotes, backquotes, or (one character) single quotes.
///
/// # Errors
/// A missing quote, an unknown escape or a newline inside.
pub fn unquote(quoted: &[u8]) -> Result<Vec<u8>, UnquoteError> {
    let (delimiter, rest) = quoted.split_first().ok_or(UnquoteError)?;
    match delimiter {
        b'`' => {
            let inner = rest.strip_suffix(b"`").ok_or(UnquoteError)?;
            if inner.contains(&b'`') {
                return Err(UnquoteError);
            }
            Ok(inner.iter().copied().filter(|byte| *byte != b'\r').collect())
        }
        b'"' | b'\'' => unquote_escaped(rest, *delimiter),
        _ => Err(UnquoteError),
    }
}

fn unquote_escaped(text: &[u8], delimiter: u8) -> Result<Vec<u8>, UnquoteError> {
    if let Some(plain) = text.strip_suffix(b"\"").filter(|plain| delimiter == b'"' && is_plain(plain)) {
        return Ok(plain.to_vec());
    }
    let mut output = Vec::with_capacity(text.len());
    let mut rest = text;
    while rest.first().is_some_and(|byte| *byte != delimiter) {
        if rest.first() == Some(&b'\n') {
            return Err(UnquoteError);
        }
        let (character, tail) = unquote_character(rest, delimiter)?;
        character.append(&mut output);
        rest = tail;
        if delimiter == b'\'' {
            break;
        }
    }
    if rest == [delimiter] { Ok(output) } else { Err(UnquoteError) }
}

/// Whether a text stands for itself between double quotes.
fn is_plain(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok() && !text.iter().any(|byte| matches!(byte, b'"' | b'\\' | b'\n'))
}

/// One unquoted character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unquoted {
    /// A byte, from an ASCII letter or from `\x..` and `\...`
    Byte(u8),
    /// A character; U+FFFD for an invalid byte
    Character(char),
}

impl Unquoted {
    /// The code point, or the byte.
    pub fn code(self) -> u32 {
        match self {
            Unquoted::Byte(byte) => u32::from(byte),
            Unquoted::Character(letter) => u32::from(letter),
        }
    }

    fn append(self, output: &mut Vec<u8>) {
        match self {
            Unquoted::Byte(byte) => output.push(byte),
            Unquoted::Character(letter) => {
                output.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes())
            }
        }
    }
}

/// Go's `strconv.UnquoteChar`: the first character or escape, and what follows it.
///
/// # Errors
/// No text, an unescaped delimiter, an unknown or cut escape.
pub fn unquote_character(text: &[u8], delimiter: u8) -> Result<(Unquoted, &[u8]), UnquoteError> {
    match text {
        [] => Err(UnquoteError),
        [byte, ..] if *byte == delimiter && matches!(delimiter, b'\'' | b'"') => Err(UnquoteError),
        [0x80..=0xFF, ..] => {
            let (letter, width) = decode(text);
            Ok((Unquoted::Character(letter.unwrap_or(char::REPLACEMENT_CHARACTER)), &text[width..]))
        }
        [b'\\', escape, rest @ ..] => unescape(*escape, rest, delimiter),
        [b'\\'] => Err(UnquoteError),
        [byte, rest @ ..] => Ok((Unquoted::Byte(*byte), rest)),
    }
}

fn unescape(escape: u8, rest: &[u8], delimiter: u8) -> Result<(Unquoted, &[u8]), UnquoteError> {
    let byte = match escape {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0B,
        b'\\' => b'\\',
        b'\'' | b'"' if escape == delimiter => escape,
        b'x' => u8::try_from(digits(rest, 2, 16)?).map_err(|_| UnquoteError)?,
        b'u' | b'U' => {
            let length = if escape == b'u' { 4 } else { 8 };
            let letter = char::from_u32(digits(rest, length, 16)?).ok_or(UnquoteError)?;
            return Ok((Unquoted::Character(letter), &rest[length..]));
        }
        b'0'..=b'7' => {
            let code = u32::from(escape - b'0') * 64 + digits(rest, 2, 8)?;
            u8::try_from(code).map_err(|_| UnquoteError)?
        }
        _ => return Err(UnquoteError),
    };
    let taken = if matches!(escape, b'x' | b'0'..=b'7') { 2 } else { 0 };
    Ok((Unquoted::Byte(byte), &rest[taken..]))
}

fn digits(text: &[u8], length: usize, base: u32) -> Result<u32, UnquoteError> {
    let digits = text.get(..length).ok_or(UnquoteError)?;
    digits.iter().try_fold(0u32, |code, byte| {
        let digit = char::from(*byte).to_digit(base).ok_or(UnquoteError)?;
        code.checked_mul(base).and_then(|code| code.checked_add(digit)).ok_or(UnquoteError)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_keeps_what_is_printable_and_escapes_the_rest() {
        assert_eq!(
            quote("é\"\\\n\x01\u{7f}\u{200b}\u{85}\u{1f600}\u{e000}"),
            "\"é\\\"\\\\\\n\\x01\\x7f\\u200b\\u0085😀\\ue000\""
        );
        assert_eq!(quote(b"a\xe9b".as_slice()), r#""a\xe9b""#);
        assert_eq!(quote_to_ascii("é😀"), r#""\u00e9\U0001f600""#);
        assert_eq!(quote_rune('\'', false), r"'\''");
    }

    #[test]
    fn unquoting_reads_all_escapes() {
        assert_eq!(unquote(br#""a\tb\x41\101\u00e9\U0001F600\"""#).unwrap(), "a\tbAAé😀\"".as_bytes());
        assert_eq!(unquote(br#""\xff\377""#).unwrap(), b"\xff\xff");
        assert_eq!(unquote(b"`a\r\n\\`").unwrap(), b"a\n\\");
        assert_eq!(unquote(br"'\''").unwrap(), b"'");
        for wrong in
            [r#"""#, r#""\'""#, r#""\400""#, r#""\u12""#, r#""\ud800""#, r"'ab'", "`a`b`", "\"a\nb\"", "x"]
        {
            assert_eq!(unquote(wrong.as_bytes()), Err(UnquoteError), "{wrong}");
        }
    }

    #[test]
    fn backquotes_can_hold_no_control_characters() {
        assert!(can_backquote("a\té".as_bytes()));
        assert!(!can_backquote(b"a\n") && !can_backquote(b"`") && !can_backquote(b"\xff"));
    }
}

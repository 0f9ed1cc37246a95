//! From bytes to text: encodings, and the characters that YAML 1.1 forbids.

use std::borrow::Cow;

use crate::bytes::find;
use crate::error::Error;

/// Go reads its input in windows of this many bytes and notices a forbidden character when it fills the window.
const WINDOW: usize = 512;

/// The text that a scanner may see, and why there is no more of it.
pub(crate) struct Input<'t> {
    pub(crate) text: Cow<'t, str>,
    /// What is wrong with the bytes behind `text`.
    pub(crate) problem: Option<&'static str>,
}

impl<'t> Input<'t> {
    /// Takes off a byte order mark, decodes UTF-16 and cuts the text at the window with the first forbidden character.
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        match bytes {
            [0xff, 0xfe, rest @ ..] => Self::utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => Self::utf16(rest, u16::from_be_bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] => Self::utf8(rest, WINDOW - 3),
            rest => Self::utf8(rest, WINDOW),
        }
    }

    fn utf8(bytes: &'t [u8], first_window: usize) -> Self {
        let (text, invalid) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to().min(bytes.len()));
                (std::str::from_utf8(valid).unwrap_or_default(), Some(rest))
            }
        };
        let (problem, seen) = match (forbidden(text), invalid) {
            (Some((offset, width)), _) => (CONTROL, window_start(text, offset, width, first_window)),
            (None, Some(rest)) => match utf8_problem(rest) {
                INCOMPLETE => (INCOMPLETE, text.len()),
                problem => (problem, window_start(text, text.len(), utf8_width(rest), first_window)),
            },
            (None, None) => return Self { text: Cow::Borrowed(text), problem: None },
        };
        Self { text: Cow::Borrowed(text.get(..seen).unwrap_or(text)), problem: Some(problem) }
    }

    fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Self {
        let pairs = bytes.chunks_exact(2);
        let odd = !pairs.remainder().is_empty();
        let units =
            pairs.map(|pair| unit([pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)]));
        let mut text = String::with_capacity(bytes.len());
        let mut problem = None;
        for character in char::decode_utf16(units) {
            match character {
                Ok(character) if is_forbidden(character) => problem = Some(CONTROL),
                Ok(character) => text.push(character),
                Err(error) if error.unpaired_surrogate() & 0xfc00 == 0xdc00 => {
                    problem = Some("unexpected low surrogate area")
                }
                Err(_) => problem = Some("expected low surrogate area"),
            }
            if problem.is_some() {
                break;
            }
        }
        if problem.is_some() {
            let seen = window_start(&text, text.len(), 1, WINDOW / 2);
            text.truncate(seen);
        } else if odd {
            problem = Some("incomplete UTF-16 character");
        }
        Self { text: Cow::Owned(text), problem }
    }

    /// The error that reading on would give.
    pub(crate) fn error(problem: &'static str) -> Error {
        Error::yaml(problem)
    }
}

/// Noticed only when the text is used up: Go waits for the missing bytes.
const INCOMPLETE: &str = "incomplete UTF-8 octet sequence";

const CONTROL: &str = "control characters are not allowed";

/// The offset and width of the first character that may not stand in a YAML text.
fn forbidden(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(found) = find(bytes.get(start..)?, is_suspect) {
        let at = start + found;
        let character = text.get(at..)?.chars().next()?;
        if is_forbidden(character) {
            return Some((at, character.len_utf8()));
        }
        start = at + character.len_utf8();
    }
    None
}

/// Whether a forbidden character may start with this byte.
fn is_suspect(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7f | 0xc2 | 0xef)
}

pub(crate) fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{fffe}' | '\u{ffff}')
}

/// Where the window begins that holds all of the refused character at `offset`, which is `width` bytes wide.
/// A character that doesn't fit at the end of a window is left for the next one.
fn window_start(text: &str, offset: usize, width: usize, first_window: usize) -> usize {
    let mut start = 0;
    let mut end = first_window;
    while end < offset + width {
        start = end.min(offset);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        end = start + WINDOW;
    }
    start
}

/// Go's name for what is wrong at the head of bytes that are no UTF-8.
fn utf8_problem(bytes: &[u8]) -> &'static str {
    let first = bytes.first().copied().unwrap_or(0);
    let (minimum, bits) = match first {
        0xc0..=0xdf => (0x80, u32::from(first & 0x1f)),
        0xe0..=0xef => (0x800, u32::from(first & 0x0f)),
        0xf0..=0xf7 => (0x10000, u32::from(first & 0x07)),
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(rest) = bytes.get(1..utf8_width(bytes)) else {
        return INCOMPLETE;
    };
    if rest.iter().any(|octet| octet & 0xc0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let character = rest.iter().fold(bits, |bits, octet| bits << 6 | u32::from(octet & 0x3f));
    if character < minimum { "invalid length of a UTF-8 sequence" } else { "invalid Unicode character" }
}

/// How many bytes the first one asks for.
fn utf8_width(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        _ => 1,
    }
}

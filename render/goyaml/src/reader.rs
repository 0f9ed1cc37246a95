//! From bytes to text: encodings, and the characters that YAML 1.1 forbids.

use std::borrow::Cow;

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
        let (text, encoding_problem) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid =
                    bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
                let rest = bytes.get(error.valid_up_to()..).unwrap_or_default();
                (valid.unwrap_or_default(), Some(utf8_problem(rest)))
            }
        };
        let control = forbidden(text);
        let problem = if control.is_some() { Some(CONTROL) } else { encoding_problem };
        let Some(problem) = problem else {
            return Self { text: Cow::Borrowed(text), problem: None };
        };
        let seen = match problem {
            INCOMPLETE => text.len(),
            _ => window_start(text, control.unwrap_or(text.len()), first_window),
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
        if problem.is_none() && odd {
            problem = Some("incomplete UTF-16 character");
        }
        if problem.is_some() {
            let seen = window_start(&text, text.len(), WINDOW / 2);
            text.truncate(seen);
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

/// The offset of the first character that may not stand in a YAML text.
fn forbidden(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(found) = bytes.get(start..)?.iter().position(|&byte| is_suspect(byte)) {
        let at = start + found;
        let character = text.get(at..)?.chars().next()?;
        if is_forbidden(character) {
            return Some(at);
        }
        start = at + character.len_utf8();
    }
    None
}

/// Whether a forbidden character may start with this byte.
fn is_suspect(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7f | 0xc2 | 0xef)
}

fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{fffe}' | '\u{ffff}')
}

/// Where the window begins that holds the character at `offset`: no character before it was refused.
fn window_start(text: &str, offset: usize, first_window: usize) -> usize {
    let mut start = 0;
    let mut end = first_window;
    while end <= offset {
        start = end;
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
    let (width, minimum, bits) = match first {
        0xc0..=0xdf => (2, 0x80, u32::from(first & 0x1f)),
        0xe0..=0xef => (3, 0x800, u32::from(first & 0x0f)),
        0xf0..=0xf7 => (4, 0x10000, u32::from(first & 0x07)),
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(rest) = bytes.get(1..width) else {
        return INCOMPLETE;
    };
    if rest.iter().any(|octet| octet & 0xc0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let character = rest.iter().fold(bits, |bits, octet| bits << 6 | u32::from(octet & 0x3f));
    if character < minimum { "invalid length of a UTF-8 sequence" } else { "invalid Unicode character" }
}

//! Base64, base32 and checksums. What can't be decoded becomes the text of Go's error.

use base64::{Engine, engine::general_purpose::STANDARD};
use data_encoding::BASE32;
use sha1::Digest;
use value::Str;

const PADDING: u8 = b'=';

pub(crate) fn b64enc(text: Str) -> String {
    STANDARD.encode(text.as_bytes())
}

pub(crate) fn b64dec(text: Str) -> Str {
    match base64(text.as_bytes()) {
        Ok(decoded) => Str::from(decoded),
        Err(error) => Str::from(error),
    }
}

pub(crate) fn b32enc(text: Str) -> String {
    BASE32.encode(text.as_bytes())
}

pub(crate) fn b32dec(text: Str) -> Str {
    match base32(text.as_bytes()) {
        Ok(decoded) => Str::from(decoded),
        Err(at) => Str::from(format!("illegal base32 data at input byte {at}")),
    }
}

pub(crate) fn sha1sum(text: Str) -> String {
    hexadecimal(&sha1::Sha1::digest(text.as_bytes()))
}

pub(crate) fn sha256sum(text: Str) -> String {
    hexadecimal(&sha2::Sha256::digest(text.as_bytes()))
}

pub(crate) fn sha512sum(text: Str) -> String {
    hexadecimal(&sha2::Sha512::digest(text.as_bytes()))
}

pub(crate) fn adler32sum(text: Str) -> String {
    const MODULUS: u32 = 65521;
    let (low, high) = text.as_bytes().iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    (high << 16 | low).to_string()
}

fn hexadecimal(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Go's `base64.StdEncoding`: line breaks are skipped, stray bits allowed, padding demanded; the error is Go's text.
pub(crate) fn base64(text: &[u8]) -> Result<Vec<u8>, String> {
    base64_bytes(text).map_err(|at| format!("illegal base64 data at input byte {at}"))
}

/// The decoded bytes, or where the text is wrong.
fn base64_bytes(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut letters = text.iter().copied().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'));
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    loop {
        let mut bits = 0_u32;
        for index in 0..4 {
            match letters.next() {
                None if index == 0 => return Ok(out),
                None => return Err(text.len() - index),
                Some((at, PADDING)) => {
                    check_padding(text, &mut letters, at, index)?;
                    let [_, first, second, _] = (bits << (6 * (4 - index))).to_be_bytes();
                    out.push(first);
                    out.extend((index == 3).then_some(second));
                    return Ok(out);
                }
                Some((at, byte)) => bits = bits << 6 | sextet(byte).ok_or(at)?,
            }
        }
        let [_, bytes @ ..] = bits.to_be_bytes();
        out.extend(bytes);
    }
}

/// Checks what follows the first `=`, which stands at `at` after `index` letters of its group.
fn check_padding(
    text: &[u8],
    letters: &mut impl Iterator<Item = (usize, u8)>,
    at: usize,
    index: usize,
) -> Result<(), usize> {
    match index {
        0 | 1 => return Err(at),
        2 => match letters.next() {
            None => return Err(text.len()),
            Some((_, PADDING)) => {}
            Some((next, _)) => return Err(next - 1),
        },
        _ => {}
    }
    letters.next().map_or(Ok(()), |(garbage, _)| Err(garbage))
}

fn sextet(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Go's `base32.StdEncoding`: the decoded bytes, or where the text without its line breaks is wrong. What follows the
/// padding is not looked at.
fn base32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    for (group, letters) in text.chunks(8).enumerate() {
        let start = group * 8;
        let (mut bits, mut count, mut padded) = (0_u64, 0, false);
        while let Some(&byte) = letters.get(count) {
            let left = text.len() - start - count - 1;
            padded = byte == PADDING && count >= 2 && left < 8;
            if padded {
                check_base32_padding(letters, start, count, text.len())?;
                break;
            }
            bits = bits << 5 | quintet(byte).ok_or(start + count)?;
            count += 1;
        }
        if !padded && count < 8 {
            return Err(start);
        }
        let [_, _, _, bytes @ ..] = (bits << (5 * (8 - count))).to_be_bytes();
        out.extend(bytes.iter().take(count * 5 / 8));
        if padded {
            break;
        }
    }
    Ok(out)
}

fn check_base32_padding(letters: &[u8], start: usize, count: usize, length: usize) -> Result<(), usize> {
    if letters.len() < 8 {
        return Err(length);
    }
    if let Some(wrong) = letters.iter().skip(count).position(|byte| *byte != PADDING) {
        return Err(start + count + wrong - 1);
    }
    if matches!(count, 3 | 6) { Err(start + count) } else { Ok(()) }
}

fn quintet(byte: u8) -> Option<u64> {
    match byte {
        b'A'..=b'Z' => Some(u64::from(byte - b'A')),
        b'2'..=b'7' => Some(u64::from(byte - b'2') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_errors_say_where() {
        for (text, want) in
            [("a", 0), ("YQ=", 3), ("YQ=a", 2), ("YQ==a", 4), ("Y!==", 1), ("=", 0), ("YWJj\nZ", 5)]
        {
            assert_eq!(
                b64dec(Str::from(text)),
                *format!("illegal base64 data at input byte {want}"),
                "{text}"
            );
        }
        assert_eq!(b64dec(Str::from("YW\r\nJj")), "abc");
    }

    #[test]
    fn base32_goes_both_ways() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            assert_eq!(b32dec(Str::from(b32enc(Str::from(text)))), *text);
        }
    }

    #[test]
    fn what_follows_base32_padding_is_ignored() {
        assert_eq!(b32dec(Str::from("MFRGG===A")), "abc");
        assert_eq!(b32dec(Str::from("MFRGG=")), "illegal base32 data at input byte 6");
    }

    #[test]
    fn checksums_are_printed_as_go_does() {
        assert_eq!(adler32sum(Str::from("hello")), "103547413");
        assert_eq!(sha1sum(Str::from("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }
}

//! What a scalar is: YAML 1.1 as `go.yaml.in/yaml/v2` understands it.

use std::borrow::Cow;

use crate::error::Error;
use crate::timestamp::is_timestamp;

/// The common prefix of the tags of YAML itself.
const PREFIX: &str = "tag:yaml.org,2002:";

/// `false` and `-.inf`.
pub(crate) const LONGEST_WORD: usize = 5;

/// A scalar whose type is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// Only what an `i64` can't hold.
    Uint(u64),
    Float(f64),
    Text(Cow<'t, str>),
    /// Bytes from `!!binary` that are no UTF-8.
    Binary(Vec<u8>),
}

impl Scalar<'_> {
    /// The same, independent of the text that it comes from.
    pub(crate) fn into_owned(self) -> Scalar<'static> {
        match self {
            Scalar::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
            Scalar::Null => Scalar::Null,
            Scalar::Bool(truth) => Scalar::Bool(truth),
            Scalar::Int(int) => Scalar::Int(int),
            Scalar::Uint(uint) => Scalar::Uint(uint),
            Scalar::Float(float) => Scalar::Float(float),
            Scalar::Binary(bytes) => Scalar::Binary(bytes),
        }
    }
}

/// A plain scalar without a tag.
pub(crate) fn resolve_plain(text: &str) -> Scalar<'_> {
    match text.as_bytes().first() {
        None | Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'.') => match word(text) {
            Scalar::Text(_) => value::parse_float(text).map_or(Scalar::Text(text.into()), Scalar::Float),
            known => known,
        },
        Some(b'+' | b'-' | b'0'..=b'9') => match word(text) {
            Scalar::Text(_) => number(text).unwrap_or(Scalar::Text(text.into())),
            known => known,
        },
        _ => Scalar::Text(text.into()),
    }
}

/// Whether a text without quotes would be read as something else than a string, or as a timestamp.
pub(crate) fn is_not_text(text: &str) -> bool {
    !matches!(resolve_plain(text), Scalar::Text(_)) || is_timestamp(text)
}

/// The words that stand for a bool, a null or a special float.
fn word(text: &str) -> Scalar<'_> {
    if text.len() > LONGEST_WORD {
        return Scalar::Text(text.into());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => Scalar::Text(text.into()),
    }
}

/// A number, with underscores anywhere: an integer by Go's prefixes (`0x`, `0o`, `0b`, `0`), or a decimal float.
fn number(text: &str) -> Option<Scalar<'_>> {
    if !text.bytes().all(|byte| {
        byte.is_ascii_hexdigit() || matches!(byte, b'_' | b'.' | b'+' | b'-' | b'x' | b'X' | b'o' | b'O')
    }) {
        return None;
    }
    let digits: Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    if let Ok(int) = value::parse_int(&digits, 0) {
        return Some(Scalar::Int(int));
    }
    if let Ok(uint) = value::parse_uint(&digits, 0) {
        return Some(Scalar::Uint(uint));
    }
    if is_decimal_float(&digits) {
        return value::parse_float(&digits).ok().map(Scalar::Float);
    }
    // The prefix is tried once more by itself, and a sign may follow it then: `0b-11`.
    let binary = digits.strip_prefix("0b")?;
    value::parse_int(binary, 2).ok().map(Scalar::Int)
}

/// Whether only `yaml.v3` takes a text for a number: `0o-17`.
pub(crate) fn is_signed_octal(text: &str) -> bool {
    text.starts_with('0')
        && text.replace('_', "").strip_prefix("0o").is_some_and(|digits| value::parse_int(digits, 8).is_ok())
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && (whole.len() + fraction.len() > 0 && mantissa != ".")
        && exponent.is_none_or(|digits| !digits.is_empty() && is_digits(digits))
}

/// A scalar with a tag. `implicit` is set by the tag `!` alone.
pub(crate) fn resolve_tagged<'t>(tag: &str, text: &'t str) -> Result<Scalar<'t>, Error> {
    let plain = || Scalar::Text(text.into());
    match tag.strip_prefix(PREFIX) {
        Some("str") => Ok(plain()),
        Some("binary") => binary(text),
        Some(wanted @ ("bool" | "int" | "float" | "null" | "timestamp")) => fit(wanted, text),
        _ => Ok(plain()),
    }
}

/// The scalar by its text, if that is what the tag says.
fn fit<'t>(wanted: &str, text: &'t str) -> Result<Scalar<'t>, Error> {
    let scalar = resolve_plain(text);
    let found = match &scalar {
        Scalar::Text(_) if wanted == "timestamp" && is_timestamp(text) => "timestamp",
        Scalar::Text(_) | Scalar::Binary(_) => "str",
        Scalar::Null => "null",
        Scalar::Bool(_) => "bool",
        Scalar::Int(_) | Scalar::Uint(_) => "int",
        Scalar::Float(_) => "float",
    };
    match scalar {
        Scalar::Int(int) if wanted == "float" => Ok(Scalar::Float(int as f64)),
        scalar if found == wanted => Ok(scalar),
        _ => Err(Error::yaml(format!("cannot decode !!{found} `{text}` as a !!{wanted}"))),
    }
}

/// Base64 with padding; line breaks in it don't count.
fn binary(text: &str) -> Result<Scalar<'_>, Error> {
    let bytes = base64_decode(text.as_bytes())
        .ok_or_else(|| Error::yaml("!!binary value contains invalid base64 data"))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Scalar::Text(text.into()),
        Err(error) => Scalar::Binary(error.into_bytes()),
    })
}

fn base64_decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let letters: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut groups = letters.chunks(4).peekable();
    while let Some(group) = groups.next() {
        let padding = group.iter().rev().take_while(|&&letter| letter == b'=').count();
        if group.len() != 4 || padding > 2 || padding > 0 && groups.peek().is_some() {
            return None;
        }
        let sextets = group.iter().take(4 - padding).map(|&letter| sextet(letter));
        let bits = sextets
            .chain(std::iter::repeat_n(Some(0), padding))
            .try_fold(0, |bits, sextet| Some(bits << 6 | sextet?))?;
        bytes.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8].iter().take(3 - padding));
    }
    Some(bytes)
}

fn sextet(letter: u8) -> Option<u32> {
    Some(u32::from(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Text with every invalid byte replaced by U+FFFD: byte by byte as Go does it, not sequence by sequence.
pub(crate) fn valid_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('\u{fffd}', chunk.invalid().len()));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_yaml_1_1_and_of_go() {
        for (text, scalar) in [
            ("0777", Scalar::Int(511)),
            ("0o17", Scalar::Int(15)),
            ("0x1F", Scalar::Int(31)),
            ("-0b11", Scalar::Int(-3)),
            ("1_000", Scalar::Int(1000)),
            ("0b-11", Scalar::Int(-3)),
            ("0o-17", Scalar::Text("0o-17".into())),
            ("+1", Scalar::Int(1)),
            ("08", Scalar::Float(8.0)),
            ("18446744073709551615", Scalar::Uint(u64::MAX)),
            ("5.", Scalar::Float(5.0)),
            ("1e3", Scalar::Float(1000.0)),
            ("1e", Scalar::Text("1e".into())),
            ("1.2.3", Scalar::Text("1.2.3".into())),
            ("1:30", Scalar::Text("1:30".into())),
            ("1e400", Scalar::Text("1e400".into())),
            (".", Scalar::Text(".".into())),
            ("-", Scalar::Text("-".into())),
        ] {
            assert_eq!(resolve_plain(text), scalar, "{text}");
        }
    }

    #[test]
    fn a_tag_that_does_not_fit_is_an_error() {
        let error = resolve_tagged("tag:yaml.org,2002:int", "x").unwrap_err();
        assert_eq!(error.problem().to_string(), "yaml: cannot decode !!str `x` as a !!int");
        assert_eq!(resolve_tagged("tag:yaml.org,2002:float", "1"), Ok(Scalar::Float(1.0)));
        assert_eq!(resolve_tagged("!mine", "1"), Ok(Scalar::Text("1".into())));
    }
}

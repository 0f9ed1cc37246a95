//! Percent escapes, by the part of the URL.

/// The part of a URL that is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Path,
    User,
    Host,
    Zone,
    Fragment,
}

/// Go's `shouldEscape`: whether a byte can't stand for itself there.
pub(super) fn must_escape(byte: u8, part: Part) -> bool {
    let allowed: &[u8] = match part {
        Part::Path => b"$&+,/:;=@",
        Part::User => b"$&+,;=",
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"",
        Part::Fragment => b"!()*$&+,/:;=?@",
    };
    !(byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || allowed.contains(&byte))
}

pub(super) fn escape(text: &[u8], part: Part) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        if must_escape(*byte, part) {
            let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
            escaped.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        } else {
            escaped.push(*byte);
        }
    }
    escaped
}

/// Decodes escapes; the error is Go's text.
pub(super) fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'%' {
            plain.push(escaped_byte(rest, part)?);
            rest = rest.get(3..).unwrap_or_default();
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && must_escape(*byte, part) {
            return Err(format!("invalid character {} in host name", value::format::quote([*byte])));
        }
        plain.push(*byte);
        rest = after;
    }
    Ok(plain)
}

/// The byte that an escape stands for, where it may stand for it.
fn escaped_byte(text: &[u8], part: Part) -> Result<u8, String> {
    let escape = text.get(..3).unwrap_or(text);
    let refusal = || format!("invalid URL escape {}", value::format::quote(escape));
    let nibble = |index: usize| escape.get(index).and_then(|byte| char::from(*byte).to_digit(16));
    let (high, low) = nibble(1).zip(nibble(2)).ok_or_else(refusal)?;
    let byte = u8::try_from(high * 16 + low).unwrap_or_default();
    let is_percent = escape == b"%25";
    let allowed = match part {
        Part::Host => high >= 8 || is_percent,
        Part::Zone => is_percent || byte == b' ' || !must_escape(byte, Part::Host),
        _ => true,
    };
    if allowed { Ok(byte) } else { Err(refusal()) }
}

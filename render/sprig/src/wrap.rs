//! Breaking and shortening lines, by bytes: `wrap`, `wrapWith`, `abbrev`, `abbrevboth`.

use gotemplate::{Call, FunctionError};
use memchr::{memchr, memrchr};
use value::Str;

use crate::limits::charge_text;

const ELLIPSIS: &[u8] = b"...";

/// Breaks a text at spaces so that lines have at most so many bytes; long words stay whole.
pub(crate) fn wrap(call: &mut Call<'_>, width: isize, text: Str) -> Result<Str, FunctionError> {
    wrapped(call, "wrap", width, &text, b"\n", false)
}

/// [`wrap`] with a line break of one's own, and long words broken too.
pub(crate) fn wrap_with(
    call: &mut Call<'_>,
    width: isize,
    line_break: Str,
    text: Str,
) -> Result<Str, FunctionError> {
    let line_break = if line_break.is_empty() { b"\n" } else { line_break.as_bytes() };
    wrapped(call, "wrapWith", width, &text, line_break, true)
}

fn wrapped(
    call: &mut Call<'_>,
    function: &str,
    width: isize,
    text: &Str,
    line_break: &[u8],
    break_words: bool,
) -> Result<Str, FunctionError> {
    let width = usize::try_from(width).unwrap_or(0).max(1);
    charge_text(
        call,
        function,
        text.len().saturating_add((text.len() / width + 1).saturating_mul(line_break.len())),
    )?;
    let (mut rest, mut out) = (text.as_bytes(), Vec::with_capacity(text.len()));
    while rest.len() > width {
        if let Some(unspaced) = rest.strip_prefix(b" ") {
            rest = unspaced;
            continue;
        }
        let space = rest.get(..=width).and_then(|line| memrchr(b' ', line));
        let (end, next) = match space {
            Some(space) => (space, space + 1),
            None if break_words => (width, width),
            None => match rest.get(width..).and_then(|long| memchr(b' ', long)) {
                Some(space) => (width + space, width + space + 1),
                None => break,
            },
        };
        out.extend_from_slice(rest.get(..end).unwrap_or_default());
        out.extend_from_slice(line_break);
        rest = rest.get(next..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Ok(Str::from(out))
}

/// Shortens a text to so many bytes, of which the last three are dots; widths below 4 change nothing.
pub(crate) fn abbrev(width: isize, text: Str) -> Str {
    if width < 4 { text } else { shortened(text.as_bytes(), 0, width) }
}

/// Shortens a text on both sides: `left` is an offset that stays visible.
pub(crate) fn abbrevboth(left: isize, width: isize, text: Str) -> Str {
    if width < 4 || left > 0 && width < 7 { text } else { shortened(text.as_bytes(), left, width) }
}

/// goutils' `AbbreviateFull`; a width too small for what it needs gives nothing.
fn shortened(text: &[u8], offset: isize, width: isize) -> Str {
    let length = isize::try_from(text.len()).unwrap_or(isize::MAX);
    if length <= width {
        return Str::from(text);
    }
    let kept = width - 3;
    let offset = offset.min(length).min(length - kept).max(0);
    let part = |start: isize, end: isize| {
        let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
        text.get(range).unwrap_or_default()
    };
    if offset <= 4 {
        return Str::from([part(0, kept), ELLIPSIS].concat());
    }
    if width < 7 {
        return Str::default();
    }
    if offset + kept < length {
        let middle = shortened(part(offset, length), 0, kept);
        return Str::from([ELLIPSIS, middle.as_bytes()].concat());
    }
    Str::from([ELLIPSIS, part(length - kept, length)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_shortened() {
        assert_eq!(abbrevboth(5, 10, Str::from("1234 5678 9123")), "...5678...");
        assert_eq!(abbrev(5, Str::from("hello world")), "he...");
        assert_eq!(abbrev(3, Str::from("hello")), "hello");
    }
}

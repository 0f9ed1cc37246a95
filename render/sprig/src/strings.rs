//! Strings: cutting, trimming, joining, replacing, quoting.

use gotemplate::{Call, FunctionError, Variadic};
use memchr::memmem;
use value::{List, Map, MapType, Str, Value, format};

use crate::{
    cast,
    limits::{charge_list, charge_text, check_text},
    panic,
    unicode::{is_space, spans},
};

const NEGATIVE_REPEAT: &str = "strings: negative Repeat count";

/// `strings.TrimSpace`.
pub(crate) fn trim(text: Str) -> Str {
    trimmed(&text, is_space)
}

/// `strings.Trim` with the arguments exchanged.
pub(crate) fn trim_all(cutset: Str, text: Str) -> Str {
    let cut: Vec<char> = spans(cutset.as_bytes()).map(|(letter, _)| letter).collect();
    trimmed(&text, |letter| cut.contains(&letter))
}

fn trimmed(text: &Str, is_cut: impl Fn(char) -> bool) -> Str {
    let kept = || {
        spans(text.as_bytes()).scan(0, |at, (letter, bytes)| {
            let start = *at;
            *at += bytes.len();
            Some((letter, start, *at))
        })
    };
    let mut kept = kept().filter(|(letter, ..)| !is_cut(*letter));
    let Some((_, start, first_end)) = kept.next() else { return Str::default() };
    let end = kept.last().map_or(first_end, |(_, _, end)| end);
    Str::from(text.as_bytes().get(start..end).unwrap_or_default())
}

pub(crate) fn trim_prefix(prefix: Str, text: Str) -> Str {
    text.as_bytes().strip_prefix(prefix.as_bytes()).map_or_else(|| text.clone(), Str::from)
}

pub(crate) fn trim_suffix(suffix: Str, text: Str) -> Str {
    text.as_bytes().strip_suffix(suffix.as_bytes()).map_or_else(|| text.clone(), Str::from)
}

pub(crate) fn contains(part: Str, text: Str) -> bool {
    memmem::find(text.as_bytes(), part.as_bytes()).is_some()
}

pub(crate) fn has_prefix(prefix: Str, text: Str) -> bool {
    text.as_bytes().starts_with(prefix.as_bytes())
}

pub(crate) fn has_suffix(suffix: Str, text: Str) -> bool {
    text.as_bytes().ends_with(suffix.as_bytes())
}

/// The first bytes, or with a negative count the last ones.
pub(crate) fn trunc(count: isize, text: Str) -> Str {
    let bytes = text.as_bytes();
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let kept = match usize::try_from(count) {
        Ok(end) => bytes.get(..end),
        Err(_) => usize::try_from(length.saturating_add(count as i64))
            .ok()
            .filter(|start| *start > 0)
            .and_then(|start| bytes.get(start..)),
    };
    kept.map_or_else(|| text.clone(), Str::from)
}

/// Bytes from `start` to `end`; a negative start is the beginning, a negative end the end.
pub(crate) fn substring(start: isize, end: isize, text: Str) -> Result<Str, FunctionError> {
    let (start, end) = (start as i64, end as i64);
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let bytes = if start < 0 {
        panic::slice(text.as_bytes(), 0, end)
    } else if end < 0 || end > length {
        panic::slice(text.as_bytes(), start, length)
    } else {
        panic::slice(text.as_bytes(), start, end)
    };
    bytes.map(Str::from)
}

/// `strings.Repeat` with the arguments exchanged.
pub(crate) fn repeat(call: &mut Call<'_>, count: isize, text: Str) -> Result<Str, FunctionError> {
    let count = usize::try_from(count).map_err(|_| FunctionError::new(NEGATIVE_REPEAT))?;
    charge_text(call, "repeat", text.len().saturating_mul(count))?;
    Ok(Str::from(text.as_bytes().repeat(count)))
}

/// `strings.ReplaceAll(src, old, new)`; an empty `old` is found before each letter and at the end.
pub(crate) fn replace(call: &mut Call<'_>, old: Str, new: Str, text: Str) -> Result<Str, FunctionError> {
    replaced(call, "replace", &text, old.as_bytes(), new.as_bytes()).map(Str::from)
}

fn replaced(
    call: &mut Call<'_>,
    function: &str,
    text: &Str,
    old: &[u8],
    new: &[u8],
) -> Result<Vec<u8>, FunctionError> {
    let bytes = text.as_bytes();
    if old.is_empty() {
        let letters = spans(bytes).count();
        charge_text(call, function, bytes.len().saturating_add((letters + 1).saturating_mul(new.len())))?;
        let mut out = new.to_vec();
        spans(bytes).for_each(|(_, letter)| out.extend(letter.iter().chain(new)));
        return Ok(out);
    }
    let found = memmem::find_iter(bytes, old).count();
    let length = (bytes.len() - found * old.len()).saturating_add(found.saturating_mul(new.len()));
    charge_text(call, function, length)?;
    let (mut out, mut copied) = (Vec::with_capacity(length), 0);
    for start in memmem::find_iter(bytes, old) {
        out.extend_from_slice(bytes.get(copied..start).unwrap_or_default());
        out.extend_from_slice(new);
        copied = start + old.len();
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    Ok(out)
}

/// Spaces before every line, the last empty one included.
pub(crate) fn indent(call: &mut Call<'_>, spaces: isize, text: Str) -> Result<Str, FunctionError> {
    indented(call, "indent", b"", spaces, &text)
}

/// [`indent`] after a line break.
pub(crate) fn nindent(call: &mut Call<'_>, spaces: isize, text: Str) -> Result<Str, FunctionError> {
    indented(call, "nindent", b"\n", spaces, &text)
}

fn indented(
    call: &mut Call<'_>,
    function: &str,
    before: &[u8],
    spaces: isize,
    text: &Str,
) -> Result<Str, FunctionError> {
    let spaces = usize::try_from(spaces).map_err(|_| FunctionError::new(NEGATIVE_REPEAT))?;
    check_text(function, spaces)?;
    let padding = b" ".repeat(spaces);
    let line_start = [b"\n".as_slice(), padding.as_slice()].concat();
    let body = replaced(call, function, text, b"\n", &line_start)?;
    Ok(Str::from([before, padding.as_slice(), body.as_slice()].concat()))
}

/// Go's `%q` of each value that isn't nil.
pub(crate) fn quote(values: Variadic<Value>) -> Str {
    spaced(&values, |value| format::quote(cast::text(value)).into_bytes())
}

/// Each value that isn't nil between single quotes; nothing inside is escaped.
pub(crate) fn squote(values: Variadic<Value>) -> Str {
    spaced(&values, |value| [b"'", cast::printed(value).as_bytes(), b"'"].concat())
}

/// `%v` of each value that isn't nil, with spaces between and none around the format.
pub(crate) fn cat(values: Variadic<Value>) -> Str {
    spaced(&values, |value| cast::printed(value).as_bytes().to_vec())
}

fn spaced(values: &[Value], print: impl Fn(&Value) -> Vec<u8>) -> Str {
    let mut texts = values.iter().filter(|value| !value.is_nil()).map(print);
    let mut all = texts.next().unwrap_or_default();
    for text in texts {
        all.push(b' ');
        all.extend(text);
    }
    Str::from(all)
}

pub(crate) fn plural(one: Str, many: Str, count: isize) -> Str {
    if count == 1 { one } else { many }
}

/// The texts of a list's items, nil left out; of anything else its own text; nothing of nil.
pub(crate) fn texts(value: &Value) -> Vec<Str> {
    match value {
        Value::Nil => Vec::new(),
        Value::List(list) => list.iter().filter(|item| !item.is_nil()).map(cast::text).collect(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| Str::from(byte.to_string())).collect(),
        other => vec![cast::text(other)],
    }
}

/// [`texts`] as a template function.
pub(crate) fn to_strings(value: Value) -> List {
    match value {
        Value::List(list) if list.element() == value::ElementType::String => list,
        other => List::strings(texts(&other)),
    }
}

pub(crate) fn join(call: &mut Call<'_>, separator: Str, value: Value) -> Result<Str, FunctionError> {
    let texts = texts(&value);
    let separators = texts.len().saturating_sub(1).saturating_mul(separator.len());
    let bytes = texts.iter().fold(separators, |sum, text| sum.saturating_add(text.len()));
    charge_text(call, "join", bytes)?;
    let parts: Vec<&[u8]> = texts.iter().map(Str::as_bytes).collect();
    Ok(Str::from(parts.join(separator.as_bytes())))
}

/// `strings.Split` as a map of `_0`, `_1`…
pub(crate) fn split(call: &mut Call<'_>, separator: Str, text: Str) -> Result<Map, FunctionError> {
    pieces(call, "split", &text, separator.as_bytes(), usize::MAX).map(numbered)
}

/// `strings.SplitN` as a map of `_0`, `_1`…
pub(crate) fn splitn(
    call: &mut Call<'_>,
    separator: Str,
    count: isize,
    text: Str,
) -> Result<Map, FunctionError> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    pieces(call, "splitn", &text, separator.as_bytes(), count).map(numbered)
}

/// `strings.Split`.
pub(crate) fn split_list(call: &mut Call<'_>, separator: Str, text: Str) -> Result<List, FunctionError> {
    pieces(call, "splitList", &text, separator.as_bytes(), usize::MAX).map(List::strings)
}

fn numbered(pieces: Vec<Str>) -> Map {
    let entries = pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| (Str::from(format!("_{index}")), Value::Str(piece)));
    Map::from_entries(MapType::STRING, entries)
}

/// At most `count` pieces, the last one being the rest; an empty separator parts the letters.
fn pieces(
    call: &mut Call<'_>,
    function: &str,
    text: &Str,
    separator: &[u8],
    count: usize,
) -> Result<Vec<Str>, FunctionError> {
    let bytes = text.as_bytes();
    if count == 0 || separator.is_empty() && bytes.is_empty() {
        return Ok(Vec::new());
    }
    let boundaries: Vec<(usize, usize)> = if separator.is_empty() {
        let ends = spans(bytes).scan(0, |at, (_, letter)| {
            *at += letter.len();
            Some((*at, *at))
        });
        ends.filter(|(end, _)| *end < bytes.len()).take(count - 1).collect()
    } else {
        memmem::find_iter(bytes, separator)
            .map(|start| (start, start + separator.len()))
            .take(count - 1)
            .collect()
    };
    charge_list(call, function, boundaries.len() + 1)?;
    let (mut pieces, mut begin) = (Vec::with_capacity(boundaries.len() + 1), 0);
    for (end, next) in boundaries {
        pieces.push(Str::from(bytes.get(begin..end).unwrap_or_default()));
        begin = next;
    }
    pieces.push(Str::from(bytes.get(begin..).unwrap_or_default()));
    Ok(pieces)
}

//! The printer.

use std::io::Write as _;

use thiserror::Error;

use crate::json::MAX_DEPTH;
use crate::{FloatFormat, List, Str, Value, format_float};

/// How JSON is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Write `<`, `>` and `&` as `\u003c` and so on, as Go's `Marshal` does.
    pub escape_html: bool,
    /// Spaces a level; `None` prints on one line.
    pub indent: Option<usize>,
}

impl Style {
    /// Go's `json.Marshal`.
    pub const MARSHAL: Style = Style { escape_html: true, indent: None };
}

/// Why a value has no JSON form.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EncodeError {
    /// `NaN` or an infinity.
    #[error("json: unsupported value: {0}")]
    UnsupportedNumber(String),
    /// A complex number: JSON has none.
    #[error("json: unsupported type: {0}")]
    UnsupportedType(String),
    /// A map that contains itself, or nests deeper than anything real does.
    #[error("json: unsupported value: encountered a cycle via {0}")]
    Cycle(String),
}

/// The value as Go's `json.Marshal` prints it; keys in byte order.
pub fn to_string(value: &Value) -> Result<String, EncodeError> {
    to_string_with(value, Style::MARSHAL)
}

/// The value in the given style; no line break at the end.
pub fn to_string_with(value: &Value, style: Style) -> Result<String, EncodeError> {
    let mut out = Vec::new();
    write(&mut out, value, style)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Appends the value to `out`. What is there after an error is incomplete.
pub fn write(out: &mut Vec<u8>, value: &Value, style: Style) -> Result<(), EncodeError> {
    let mut encoder = Encoder { out, style, open: Vec::new() };
    encoder.value(value.clone())?;
    while let Some((written, container)) = encoder.open.last_mut() {
        let first = *written == 0;
        match container.next(*written) {
            Some((key, item)) => {
                *written += 1;
                encoder.item(key, item, first)?;
            }
            None => encoder.close(),
        }
    }
    Ok(())
}

/// An open array or object: what is still to be printed of it. No recursion, so that deep values cost no stack.
enum Container {
    List(List),
    Map(std::vec::IntoIter<(Str, Value)>),
}

impl Container {
    fn next(&mut self, position: usize) -> Option<(Option<Str>, Value)> {
        match self {
            Container::List(list) => list.get(position).map(|item| (None, item.clone())),
            Container::Map(entries) => entries.next().map(|(key, item)| (Some(key), item)),
        }
    }

    fn close_bracket(&self) -> u8 {
        match self {
            Container::List(_) => b']',
            Container::Map(_) => b'}',
        }
    }
}

struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    style: Style,
    /// The open containers, each with the number of items written.
    open: Vec<(usize, Container)>,
}

impl Encoder<'_> {
    fn value(&mut self, value: Value) -> Result<(), EncodeError> {
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(truth) => self.out.extend_from_slice(if truth { b"true" } else { b"false" }),
            Value::Int(_, number) => self.display(number),
            Value::Uint(_, number) => self.display(number),
            Value::Float(number) => append_float(self.out, number)?,
            Value::Complex(..) => return Err(EncodeError::UnsupportedType(value.type_name().into_owned())),
            Value::Str(text) => append_string(self.out, text.as_bytes(), self.style.escape_html),
            Value::Bytes(bytes) => {
                self.out.push(b'"');
                append_base64(self.out, &bytes);
                self.out.push(b'"');
            }
            Value::List(list) if list.is_nil() => self.out.extend_from_slice(b"null"),
            Value::List(list) if list.is_empty() => self.out.extend_from_slice(b"[]"),
            Value::Map(map) if map.is_nil() => self.out.extend_from_slice(b"null"),
            Value::Map(map) if map.is_empty() => self.out.extend_from_slice(b"{}"),
            Value::List(_) | Value::Map(_) => self.open(value)?,
            Value::Object(object) => match object.json_members() {
                Some(members) if members.is_empty() => self.out.extend_from_slice(b"{}"),
                Some(members) => self.open_members(members)?,
                None => return self.value(object.to_json()),
            },
        }
        Ok(())
    }

    fn open(&mut self, value: Value) -> Result<(), EncodeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(EncodeError::Cycle(value.type_name().into_owned()));
        }
        match value {
            Value::List(list) => {
                self.out.push(b'[');
                self.open.push((0, Container::List(list)));
            }
            Value::Map(map) => {
                self.out.push(b'{');
                self.open.push((0, Container::Map(map.entries().into_iter())));
            }
            _ => {}
        }
        Ok(())
    }

    fn open_members(&mut self, members: Vec<(&'static str, Value)>) -> Result<(), EncodeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(EncodeError::Cycle("struct".to_owned()));
        }
        self.out.push(b'{');
        let members: Vec<_> = members.into_iter().map(|(name, value)| (Str::from(name), value)).collect();
        self.open.push((0, Container::Map(members.into_iter())));
        Ok(())
    }

    fn item(&mut self, key: Option<Str>, item: Value, first: bool) -> Result<(), EncodeError> {
        if !first {
            self.out.push(b',');
        }
        self.line_break();
        if let Some(key) = key {
            append_string(self.out, key.as_bytes(), self.style.escape_html);
            self.out.extend_from_slice(if self.style.indent.is_some() { b": " } else { b":" });
        }
        self.value(item)
    }

    fn close(&mut self) {
        if let Some((_, container)) = self.open.pop() {
            self.line_break();
            self.out.push(container.close_bracket());
        }
    }

    fn display(&mut self, number: impl std::fmt::Display) {
        // OK because writing to a Vec never fails.
        let _ = write!(self.out, "{number}");
    }

    fn line_break(&mut self) {
        if let Some(indent) = self.style.indent {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + indent * self.open.len(), b' ');
        }
    }
}

/// Appends a float as Go's encoder prints it: plain digits from 1e-6 up to below 1e21, else an exponent of no
/// leading zero.
pub fn append_float(out: &mut Vec<u8>, number: f64) -> Result<(), EncodeError> {
    if !number.is_finite() {
        return Err(EncodeError::UnsupportedNumber(format_float(number, FloatFormat::General, None)));
    }
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format_float(number, FloatFormat::Exponent, None);
        out.extend_from_slice(text.replace("e-0", "e-").as_bytes());
    } else if number.fract() == 0.0 && size < 1e15 && !(number == 0.0 && number.is_sign_negative()) {
        // OK because writing to a Vec never fails.
        let _ = write!(out, "{}", number as i64);
    } else {
        out.extend_from_slice(format_float(number, FloatFormat::Decimal, None).as_bytes());
    }
    Ok(())
}

/// Appends a quoted string: invalid UTF-8 as `\ufffd`, U+2028 and U+2029 escaped.
pub fn append_string(out: &mut Vec<u8>, text: &[u8], escape_html: bool) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        append_valid(out, chunk.valid(), escape_html);
        for _ in chunk.invalid() {
            out.extend_from_slice(b"\\ufffd");
        }
    }
    out.push(b'"');
}

fn append_valid(out: &mut Vec<u8>, text: &str, escape_html: bool) {
    let bytes = text.as_bytes();
    let mut written = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x08 => b"\\b",
            0x0c => b"\\f",
            0..0x20 => b"",
            b'<' | b'>' | b'&' if escape_html => b"",
            0xE2 if matches!(bytes.get(index + 1..index + 3), Some([0x80, 0xA8 | 0xA9])) => {
                out.extend_from_slice(&bytes[written..index]);
                out.extend_from_slice(if bytes[index + 2] == 0xA8 { b"\\u2028" } else { b"\\u2029" });
                written = index + 3;
                continue;
            }
            _ => continue,
        };
        out.extend_from_slice(&bytes[written..index]);
        if escape.is_empty() {
            let _ = write!(out, "\\u{byte:04x}"); // OK because writing to a Vec never fails.
        } else {
            out.extend_from_slice(escape);
        }
        written = index + 1;
    }
    out.extend_from_slice(&bytes[written..]);
}

fn append_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().enumerate().fold(0u32, |sum, (i, byte)| sum | u32::from(*byte) << (16 - 8 * i));
        for position in 0..4 {
            let letter = ALPHABET[(group >> (18 - 6 * position) & 63) as usize];
            out.push(if position <= chunk.len() { letter } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Map;

    fn json(value: impl Into<Value>) -> String {
        to_string(&value.into()).unwrap()
    }

    #[test]
    fn floats_print_as_go_does() {
        for (number, text) in [
            (1e6, "1000000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-5, "0.00001"),
            (1e-7, "1e-7"),
            (-0.0, "-0"),
            (1_234_567.5, "1234567.5"),
            (1e-10, "1e-10"),
        ] {
            assert_eq!(json(number), text);
        }
        assert_eq!(
            to_string(&Value::Float(f64::INFINITY)).unwrap_err().to_string(),
            "json: unsupported value: +Inf"
        );
    }

    #[test]
    fn strings_escape_html_control_and_invalid_bytes() {
        assert_eq!(json("<a&b>\u{2028}\u{1}\u{7f}"), "\"\\u003ca\\u0026b\\u003e\\u2028\\u0001\u{7f}\"");
        assert_eq!(json(Value::Str(vec![b'a', 0xff].into())), "\"a\\ufffd\"");
    }

    #[test]
    fn bytes_print_as_base64() {
        for (bytes, text) in
            [(&b""[..], "\"\""), (b"a", "\"YQ==\""), (b"ab", "\"YWI=\""), (b"abc", "\"YWJj\"")]
        {
            assert_eq!(json(Value::Bytes(bytes.into())), text);
        }
    }

    #[test]
    fn indented_containers_break_lines_and_empty_ones_do_not() {
        let map: Map = [("a", Value::from(List::new(vec![Value::int(1)]))), ("b", Map::new().into())]
            .into_iter()
            .collect();
        let style = Style { escape_html: true, indent: Some(2) };
        let text = to_string_with(&map.into(), style).unwrap();
        assert_eq!(text, "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
    }

    #[test]
    fn a_map_that_contains_itself_is_an_error() {
        let map = Map::new();
        map.insert("me", map.clone());
        assert!(matches!(to_string(&map.clone().into()), Err(EncodeError::Cycle(_))));
        map.remove("me");
    }
}

//! The reader: no recursion, so that hostile nesting costs no stack.

use thiserror::Error;

use crate::format::quote;
use crate::json::MAX_DEPTH;
use crate::{List, Map, MapType, Str, Value};

/// Why a text is no JSON, in the words of Go's `encoding/json`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The text ends inside a value.
    #[error("unexpected end of JSON input")]
    UnexpectedEnd,
    /// A byte that can't stand there.
    #[error("invalid character {} {context}", quote_byte(*byte))]
    InvalidCharacter {
        /// The byte.
        byte: u8,
        /// Where it stands: `looking for beginning of value`.
        context: &'static str,
        /// Its offset in the text.
        offset: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("exceeded max depth")]
    TooDeep,
    /// A number that no `float64` holds.
    #[error("json: cannot unmarshal number {0} into Go value of type float64")]
    NumberOutOfRange(String),
}

fn quote_byte(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        _ => {
            let quoted = quote(char::from(byte).to_string());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}

/// Reads one JSON value, as `json.Unmarshal` into an `interface{}` does: numbers become floats, the last of two equal
/// keys wins.
pub fn from_slice(text: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader { text, position: 0 };
    let value = reader.document()?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(value),
        Some(byte) => Err(reader.invalid(byte, "after top-level value")),
    }
}

/// Reads the JSON value that the text begins with, and gives the number of bytes it took: what Go's `Decoder` does
/// with a stream.
pub fn prefix_from_slice(text: &[u8]) -> Result<(Value, usize), DecodeError> {
    let mut reader = Reader { text, position: 0 };
    let value = reader.document()?;
    Ok((value, reader.position))
}

struct Reader<'a> {
    text: &'a [u8],
    position: usize,
}

enum Container {
    List(Vec<Value>),
    /// The entries so far, and the key of the next.
    Map(Vec<(Str, Value)>, Str),
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, DecodeError> {
        let mut open: Vec<Container> = Vec::new();
        loop {
            let Some(mut value) = self.value_or_open(&mut open)? else {
                continue;
            };
            // The value is whole: hand it to the container around it, and close those that end here.
            loop {
                let Some(container) = open.last_mut() else {
                    return Ok(value);
                };
                let (closing, context) = match container {
                    Container::List(items) => {
                        items.push(value);
                        (b']', "after array element")
                    }
                    Container::Map(entries, key) => {
                        entries.push((std::mem::take(key), value));
                        (b'}', "after object key:value pair")
                    }
                };
                self.skip_space();
                match self.peek() {
                    Some(b',') => {
                        self.position += 1;
                        if let Some(Container::Map(_, key)) = open.last_mut() {
                            self.skip_space();
                            *key = self.key()?;
                        }
                        break;
                    }
                    Some(byte) if byte == closing => {
                        self.position += 1;
                        value = close(open.pop());
                    }
                    other => return Err(self.unexpected(other, context)),
                }
            }
        }
    }

    /// A scalar or an empty container; `None` after the opening of one that is not empty.
    fn value_or_open(&mut self, open: &mut Vec<Container>) -> Result<Option<Value>, DecodeError> {
        self.skip_space();
        let byte = self.peek().ok_or(DecodeError::UnexpectedEnd)?;
        match byte {
            b'{' | b'[' if open.len() >= MAX_DEPTH => Err(DecodeError::TooDeep),
            b'{' => {
                self.position += 1;
                self.skip_space();
                if self.peek() == Some(b'}') {
                    self.position += 1;
                    return Ok(Some(Map::new().into()));
                }
                let key = self.key()?;
                open.push(Container::Map(Vec::new(), key));
                Ok(None)
            }
            b'[' => {
                self.position += 1;
                self.skip_space();
                if self.peek() == Some(b']') {
                    self.position += 1;
                    return Ok(Some(List::new(Vec::new()).into()));
                }
                open.push(Container::List(Vec::new()));
                Ok(None)
            }
            _ => self.scalar(byte).map(Some),
        }
    }

    fn key(&mut self) -> Result<Str, DecodeError> {
        match self.peek() {
            Some(b'"') => {}
            other => return Err(self.unexpected(other, "looking for beginning of object key string")),
        }
        let key = self.string()?;
        self.skip_space();
        match self.peek() {
            Some(b':') => self.position += 1,
            other => return Err(self.unexpected(other, "after object key")),
        }
        Ok(key)
    }

    fn scalar(&mut self, byte: u8) -> Result<Value, DecodeError> {
        match byte {
            b'"' => self.string().map(Value::Str),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal(b"true", &TRUE, Value::Bool(true)),
            b'f' => self.literal(b"false", &FALSE, Value::Bool(false)),
            b'n' => self.literal(b"null", &NULL, Value::Nil),
            _ => Err(self.invalid(byte, "looking for beginning of value")),
        }
    }

    fn literal(
        &mut self,
        word: &[u8],
        contexts: &[&'static str],
        value: Value,
    ) -> Result<Value, DecodeError> {
        self.position += 1;
        for (expected, context) in word[1..].iter().zip(contexts) {
            match self.peek() {
                Some(byte) if byte == *expected => self.position += 1,
                other => return Err(self.unexpected(other, context)),
            }
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, DecodeError> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        match self.peek() {
            Some(b'0') => self.position += 1,
            _ => self.digits("in numeric literal")?,
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        // OK because all of it is ASCII.
        let text = std::str::from_utf8(&self.text[start..self.position]).unwrap_or_default();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => Err(DecodeError::NumberOutOfRange(text.to_owned())),
        }
    }

    fn digits(&mut self, context: &'static str) -> Result<(), DecodeError> {
        let start = self.position;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.position += 1;
        }
        if self.position == start { Err(self.unexpected(self.peek(), context)) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Str, DecodeError> {
        self.position += 1;
        let start = self.position;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    let text = String::from_utf8_lossy(&self.text[start..self.position]);
                    self.position += 1;
                    return Ok(text.into());
                }
                b'\\' => return self.escaped_string(start),
                0..0x20 => return Err(self.invalid(byte, "in string literal")),
                _ => self.position += 1,
            }
        }
        Err(DecodeError::UnexpectedEnd)
    }

    fn escaped_string(&mut self, start: usize) -> Result<Str, DecodeError> {
        let mut raw = self.text[start..self.position].to_vec();
        loop {
            let byte = self.peek().ok_or(DecodeError::UnexpectedEnd)?;
            match byte {
                b'"' => break,
                b'\\' => {
                    self.position += 1;
                    self.escape(&mut raw)?;
                }
                0..0x20 => return Err(self.invalid(byte, "in string literal")),
                _ => {
                    raw.push(byte);
                    self.position += 1;
                }
            }
        }
        self.position += 1;
        Ok(String::from_utf8_lossy(&raw).into())
    }

    fn escape(&mut self, raw: &mut Vec<u8>) -> Result<(), DecodeError> {
        let byte = self.peek().ok_or(DecodeError::UnexpectedEnd)?;
        self.position += 1;
        raw.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let letter = self.unicode_escape()?;
                raw.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => {
                self.position -= 1;
                return Err(self.invalid(byte, "in string escape code"));
            }
        });
        Ok(())
    }

    /// After `\u`: the code point, with a second `\u` for a surrogate pair; a lone surrogate is U+FFFD.
    fn unicode_escape(&mut self) -> Result<char, DecodeError> {
        let first = self.four_hex_digits()?;
        if let 0xD800..0xDC00 = first
            && self.text[self.position..].starts_with(b"\\u")
        {
            let before = self.position;
            self.position += 2;
            let second = self.four_hex_digits()?;
            if let 0xDC00..0xE000 = second {
                let point = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.position = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_hex_digits(&mut self) -> Result<u32, DecodeError> {
        let mut point = 0;
        for _ in 0..4 {
            let byte = self.peek().ok_or(DecodeError::UnexpectedEnd)?;
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.invalid(byte, "in \\u hexadecimal character escape"));
            };
            point = point << 4 | digit;
            self.position += 1;
        }
        Ok(point)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.position += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn unexpected(&self, byte: Option<u8>, context: &'static str) -> DecodeError {
        byte.map_or(DecodeError::UnexpectedEnd, |byte| self.invalid(byte, context))
    }

    fn invalid(&self, byte: u8, context: &'static str) -> DecodeError {
        DecodeError::InvalidCharacter { byte, context, offset: self.position }
    }
}

fn close(container: Option<Container>) -> Value {
    match container {
        Some(Container::List(items)) => List::new(items).grown().into(),
        Some(Container::Map(entries, _)) => Map::from_entries(MapType::INTERFACE, entries).into(),
        None => Value::Nil,
    }
}

const TRUE: [&str; 3] =
    ["in literal true (expecting 'r')", "in literal true (expecting 'u')", "in literal true (expecting 'e')"];
const FALSE: [&str; 4] = [
    "in literal false (expecting 'a')",
    "in literal false (expecting 'l')",
    "in literal false (expecting 's')",
    "in literal false (expecting 'e')",
];
const NULL: [&str; 3] =
    ["in literal null (expecting 'u')", "in literal null (expecting 'l')", "in literal null (expecting 'l')"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::to_string;

    fn round_trip(text: &str) -> String {
        from_slice(text.as_bytes()).map_or_else(|error| error.to_string(), |value| to_string(&value).unwrap())
    }

    #[test]
    fn values_read_and_print_back() {
        for (text, want) in [
            (r#" {"b":[1,2.5,{}], "a":null, "b":[] } "#, r#"{"a":null,"b":[]}"#),
            (r#"[[[]],[{"a":{"b":[true,false]}}]]"#, r#"[[[]],[{"a":{"b":[true,false]}}]]"#),
            (r#""\u00e9\ud83d\ude00\ud800x\/""#, "\"é😀\u{fffd}x/\""),
            ("-0.5e3", "-500"),
        ] {
            assert_eq!(round_trip(text), want);
        }
    }

    #[test]
    fn errors_read_as_those_of_go() {
        for (text, want) in [
            ("", "unexpected end of JSON input"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("nul!", "invalid character '!' in literal null (expecting 'l')"),
            ("01", "invalid character '1' after top-level value"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("\"a\nb\"", "invalid character '\\n' in string literal"),
            ("'a'", "invalid character '\\'' looking for beginning of value"),
            ("1e999", "json: cannot unmarshal number 1e999 into Go value of type float64"),
        ] {
            assert_eq!(round_trip(text), want);
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = vec![b'['; 20_000];
        assert_eq!(from_slice(&deep), Err(DecodeError::TooDeep));
    }
}

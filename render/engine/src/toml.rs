//! TOML as Go's BurntSushi library prints it: keys in byte order, values before tables, tables indented by level.

use thiserror::Error;
use value::{FloatFormat, List, Map, Str, Value, format_float};

/// Why a value has no TOML form; Helm prints the text in the value's place.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum EncodeError {
    /// The root is no table.
    #[error("toml: top-level values must be Go maps or structs")]
    RootIsNoTable,
    /// A null in an array.
    #[error("toml: cannot encode array with nil element")]
    NilElement,
    /// Tables nest deeper than anything real does.
    #[error("toml: tables nest more than {MAX_DEPTH} deep")]
    TooDeep,
    /// A value of another kind.
    #[error("unsupported type: {0}")]
    UnsupportedType(String),
}

const MAX_DEPTH: usize = 500;

/// Prints a map as a TOML document; another value as it would stand behind a key.
pub(crate) fn to_toml(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder { out: Vec::new(), path: Vec::new() };
    match value {
        Value::Map(map) => encoder.table_body(map)?,
        Value::Nil => return Err(EncodeError::RootIsNoTable),
        other => encoder.value(other, 0)?,
    }
    Ok(encoder.out)
}

struct Encoder {
    out: Vec<u8>,
    path: Vec<String>,
}

impl Encoder {
    fn table_body(&mut self, map: &Map) -> Result<(), EncodeError> {
        if self.path.len() >= MAX_DEPTH {
            return Err(EncodeError::TooDeep);
        }
        let (tables, values): (Vec<_>, Vec<_>) = map
            .entries()
            .into_iter()
            .filter(|(_, value)| !value.is_nil())
            .partition(|(_, value)| is_table(value));
        for (key, value) in values {
            self.indent(self.path.len());
            self.out.extend_from_slice(quoted_key(&key).as_bytes());
            self.out.extend_from_slice(b" = ");
            self.value(&value, 0)?;
            self.out.push(b'\n');
        }
        for (key, value) in tables {
            self.path.push(quoted_key(&key));
            match &value {
                Value::Map(table) => self.table(table)?,
                Value::List(tables) => self.array_of_tables(tables)?,
                _ => {}
            }
            self.path.pop();
        }
        Ok(())
    }

    fn table(&mut self, table: &Map) -> Result<(), EncodeError> {
        if self.path.len() == 1 && !self.out.is_empty() {
            self.out.push(b'\n');
        }
        self.header("[", "]");
        self.table_body(table)
    }

    fn array_of_tables(&mut self, tables: &List) -> Result<(), EncodeError> {
        for table in tables.iter() {
            if let Value::Map(table) = table {
                if !self.out.is_empty() {
                    self.out.push(b'\n');
                }
                self.header("[[", "]]");
                self.table_body(table)?;
            }
        }
        Ok(())
    }

    fn header(&mut self, open: &str, close: &str) {
        self.indent(self.path.len() - 1);
        let line = format!("{open}{}{close}\n", self.path.join("."));
        self.out.extend_from_slice(line.as_bytes());
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), EncodeError> {
        if depth >= MAX_DEPTH {
            return Err(EncodeError::TooDeep);
        }
        match value {
            Value::Bool(truth) => self.out.extend_from_slice(truth.to_string().as_bytes()),
            Value::Int(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Uint(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Float(number) => self.out.extend_from_slice(float_text(*number).as_bytes()),
            Value::Str(text) => self.out.extend_from_slice(quoted(text).as_bytes()),
            Value::List(list) => self.array(list, depth)?,
            Value::Map(map) => self.inline_table(map, depth)?,
            other => return Err(EncodeError::UnsupportedType(other.type_name().into_owned())),
        }
        Ok(())
    }

    fn array(&mut self, list: &List, depth: usize) -> Result<(), EncodeError> {
        self.out.push(b'[');
        for (index, item) in list.iter().enumerate() {
            if item.is_nil() {
                return Err(EncodeError::NilElement);
            }
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.value(item, depth + 1)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn inline_table(&mut self, map: &Map, depth: usize) -> Result<(), EncodeError> {
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in map.entries().into_iter().filter(|(_, value)| !value.is_nil()) {
            if !std::mem::take(&mut first) {
                self.out.extend_from_slice(b", ");
            }
            self.out.extend_from_slice(quoted_key(&key).as_bytes());
            self.out.extend_from_slice(b" = ");
            self.value(&value, depth + 1)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn indent(&mut self, depth: usize) {
        self.out.resize(self.out.len() + 2 * depth, b' ');
    }
}

fn is_table(value: &Value) -> bool {
    match value {
        Value::Map(_) => true,
        Value::List(list) => !list.is_empty() && list.iter().all(|item| matches!(item, Value::Map(_))),
        _ => false,
    }
}

fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format_float(number, FloatFormat::General, None);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

fn quoted_key(key: &Str) -> String {
    let text = key.to_text();
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !text.is_empty() && text.chars().all(bare) { text.into_owned() } else { quoted(key) }
}

fn quoted(text: &Str) -> String {
    let mut out = String::from("\"");
    for letter in text.to_text().chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..'\u{20}' | '\u{7f}' => out.push_str(&format!("\\u{:04x}", letter as u32)),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

//! Values as documents: keys in byte order, values before tables, tables indented by level.

use sprig::Time;
use thiserror::Error;
use value::{FloatFormat, IntType, Kind, Str, Value, format, format_float};

use super::{MAX_DEPTH, key_text, quoted, quoted_key};

/// Why a value has no TOML form.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum EncodeError {
    /// The untyped nil; Go's reflection panics, so that even `toToml` fails.
    #[error("reflect: call of reflect.Value.Type on zero Value")]
    Nil,
    /// The root is an array of tables.
    #[error("toml: top-level values must be Go maps or structs")]
    RootIsNoTable,
    /// A null in an array.
    #[error("toml: cannot encode array with nil element")]
    NilElement,
    /// Tables nest deeper than anything real does.
    #[error("toml: tables nest more than {MAX_DEPTH} deep")]
    TooDeep,
    /// A value of another kind at the root.
    #[error("unsupported type for key '': {0}")]
    UnsupportedRoot(Kind),
    /// A value of another kind.
    #[error("unsupported type: {0}")]
    UnsupportedType(Kind),
}

/// The zones of dates that were read without an offset, by which they print as they were.
pub(super) const LOCAL_DATETIME: &str = "datetime-local";
pub(super) const LOCAL_DATE: &str = "date-local";
pub(super) const LOCAL_TIME: &str = "time-local";

/// Prints a map or struct as a TOML document; another value as it would stand behind a key.
pub(crate) fn to_toml(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder { out: Vec::new(), path: Vec::new() };
    if is_nil_map(value) {
        return Ok(encoder.out);
    }
    match value {
        Value::Nil => return Err(EncodeError::Nil),
        Value::Complex(..) => return Err(EncodeError::UnsupportedRoot(value.kind())),
        _ => {}
    }
    match shape(value, 0)? {
        Shape::Table => encoder.table_body(value)?,
        Shape::Tables => return Err(EncodeError::RootIsNoTable),
        Shape::Nil | Shape::Plain => encoder.value(value, 0)?,
    }
    Ok(encoder.out)
}

/// The field of `.Chart` whose fields count as the chart's own.
const EMBEDDED: &str = "Metadata";

/// Where a value can stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Nowhere: nil, or a nil map or slice.
    Nil,
    /// Behind an equals sign.
    Plain,
    /// Under a header.
    Table,
    /// Each item under a header of its own.
    Tables,
}

/// Arrays are looked through to their ends, so that a nil deep in one is found before anything is printed.
fn shape(value: &Value, depth: usize) -> Result<Shape, EncodeError> {
    if depth >= MAX_DEPTH {
        return Err(EncodeError::TooDeep);
    }
    Ok(match value {
        Value::Nil => Shape::Nil,
        Value::Map(map) if map.is_nil() => Shape::Nil,
        Value::List(list) if list.is_nil() => Shape::Nil,
        Value::Map(_) => Shape::Table,
        Value::Object(_) if text_form(value).is_none() => Shape::Table,
        Value::Complex(..) => return Err(EncodeError::UnsupportedType(value.kind())),
        Value::List(list) => {
            let mut all_tables = !list.is_empty();
            for item in list.iter() {
                match shape(item, depth + 1)? {
                    Shape::Nil => return Err(EncodeError::NilElement),
                    found => all_tables &= found == Shape::Table,
                }
            }
            if all_tables { Shape::Tables } else { Shape::Plain }
        }
        _ => Shape::Plain,
    })
}

fn is_nil_map(value: &Value) -> bool {
    matches!(value, Value::Map(map) if map.is_nil())
}

/// What an object prints as where it is no table: a time, or text by its `MarshalText`.
fn text_form(value: &Value) -> Option<Vec<u8>> {
    if let Some(time) = value.downcast::<Time>() {
        return Some(time_text(time));
    }
    match value {
        Value::Object(object) if object.type_name().ends_with("semver.Version") => {
            object.to_text().map(|text| quoted(text.as_bytes()))
        }
        _ => None,
    }
}

fn time_text(time: &Time) -> Vec<u8> {
    let layout: &[u8] = match time.zone().name().as_str() {
        LOCAL_DATETIME => b"2006-01-02T15:04:05.999999999",
        LOCAL_DATE => b"2006-01-02",
        LOCAL_TIME => b"15:04:05.999999999",
        _ => return time.format(b"2006-01-02T15:04:05.999999999Z07:00"),
    };
    time.clone().within(sprig::Zone::Utc).format(layout)
}

/// One entry of a table.
struct Entry {
    key: Str,
    value: Value,
    shape: Shape,
    /// Where it stands among all fields of a struct.
    field: usize,
}

/// The entries of a map or struct: values, then tables.
fn entries(table: &Value) -> Result<(Vec<Entry>, Vec<Entry>), EncodeError> {
    let entries = members(table).into_iter().map(|(field, key, value)| {
        let shape = shape(&value, 0)?;
        Ok(Entry { key, value, shape, field })
    });
    let entries = entries.collect::<Result<Vec<_>, EncodeError>>()?;
    Ok(entries.into_iter().partition(|entry| !matches!(entry.shape, Shape::Table | Shape::Tables)))
}

fn members(table: &Value) -> Vec<(usize, Str, Value)> {
    match table {
        Value::Map(map) => map.entries().into_iter().map(|(key, value)| (0, key, value)).collect(),
        Value::Object(object) => {
            let fields = object.fields().into_iter().enumerate();
            fields.flat_map(|(field, (name, value))| field_members(field, name, value)).collect()
        }
        _ => Vec::new(),
    }
}

/// A field, or the fields of the one struct that is embedded: the metadata in `.Chart`.
fn field_members(field: usize, name: &str, value: Value) -> Vec<(usize, Str, Value)> {
    if name == EMBEDDED {
        return members(&value).into_iter().map(|(_, name, value)| (field, name, value)).collect();
    }
    vec![(field, name.into(), value)]
}

struct Encoder {
    out: Vec<u8>,
    path: Vec<Str>,
}

impl Encoder {
    fn table_body(&mut self, table: &Value) -> Result<(), EncodeError> {
        if self.path.len() >= MAX_DEPTH {
            return Err(EncodeError::TooDeep);
        }
        let (values, tables) = entries(table)?;
        for entry in values.iter().filter(|entry| entry.shape != Shape::Nil) {
            self.indent(self.path.len());
            self.out.extend(quoted_key(entry.key.as_bytes()));
            self.out.extend_from_slice(b" = ");
            self.value(&entry.value, 0)?;
            self.out.push(b'\n');
        }
        for entry in tables {
            self.path.push(entry.key);
            match &entry.value {
                Value::List(tables) => tables.iter().try_for_each(|table| self.array_item(table))?,
                table => self.table(table)?,
            }
            self.path.pop();
        }
        Ok(())
    }

    fn table(&mut self, table: &Value) -> Result<(), EncodeError> {
        if self.path.len() == 1 {
            self.blank_line();
        }
        self.header("[", "]");
        self.table_body(table)
    }

    fn array_item(&mut self, table: &Value) -> Result<(), EncodeError> {
        self.blank_line();
        self.header("[[", "]]");
        self.table_body(table)
    }

    fn blank_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn header(&mut self, open: &str, close: &str) {
        self.indent(self.path.len() - 1);
        self.out.extend_from_slice(open.as_bytes());
        self.out.extend(key_text(&self.path));
        self.out.extend_from_slice(close.as_bytes());
        self.out.push(b'\n');
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), EncodeError> {
        if depth >= MAX_DEPTH {
            return Err(EncodeError::TooDeep);
        }
        match value {
            Value::Bool(truth) => self.text(truth),
            Value::Int(IntType::Duration, _) => {
                self.out.extend(quoted(format::to_text(value).as_bytes()));
            }
            Value::Int(_, number) => self.text(number),
            Value::Uint(_, number) => self.text(number),
            Value::Float(number) => self.text(float_text(*number)),
            Value::Str(text) => self.out.extend(quoted(text.as_bytes())),
            Value::Bytes(bytes) => self.array(bytes, |encoder, byte| {
                encoder.text(byte);
                Ok(())
            })?,
            Value::List(list) => self.array(list, |encoder, item| encoder.value(item, depth + 1))?,
            Value::Map(_) => self.inline_table(value, depth)?,
            Value::Object(_) => match text_form(value) {
                Some(text) => self.out.extend(text),
                None => self.inline_table(value, depth)?,
            },
            Value::Nil => return Err(EncodeError::NilElement),
            Value::Complex(..) => return Err(EncodeError::UnsupportedType(value.kind())),
        }
        Ok(())
    }

    fn text(&mut self, text: impl ToString) {
        self.out.extend(text.to_string().into_bytes());
    }

    fn array<Item>(
        &mut self,
        items: &[Item],
        print: impl Fn(&mut Self, &Item) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            print(self, item)?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Nil entries are left out, but a comma before them stays.
    fn inline_table(&mut self, table: &Value, depth: usize) -> Result<(), EncodeError> {
        let (values, tables) = entries(table)?;
        let total = values.len() + tables.len();
        let is_struct = matches!(table, Value::Object(_));
        let last_of_values = if tables.is_empty() { values.len() } else { usize::MAX };
        let places = (1..=values.len()).map(|place| (place, last_of_values));
        let places = places.chain((1..=tables.len()).map(|place| (place, tables.len())));
        self.out.push(b'{');
        for (entry, (place, last)) in values.iter().chain(&tables).zip(places) {
            if entry.shape == Shape::Nil {
                continue;
            }
            self.out.extend(quoted_key(entry.key.as_bytes()));
            self.out.extend_from_slice(b" = ");
            self.value(&entry.value, depth + 1)?;
            let is_last = if is_struct { entry.field + 1 == total } else { place == last };
            if !is_last {
                self.out.extend_from_slice(b", ");
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn indent(&mut self, depth: usize) {
        self.out.resize(self.out.len() + 2 * depth, b' ');
    }
}

fn float_text(number: f64) -> String {
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_nan() {
        return format!("{sign}nan");
    }
    if number.is_infinite() {
        return format!("{sign}inf");
    }
    let text = format_float(number, FloatFormat::General, None);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

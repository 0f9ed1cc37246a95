//! The walk over a value that prints it, with a stack of open collections in place of recursion.

use value::{List, Map, Str, Value};

use super::analysis::is_prose;
use super::layout::Layout;
use super::pretty::{Seen, see};
use super::scalar::{
    Folding, ScalarStyle, write_double_quoted, write_literal, write_plain, write_single_quoted,
};
use super::text::Text;
use super::{Dialect, EmitError, FOLD_COLUMN, MAX_BYTES, MAX_DEPTH, key_order, number, through_json};

/// The longest key in bytes that is written before a `:` on one line; longer ones get a `?`.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Why a value was not printed.
pub(super) enum Refused {
    /// Something in it changes on its way through JSON: that way has to be gone.
    Detour,
    Error(EmitError),
}

impl From<EmitError> for Refused {
    fn from(error: EmitError) -> Self {
        Refused::Error(error)
    }
}

/// A collection whose entries are being printed.
enum Open {
    List { items: List, next: usize, indent: usize },
    Map { entries: std::vec::IntoIter<(Str, Value)>, indent: usize },
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    /// Behind the `:` of a mapping, or its `?`.
    Entry,
    /// In front of the `:`, on its line.
    SimpleKey,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// From a template: it may hold anything, and itself.
    Template,
    /// From a document that was read: it has been through JSON, and has an end.
    Document,
}

pub(super) struct Emitter {
    dialect: Dialect,
    source: Source,
    layout: Layout,
    open: Vec<Open>,
}

impl Emitter {
    pub(super) fn new(dialect: Dialect, source: Source) -> Self {
        Self { dialect, source, layout: Layout::new(), open: Vec::new() }
    }

    /// Whether strings have yet to be checked for what JSON and YAML would make of them.
    fn checks_json(&self) -> bool {
        self.dialect == Dialect::Kubernetes && self.source == Source::Template
    }

    /// Prints one document.
    pub(super) fn document(mut self, value: &Value) -> Result<String, Refused> {
        self.value(value.clone(), Place::Root, None)?;
        while let Some(open) = self.open.last_mut() {
            if self.layout.text.len() > MAX_BYTES {
                return Err(EmitError::Size.into());
            }
            match open {
                Open::List { items, next, indent } => {
                    let (item, indent) = (items.get(*next).cloned(), *indent);
                    *next += 1;
                    self.item(item, indent)?;
                }
                Open::Map { entries, indent } => {
                    let (entry, indent) = (entries.next(), *indent);
                    self.entry(entry, indent)?;
                }
            }
        }
        self.layout.indent_to(0);
        Ok(self.layout.text)
    }

    fn item(&mut self, item: Option<Value>, indent: usize) -> Result<(), Refused> {
        let Some(item) = item else {
            self.open.pop();
            return Ok(());
        };
        self.layout.indent_to(indent);
        self.layout.sign("-", true);
        self.value(item, Place::Item, Some(indent))
    }

    fn entry(&mut self, entry: Option<(Str, Value)>, indent: usize) -> Result<(), Refused> {
        let Some((key, value)) = entry else {
            self.open.pop();
            return Ok(());
        };
        self.layout.indent_to(indent);
        if self.key(&key, indent)? {
            self.layout.inline_sign(":", false);
        } else {
            self.layout.indent_to(indent);
            self.layout.sign(":", true);
        }
        self.value(value, Place::Entry, Some(indent))
    }

    /// Prints a key; whether it stands on the line of its `:`.
    fn key(&mut self, key: &Str, indent: usize) -> Result<bool, Refused> {
        if self.checks_json() && key.len() > through_json::SHORT_KEY {
            return Err(Refused::Detour);
        }
        let text = self.read(key)?;
        let is_simple = text.letters.len() <= LONGEST_SIMPLE_KEY && !text.analysis.is_multiline;
        let place = if is_simple { Place::SimpleKey } else { Place::Entry };
        if !is_simple {
            self.layout.sign("?", true);
        }
        self.text(&text, place, Some(indent));
        Ok(is_simple)
    }

    /// Prints a scalar, or opens a collection. `indent` is that of the collection around.
    fn value(&mut self, value: Value, place: Place, indent: Option<usize>) -> Result<(), Refused> {
        match self.dialect {
            Dialect::Pretty => match see(value) {
                Seen::Value(value) => self.plain_value(value, place, indent),
                Seen::Bare(text) => {
                    self.bare(&text);
                    Ok(())
                }
                Seen::Struct(fields) => {
                    let entries = fields.into_iter().map(|(name, value)| (Str::from(name), value)).collect();
                    self.open_map(entries, indent)
                }
            },
            Dialect::Kubernetes => {
                let mut value = value;
                for _ in 0..MAX_DEPTH {
                    let Value::Object(object) = &value else {
                        return self.plain_value(value, place, indent);
                    };
                    value = object.to_json();
                }
                Err(EmitError::Depth.into())
            }
        }
    }

    fn plain_value(&mut self, value: Value, place: Place, indent: Option<usize>) -> Result<(), Refused> {
        let is_pretty = self.dialect == Dialect::Pretty;
        match value {
            Value::Nil => self.bare("null"),
            Value::Bool(truth) => self.bare(if truth { "true" } else { "false" }),
            Value::Int(_, int) => self.bare(&int.to_string()),
            Value::Uint(_, uint) => self.bare(&uint.to_string()),
            Value::Float(float) if is_pretty => self.bare(&number::float(float)),
            Value::Float(float) if float.is_finite() => self.bare(&number::float_through_json(float)),
            Value::Complex(..) if is_pretty => return Err(EmitError::Type("complex128".to_owned()).into()),
            Value::Float(_) | Value::Complex(..) | Value::Bytes(_) | Value::Object(_) => {
                return Err(Refused::Detour);
            }
            Value::Str(text) => return self.string(&text, place, indent),
            Value::List(list) if list.is_nil() && !is_pretty => self.bare("null"),
            Value::List(list) if list.is_empty() => self.layout.inline_sign("[]", true),
            Value::List(list) => return self.open_list(list, place, indent),
            Value::Map(map) if map.is_nil() && !is_pretty => self.bare("null"),
            Value::Map(map) => return self.open_sorted_map(&map, indent),
        }
        Ok(())
    }

    fn open_list(&mut self, items: List, place: Place, indent: Option<usize>) -> Result<(), Refused> {
        let in_column_of_keys =
            self.dialect == Dialect::Kubernetes && place == Place::Entry && !self.layout.only_indentation;
        let indent = match indent {
            None => 0,
            Some(indent) if in_column_of_keys => indent,
            Some(indent) => indent + 2,
        };
        self.push(Open::List { items, next: 0, indent })
    }

    fn open_sorted_map(&mut self, map: &Map, indent: Option<usize>) -> Result<(), Refused> {
        let entries = key_order::sort(map.entries(), |(key, _)| key.as_bytes(), self.dialect);
        self.open_map(entries, indent)
    }

    fn open_map(&mut self, entries: Vec<(Str, Value)>, indent: Option<usize>) -> Result<(), Refused> {
        if entries.is_empty() {
            self.layout.inline_sign("{}", true);
            return Ok(());
        }
        let indent = indent.map_or(0, |indent| indent + 2);
        self.push(Open::Map { entries: entries.into_iter(), indent })
    }

    fn push(&mut self, open: Open) -> Result<(), Refused> {
        if self.open.len() >= MAX_DEPTH && self.source == Source::Template {
            return Err(Refused::Detour);
        }
        self.open.push(open);
        Ok(())
    }

    fn string(&mut self, string: &Str, place: Place, indent: Option<usize>) -> Result<(), Refused> {
        let text = self.read(string)?;
        self.text(&text, place, indent);
        Ok(())
    }

    /// A string with all that decides how it is printed.
    fn read<'s>(&self, string: &'s Str) -> Result<Text<'s>, Refused> {
        match string.as_str() {
            Some(letters) if is_prose(letters) => Ok(Text::prose(letters)),
            Some(letters) if !self.checks_json() || through_json::is_unchanged(letters) => {
                Ok(Text::new(letters, self.dialect))
            }
            None if !self.checks_json() => Ok(Text::of_binary(string.as_bytes())),
            _ => Err(Refused::Detour),
        }
    }

    /// A text that needs no quotes.
    fn bare(&mut self, text: &str) {
        write_plain(&mut self.layout, text, Folding { column: None, indent: 0 });
    }

    fn text(&mut self, text: &Text<'_>, place: Place, indent: Option<usize>) {
        let is_simple_key = place == Place::SimpleKey;
        let folds = self.dialect == Dialect::Kubernetes && !is_simple_key;
        let folding =
            Folding { column: folds.then_some(FOLD_COLUMN), indent: indent.map_or(2, |indent| indent + 2) };
        if text.is_binary {
            self.layout.inline_sign("!!binary", true);
        }
        let letters = &text.letters;
        match text.wanted.fitting(text.analysis, is_simple_key, letters.is_empty()) {
            ScalarStyle::Plain => write_plain(&mut self.layout, letters, folding),
            ScalarStyle::SingleQuoted => write_single_quoted(&mut self.layout, letters, folding),
            ScalarStyle::DoubleQuoted => write_double_quoted(&mut self.layout, letters, folding),
            ScalarStyle::Literal => write_literal(&mut self.layout, letters, folding.indent),
        }
    }
}

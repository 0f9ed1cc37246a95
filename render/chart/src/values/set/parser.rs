//! The parser of assignments.
//!
//! It stops where Helm's stops and leaves behind what Helm's leaves, oddities included: `a[0]` alone makes an empty
//! list. Keys nest 30 levels at most, and lists as deep as values may.

use value::{List, Map, Value, json};

use super::Kind;
use super::error::{SetError, Stop};
use crate::Flavour;
use crate::values::DEPTH;

/// The largest index of a list.
const MAXIMUM_INDEX: i64 = 65_536;
/// How many levels of names one key may have.
const MAXIMUM_NAMES: usize = 30;

pub(super) struct Parser<'text, 'reader> {
    rest: &'text str,
    kind: Kind<'reader>,
    flavour: Flavour,
}

/// A piece of text up to a stopping character; `None` where the text ends first.
struct Piece {
    text: String,
    stop: Option<char>,
}

impl<'text, 'reader> Parser<'text, 'reader> {
    pub(super) fn new(text: &'text str, kind: Kind<'reader>, flavour: Flavour) -> Self {
        Self { rest: text, kind, flavour }
    }

    pub(super) fn run(mut self, values: &Map) -> Result<(), SetError> {
        loop {
            match self.assignment(values, 0) {
                Ok(()) => {}
                Err(Stop::End) => return Ok(()),
                Err(Stop::EndInIndex) if self.flavour == Flavour::V4 => return Ok(()),
                Err(Stop::EndInIndex) => return Err(SetError("error parsing index: EOF".to_owned())),
                Err(Stop::Failed(text)) => return Err(SetError(text)),
            }
        }
    }

    /// Reads one assignment, or what is left of it `names` levels below the top.
    fn assignment(&mut self, values: &Map, names: usize) -> Result<(), Stop> {
        let stops: &[char] = if self.kind.is_literal() { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let Piece { text: key, stop } = self.until(stops);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Stop::failed(format!("key {} has no value", quote(&key))),
            Some('[') => self.list_assignment(values, &key, names),
            Some('.') => self.map_assignment(values, &key, names),
            Some(',') => {
                insert(values, &key, "".into());
                Stop::failed(format!("key {} has no value (cannot end with ,)", quote(&key)))
            }
            Some(_) => {
                let (value, result) = self.value();
                if let Some(value) = value {
                    insert(values, &key, value);
                }
                result
            }
        }
    }

    fn list_assignment(&mut self, values: &Map, key: &str, names: usize) -> Result<(), Stop> {
        let index = self.index()?;
        let mut list = match values.get(key) {
            None => Vec::new(),
            Some(existing) => items(&existing)?,
        };
        let result = self.item(&mut list, index, names, 0);
        if !matches!(&result, Err(Stop::Failed(text)) if text.starts_with(FAILED_CONVERSION)) {
            insert(values, key, List::new(list).into());
        }
        result
    }

    fn map_assignment(&mut self, values: &Map, key: &str, names: usize) -> Result<(), Stop> {
        if names >= MAXIMUM_NAMES {
            return Stop::failed(format!(
                "value name nested level is greater than maximum supported nested level of {MAXIMUM_NAMES}"
            ));
        }
        let inner = match values.get(key) {
            None => Map::new(),
            Some(Value::Map(inner)) => inner,
            Some(other) => return failed_conversion(&other, "map[string]interface {}"),
        };
        let result = self.assignment(&inner, names + 1);
        if inner.is_empty() {
            result?;
            return Stop::failed(format!("key map {} has no value", quote(key)));
        }
        insert(values, key, inner.into());
        result
    }

    /// Reads what follows an index into that item of the list. `lists` counts lists in lists, the recursion's bound.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, names: usize, lists: usize) -> Result<(), Stop> {
        if index < 0 {
            return Stop::failed(format!("negative {index} index not allowed"));
        }
        if lists > DEPTH {
            return Stop::failed(format!("lists nest deeper than {DEPTH} levels"));
        }
        let Piece { text, stop } = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            return Stop::failed(format!("unexpected data at end of array index: {}", quote_letters(&text)));
        }
        match stop {
            None => Err(Stop::End),
            Some('[') => {
                let next = self.index()?;
                let mut inner = match list.get(slot(index)) {
                    None | Some(Value::Nil) => Vec::new(),
                    Some(existing) => items(existing)?,
                };
                self.item(&mut inner, next, names, lists + 1)?;
                set_item(list, index, List::new(inner).into())
            }
            Some('.') => {
                let inner = match list.get_mut(slot(index)) {
                    None => Map::new(),
                    Some(Value::Map(inner)) => inner.clone(),
                    Some(other) => {
                        let inner = Map::new();
                        *other = inner.clone().into();
                        inner
                    }
                };
                self.assignment(&inner, names)?;
                set_item(list, index, inner.into())
            }
            Some(_) => match self.value() {
                (Some(value), Ok(()) | Err(Stop::End)) => set_item(list, index, value),
                (_, result) => result,
            },
        }
    }

    /// Reads what stands behind `=`: a value to set, if any, and how to go on.
    fn value(&mut self) -> (Option<Value>, Result<(), Stop>) {
        match self.kind {
            Kind::Json => self.json(),
            Kind::Literal => {
                let text = std::mem::take(&mut self.rest);
                (Some(text.into()), Ok(()))
            }
            _ => self.list_or_text(),
        }
    }

    fn json(&mut self) -> (Option<Value>, Result<(), Stop>) {
        if self.skip_empty() {
            return (Some(Value::Nil), Ok(()));
        }
        match json::prefix_from_slice(self.rest.as_bytes()) {
            Ok((value, length)) => {
                if value.deep_copy(DEPTH).is_none() {
                    return (None, Stop::failed(format!("values nest deeper than {DEPTH} levels")));
                }
                self.rest = self.rest.get(length..).unwrap_or_default();
                self.skip_empty();
                (Some(value), Ok(()))
            }
            Err(error) => (None, Stop::failed(stream_error(&error.to_string()))),
        }
    }

    fn list_or_text(&mut self) -> (Option<Value>, Result<(), Stop>) {
        if self.rest.is_empty() {
            return (Some("".into()), Err(Stop::End));
        }
        if let Some(rest) = self.rest.strip_prefix('{') {
            self.rest = rest;
            return match self.braced_list() {
                Ok(list) => (Some(list.into()), Ok(())),
                Err(stop) => (None, Err(stop)),
            };
        }
        let text = self.until(&[',']).text;
        match self.kind.read(text) {
            Ok(value) => (Some(value), Ok(())),
            Err(problem) => (None, Stop::failed(problem)),
        }
    }

    /// Reads `a,b}`, and a comma behind it.
    fn braced_list(&mut self) -> Result<List, Stop> {
        let mut items = Vec::new();
        loop {
            let Piece { text, stop } = self.until(&[',', '}']);
            if stop.is_none() {
                return Stop::failed("list must terminate with '}'");
            }
            items.push(self.kind.read(text).map_err(Stop::Failed)?);
            if stop == Some('}') {
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                return Ok(List::new(items));
            }
        }
    }

    fn index(&mut self) -> Result<i64, Stop> {
        let Piece { text, stop } = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::EndInIndex);
        }
        value::parse_int(&text, 10)
            .map_err(|error| Stop::Failed(format!("error parsing index: {}", error.of_function("Atoi"))))
    }

    /// Skips spaces and one comma; says whether there was nothing else.
    fn skip_empty(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(',') {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => self.rest.is_empty(),
        }
    }

    /// Reads up to one of the characters, which it consumes.
    fn until(&mut self, stops: &[char]) -> Piece {
        let mut text = String::new();
        let mut letters = self.rest.chars();
        let mut stop = None;
        while let Some(letter) = letters.next() {
            if stops.contains(&letter) {
                stop = Some(letter);
                break;
            }
            if letter == '\\' && !self.kind.is_literal() {
                text.extend(letters.next());
            } else {
                text.push(letter);
            }
        }
        self.rest = letters.as_str();
        Piece { text, stop }
    }
}

const FAILED_CONVERSION: &str = "unable to parse key: interface conversion";

/// What Go's recovered panic says where a value has another type than the key needs.
fn failed_conversion<T>(found: &Value, wanted: &str) -> Result<T, Stop> {
    let found = if found.is_nil() { "nil".into() } else { found.type_name() };
    Stop::failed(format!("{FAILED_CONVERSION}: interface {{}} is {found}, not {wanted}"))
}

fn items(existing: &Value) -> Result<Vec<Value>, Stop> {
    match existing {
        Value::List(list) => Ok(list.to_vec()),
        other => failed_conversion(other, "[]interface {}"),
    }
}

fn slot(index: i64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// Sets an item; the list grows with nulls.
fn set_item(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), Stop> {
    if index > MAXIMUM_INDEX {
        return Stop::failed(format!(
            "index of {index} is greater than maximum supported index of {MAXIMUM_INDEX}"
        ));
    }
    let slot = slot(index);
    if list.len() <= slot {
        list.resize(slot + 1, Value::Nil);
    }
    list[slot] = value;
    Ok(())
}

/// An empty key sets nothing.
fn insert(values: &Map, key: &str, value: Value) {
    if !key.is_empty() {
        values.insert(key, value);
    }
}

fn quote(text: &str) -> String {
    value::format::quote(text)
}

/// What Go's `%q` prints of a slice of characters.
fn quote_letters(text: &str) -> String {
    let letters: Vec<String> = text.chars().map(|letter| value::format::quote_rune(letter, false)).collect();
    format!("[{}]", letters.join(" "))
}

/// The error of a JSON text as Go's `Decoder` words it, which reads from a stream.
fn stream_error(error: &str) -> &str {
    if error == "unexpected end of JSON input" { "unexpected EOF" } else { error }
}

//! Filling structs from YAML as `sigs.k8s.io/yaml` and Go's `encoding/json` do.
//!
//! Keys match fields in any case, unknown keys are skipped, scalars become text where text is wanted, null leaves a
//! field as it was, and a list that is read twice is read into the entries it has. The first mismatch is the error.

use std::collections::BTreeMap;

use value::Value;

use crate::Flavour;
use crate::go_text::equal_fold;

/// What can be filled from a value.
pub(crate) trait Decode {
    /// Go's name of the type.
    fn type_name(flavour: Flavour) -> String
    where
        Self: Sized;

    /// Takes over the value, or tells the decoder why not.
    fn decode(&mut self, value: &Value, decoder: &mut Decoder);
}

/// A Go struct: its name and its fields by JSON name.
pub(crate) trait Structure {
    /// The struct's name, without its package.
    const NAME: &'static str;
    /// The JSON names of the fields.
    const FIELDS: &'static [&'static str];

    /// Go's package of the struct, which Helm 4 moved.
    fn package(flavour: Flavour) -> &'static str {
        if flavour == Flavour::V3 { "chart" } else { "v2" }
    }

    /// The field of one of those names.
    fn field(&mut self, name: &str) -> Option<&mut dyn Decode>;
}

/// Where decoding stands, and the first thing that went wrong.
pub(crate) struct Decoder {
    flavour: Flavour,
    structure: Option<&'static str>,
    path: Vec<&'static str>,
    error: Option<FieldError>,
}

/// Why a value doesn't fit.
pub(crate) enum FieldError {
    /// The value is of another kind.
    Mismatch(goyaml::Error),
    /// A text is no time, in Go's words.
    Time(String),
}

impl Decoder {
    /// Fills `target` from the value.
    pub(crate) fn run(target: &mut impl Decode, value: &Value, flavour: Flavour) -> Result<(), FieldError> {
        let mut decoder = Self { flavour, structure: None, path: Vec::new(), error: None };
        target.decode(value, &mut decoder);
        decoder.error.map_or(Ok(()), Err)
    }

    /// Notes that the value is of another kind than the wanted type.
    pub(crate) fn mismatch<T: Decode>(&mut self, value: &Value) {
        let place = match self.structure {
            Some(structure) => format!("struct field {structure}.{}", self.path.join(".")),
            None => "value".to_owned(),
        };
        let error = goyaml::type_mismatch(value, &place, &T::type_name(self.flavour));
        self.fail(FieldError::Mismatch(error));
    }

    pub(crate) fn fail(&mut self, error: FieldError) {
        self.error.get_or_insert(error);
    }

    fn structure<T: Structure>(&mut self, target: &mut T, entries: &[(value::Str, Value)]) {
        let outer = self.structure.replace(T::NAME);
        for (key, value) in entries {
            let key = key.to_text();
            let Some(name) = field_name(T::FIELDS, &key) else { continue };
            let Some(field) = target.field(name) else { continue };
            self.path.push(name);
            field.decode(value, self);
            self.path.pop();
        }
        self.structure = outer;
    }
}

/// The field that Go takes for a key: the one of that very name, else one that differs in case only.
fn field_name(fields: &'static [&'static str], key: &str) -> Option<&'static str> {
    let exact = fields.iter().find(|field| **field == key);
    exact.or_else(|| fields.iter().find(|field| equal_fold(field, key))).copied()
}

impl<T: Structure> Decode for T {
    fn type_name(flavour: Flavour) -> String {
        format!("{}.{}", T::package(flavour), T::NAME)
    }

    fn decode(&mut self, value: &Value, decoder: &mut Decoder) {
        match value {
            Value::Map(map) => decoder.structure(self, &map.entries()),
            Value::Nil => {}
            other => decoder.mismatch::<Self>(other),
        }
    }
}

impl Decode for String {
    fn type_name(_: Flavour) -> String {
        "string".to_owned()
    }

    fn decode(&mut self, value: &Value, decoder: &mut Decoder) {
        match goyaml::as_string(value) {
            Some(text) => *self = text.to_text().into_owned(),
            None if value.is_nil() => {}
            None => decoder.mismatch::<Self>(value),
        }
    }
}

impl Decode for bool {
    fn type_name(_: Flavour) -> String {
        "bool".to_owned()
    }

    fn decode(&mut self, value: &Value, decoder: &mut Decoder) {
        match value {
            Value::Bool(truth) => *self = *truth,
            Value::Nil => {}
            other => decoder.mismatch::<Self>(other),
        }
    }
}

/// A pointer, or a slice that can be nil.
impl<T: Decode + Default> Decode for Option<T> {
    fn type_name(flavour: Flavour) -> String {
        format!("*{}", T::type_name(flavour))
    }

    fn decode(&mut self, value: &Value, decoder: &mut Decoder) {
        if value.is_nil() {
            *self = None;
        } else {
            self.get_or_insert_default().decode(value, decoder);
        }
    }
}

impl<T: Decode + Default> Decode for Vec<T> {
    fn type_name(flavour: Flavour) -> String {
        format!("[]{}", T::type_name(flavour))
    }

    fn decode(&mut self, value: &Value, decoder: &mut Decoder) {
        match value {
            Value::List(list) => {
                self.resize_with(list.len(), T::default);
                for (item, value) in self.iter_mut().zip(list.iter()) {
                    item.decode(value, decoder);
                }
            }
            Value::Nil => self.clear(),
            other => decoder.mismatch::<Self>(other),
        }
    }
}

impl Decode for BTreeMap<String, String> {
    fn type_name(_: Flavour) -> String {
        "map[string]string".to_owned()
    }

    fn decode(&mut self, value: &Value, decoder: &mut Decoder) {
        match value {
            Value::Map(map) => {
                for (key, value) in map.entries() {
                    let mut text = String::new();
                    text.decode(&value, decoder);
                    self.insert(key.to_text().into_owned(), text);
                }
            }
            Value::Nil => self.clear(),
            other => decoder.mismatch::<Self>(other),
        }
    }
}

/// Go's `interface {}`: the value as JSON has it, where every number is a float.
impl Decode for Value {
    fn type_name(_: Flavour) -> String {
        "interface {}".to_owned()
    }

    fn decode(&mut self, value: &Value, _: &mut Decoder) {
        *self = with_floats(value);
    }
}

/// The value with integers as floats. Recursion is bounded by the depth to which metadata may nest.
fn with_floats(value: &Value) -> Value {
    match value {
        Value::Int(_, number) => Value::Float(*number as f64),
        Value::Uint(_, number) => Value::Float(*number as f64),
        Value::List(list) => Value::List(list.iter().map(with_floats).collect()),
        Value::Map(map) => {
            Value::Map(map.entries().into_iter().map(|(key, value)| (key, with_floats(&value))).collect())
        }
        other => other.clone(),
    }
}

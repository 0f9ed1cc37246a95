//! Scalars as values and as keys.

use std::borrow::Cow;
use std::collections::HashMap;

use value::{FloatFormat, Str, UintType, Value};

use super::Numbers;
use crate::error::Error;
use crate::resolve::{Scalar, resolve_plain, resolve_tagged, valid_text};
use crate::tree::{Kind, NodeData, NodeId};

/// Texts from this length on are kept once however often aliases repeat them.
const LONG: usize = 32;

/// Turns scalars into values and keys.
pub(crate) struct Scalars {
    numbers: Numbers,
    /// Whether there was an infinity or a NaN.
    pub(super) has_special_float: bool,
    shared: HashMap<NodeId, Str>,
}

impl Scalars {
    pub(crate) fn new(numbers: Numbers) -> Self {
        Self { numbers, has_special_float: false, shared: HashMap::new() }
    }

    /// The scalar as a value.
    pub(crate) fn value(&mut self, scalar: Scalar<'_>, id: NodeId, is_copy: bool) -> Value {
        let as_written = self.numbers == Numbers::AsWritten;
        match scalar {
            Scalar::Null => Value::Nil,
            Scalar::Bool(truth) => Value::Bool(truth),
            Scalar::Int(int) if as_written => Value::int64(int),
            Scalar::Int(int) => Value::Float(int as f64),
            Scalar::Uint(uint) if as_written => Value::Uint(UintType::Uint64, uint),
            Scalar::Uint(uint) => Value::Float(uint as f64),
            Scalar::Float(float) => {
                self.has_special_float |= !float.is_finite();
                Value::Float(float)
            }
            Scalar::Text(text) => Value::Str(self.text(&text, id, is_copy)),
            Scalar::Binary(bytes) => Value::Str(self.text(&valid_text(&bytes), id, is_copy)),
        }
    }

    /// The scalar as JSON has it as a key; `None` where `sigs.k8s.io/yaml` knows no text for it.
    pub(crate) fn key(&mut self, scalar: &Scalar<'_>, id: NodeId, is_copy: bool) -> Option<Str> {
        Some(match scalar {
            Scalar::Null | Scalar::Uint(_) => return None,
            Scalar::Bool(truth) => Str::from(if *truth { "true" } else { "false" }),
            Scalar::Int(int) => Str::from(int.to_string()),
            Scalar::Float(float) => Str::from(float_key(*float)),
            Scalar::Text(text) => self.text(text, id, is_copy),
            Scalar::Binary(bytes) => self.text(&valid_text(bytes), id, is_copy),
        })
    }

    fn text(&mut self, text: &str, id: NodeId, is_copy: bool) -> Str {
        if is_copy && text.len() >= LONG {
            self.shared.entry(id).or_insert_with(|| Str::from(text)).clone()
        } else {
            Str::from(text)
        }
    }
}

/// Whether a scalar is by its first letter neither a number nor null, and has no tag that it may not fit.
pub(super) fn is_word(node: &NodeData<'_>) -> bool {
    let starts_word = |first: char| first.is_ascii_alphabetic() && !matches!(first, 'n' | 'N');
    node.properties.is_none() && node.value.starts_with(starts_word)
}

/// Whether `sigs.k8s.io/yaml` knows a text for a key.
pub(crate) fn has_text(key: &Scalar<'_>) -> bool {
    !matches!(key, Scalar::Null | Scalar::Uint(_))
}

/// With the digits that a `float32` needs.
fn float_key(float: f64) -> String {
    match value::format_float32(float as f32, FloatFormat::General).as_str() {
        "+Inf" => ".inf".to_owned(),
        "-Inf" => "-.inf".to_owned(),
        "NaN" => ".nan".to_owned(),
        text => text.to_owned(),
    }
}

/// What a scalar node is.
pub(crate) fn resolve<'a>(node: &'a NodeData<'_>) -> Result<Scalar<'a>, Error> {
    match node.tag() {
        Some(tag) => resolve_tagged(tag, &node.value),
        None if node.implicit => Ok(resolve_plain(&node.value)),
        None => Ok(Scalar::Text(Cow::Borrowed(&node.value))),
    }
}

/// Whether a key is `<<`, and not in quotes.
pub(crate) fn is_merge(key: &NodeData<'_>) -> bool {
    key.kind == Kind::Scalar
        && key.value == "<<"
        && (key.implicit || key.tag() == Some("tag:yaml.org,2002:merge"))
}

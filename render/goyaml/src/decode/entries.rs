//! Maps while they are being filled, and the errors that show only when all is read.

use std::collections::HashSet;
use std::mem::Discriminant;

use value::{Str, Value};

use crate::error::{Error, Problem};
use crate::go_syntax;
use crate::resolve::Scalar;
use crate::tree::{NodeId, Nodes};

/// A map that is being filled.
#[derive(Default)]
pub(super) struct Filling {
    /// In the order of the document; of several with one key the last counts.
    pub(super) entries: Vec<(Str, Value)>,
    /// In strict mode, the keys so far by type and text: `1` and `"1"` are two.
    seen: Option<HashSet<(Discriminant<Scalar<'static>>, Str)>>,
}

/// A key whose value is awaited.
pub(super) enum Key {
    Sound(Str),
    /// One that an error may have to show.
    Doubtful(Box<DoubtfulKey>),
}

/// A key that JSON can't have, or that may be there already.
pub(super) struct DoubtfulKey {
    /// `None` where JSON has no such key.
    pub(super) text: Option<Str>,
    pub(super) scalar: Scalar<'static>,
    pub(super) value: NodeId,
}

/// What is wrong with keys.
#[derive(Default)]
pub(super) struct KeyProblems {
    duplicates: Vec<String>,
    /// Keys that JSON can't have, and the nodes of their values. They count only if they are still there at the end:
    /// a later duplicate of the whole mapping makes them good. Bytes, which no document has, stand in for the value
    /// and hold the place in this list.
    unsupported: Vec<(Scalar<'static>, NodeId)>,
}

impl KeyProblems {
    /// Sets the entry of a key.
    pub(super) fn set(
        &mut self,
        filling: &mut Filling,
        key: Key,
        value: Value,
        nodes: &Nodes<'_>,
        strict: bool,
    ) {
        let key = match key {
            Key::Sound(text) => return filling.entries.push((text, value)),
            Key::Doubtful(key) => *key,
        };
        if strict && filling.is_duplicate(&key) {
            let line = nodes.get(key.value).map_or(0, |node| node.line as usize + 1);
            let key = go_syntax::of_scalar(&key.scalar);
            self.duplicates.push(format!("line {line}: key {key} already set in map"));
            return;
        }
        match key.text {
            Some(text) => filling.entries.push((text, value)),
            None => {
                let text = [b"\xff", go_syntax::of_scalar(&key.scalar).as_bytes()].concat();
                let place = self.unsupported.len().to_be_bytes();
                self.unsupported.push((key.scalar, key.value));
                filling.entries.push((Str::from(text), Value::Bytes(place.as_slice().into())));
            }
        }
    }

    /// The error that Go finds first. Of several keys that JSON can't have it tells any, as it goes through a map in an
    /// order of its own; most often the one that stands first in the document, which it is here always.
    pub(super) fn check(self, value: &Value, nodes: &Nodes<'_>) -> Result<(), Error> {
        if !self.duplicates.is_empty() {
            return Err(Problem::Duplicates(self.duplicates).into());
        }
        if self.unsupported.is_empty() {
            return Ok(());
        }
        let left = leaves(value).filter_map(|leaf| self.stood_in(&leaf));
        let Some((key, value)) = left.min_by_key(|(_, value)| *value) else {
            return Ok(());
        };
        let problem = Problem::UnsupportedKey {
            key_type: if *key == Scalar::Null { "%!s(<nil>)" } else { "uint64" },
            key: go_syntax::of_scalar(key),
            value: go_syntax::of_node(nodes, *value),
        };
        Err(problem.into())
    }

    /// What a leaf stands in for.
    fn stood_in(&self, leaf: &Value) -> Option<&(Scalar<'static>, NodeId)> {
        let Value::Bytes(place) = leaf else {
            return None;
        };
        self.unsupported.get(usize::from_be_bytes(place.as_ref().try_into().ok()?))
    }
}

impl Filling {
    pub(super) fn with_capacity(entries: usize) -> Self {
        Self { entries: Vec::with_capacity(entries), ..Self::default() }
    }

    /// Notes the key; whether it was there before. NaN equals nothing.
    fn is_duplicate(&mut self, key: &DoubtfulKey) -> bool {
        let is_nan = matches!(key.scalar, Scalar::Float(float) if float.is_nan());
        let text = key.text.clone().unwrap_or_default();
        !self.seen.get_or_insert_default().insert((std::mem::discriminant(&key.scalar), text)) && !is_nan
    }
}

/// An infinity or NaN among the leaves, by Go's name: JSON has none.
pub(super) fn special_float(value: &Value) -> Option<&'static str> {
    leaves(value).find_map(|leaf| match leaf {
        Value::Float(float) if float.is_nan() => Some("NaN"),
        Value::Float(float) if float.is_infinite() => Some(if float > 0.0 { "+Inf" } else { "-Inf" }),
        _ => None,
    })
}

/// The leaves of a value in the order in which Go's JSON encoder goes.
fn leaves(value: &Value) -> Leaves {
    Leaves(vec![value.clone()])
}

struct Leaves(Vec<Value>);

impl Iterator for Leaves {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.pop()? {
                Value::List(list) => self.0.extend(list.iter().rev().cloned()),
                Value::Map(map) => self.0.extend(map.entries().into_iter().rev().map(|(_, value)| value)),
                leaf => return Some(leaf),
            }
        }
    }
}

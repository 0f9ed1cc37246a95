//! Values of `const` and `enum`, and what values are in JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Number;
use value::{List, Map, Value, json};

use super::keyword::Types;
use super::{Unsettled, Verdict};

/// Up to here every whole number is a float of its own.
const WHOLE_FLOATS: f64 = (1_u64 << 53) as f64;

/// A value of JSON that holds no others.
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
}

/// What a value is in JSON, as the exact validator sees it.
pub(super) enum Shape<'v> {
    Scalar(Scalar<'v>),
    List(&'v List),
    Map(&'v Map),
}

impl Scalar<'_> {
    pub(super) fn equals(&self, other: &Scalar<'_>) -> bool {
        match (self, other) {
            (Scalar::Null, Scalar::Null) => true,
            (Scalar::Bool(a), Scalar::Bool(b)) => a == b,
            (Scalar::Text(a), Scalar::Text(b)) => a == b,
            (Scalar::Number(a), Scalar::Number(b)) => same_number(a, b),
            _ => false,
        }
    }
}

/// Whole numbers by their digits, all others as floats.
fn same_number(a: &Number, b: &Number) -> bool {
    if let (Some(a), Some(b)) = (a.as_u64(), b.as_u64()) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        return a == b;
    }
    a.as_f64() == b.as_f64()
}

impl<'v> Shape<'v> {
    pub(super) fn of(value: &'v Value) -> Result<Self, Unsettled> {
        Ok(Shape::Scalar(match value {
            Value::Nil => Scalar::Null,
            Value::Bool(truth) => Scalar::Bool(*truth),
            Value::Int(_, number) => Scalar::Number((*number).into()),
            Value::Uint(_, number) => Scalar::Number((*number).into()),
            Value::Float(number) => Scalar::Number(as_printed(*number)?),
            Value::Str(text) => Scalar::Text(text.as_str().ok_or(Unsettled)?.into()),
            Value::List(list) if list.is_nil() => Scalar::Null,
            Value::Map(map) if map.is_nil() => Scalar::Null,
            Value::List(list) => return Ok(Shape::List(list)),
            Value::Map(map) => return Ok(Shape::Map(map)),
            Value::Complex(..) | Value::Bytes(_) | Value::Object(_) => return Err(Unsettled),
        }))
    }

    pub(super) fn has_type(&self, types: Types) -> bool {
        match self {
            Shape::Scalar(Scalar::Null) => types.has(Types::NULL),
            Shape::Scalar(Scalar::Bool(_)) => types.has(Types::BOOLEAN),
            Shape::Scalar(Scalar::Text(_)) => types.has(Types::STRING),
            Shape::Scalar(Scalar::Number(number)) => {
                types.has(Types::NUMBER) || types.has(Types::INTEGER) && is_whole(number)
            }
            Shape::List(_) => types.has(Types::ARRAY),
            Shape::Map(_) => types.has(Types::OBJECT),
        }
    }

    /// Whether it is one of those.
    pub(super) fn is_one_of(&self, scalars: &[Scalar<'_>]) -> bool {
        match self {
            Shape::Scalar(own) => scalars.iter().any(|scalar| scalar.equals(own)),
            Shape::List(_) | Shape::Map(_) => false,
        }
    }
}

/// Whether no two of the scalars are the same.
pub(super) fn are_unique(scalars: &[Scalar<'_>]) -> bool {
    scalars.iter().enumerate().all(|(at, scalar)| {
        let before = scalars.get(..at).unwrap_or_default();
        !before.iter().any(|other| other.equals(scalar))
    })
}

/// Whether no two items of the list are the same; only of scalars, and of no more than the exact validator compares
/// one with each other.
pub(super) fn has_unique_items(list: &List) -> Verdict {
    const COMPARED: usize = 20;
    if list.len() < 2 {
        return Ok(true);
    }
    if list.len() > COMPARED {
        return Err(Unsettled);
    }
    let scalar = |item| match Shape::of(item)? {
        Shape::Scalar(scalar) => Ok(scalar),
        Shape::List(_) | Shape::Map(_) => Err(Unsettled),
    };
    Ok(are_unique(&list.iter().map(scalar).collect::<Result<Vec<_>, _>>()?))
}

fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// The number that is read of what is printed: the exact validator gets its values as text.
fn as_printed(number: f64) -> Result<Number, Unsettled> {
    if number.fract() == 0.0 && number.abs() < WHOLE_FLOATS && number.to_bits() != (-0.0_f64).to_bits() {
        return Ok((number as i64).into());
    }
    let text = json::to_string(&Value::Float(number)).map_err(|_| Unsettled)?;
    serde_json::from_str(&text).map_err(|_| Unsettled)
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that holds no others")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Scalar<'de>, E> {
        Number::from_f64(number).map(Scalar::Number).ok_or_else(|| E::custom("no number of JSON"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(text.to_owned().into()))
    }
}

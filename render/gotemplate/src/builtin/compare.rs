//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use std::cmp::Ordering;
use std::sync::Arc;

use value::{Kind, Value, format};

use crate::{FunctionError, Reflected, Variadic};

type Compared = Result<bool, FunctionError>;

const WRONG_TYPE: &str = "invalid type for comparison";

/// Go's basic kinds: only values of one kind compare, signed and unsigned integers apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
}

fn basic(value: &Value) -> Option<Basic> {
    Some(match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(..) => Basic::Int,
        Value::Uint(..) => Basic::Uint,
        Value::Float(_) => Basic::Float,
        Value::Complex(..) => Basic::Complex,
        Value::Str(_) => Basic::String,
        _ => return None,
    })
}

/// Whether the first is equal to any of the others.
pub(super) fn equal(first: Reflected, others: Variadic<Reflected>) -> Compared {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal_pair(first.value(), other.value())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal_pair(first: &Value, other: &Value) -> Compared {
    match (first, other) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Complex(a, b), Value::Complex(c, d)) => Ok(a == c && b == d),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Str(a), Value::Str(b)) => Ok(a == b),
        (Value::Int(..) | Value::Uint(..), Value::Int(..) | Value::Uint(..)) => {
            Ok(integer(first) == integer(other))
        }
        _ if basic(first) != basic(other) => {
            if first.is_nil() || other.is_nil() {
                Ok(false)
            } else {
                Err(incompatible(first, other))
            }
        }
        _ => equal_composite(first, other),
    }
}

/// Values that compare to nil only, or not at all.
fn equal_composite(first: &Value, other: &Value) -> Compared {
    let (first_is_nil, other_is_nil) = (is_nil(first), is_nil(other));
    if !(first.is_nil() || other.is_nil()) && kind_name(first) != kind_name(other) {
        return Err(FunctionError::Failed(format!(
            "non-comparable types {}: {}, {}: {}",
            text(b"%s", first),
            first.type_name(),
            other.type_name(),
            text(b"%v", other)
        )));
    }
    if first_is_nil || other_is_nil {
        return Ok(first_is_nil == other_is_nil);
    }
    match (first, other) {
        (Value::Object(a), Value::Object(b)) if a.kind() == Kind::Struct => Ok(a.fields() == b.fields()),
        (Value::Object(a), Value::Object(b)) => Ok(Arc::ptr_eq(a, b)),
        _ => Err(FunctionError::Failed(format!(
            "non-comparable type {}: {}",
            text(b"%s", other),
            other.type_name()
        ))),
    }
}

fn kind_name(value: &Value) -> &'static str {
    value.kind().name()
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::Map(map) => map.is_nil(),
        Value::List(list) => list.is_nil(),
        _ => false,
    }
}

fn text(verb: &[u8], value: &Value) -> String {
    String::from_utf8_lossy(&format::sprintf(verb, std::slice::from_ref(value))).into_owned()
}

fn incompatible(first: &Value, other: &Value) -> FunctionError {
    FunctionError::Failed(format!(
        "incompatible types for comparison: {} and {}",
        first.type_name(),
        other.type_name()
    ))
}

fn integer(value: &Value) -> i128 {
    match value {
        Value::Int(_, number) => i128::from(*number),
        Value::Uint(_, number) => i128::from(*number),
        _ => 0,
    }
}

pub(super) fn not_equal(first: Reflected, other: Reflected) -> Compared {
    equal_pair(first.value(), other.value()).map(|equal| !equal)
}

pub(super) fn less(first: Reflected, other: Reflected) -> Compared {
    less_pair(first.value(), other.value())
}

fn less_pair(first: &Value, other: &Value) -> Compared {
    let (Some(first_kind), Some(other_kind)) = (basic(first), basic(other)) else {
        return Err(WRONG_TYPE.into());
    };
    match (first, other) {
        (Value::Int(..) | Value::Uint(..), Value::Int(..) | Value::Uint(..)) => {
            Ok(integer(first) < integer(other))
        }
        _ if first_kind != other_kind => Err(incompatible(first, other)),
        (Value::Float(a), Value::Float(b)) => Ok(a < b),
        (Value::Str(a), Value::Str(b)) => Ok(a.cmp(b) == Ordering::Less),
        _ => Err(WRONG_TYPE.into()),
    }
}

pub(super) fn less_or_equal(first: Reflected, other: Reflected) -> Compared {
    Ok(less_pair(first.value(), other.value())? || equal_pair(first.value(), other.value())?)
}

/// Go's: the inverse of `le`, so that a NaN is greater than all.
pub(super) fn greater(first: Reflected, other: Reflected) -> Compared {
    less_or_equal(first, other).map(|less| !less)
}

pub(super) fn greater_or_equal(first: Reflected, other: Reflected) -> Compared {
    less(first, other).map(|less| !less)
}

//! What a value is: its kind, its type, whether it is empty, and choices by that.

use gotemplate::Variadic;
use value::{Str, Value};

pub(crate) fn kind_of(value: Value) -> &'static str {
    value.kind().name()
}

pub(crate) fn kind_is(kind: Str, value: Value) -> bool {
    kind == value.kind().name()
}

pub(crate) fn type_of(value: Value) -> String {
    value.type_name().into_owned()
}

pub(crate) fn type_is(name: Str, value: Value) -> bool {
    name == *value.type_name()
}

/// Whether the value is of that type or a pointer to it.
pub(crate) fn type_is_like(name: Str, value: Value) -> bool {
    let got = value.type_name();
    name == *got || got.strip_prefix('*').is_some_and(|target| name == target)
}

/// `reflect.DeepEqual`.
pub(crate) fn deep_equal(left: Value, right: Value) -> bool {
    left == right
}

/// Zero, empty, false or nil.
pub(crate) fn empty(value: Value) -> bool {
    !value.is_true()
}

/// The given value, or the default where it is missing or empty.
pub(crate) fn default(default: Value, given: Variadic<Value>) -> Value {
    given.0.into_iter().next().filter(Value::is_true).unwrap_or(default)
}

/// The first value that isn't empty.
pub(crate) fn coalesce(values: Variadic<Value>) -> Value {
    values.0.into_iter().find(Value::is_true).unwrap_or_default()
}

pub(crate) fn all(values: Variadic<Value>) -> bool {
    values.iter().all(Value::is_true)
}

pub(crate) fn any(values: Variadic<Value>) -> bool {
    values.iter().any(Value::is_true)
}

pub(crate) fn ternary(if_true: Value, if_false: Value, condition: bool) -> Value {
    if condition { if_true } else { if_false }
}

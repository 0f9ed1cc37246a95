//! `index`, `slice`, `len`.

use std::borrow::Cow;

use value::{Kind, List, Str, UintType, Value};

use crate::execute::of_element;
use crate::{FunctionError, Reflected, Variadic};

/// `x[1][2][3]`
pub(super) fn index(item: Reflected, indexes: Variadic<Reflected>) -> Result<Reflected, FunctionError> {
    if item.value().is_nil() {
        return Err("index of untyped nil".into());
    }
    let mut item = item.into_concrete();
    for index in indexes {
        item = element(&item, index.value())?;
    }
    Ok(item)
}

fn element(item: &Reflected, index: &Value) -> Result<Reflected, FunctionError> {
    let byte = |byte: u8| Reflected::concrete(Value::Uint(UintType::Uint8, byte.into()));
    match item.value() {
        Value::Nil => Err("index of nil pointer".into()),
        Value::List(list) => {
            let found = list.get(position(index, list.len())?);
            found.map(|found| of_element(found.clone(), list.element())).ok_or_else(|| beyond("slice"))
        }
        Value::Bytes(bytes) => {
            bytes.get(position(index, bytes.len())?).copied().map(byte).ok_or_else(|| beyond("slice"))
        }
        Value::Str(text) => {
            let found = text.as_bytes().get(position(index, text.len())?);
            found.copied().map(byte).ok_or_else(|| beyond("string"))
        }
        Value::Map(map) => {
            let key = match index {
                Value::Str(key) => key,
                Value::Nil => return Err("value is nil; should be of type string".into()),
                other => return Err(format!("value has type {}; should be string", other.type_name()).into()),
            };
            Ok(of_element(map.get(key).unwrap_or_else(|| Value::zero(map.element())), map.element()))
        }
        other => Err(format!("can't index item of type {}", pointed_to(other)).into()),
    }
}

/// What Go's reflection says of an index that is just the length: only a greater one is noticed before.
fn beyond(what: &str) -> FunctionError {
    FunctionError::Failed(format!("reflect: {what} index out of range"))
}

fn position(index: &Value, length: usize) -> Result<usize, FunctionError> {
    let number = match index {
        Value::Int(_, number) => *number,
        // As Go's conversion: what is too large becomes negative.
        Value::Uint(_, number) => *number as i64,
        Value::Nil => return Err("cannot index slice/array with nil".into()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name()).into()),
    };
    match usize::try_from(number) {
        Ok(position) if position <= length => Ok(position),
        _ => Err(format!("index out of range: {number}").into()),
    }
}

/// The type of a value, or of what a pointer points to.
fn pointed_to(value: &Value) -> Cow<'_, str> {
    match (value.type_name(), value.kind()) {
        (Cow::Borrowed(name), Kind::Pointer) => Cow::Borrowed(name.strip_prefix('*').unwrap_or(name)),
        (name, _) => name,
    }
}

/// `x[1:2]`, `x[1:2:3]`
pub(super) fn slice(item: Reflected, indexes: Variadic<Reflected>) -> Result<Reflected, FunctionError> {
    let item = item.into_value();
    if item.is_nil() {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let length = match &item {
        Value::Str(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Value::Str(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Bytes(bytes) => bytes.len(),
        other => return Err(format!("can't slice item of type {}", pointed_to(other)).into()),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes.iter()) {
        if index.is_interface() {
            // Unlike `index`, Go's `slice` does not look into an interface.
            return Err("cannot index slice/array with type interface {}".into());
        }
        *bound = position(index.value(), length)?;
    }
    let [start, end, capacity] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}").into());
    }
    if end > capacity {
        return Err(format!("invalid slice index: {end} > {capacity}").into());
    }
    Ok(Reflected::concrete(part(item, start, end)))
}

fn part(item: Value, start: usize, end: usize) -> Value {
    match item {
        Value::Str(text) => Value::Str(Str::from(text.as_bytes().get(start..end).unwrap_or_default())),
        Value::Bytes(bytes) => Value::Bytes(bytes.get(start..end).unwrap_or_default().into()),
        Value::List(list) => {
            Value::List(List::typed(list.element(), list.get(start..end).unwrap_or_default().to_vec()))
        }
        other => other,
    }
}

pub(super) fn length(item: Reflected) -> Result<isize, FunctionError> {
    let length = match item.value() {
        Value::Nil if item.is_interface() => return Err("len of nil pointer".into()),
        Value::Nil => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        other => return Err(format!("len of type {}", pointed_to(other)).into()),
    };
    Ok(length as isize)
}

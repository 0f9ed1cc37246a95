//! Lists. Each function has a twin named `must…`: Go's differ in panicking or failing, which looks the same.

use gotemplate::{Call, FunctionError, Reflected, Variadic};
use value::{ElementType, List, UintType, Value};

use crate::{
    cast::{self, to_int64},
    limits::{LIST_ITEMS, charge, charge_list},
    panic, strings,
};

/// The items of a list, or why `function` can't work on that: `Cannot find first on type string`.
fn items(value: &Value, refusal: &str) -> Result<Vec<Value>, FunctionError> {
    match value {
        Value::List(list) => Ok(list.to_vec()),
        Value::Bytes(bytes) => {
            Ok(bytes.iter().map(|byte| Value::Uint(UintType::Uint8, (*byte).into())).collect())
        }
        Value::Nil => Err(panic::nil_dereference()),
        other => Err(FunctionError::new(format!("{refusal} {}", other.kind()))),
    }
}

pub(crate) fn list(values: Variadic<Value>) -> Vec<Value> {
    values.0
}

pub(crate) fn append(call: &mut Call<'_>, list: Value, value: Value) -> Result<List, FunctionError> {
    let mut items = items(&list, "Cannot push on type")?;
    charge_list(call, "append", items.len() + 1)?;
    let room = (items.len() * 2).max(1);
    items.push(value);
    Ok(List::new(items).with_capacity(room))
}

pub(crate) fn prepend(call: &mut Call<'_>, list: Value, value: Value) -> Result<List, FunctionError> {
    let mut items = items(&list, "Cannot prepend on type")?;
    charge_list(call, "prepend", items.len() + 1)?;
    items.insert(0, value);
    Ok(List::new(items))
}

pub(crate) fn first(list: Value) -> Result<Value, FunctionError> {
    Ok(items(&list, "Cannot find first on type")?.into_iter().next().unwrap_or_default())
}

pub(crate) fn last(list: Value) -> Result<Value, FunctionError> {
    Ok(items(&list, "Cannot find last on type")?.pop().unwrap_or_default())
}

pub(crate) fn rest(list: Value) -> Result<List, FunctionError> {
    let items = items(&list, "Cannot find rest on type")?;
    Ok(items.split_first().map_or_else(nil, |(_, rest)| List::new(rest.to_vec())))
}

pub(crate) fn initial(list: Value) -> Result<List, FunctionError> {
    let items = items(&list, "Cannot find initial on type")?;
    Ok(items.split_last().map_or_else(nil, |(_, initial)| List::new(initial.to_vec())))
}

fn nil() -> List {
    List::nil(ElementType::Interface)
}

pub(crate) fn reverse(list: Value) -> Result<List, FunctionError> {
    let mut items = items(&list, "Cannot find reverse on type")?;
    items.reverse();
    Ok(List::new(items))
}

/// The items that are not empty.
pub(crate) fn compact(list: Value) -> Result<List, FunctionError> {
    let mut items = items(&list, "Cannot compact on type")?;
    items.retain(Value::is_true);
    Ok(List::new(items).grown())
}

/// The items without those that are deeply equal to an earlier one.
pub(crate) fn uniq(call: &mut Call<'_>, list: Value) -> Result<List, FunctionError> {
    let mut unique: Vec<Value> = Vec::new();
    for item in items(&list, "Cannot find uniq on type")? {
        charge(call, unique.len() / 64)?;
        if !unique.contains(&item) {
            unique.push(item);
        }
    }
    Ok(List::new(unique).grown())
}

pub(crate) fn without(list: Value, omitted: Variadic<Value>) -> Result<List, FunctionError> {
    let mut items = items(&list, "Cannot find without on type")?;
    items.retain(|item| !omitted.contains(item));
    Ok(List::new(items).grown())
}

pub(crate) fn has(needle: Value, haystack: Value) -> Result<bool, FunctionError> {
    if haystack.is_nil() {
        return Ok(false);
    }
    Ok(items(&haystack, "Cannot find has on type")?.contains(&needle))
}

/// A part of a list, by `start` and `end`; nil of an empty list. As in Go, it may reach into the room behind the items.
pub(crate) fn slice(list: Value, indices: Variadic<Value>) -> Result<Value, FunctionError> {
    let items = items(&list, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = indices.first().map_or(0, to_int64);
    let end = indices.get(1).map_or(items.len() as i64, to_int64);
    let capacity = list.as_list().map_or(items.len(), List::capacity);
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let (start, end) = range
        .filter(|(start, end)| start <= end && *end <= capacity)
        .ok_or_else(|| FunctionError::new("reflect.Value.Slice: slice index out of bounds"))?;
    Ok(match &list {
        Value::Bytes(bytes) => Value::Bytes(bytes.get(start..end).unwrap_or_default().into()),
        Value::List(list) => {
            let zero = Value::zero(list.element());
            let room = items.into_iter().chain(std::iter::repeat(zero));
            let part = List::typed(list.element(), room.take(end).skip(start).collect());
            Value::List(part.with_capacity(capacity - start))
        }
        _ => Value::Nil,
    })
}

pub(crate) fn concat(call: &mut Call<'_>, lists: Variadic<Value>) -> Result<Reflected, FunctionError> {
    let mut all = Vec::new();
    for list in lists.iter() {
        let refusal =
            |value: &Value| FunctionError::new(format!("Cannot concat type {} as list", value.kind()));
        match list {
            Value::List(_) | Value::Bytes(_) | Value::Nil => all.extend(items(list, "")?),
            other => return Err(refusal(other)),
        }
        charge_list(call, "concat", all.len())?;
    }
    let list = if all.is_empty() { nil() } else { List::new(all).grown() };
    Ok(Reflected::interface(Value::List(list)))
}

/// Parts of `size` items. Odd sizes do what Go's arithmetic on floats makes of them.
pub(crate) fn chunk(size: isize, list: Value) -> Result<List, FunctionError> {
    let items = items(&list, "Cannot chunk type")?;
    let (length, width) = (items.len() as f64, size as f64);
    let count = cast::truncated(((length - 1.0) / width).floor()).wrapping_add(1);
    let count = usize::try_from(count).map_err(|_| panic::make_slice())?;
    if count > LIST_ITEMS {
        return Err(panic::make_slice());
    }
    let mut chunks = Vec::with_capacity(count);
    for index in 0..count {
        let remainder = cast::truncated((length % width).floor());
        let last = index + 1 == count && remainder != 0;
        let taken =
            usize::try_from(if last { remainder } else { size as i64 }).map_err(|_| panic::make_slice())?;
        let start = i64::try_from(index).unwrap_or(i64::MAX).saturating_mul(size as i64);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let part = items.get(start..start.saturating_add(taken)).unwrap_or_default();
        chunks.push(Value::List(List::new(part.to_vec())));
    }
    Ok(List::typed(ElementType::InterfaceSlice, chunks))
}

/// The texts of a list's items in byte order; of anything else its own text.
pub(crate) fn sort_alpha(value: Value) -> List {
    let mut texts = match &value {
        Value::List(_) | Value::Bytes(_) => strings::texts(&value),
        other => vec![cast::text(other)],
    };
    texts.sort();
    List::strings(texts)
}

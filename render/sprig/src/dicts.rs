//! Dictionaries: maps with string keys, shared and mutable.

use gotemplate::{Call, FunctionError, Variadic};
use value::{List, Map, MapType, Str, Value};

use crate::{
    cast,
    limits::{LIST_ITEMS, NESTING, charge_parts},
    versions::VersionPointer,
};

/// A new map of alternating keys and values; a key without a value gets "".
pub(crate) fn dict(values: Variadic<Value>) -> Map {
    let pairs = values.chunks(2).filter_map(|pair| {
        let key = cast::text(pair.first()?);
        Some((key, pair.get(1).cloned().unwrap_or_else(|| Value::from(""))))
    });
    Map::from_entries(MapType::INTERFACE, pairs)
}

/// The entry, or "" where there is none.
pub(crate) fn get(map: Map, key: Str) -> Value {
    map.get(key).unwrap_or_else(|| Value::from(""))
}

/// Changes the map and gives it back.
pub(crate) fn set(map: Map, key: Str, value: Value) -> Result<Map, FunctionError> {
    if map.is_nil() {
        return Err(FunctionError::new("assignment to entry in nil map"));
    }
    map.insert(key, value);
    Ok(map)
}

/// Changes the map and gives it back.
pub(crate) fn unset(map: Map, key: Str) -> Map {
    map.remove(key);
    map
}

pub(crate) fn has_key(map: Map, key: Str) -> bool {
    map.contains_key(key)
}

/// The entries of that key in all the maps.
pub(crate) fn pluck(key: Str, maps: Variadic<Map>) -> List {
    maps.iter().filter_map(|map| map.get(&key)).collect::<List>().grown()
}

/// The keys of all the maps, each map's in order (Go: in no order).
pub(crate) fn keys(maps: Variadic<Map>) -> List {
    List::strings(maps.iter().flat_map(Map::keys)).grown()
}

/// The entries in the order of their keys (Go: in no order).
pub(crate) fn values(map: Map) -> List {
    map.entries().into_iter().map(|(_, value)| value).collect::<List>().grown()
}

pub(crate) fn pick(map: Map, keys: Variadic<Str>) -> Map {
    let picked = keys.iter().filter_map(|key| Some((key.clone(), map.get(key)?)));
    Map::from_entries(MapType::INTERFACE, picked)
}

pub(crate) fn omit(map: Map, keys: Variadic<Str>) -> Map {
    let kept = map.entries().into_iter().filter(|(key, _)| !keys.contains(key));
    Map::from_entries(MapType::INTERFACE, kept)
}

/// Walks down the keys: `dig "a" "b" default map`.
pub(crate) fn dig(arguments: Variadic<Value>) -> Result<Value, FunctionError> {
    let (keys, default, map) = match arguments.as_slice() {
        [keys @ .., default, map] if !keys.is_empty() => (keys, default, map),
        _ => return Err(FunctionError::new("dig needs at least three arguments")),
    };
    let mut map = plain_map(map)?;
    let keys = keys.iter().map(|key| key.as_string().ok_or_else(|| conversion(key, "string")));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let Some((last, path)) = keys.split_last() else { return Ok(default.clone()) };
    for key in path {
        match map.get(key) {
            Some(step) => map = plain_map(&step)?,
            None => return Ok(default.clone()),
        }
    }
    Ok(map.get(last).unwrap_or_else(|| default.clone()))
}

/// The map inside, if its Go type is `map[string]interface {}` and no named one.
fn plain_map(value: &Value) -> Result<Map, FunctionError> {
    match value {
        Value::Map(map) if map.map_type() == MapType::INTERFACE => Ok(map.clone()),
        other => Err(conversion(other, "map[string]interface {}")),
    }
}

/// The text of Go's failed type assertion.
fn conversion(value: &Value, want: &str) -> FunctionError {
    let got = if value.is_nil() { "nil".into() } else { value.type_name() };
    FunctionError::new(format!("interface conversion: interface {{}} is {got}, not {want}"))
}

/// A copy that shares no map with the value.
pub(crate) fn deep_copy(call: &mut Call<'_>, value: Value) -> Result<Value, FunctionError> {
    if value.is_nil() {
        return Err(FunctionError::new("reflect: call of reflect.Value.Type on zero Value"));
    }
    let mut budget = LIST_ITEMS;
    let copied = copy(&value, NESTING, &mut budget).ok_or_else(|| {
        FunctionError::new(format!(
            "deepCopy of a value that nests deeper than {NESTING} or has over {LIST_ITEMS} parts"
        ))
    })?;
    charge_parts(call, LIST_ITEMS - budget)?;
    Ok(copied)
}

fn copy(value: &Value, depth: usize, budget: &mut usize) -> Option<Value> {
    let below = depth.checked_sub(1)?;
    *budget = budget.checked_sub(1)?;
    Some(match value {
        Value::List(list) if !list.is_nil() => {
            let items = list.iter().map(|item| copy(item, below, budget)).collect::<Option<Vec<_>>>()?;
            Value::List(List::typed(list.element(), items).with_capacity(list.capacity()))
        }
        Value::Map(map) if !map.is_nil() => {
            let entries =
                map.entries().into_iter().map(|(key, entry)| Some((key, copy(&entry, below, budget)?)));
            Value::Map(Map::from_entries(map.map_type(), entries.collect::<Option<Vec<_>>>()?))
        }
        // It has no fields that reflection could copy.
        Value::Object(object) if object.as_any().is::<VersionPointer>() => VersionPointer::zero()?,
        other => other.clone(),
    })
}

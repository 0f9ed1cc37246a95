//! Deep merging of maps into the first one, as `dario.cat/mergo` does it.

use gotemplate::{FunctionError, Variadic};
use value::{Kind, Map, MapType, Value};

use crate::limits::NESTING;

/// Which side wins where both have a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Winner {
    /// `Merge`: the destination, unless its value is empty.
    Destination,
    /// `MergeWithOverwrite`: the source, be its value empty or nil.
    Source,
}

/// Fills in what the first map lacks from the others, changing it. Nested maps are merged in place or shared.
/// Where mergo fails, the result is "".
pub(crate) fn merge(map: Map, sources: Variadic<Map>) -> Value {
    must_merge(map, sources).unwrap_or_else(|_| Value::from(""))
}

/// [`merge`] that fails.
pub(crate) fn must_merge(map: Map, sources: Variadic<Map>) -> Result<Value, FunctionError> {
    merged(map, &sources, Winner::Destination)
}

/// As [`merge`], but the later map wins.
pub(crate) fn merge_overwrite(map: Map, sources: Variadic<Map>) -> Value {
    must_merge_overwrite(map, sources).unwrap_or_else(|_| Value::from(""))
}

/// [`merge_overwrite`] that fails.
pub(crate) fn must_merge_overwrite(map: Map, sources: Variadic<Map>) -> Result<Value, FunctionError> {
    merged(map, &sources, Winner::Source)
}

fn merged(map: Map, sources: &[Map], winner: Winner) -> Result<Value, FunctionError> {
    let mut destination = map;
    for source in sources {
        if destination.is_nil() && !source.is_nil() {
            destination = Map::typed(MapType::INTERFACE);
        }
        merge_into(&destination, source, winner, NESTING)?;
    }
    Ok(Value::Map(destination))
}

fn merge_into(destination: &Map, source: &Map, winner: Winner, depth: usize) -> Result<(), FunctionError> {
    let below = depth.checked_sub(1).ok_or_else(|| {
        FunctionError::new(format!("merge of maps that nest deeper than {NESTING}; does one contain itself?"))
    })?;
    if destination.is_nil() || destination.same(source) {
        return Ok(());
    }
    for (key, value) in source.entries() {
        if value.is_nil() {
            if winner == Winner::Source {
                destination.insert(key, value);
            }
            continue;
        }
        let present = destination.get(&key);
        match (&value, &present) {
            (Value::Map(inner_source), Some(Value::Map(inner))) => {
                merge_into(inner, inner_source, winner, below)?
            }
            (value, Some(present))
                if winner == Winner::Destination && is_pointer(present) && is_structured(value) =>
            {
                return Err(FunctionError::new("src and dst must be of same type"));
            }
            _ => {}
        }
        let kept = match &present {
            None => false,
            Some(present) if is_empty(present) => false,
            Some(Value::Map(_)) if matches!(value, Value::Map(_)) => true,
            Some(_) => winner == Winner::Destination,
        };
        if !kept {
            destination.insert(key, value);
        }
    }
    Ok(())
}

/// mergo's `isEmptyValue`; unlike template truth, a complex zero is a value.
fn is_empty(value: &Value) -> bool {
    !value.is_true() && !matches!(value, Value::Complex(..))
}

fn is_pointer(value: &Value) -> bool {
    value.kind() == Kind::Pointer
}

fn is_structured(value: &Value) -> bool {
    matches!(value.kind(), Kind::Map | Kind::Struct)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&'static str, Value)]) -> Map {
        entries.iter().cloned().collect()
    }

    #[test]
    fn empty_values_are_filled_in_and_others_kept() {
        let destination =
            map(&[("a", Value::from(1.0)), ("b", Value::from("")), ("c", map(&[("x", true.into())]).into())]);
        let source = map(&[
            ("a", 2.0.into()),
            ("b", "new".into()),
            ("c", map(&[("y", Value::Nil), ("z", 1.0.into())]).into()),
        ]);
        let want = map(&[
            ("a", 1.0.into()),
            ("b", "new".into()),
            ("c", map(&[("x", true.into()), ("z", 1.0.into())]).into()),
        ]);
        assert_eq!(merge(destination.clone(), Variadic(vec![source])), want.into());
        assert_eq!(destination.get("b"), Some("new".into()));
    }

    #[test]
    fn nil_and_empty_values_overwrite_too() {
        let destination = map(&[("a", 1.0.into()), ("b", map(&[("x", 1.0.into())]).into())]);
        let source = map(&[("a", Value::Nil), ("b", map(&[("x", "".into())]).into())]);
        assert_eq!(merge_overwrite(destination, Variadic(vec![source.clone()])), source.into());
    }

    #[test]
    fn maps_that_contain_themselves_are_refused() {
        let (left, right) = (map(&[("a", 1.0.into())]), map(&[("a", 1.0.into())]));
        left.insert("self", left.clone());
        right.insert("self", right.clone());
        assert!(must_merge(left.clone(), Variadic(vec![right.clone()])).is_err());
        left.remove("self");
        right.remove("self");
    }
}

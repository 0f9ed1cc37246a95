//! Deep merging of maps into the first one, as `dario.cat/mergo` does it.

use gotemplate::{FunctionError, Variadic};
use value::{Map, MapType, Value};

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
pub(crate) fn merge(map: Map, sources: Variadic<Map>) -> Result<Value, FunctionError> {
    merged(map, &sources, Winner::Destination)
}

/// As [`merge`], but the later map wins.
pub(crate) fn merge_overwrite(map: Map, sources: Variadic<Map>) -> Result<Value, FunctionError> {
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
        if let (Value::Map(inner_source), Some(Value::Map(inner))) = (&value, &present) {
            merge_into(inner, inner_source, winner, below)?;
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

//! Merging one values file over another.

use value::{Map, Value};

/// The values of `base` with those of `over` in front: maps are merged, everything else is replaced, null included.
///
/// Helm: `MergeMaps`. Maps that only one side has are shared with it.
pub fn merge(base: &Map, over: &Map) -> Map {
    let merged = if base.is_nil() { Map::new() } else { base.shallow_copy() };
    for (key, value) in over.entries() {
        let value = match (merged.get(&key), value) {
            (Some(Value::Map(base)), Value::Map(over)) => merge(&base, &over).into(),
            (_, value) => value,
        };
        merged.insert(key, value);
    }
    merged
}

//! Freeing nested values without recursion: a chart can nest maps deeper than a thread has stack.

use crate::Value;

/// Frees values together with all that only they hold.
pub(crate) fn free(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value {
            Value::List(mut list) => list.take_items(&mut values),
            Value::Map(map) => map.take_entries(&mut values),
            _ => {}
        }
    }
}

/// Whether freeing the value may go deeper.
pub(crate) fn nests(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}

#[cfg(test)]
mod tests {
    use crate::{List, Map, Value};

    #[test]
    fn a_million_nested_maps_and_lists_are_freed_on_a_small_stack() {
        let mut value = Value::Nil;
        for _ in 0..500_000 {
            let map = Map::new();
            map.insert("inner", value);
            value = List::new(vec![map.into()]).into();
        }
        drop(value);
    }
}

//! How large a value is when everything that is shared is counted each time.

use value::Value;

/// Whether a value with all that is in it has at most about that many bytes.
pub(super) fn is_within(value: &Value, limit: usize) -> bool {
    let mut left = vec![(0, value.clone())];
    let mut size = 0;
    while let Some((depth, value)) = left.pop() {
        size += 4 + match &value {
            Value::Str(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        if size > limit {
            return false;
        }
        if depth > super::LONGEST_WAY {
            // A cycle: the JSON encoder has an error of its own for that.
            return true;
        }
        match value {
            Value::List(list) => left.extend(list.iter().map(|item| (depth + 1, item.clone()))),
            Value::Map(map) => left.extend(map.entries().into_iter().map(|(_, item)| (depth + 1, item))),
            _ => {}
        }
    }
    true
}

//! Whether values are nothing but JSON.

use value::Value;

/// The exact validator reads its values with serde_json, which follows no more than 127 levels.
const MOST_LEVELS: usize = 100;

/// Levels of maps and lists, as [`super::super::depth`] counts them; `None` where they are too many, or where a value
/// might not be printed as JSON or change by it.
pub(super) fn depth(value: &Value) -> Option<usize> {
    depth_within(value, MOST_LEVELS)
}

fn depth_within(value: &Value, levels: usize) -> Option<usize> {
    let mut deepest = 0;
    let below = levels.checked_sub(1)?;
    match value {
        Value::Map(map) => {
            map.try_for_each(|key, value| {
                key.as_str()?;
                deepest = deepest.max(depth_within(value, below)?);
                Some(())
            })?;
        }
        Value::List(list) => {
            for value in list.iter() {
                deepest = deepest.max(depth_within(value, below)?);
            }
        }
        Value::Str(text) => drop(text.as_str()?),
        Value::Float(number) if number.is_finite() => {}
        Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Uint(..) => {}
        Value::Float(_) | Value::Complex(..) | Value::Bytes(_) | Value::Object(_) => return None,
    }
    Some(deepest + 1)
}

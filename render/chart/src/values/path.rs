//! Values by dotted paths, as Helm's `Values` type finds them.

use thiserror::Error;
use value::{Map, Value};

/// A part of a path is missing, or no map.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{} is not a table", value::format::quote(.0))]
pub struct NoTable(pub String);

/// A path leads to a map, or nowhere.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{} is not a value", value::format::quote(.0))]
pub struct NoValue(pub String);

/// The map of a dotted path.
///
/// # Errors
/// Where a part is missing or no map.
pub fn table(values: &Map, path: &str) -> Result<Map, NoTable> {
    path.split('.').try_fold(values.clone(), |table, part| match table.get(part) {
        Some(Value::Map(inner)) => Ok(inner),
        _ => Err(NoTable(part.to_owned())),
    })
}

/// The value of a dotted path, unless it is a map.
///
/// # Errors
/// Where there is none.
pub fn value(values: &Map, path: &str) -> Result<Value, NoValue> {
    let (parent, key) = match path.rsplit_once('.') {
        Some((parent, key)) => (table(values, parent).map_err(|_| NoValue(key.to_owned()))?, key),
        None => (values.clone(), path),
    };
    match parent.get(key) {
        Some(Value::Map(_)) | None => Err(NoValue(key.to_owned())),
        Some(value) => Ok(value),
    }
}

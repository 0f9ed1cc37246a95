//! Values with Go's kinds.
//!
//! Helm's templates see what Go's reflection shows them: an `int64` from `--set` prints otherwise than the
//! `float64` that YAML gives, a missing key of a `map[string]string` is `""` and not nil, `set` changes the one map
//! that everybody shares. This crate models those values, and prints, compares and encodes them as Go does.
//!
//! ```
//! use value::{Map, Value};
//!
//! let labels = Map::new();
//! labels.insert("app", Value::from("web"));
//! labels.insert("replicas", Value::from(3.0));
//! assert_eq!(value::json::to_string(&Value::from(labels)).unwrap(), r#"{"app":"web","replicas":3}"#);
//! ```
//!
//! It does no I/O, reads no clock and knows nothing of templates, charts or YAML.

mod entries;
mod equal;
pub mod format;
pub mod json;
mod list;
mod map;
mod number;
mod object;
mod reads;
mod string;
mod teardown;
mod types;
pub mod unicode;
#[allow(clippy::module_inception, reason = "the crate is named after its one concept")]
mod value;

pub use list::List;
pub use map::Map;
pub use number::{
    FloatFormat, ParseNumberError, format_float, format_float32, parse_float, parse_int, parse_uint,
};
pub use object::{CallError, Object, ObjectRef};
pub use reads::{Path, Read, ReadLog, ReadTree, Step};
pub use string::{Str, into_text, text_of};
pub use types::{ElementType, IntType, Kind, MapType, UintType};
pub use value::Value;

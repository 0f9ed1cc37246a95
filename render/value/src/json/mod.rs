//! JSON as Go's `encoding/json` reads and prints it.

mod decode;
mod encode;

pub use decode::{DecodeError, from_slice, prefix_from_slice};
pub use encode::{EncodeError, Style, append_float, append_string, to_string, to_string_with, write};

/// How deep arrays and objects may nest, as in Go.
pub const MAX_DEPTH: usize = 10_000;

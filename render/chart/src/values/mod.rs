//! Values: reading them, merging files, and `--set`.

mod merge;
mod read;

pub use merge::merge;
pub use read::{ReadValuesError, read};

pub(crate) use read::read_default;

/// How deep values may nest. Go allows 10,000 levels; this is beyond any chart, and safe to walk by recursion.
pub const DEPTH: usize = 1_000;

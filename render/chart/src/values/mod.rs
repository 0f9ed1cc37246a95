//! Values: reading and merging files, `--set`, and what a chart's templates finally see.

mod coalesce;
mod merge;
mod origin;
pub mod path;
mod read;
pub mod set;
mod user;

pub use coalesce::{Coalesced, ValuesError, coalesce_maps, coalesce_values};
pub use merge::merge;
pub use origin::{Layer, Origin, chart_layers, origins};
pub use read::{ReadValuesError, read, read_within};
pub use user::{UserValues, UserValuesError};

pub(crate) use coalesce::{coalesce_to_look_at, deep_copy, merge_tables, merge_tree};

/// How deep values may nest. Go allows 10,000 levels; this is beyond any chart, and safe to walk by recursion.
pub const DEPTH: usize = 300;

#[cfg(test)]
mod tests;

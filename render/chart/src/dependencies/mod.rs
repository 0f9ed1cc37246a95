//! Which subcharts a release has: conditions, tags, aliases, and the values imported from them.
//!
//! Helm: `ProcessDependencies` (3: `ProcessDependenciesWithMerge`). The passes are Helm's, as the outcome depends on
//! them: first, top down, subcharts are chosen (`enable`); then, bottom up, values are imported (`import`).

mod check;
mod enable;
mod import;
mod tree;

use value::Map;

use crate::values::ValuesError;
use crate::{Chart, Flavour};

pub use check::{MissingDependencies, check_dependencies};
pub(crate) use tree::{ChartId, Tree};

/// A chart whose dependencies are processed.
#[derive(Clone, Debug)]
pub struct Processed {
    /// The chart with the subcharts that take part, under their aliases, and with imported values.
    pub chart: Chart,
    /// What Helm would have logged.
    pub warnings: Vec<String>,
}

/// What the passes share.
struct Processing {
    tree: Tree,
    flavour: Flavour,
    warnings: Vec<String>,
}

/// Chooses the subcharts that the values ask for, names them by their aliases, and imports their values.
///
/// # Errors
/// Where a subchart's values are no map, or values nest too deep.
pub fn process_dependencies(chart: &Chart, values: &Map, flavour: Flavour) -> Result<Processed, ValuesError> {
    let mut processing = Processing { tree: Tree::new(chart), flavour, warnings: Vec::new() };
    enable::run(&mut processing, Tree::ROOT, values, "")?;
    import::run(&mut processing, Tree::ROOT)?;
    Ok(Processed { chart: processing.tree.chart(Tree::ROOT), warnings: processing.warnings })
}

#[cfg(test)]
mod tests;

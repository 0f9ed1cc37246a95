//! Sets of templates.

/// A set of templates that can execute one another.
#[derive(Clone, Debug, Default)]
pub struct Templates {}

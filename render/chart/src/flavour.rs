//! Which Helm is imitated.

/// The Helm whose answers are wanted where 3 and 4 differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Helm 3 (measured with 3.22).
    V3,
    /// Helm 4 (measured with 4.3).
    #[default]
    V4,
}

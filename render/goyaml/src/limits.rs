//! How much one document may cost.

/// Bounds on reading one document. Go's own bounds (10,000 levels, the share of nodes that aliases may copy) hold
/// besides; the defaults here only keep a hostile document from exhausting memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text. Default: 128 MiB.
    pub bytes: usize,
    /// Nodes after aliases are copied: scalars, keys, collections. Default: 20 million.
    pub nodes: usize,
    /// Levels of nesting. Default: 10,000, as Go's scanner and JSON decoder have it.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 128 << 20, nodes: 20_000_000, depth: 10_000 }
    }
}

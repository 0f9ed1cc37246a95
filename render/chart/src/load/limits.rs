//! How much a chart may cost to load.

use crate::Flavour;

/// Bounds on one chart. The defaults are Helm's where Helm has one, and beyond any real chart elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files of one archive, unpacked. Default: 100 MiB, as in Helm.
    pub archive_bytes: u64,
    /// Bytes of one file, unpacked. Default: 5 MiB, as in Helm 3; Helm 4 has no such limit and doesn't ask it.
    pub file_bytes: u64,
    /// Bytes of all files of the chart, subcharts in archives of their own included. Default: 256 MiB.
    pub chart_bytes: u64,
    /// Entries of all archives. Default: 50,000.
    pub entries: usize,
    /// Bytes of a file's name. Default: 4,096.
    pub name_bytes: usize,
    /// Unpacked bytes for each packed byte, asked from the ninth MiB on. Default: 400.
    pub ratio: u64,
    /// Charts within charts. Default: 32.
    pub nesting: usize,
    /// Bytes of one values file. Default: 128 MiB.
    pub yaml_bytes: usize,
    /// Nodes of one values file after aliases are copied. Default: 20 million.
    pub yaml_nodes: usize,
    /// Bytes of one schema. Default: 16 MiB.
    pub schema_bytes: usize,
    /// Schemas within one schema: its objects and booleans. Compiling compares each with each. Default: 20,000.
    pub schema_objects: usize,
    /// References in one schema, times levels of the values that are held against it: so deep a validation can
    /// recurse. Default, and most: 250,000.
    pub schema_references: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive_bytes: 100 << 20,
            file_bytes: 5 << 20,
            chart_bytes: 256 << 20,
            entries: 50_000,
            name_bytes: 4096,
            ratio: 400,
            nesting: 32,
            yaml_bytes: 128 << 20,
            yaml_nodes: 20_000_000,
            schema_bytes: 16 << 20,
            schema_objects: 20_000,
            schema_references: 250_000,
        }
    }
}

impl Limits {
    /// The most [`Limits::nesting`]: loading recurses that deep.
    pub const MOST_NESTING: usize = 64;

    /// Bounds on one YAML document, which nests no deeper than `depth`.
    pub(crate) fn yaml(&self, depth: usize) -> goyaml::Limits {
        goyaml::Limits { bytes: self.yaml_bytes, nodes: self.yaml_nodes, depth }
    }

    /// The limit on one file, where the flavour has one.
    pub(super) fn file_bytes(&self, flavour: Flavour) -> Option<u64> {
        (flavour == Flavour::V3).then_some(self.file_bytes)
    }
}

//! Charts while their dependencies are processed.
//!
//! Helm works on pointers: an alias makes a copy of a chart that shares its subcharts with the original (and in
//! Helm 3 the entries of its `Chart.yaml`). What one does to them shows in the other. So here charts and entries
//! stand in lists and are named by their place.

use crate::chart::Chart;
use crate::metadata::Dependency;

/// The place of a chart in its tree.
pub(crate) type ChartId = usize;
/// The place of an entry of some `Chart.yaml`.
pub(super) type EntryId = usize;

/// A chart of the tree.
#[derive(Clone)]
pub(crate) struct Node {
    /// The chart, without its subcharts and without the entries of its metadata.
    pub(crate) chart: Chart,
    /// The entries of its `Chart.yaml`.
    pub(super) entries: Option<Vec<EntryId>>,
    pub(crate) subcharts: Vec<ChartId>,
}

/// A chart and all that it depends on.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    entries: Vec<Dependency>,
}

impl Tree {
    /// The root's place.
    pub(crate) const ROOT: ChartId = 0;

    pub(crate) fn new(chart: &Chart) -> Self {
        let mut tree = Self { nodes: Vec::new(), entries: Vec::new() };
        tree.insert(chart);
        tree
    }

    fn insert(&mut self, chart: &Chart) -> ChartId {
        let mut own = Chart { dependencies: Vec::new(), ..chart.clone() };
        let declared = own.metadata.dependencies.take();
        let entries =
            declared.map(|declared| declared.into_iter().map(|entry| self.insert_entry(entry)).collect());
        let id = self.insert_node(Node { chart: own, entries, subcharts: Vec::new() });
        let subcharts = chart.dependencies.iter().map(|subchart| self.insert(subchart)).collect();
        self.nodes[id].subcharts = subcharts;
        id
    }

    pub(super) fn insert_node(&mut self, node: Node) -> ChartId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(super) fn insert_entry(&mut self, entry: Dependency) -> EntryId {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    pub(crate) fn node(&self, id: ChartId) -> &Node {
        &self.nodes[id]
    }

    pub(super) fn node_mut(&mut self, id: ChartId) -> &mut Node {
        &mut self.nodes[id]
    }

    pub(crate) fn name(&self, id: ChartId) -> &str {
        self.nodes[id].chart.name()
    }

    pub(super) fn entry(&self, id: EntryId) -> &Dependency {
        &self.entries[id]
    }

    pub(super) fn entry_mut(&mut self, id: EntryId) -> &mut Dependency {
        &mut self.entries[id]
    }

    /// Gives a chart other subcharts; they take their path from it.
    pub(super) fn set_subcharts(&mut self, id: ChartId, subcharts: Vec<ChartId>) {
        for &subchart in &subcharts {
            let path = format!("{}/charts/{}", self.nodes[id].chart.full_path, self.name(subchart));
            self.nodes[subchart].chart.full_path = path;
        }
        self.nodes[id].subcharts = subcharts;
    }

    /// The chart of that place, whole.
    pub(crate) fn chart(&self, id: ChartId) -> Chart {
        let node = self.node(id);
        let mut chart = node.chart.clone();
        let entries = node.entries.as_ref();
        chart.metadata.dependencies =
            entries.map(|entries| entries.iter().map(|&entry| self.entries[entry].clone()).collect());
        chart.dependencies = node.subcharts.iter().map(|&subchart| self.chart(subchart)).collect();
        chart
    }
}

//! Charts while their dependencies are processed.
//!
//! Helm works on pointers: an alias makes a copy of a chart that shares parts with the original. In Helm 3 these are
//! its subcharts and the entries of its `Chart.yaml`, in Helm 4 the metadata of its subcharts and what is below them.
//! What one does to them shows in the other. So here they all stand in lists and are named by their place.

use crate::chart::Chart;
use crate::metadata::Dependency;

/// The place of a chart in its tree.
pub(crate) type ChartId = usize;
/// The place of the dependencies of some `Chart.yaml`.
pub(super) type DeclaredId = usize;
/// The place of one of them.
pub(super) type EntryId = usize;

/// A chart of the tree.
#[derive(Clone)]
pub(crate) struct Node {
    /// The chart, without its subcharts and without the dependencies in its metadata.
    pub(crate) chart: Chart,
    /// The dependencies in its metadata.
    pub(super) declared: DeclaredId,
    pub(crate) subcharts: Vec<ChartId>,
    /// The chart that last took it as a subchart: its path follows from there, even when others have it too.
    parent: Option<ChartId>,
}

/// A chart and all that it depends on.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    declared: Vec<Option<Vec<EntryId>>>,
    entries: Vec<Dependency>,
}

impl Tree {
    /// The root's place.
    pub(crate) const ROOT: ChartId = 0;

    pub(crate) fn new(chart: &Chart) -> Self {
        let mut tree = Self { nodes: Vec::new(), declared: Vec::new(), entries: Vec::new() };
        tree.insert(chart, None);
        tree
    }

    fn insert(&mut self, chart: &Chart, parent: Option<ChartId>) -> ChartId {
        let mut own = chart.alone();
        let declared = own.metadata.dependencies.take();
        let entries =
            declared.map(|declared| declared.into_iter().map(|entry| self.insert_entry(entry)).collect());
        let declared = self.insert_declared(entries);
        let id = self.insert_node(Node { chart: own, declared, subcharts: Vec::new(), parent });
        let subcharts = chart.dependencies.iter().map(|subchart| self.insert(subchart, Some(id))).collect();
        self.nodes[id].subcharts = subcharts;
        id
    }

    pub(super) fn insert_node(&mut self, node: Node) -> ChartId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(super) fn insert_declared(&mut self, entries: Option<Vec<EntryId>>) -> DeclaredId {
        self.declared.push(entries);
        self.declared.len() - 1
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

    /// The entries of a chart's `Chart.yaml`.
    pub(super) fn entries(&self, id: ChartId) -> Option<&[EntryId]> {
        self.declared[self.nodes[id].declared].as_deref()
    }

    pub(super) fn set_entries(&mut self, id: ChartId, entries: Option<Vec<EntryId>>) {
        let declared = self.nodes[id].declared;
        self.declared[declared] = entries;
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

    /// Gives a chart other subcharts, whose parent it becomes.
    pub(super) fn set_subcharts(&mut self, id: ChartId, subcharts: Vec<ChartId>) {
        for &subchart in &subcharts {
            self.nodes[subchart].parent = Some(id);
        }
        self.nodes[id].subcharts = subcharts;
    }

    fn full_path(&self, id: ChartId) -> String {
        let above = std::iter::successors(Some(id), |&id| self.nodes[id].parent);
        let mut names: Vec<&str> = above.map(|id| self.name(id)).collect();
        names.reverse();
        names.join("/charts/")
    }

    /// The chart of that place, whole.
    pub(crate) fn chart(&self, id: ChartId) -> Chart {
        let node = self.node(id);
        let mut chart = node.chart.clone();
        chart.full_path = self.full_path(id);
        let entries = self.entries(id);
        chart.metadata.dependencies =
            entries.map(|entries| entries.iter().map(|&entry| self.entries[entry].clone()).collect());
        chart.dependencies = node.subcharts.iter().map(|&subchart| self.chart(subchart)).collect();
        chart
    }
}

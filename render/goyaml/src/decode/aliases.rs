//! What keeps aliases from blowing a document up, by Go's measure.

use std::collections::HashSet;

use crate::error::{Error, Problem};
use crate::tree::{NodeData, NodeId};

/// Counts the nodes that are read, and those among them that are copies.
pub(super) struct Aliases {
    limit: usize,
    decoded: usize,
    copied: usize,
    open: HashSet<NodeId>,
}

impl Aliases {
    /// `limit` is that of all nodes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, decoded: 0, copied: 0, open: HashSet::new() }
    }

    /// Whether the nodes being read are copies.
    pub(super) fn is_copying(&self) -> bool {
        !self.open.is_empty()
    }

    /// Counts a node, and keeps the share of copied ones below what Go allows.
    pub(super) fn count(&mut self) -> Result<(), Error> {
        self.count_as(self.is_copying())
    }

    /// Counts a node that is or isn't a copy.
    pub(super) fn count_as(&mut self, is_copy: bool) -> Result<(), Error> {
        self.decoded += 1;
        self.copied += usize::from(is_copy);
        if self.copied > 100 && self.decoded > 1000 {
            let share = self.copied as f64 / self.decoded as f64;
            if share > allowed_share(self.decoded) {
                return Err(Error::yaml("document contains excessive aliasing"));
            }
        }
        if self.decoded > self.limit {
            return Err(Problem::Limit { what: "nodes", limit: self.limit }.into());
        }
        Ok(())
    }

    pub(super) fn open(&mut self, id: NodeId, alias: &NodeData<'_>) -> Result<(), Error> {
        if self.open.insert(id) {
            Ok(())
        } else {
            Err(Error::yaml(format!("anchor '{}' value contains itself", alias.value)))
        }
    }

    pub(super) fn close(&mut self, id: NodeId) {
        self.open.remove(&id);
    }
}

/// The share of nodes that may come from aliases: 99 % in small documents, 10 % in very large ones.
fn allowed_share(decoded: usize) -> f64 {
    const SMALL: f64 = 400_000.0;
    const LARGE: f64 = 4_000_000.0;
    let beyond = ((decoded as f64 - SMALL) / (LARGE - SMALL)).clamp(0.0, 1.0);
    0.99 - 0.89 * beyond
}

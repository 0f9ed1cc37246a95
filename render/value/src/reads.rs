//! What was read of values: for whoever wants to know which of them mattered.
//!
//! A [`ReadLog`] hands out a copy of a tree of values whose maps note each key that is asked for. Maps that nobody
//! watches pay for it with the test of one pointer.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::{List, Map, Str, Value};

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The entry of a map.
    Key(Str),
    /// The item of a list, from 0.
    Item(usize),
}

/// The way from the root of watched values to a place inside.
pub type Path = Vec<Step>;

impl Step {
    /// A path as people write it: `a.b[0].c`.
    pub fn join(path: &[Step]) -> String {
        let mut text = String::new();
        for step in path {
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(&key.to_text()),
                Step::Key(key) => text.push_str(&format!(".{key}")),
                Step::Item(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }
}

/// A look into a watched map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// Where the map is.
    pub map: Path,
    /// The key that was asked for, be it there or not; `None` where all entries were.
    pub key: Option<Str>,
}

impl Read {
    /// Where that leads: the entry, or the map where all of it was read.
    pub fn path(&self) -> Path {
        self.map.iter().cloned().chain(self.key.clone().map(Step::Key)).collect()
    }
}

/// What was read of the values it watches. Shared by all maps of the tree.
#[derive(Debug, Default)]
pub struct ReadLog {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Every watched map: the map around it and the way to it from there.
    places: Vec<(usize, Path)>,
    reads: HashSet<(usize, Option<Str>)>,
    /// What was read since somebody last asked, in order.
    recent: Vec<(usize, Option<Str>)>,
}

/// How many reads are kept until somebody asks: more than one action of a template makes.
const RECENT: usize = 100_000;

/// What makes a map note its reads.
#[derive(Debug)]
pub(crate) struct Watch {
    log: Arc<ReadLog>,
    place: usize,
}

impl Watch {
    pub(crate) fn note(&self, key: Option<&[u8]>) {
        let read = (self.place, key.map(Str::from));
        let mut state = self.log.state.lock();
        if state.recent.len() < RECENT && state.recent.last() != Some(&read) {
            state.recent.push(read.clone());
        }
        state.reads.insert(read);
    }
}

/// What was read of a map and of what is inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadTree {
    /// The keys that were asked for, be they there or not.
    pub keys: BTreeSet<Str>,
    /// Whether all entries were walked through.
    pub whole: bool,
    /// The maps inside that were looked into.
    pub inner: BTreeMap<Step, ReadTree>,
}

impl ReadTree {
    /// Whether the map itself was looked into.
    pub fn is_touched(&self) -> bool {
        self.whole || !self.keys.is_empty()
    }

    /// Adds what another tree says of the same map.
    pub fn merge(&mut self, other: ReadTree) {
        self.keys.extend(other.keys);
        self.whole |= other.whole;
        for (step, inner) in other.inner {
            self.inner.entry(step).or_default().merge(inner);
        }
    }

    /// The tree at a place inside, made where there is none.
    pub fn at(&mut self, path: &[Step]) -> &mut ReadTree {
        path.iter().fold(self, |tree, step| tree.inner.entry(step.clone()).or_default())
    }

    /// The tree at a place inside.
    pub fn find(&self, path: &[Step]) -> Option<&ReadTree> {
        path.iter().try_fold(self, |tree, step| tree.inner.get(step))
    }
}

impl ReadLog {
    /// A log of nothing yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A copy of the values whose maps note in this log what is read of them. `None` where values nest deeper than
    /// `depth`.
    pub fn watch(self: &Arc<Self>, values: &Map, depth: usize) -> Option<Map> {
        self.copy_map(values, 0, Path::new(), depth)
    }

    fn copy_map(self: &Arc<Self>, map: &Map, around: usize, path: Path, depth: usize) -> Option<Map> {
        let below = depth.checked_sub(1)?;
        let place = {
            let mut state = self.state.lock();
            state.places.push((around, path));
            state.places.len() - 1
        };
        let entries = map.entries().into_iter().map(|(key, value)| {
            let path = vec![Step::Key(key.clone())];
            Some((key, self.copy(&value, place, path, below)?))
        });
        let entries = entries.collect::<Option<Vec<_>>>()?;
        Some(Map::watched(map.map_type(), entries, Watch { log: Arc::clone(self), place }))
    }

    fn copy(self: &Arc<Self>, value: &Value, around: usize, path: Path, depth: usize) -> Option<Value> {
        let below = depth.checked_sub(1)?;
        Some(match value {
            Value::Map(map) if !map.is_nil() => self.copy_map(map, around, path, depth)?.into(),
            Value::List(list) if !list.is_nil() => {
                let items = list.iter().enumerate().map(|(index, item)| {
                    let path = path.iter().cloned().chain([Step::Item(index)]).collect();
                    self.copy(item, around, path, below)
                });
                let items = items.collect::<Option<Vec<_>>>()?;
                Value::List(List::typed(list.element(), items).with_capacity(list.capacity()))
            }
            other => other.clone(),
        })
    }

    /// Forgets what was read so far.
    pub fn clear(&self) {
        let mut state = self.state.lock();
        state.reads.clear();
        state.recent.clear();
    }

    /// What was read since this was last asked, in order.
    pub fn take_recent(&self) -> Vec<Read> {
        let mut state = self.state.lock();
        let recent = std::mem::take(&mut state.recent);
        recent.into_iter().map(|(place, key)| Read { map: state.path(place), key }).collect()
    }

    /// All that was read.
    pub fn tree(&self) -> ReadTree {
        let state = self.state.lock();
        let mut tree = ReadTree::default();
        for (place, key) in &state.reads {
            let map = tree.at(&state.path(*place));
            match key {
                Some(key) => drop(map.keys.insert(key.clone())),
                None => map.whole = true,
            }
        }
        tree
    }
}

impl State {
    fn path(&self, place: usize) -> Path {
        let mut steps = Vec::new();
        let mut place = place;
        // The root lies around itself.
        while place != 0 {
            let Some((around, path)) = self.places.get(place) else { break };
            steps.extend(path.iter().rev().cloned());
            place = *around;
        }
        steps.reverse();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> Step {
        Step::Key(key.into())
    }

    fn watched() -> (Arc<ReadLog>, Map) {
        let inner: Map = [("b", "x"), ("c", "y")].into_iter().collect();
        let item: Map = [("d", "z")].into_iter().collect();
        let list = List::new(vec![item.into()]);
        let root: Map = [("a", Value::from(inner)), ("l", list.into())].into_iter().collect();
        let log = ReadLog::new();
        let copy = log.watch(&root, 10).unwrap();
        (log, copy)
    }

    #[test]
    fn a_map_notes_the_keys_that_are_asked_for() {
        let (log, root) = watched();
        let Some(Value::Map(inner)) = root.get("a") else { panic!() };
        inner.get("b");
        inner.contains_key("missing");
        let tree = log.tree();
        assert_eq!(tree.keys, BTreeSet::from(["a".into()]));
        assert_eq!(tree.find(&[key("a")]).unwrap().keys, BTreeSet::from(["b".into(), "missing".into()]));
        assert!(tree.find(&[key("l"), Step::Item(0)]).is_none());
    }

    #[test]
    fn walking_through_a_map_reads_all_of_it() {
        let (log, root) = watched();
        Value::Map(root).deep_copy(10).unwrap();
        let tree = log.tree();
        assert!(tree.whole && tree.find(&[key("l"), Step::Item(0)]).unwrap().whole);
    }

    #[test]
    fn recent_reads_come_in_order_and_once() {
        let (log, root) = watched();
        root.get("a").unwrap().as_map().unwrap().get("c");
        let paths: Vec<Path> = log.take_recent().iter().map(Read::path).collect();
        assert_eq!(paths, [vec![key("a")], vec![key("a"), key("c")]]);
        assert_eq!(log.take_recent(), []);
    }
}

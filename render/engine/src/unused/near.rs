//! Names that come near one that nobody knows.

use std::collections::BTreeSet;

use value::{Map, Path, ReadTree, Step, Str, Value};

/// The values that templates asked for, and those that the chart has.
pub(super) struct Known {
    paths: BTreeSet<Path>,
    supplied: Map,
}

impl Known {
    pub(super) fn new(reads: &ReadTree, defaults: &Map, supplied: &Map) -> Self {
        let mut paths = BTreeSet::new();
        asked_for(reads, &mut Vec::new(), &mut paths);
        held(defaults, &mut Vec::new(), &mut paths);
        Self { paths, supplied: supplied.clone() }
    }

    /// The value that was likely meant: of a similar name at the same place, else of the same name at another.
    pub(super) fn near(&self, path: &[Step]) -> Option<Path> {
        let (Step::Key(name), around) = path.split_last()? else { return None };
        let free = self.paths.iter().filter(|known| !self.is_supplied(known));
        let with_name = free.filter_map(|known| match known.split_last()? {
            (Step::Key(last), place) => Some((known, last, place)),
            _ => None,
        });
        let siblings = with_name.clone().filter(|(_, _, place)| *place == around);
        let similar = siblings.filter_map(|(known, last, _)| Some((distance(name, last)?, known)));
        let is_global = *name == "global";
        let elsewhere = with_name.filter(|(_, last, place)| *last == name && *place != around && !is_global);
        let nearest = elsewhere.min_by_key(|(_, _, place)| (common(place, around), place.len()));
        similar.min().map(|(_, known)| known).or(nearest.map(|(known, ..)| known)).cloned()
    }

    /// Whether the user gave it already; of a map there may be more to give.
    fn is_supplied(&self, path: &[Step]) -> bool {
        let root = Value::Map(self.supplied.clone());
        let found = path.iter().try_fold(root, |value, step| match (value, step) {
            (Value::Map(map), Step::Key(key)) => map.get(key),
            (Value::List(list), Step::Item(index)) => list.get(*index).cloned(),
            _ => None,
        });
        found.is_some_and(|found| found.as_map().is_none())
    }
}

/// Longer common beginnings sort first.
fn common(a: &[Step], b: &[Step]) -> std::cmp::Reverse<usize> {
    std::cmp::Reverse(a.iter().zip(b).take_while(|(a, b)| a == b).count())
}

fn asked_for(reads: &ReadTree, at: &mut Path, paths: &mut BTreeSet<Path>) {
    for key in &reads.keys {
        paths.insert(at.iter().cloned().chain([Step::Key(key.clone())]).collect());
    }
    for (step, inner) in &reads.inner {
        at.push(step.clone());
        asked_for(inner, at, paths);
        at.pop();
    }
}

fn held(values: &Map, at: &mut Path, paths: &mut BTreeSet<Path>) {
    for (key, value) in values.entries() {
        at.push(Step::Key(key));
        paths.insert(at.clone());
        if let Value::Map(inner) = value {
            held(&inner, at, paths);
        }
        at.pop();
    }
}

/// How many letters differ, if so few that one name may be meant for the other. Case and `-_` count for nothing.
fn distance(a: &Str, b: &Str) -> Option<usize> {
    let letters = |name: &Str| -> String {
        let kept = |letter: &char| !matches!(letter, '-' | '_');
        name.to_text().chars().filter(kept).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (letters(a), letters(b));
    let bound = match a.chars().count().min(b.chars().count()) {
        0 | 1 => return (a == b).then_some(0),
        2..=4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    Some(strsim::osa_distance(&a, &b)).filter(|edits| *edits <= bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_little_come_near() {
        let near = |a: &str, b: &str| distance(&a.into(), &b.into());
        assert_eq!(near("replicaCount", "replica_count"), Some(0));
        assert_eq!(near("replicaCuont", "replicaCount"), Some(1));
        assert_eq!(near("tga", "tag"), Some(1));
        assert_eq!(near("host", "port"), None);
        assert_eq!(near("a", "b"), None);
    }
}

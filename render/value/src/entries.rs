//! The entries of a map, ordered by key.

use std::collections::{BTreeMap, btree_map};
use std::slice;

use crate::string::Sought;
use crate::{Str, Value};

/// From this many entries on, one that is put into the middle or taken out of it moves too many others.
const MANY: usize = 64;

/// Up to this many entries, looking at the length of each key is faster than searching by order.
const FEW: usize = 32;

/// A map's entries: an array as long as that is cheap to change, since a chart's maps have a handful of entries each
/// and a tree's nodes would be mostly empty room.
#[derive(Debug)]
pub(crate) enum Entries {
    /// Sorted, each key once.
    Array(Vec<(Str, Value)>),
    Tree(BTreeMap<Str, Value>),
}

impl Entries {
    pub(crate) const EMPTY: Entries = Entries::Array(Vec::new());

    pub(crate) fn len(&self) -> usize {
        match self {
            Entries::Array(array) => array.len(),
            Entries::Tree(tree) => tree.len(),
        }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Entries::Array(array) if array.len() <= FEW => {
                let found = match Str::short(key) {
                    Some(key) => array.iter().find(|(known, _)| *known == key),
                    None => array.iter().find(|(known, _)| known.as_bytes() == key),
                };
                found.map(|(_, value)| value)
            }
            Entries::Array(array) => array.get(place(array, key).ok()?).map(|(_, value)| value),
            Entries::Tree(tree) => tree.get(key),
        }
    }

    /// Sets an entry and gives back what it replaces.
    pub(crate) fn insert(&mut self, key: Str, value: Value) -> Option<Value> {
        let array = match self {
            Entries::Tree(tree) => return tree.insert(key, value),
            Entries::Array(array) => array,
        };
        match place(array, key.as_bytes()) {
            Ok(place) => array.get_mut(place).map(|entry| std::mem::replace(&mut entry.1, value)),
            Err(place) if place == array.len() || array.len() < MANY => {
                array.insert(place, (key, value));
                None
            }
            Err(_) => {
                let mut tree: BTreeMap<Str, Value> = std::mem::take(array).into_iter().collect();
                let replaced = tree.insert(key, value);
                *self = Entries::Tree(tree);
                replaced
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &[u8]) -> Option<Value> {
        let array = match self {
            Entries::Tree(tree) => return tree.remove(key),
            Entries::Array(array) => array,
        };
        let place = place(array, key).ok()?;
        if array.len() < MANY {
            return Some(array.remove(place).1);
        }
        let mut tree: BTreeMap<Str, Value> = std::mem::take(array).into_iter().collect();
        let removed = tree.remove(key);
        *self = Entries::Tree(tree);
        removed
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Value) -> bool) {
        match self {
            Entries::Array(array) => array.retain(|(_, value)| keep(value)),
            Entries::Tree(tree) => tree.retain(|_, value| keep(value)),
        }
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        match self {
            Entries::Array(array) => Iter::Array(array.iter()),
            Entries::Tree(tree) => Iter::Tree(tree.iter()),
        }
    }

    /// The same keys, with values made from the ones here.
    pub(crate) fn try_copy(&self, mut copy: impl FnMut(&Value) -> Option<Value>) -> Option<Entries> {
        // Room for all: what is collected into an `Option` does not know how many will come.
        let mut array = Vec::with_capacity(self.len());
        for (key, value) in self.iter() {
            array.push((key.clone(), copy(value)?));
        }
        Some(Entries::Array(array))
    }

    /// Gives each value to a function that may take it.
    pub(crate) fn for_each_mut(&mut self, mut visit: impl FnMut(&mut Value)) {
        match self {
            Entries::Array(array) => array.iter_mut().for_each(|(_, value)| visit(value)),
            Entries::Tree(tree) => tree.values_mut().for_each(visit),
        }
    }
}

/// Where the key is, or would have to be.
fn place(array: &[(Str, Value)], key: &[u8]) -> Result<usize, usize> {
    let key = Sought::new(key);
    array.binary_search_by(|(known, _)| key.order_of(known))
}

impl FromIterator<(Str, Value)> for Entries {
    /// Of several entries with one key the last stays.
    fn from_iter<I: IntoIterator<Item = (Str, Value)>>(entries: I) -> Self {
        let mut array: Vec<_> = entries.into_iter().collect();
        if !array.is_sorted_by(|(a, _), (b, _)| a < b) {
            array.sort_by(|(a, _), (b, _)| a.cmp(b));
            array.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    std::mem::swap(&mut later.1, &mut kept.1);
                }
                same
            });
        }
        array.shrink_to_fit();
        Entries::Array(array)
    }
}

/// The entries in key order.
pub(crate) enum Iter<'a> {
    Array(slice::Iter<'a, (Str, Value)>),
    Tree(btree_map::Iter<'a, Str, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Iter::Array(entries) => entries.next().map(|(key, value)| (key, value)),
            Iter::Tree(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Iter::Array(entries) => entries.size_hint(),
            Iter::Tree(entries) => entries.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(entries: &Entries) -> Vec<String> {
        entries.iter().map(|(key, _)| key.to_string()).collect()
    }

    #[test]
    fn of_several_entries_with_one_key_the_last_stays() {
        let entries = [("b", 1), ("a", 2), ("b", 3), ("a", 4)];
        let entries: Entries =
            entries.into_iter().map(|(key, number)| (key.into(), Value::int(number))).collect();
        assert_eq!(keys(&entries), ["a", "b"]);
        assert_eq!(entries.get(b"a"), Some(&Value::int(4)));
        assert_eq!(entries.get(b"b"), Some(&Value::int(3)));
    }

    #[test]
    fn few_and_many_entries_behave_alike() {
        for count in [10, 1000] {
            let mut entries = Entries::EMPTY;
            for number in (0..count).rev() {
                let key = Str::from(format!("{number:04}"));
                assert_eq!(entries.insert(key.clone(), Value::int(0)), None);
                assert_eq!(entries.insert(key, Value::int(number)), Some(Value::int(0)));
            }
            assert_eq!(entries.len(), count as usize);
            assert!(keys(&entries).is_sorted());
            assert_eq!(entries.remove(b"0007"), Some(Value::int(7)));
            assert_eq!(entries.get(b"0007"), None);
            assert_eq!(entries.remove(b"0007"), None);
        }
    }

    #[test]
    fn an_entry_can_leave_a_long_array() {
        let mut entries: Entries = (0..1000).map(|n| (format!("{n:04}").into(), Value::Nil)).collect();
        assert_eq!(entries.remove(b"0500"), Some(Value::Nil));
        assert_eq!(entries.len(), 999);
    }
}

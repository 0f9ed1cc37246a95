//! The values that are wanted, while they are being filled.

use value::{List, Map, MapType, Str, Value};

use super::word::Word;
use crate::decode::{Numbers, Scalars, Wanted};
use crate::tree::NONE;

/// The collections that are open, and what they hold so far: within what is not wanted nothing is.
pub(super) struct Parts {
    wanted: Wanted,
    open: Vec<Part>,
    /// How many open collections are not wanted.
    unwanted: usize,
    /// The entries of all open maps and the items of all open lists, those of the innermost one last.
    entries: Vec<(Str, Value)>,
    items: Vec<Value>,
    root: Option<Value>,
    scalars: Scalars,
}

/// A collection that is being filled.
enum Part {
    Map {
        wanted: Wanted,
        /// Where its entries begin.
        start: usize,
        /// The key whose value comes next, if that is wanted, and what is wanted of it.
        key: Option<(Str, Wanted)>,
    },
    List {
        /// Where its items begin.
        start: usize,
    },
}

impl Parts {
    pub(super) fn new(wanted: Wanted, numbers: Numbers) -> Self {
        Self {
            wanted,
            open: Vec::with_capacity(8),
            unwanted: 0,
            entries: Vec::with_capacity(16),
            items: Vec::new(),
            root: None,
            scalars: Scalars::new(numbers),
        }
    }

    /// Whether the innermost collection is wanted.
    #[inline]
    pub(super) fn is_wanted(&self) -> bool {
        self.unwanted == 0
    }

    /// Whether the value that comes next is wanted.
    #[inline]
    pub(super) fn is_value_wanted(&self) -> bool {
        self.wanted_of_value().is_some()
    }

    /// What is wanted of the value that comes next.
    fn wanted_of_value(&self) -> Option<Wanted> {
        match self.open.last() {
            _ if !self.is_wanted() => None,
            Some(Part::Map { key, .. }) => key.as_ref().map(|(_, wanted)| *wanted),
            Some(Part::List { .. }) => Some(Wanted::All),
            None => Some(self.wanted),
        }
    }

    /// The next value is a mapping.
    pub(super) fn open_map(&mut self) {
        match self.wanted_of_value() {
            Some(wanted) => self.open.push(Part::Map { wanted, start: self.entries.len(), key: None }),
            None => self.unwanted += 1,
        }
    }

    /// The next value is a sequence.
    pub(super) fn open_list(&mut self) {
        match self.wanted_of_value() {
            Some(_) => self.open.push(Part::List { start: self.items.len() }),
            None => self.unwanted += 1,
        }
    }

    /// A key of the innermost mapping.
    #[inline]
    pub(super) fn key(&mut self, word: &Word<'_>) -> Option<()> {
        if !word.is_sound_key() {
            return None;
        }
        if self.is_wanted() { self.wanted_key(word) } else { Some(()) }
    }

    #[inline(never)]
    fn wanted_key(&mut self, word: &Word<'_>) -> Option<()> {
        let scalar = word.resolve()?;
        if let Some(Part::Map { wanted, key, .. }) = self.open.last_mut() {
            *key = match wanted.below(&scalar) {
                Some(wanted) => Some((self.scalars.key(&scalar, NONE, false)?, wanted)),
                None => None,
            };
        }
        Some(())
    }

    /// The next value is a scalar.
    #[inline]
    pub(super) fn scalar(&mut self, word: &Word<'_>) -> Option<()> {
        if self.is_value_wanted() {
            let value = self.scalars.value(word.resolve()?, NONE, false);
            self.set(value);
        }
        word.is_finite().then_some(())
    }

    /// The next value, if it is wanted.
    pub(super) fn set(&mut self, value: Value) {
        if !self.is_wanted() {
            return;
        }
        match self.open.last_mut() {
            Some(Part::Map { key, .. }) => self.entries.extend(key.take().map(|(key, _)| (key, value))),
            Some(Part::List { .. }) => self.items.push(value),
            None => self.root = Some(value),
        }
    }

    /// The innermost collection is complete.
    pub(super) fn close(&mut self) {
        if !self.is_wanted() {
            self.unwanted -= 1;
            return;
        }
        let value = match self.open.pop() {
            Some(Part::Map { start, .. }) => {
                Value::Map(Map::from_entries(MapType::INTERFACE, self.entries.drain(start..)))
            }
            Some(Part::List { start }) => Value::List(List::new(self.items.drain(start..).collect()).grown()),
            None => return,
        };
        self.set(value);
    }

    /// The value of the whole, which is null where nothing was set.
    pub(super) fn finish(self) -> Value {
        self.root.unwrap_or_default()
    }
}

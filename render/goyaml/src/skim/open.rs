//! The block collections around the place, and the maps that are made of the wanted ones.

use value::{Map, MapType, Str, Value};

use super::word::Word;
use crate::decode::{Numbers, Scalars, Wanted};
use crate::tree::NONE;

/// The deepest nesting that is followed.
pub(super) const MOST_LEVELS: usize = 64;

/// The open collections, the outermost first: each stands further in than the one around it, but for a sequence in
/// the column of its mapping.
pub(super) struct Open {
    levels: Vec<Level>,
    /// Those of the outermost levels that are wanted: within what is not wanted nothing is.
    parts: Vec<Part>,
    /// Whether a value may begin: that of the innermost entry, or the root.
    awaits_value: bool,
    wanted: Wanted,
    scalars: Scalars,
    root: Option<Value>,
}

struct Level {
    column: usize,
    is_sequence: bool,
}

/// A map that is being filled.
struct Part {
    wanted: Wanted,
    entries: Vec<(Str, Value)>,
    /// The key whose value comes next, if that is wanted, and what is wanted of it.
    key: Option<(Str, Wanted)>,
}

impl Open {
    pub(super) fn new(wanted: Wanted, numbers: Numbers) -> Self {
        Self {
            levels: Vec::with_capacity(16),
            parts: Vec::with_capacity(4),
            awaits_value: true,
            wanted,
            scalars: Scalars::new(numbers),
            root: None,
        }
    }

    /// The column of the innermost collection.
    pub(super) fn column(&self) -> usize {
        self.levels.last().map_or(0, |level| level.column)
    }

    /// Closes the collections that are further in than that column.
    #[inline]
    pub(super) fn close_beyond(&mut self, column: usize) {
        while self.levels.last().is_some_and(|level| level.column > column) {
            self.close();
        }
    }

    /// A dash in that column.
    pub(super) fn item(&mut self, column: usize) -> Option<()> {
        match self.levels.last() {
            Some(level) if level.is_sequence && level.column == column => {}
            // Behind a key it may be the column of the mapping.
            _ if self.awaits_value && !self.is_value_wanted() => self.push(column, true)?,
            _ => return None,
        }
        self.awaits_value = true;
        Some(())
    }

    /// A key in that column.
    #[inline]
    pub(super) fn pair(&mut self, column: usize, key: &Word<'_>) -> Option<()> {
        match self.levels.last() {
            Some(level) if level.column == column && !level.is_sequence => self.end_entry(),
            Some(level) if level.column == column => self.close_indentless(column)?,
            _ if self.awaits_value => self.open_mapping(column)?,
            _ => return None,
        }
        self.awaits_value = true;
        if !key.is_sound_key() {
            return None;
        }
        if self.is_wanted() { self.wanted_key(key) } else { Some(()) }
    }

    /// Goes back from a sequence to the mapping in the same column.
    fn close_indentless(&mut self, column: usize) -> Option<()> {
        self.close();
        let is_mapping = |level: &Level| level.column == column && !level.is_sequence;
        self.levels.last().is_some_and(is_mapping).then_some(())
    }

    fn open_mapping(&mut self, column: usize) -> Option<()> {
        let wanted = self.wanted_of_value();
        self.push(column, false)?;
        if let Some(wanted) = wanted {
            let most = if let Wanted::Fields(fields) = wanted { fields.len() } else { 0 };
            self.parts.push(Part { wanted, entries: Vec::with_capacity(most), key: None });
        }
        Some(())
    }

    fn push(&mut self, column: usize, is_sequence: bool) -> Option<()> {
        if self.levels.len() == MOST_LEVELS {
            return None;
        }
        self.levels.push(Level { column, is_sequence });
        Some(())
    }

    /// Notes a key of a wanted mapping.
    #[inline(never)]
    fn wanted_key(&mut self, key: &Word<'_>) -> Option<()> {
        let scalar = key.resolve()?;
        let part = self.parts.last_mut()?;
        part.key = match part.wanted.below(&scalar) {
            Some(wanted) => Some((self.scalars.key(&scalar, NONE, false)?, wanted)),
            None => None,
        };
        Some(())
    }

    /// A scalar as the value of the innermost entry.
    #[inline]
    pub(super) fn scalar(&mut self, word: &Word<'_>) -> Option<()> {
        if self.is_value_wanted() {
            let value = self.scalars.value(word.resolve()?, NONE, false);
            self.set(value);
        }
        self.awaits_value = false;
        word.is_finite().then_some(())
    }

    /// The value of the innermost entry is `{}`.
    pub(super) fn empty_mapping(&mut self) {
        if self.is_value_wanted() {
            self.set(Value::Map(Map::from_entries(MapType::INTERFACE, Vec::new())));
        }
    }

    /// The value of the innermost entry is complete.
    pub(super) fn pass(&mut self) {
        self.awaits_value = false;
    }

    /// The value of the whole.
    pub(super) fn finish(mut self) -> Option<Value> {
        while !self.levels.is_empty() {
            self.close();
        }
        if self.awaits_value { Some(Value::Nil) } else { self.root }
    }

    /// Closes the innermost collection.
    fn close(&mut self) {
        self.end_entry();
        self.levels.pop();
        if self.parts.len() > self.levels.len()
            && let Some(part) = self.parts.pop()
        {
            self.set(Value::Map(Map::from_entries(MapType::INTERFACE, part.entries)));
        }
    }

    /// Without a value so far, the innermost entry has null.
    #[inline]
    fn end_entry(&mut self) {
        if std::mem::take(&mut self.awaits_value) {
            self.set(Value::Nil);
        }
    }

    /// Sets the value of the innermost entry if it is wanted.
    fn set(&mut self, value: Value) {
        if self.levels.is_empty() {
            self.root = Some(value);
        } else if self.is_wanted()
            && let Some(part) = self.parts.last_mut()
            && let Some((key, _)) = part.key.take()
        {
            part.entries.push((key, value));
        }
    }

    /// Whether a value of any kind may begin in that column.
    pub(super) fn awaits_value_in(&self, column: usize) -> bool {
        self.awaits_value && self.levels.last().is_some_and(|level| level.column < column)
    }

    /// Whether the innermost collection is wanted.
    #[inline]
    pub(super) fn is_wanted(&self) -> bool {
        self.levels.len() == self.parts.len()
    }

    /// Whether the value that comes next is wanted.
    #[inline]
    pub(super) fn is_value_wanted(&self) -> bool {
        self.is_wanted() && self.wanted_of_value().is_some()
    }

    /// What is wanted of the value that comes next.
    fn wanted_of_value(&self) -> Option<Wanted> {
        if self.levels.is_empty() {
            return Some(self.wanted);
        }
        let part = self.parts.last().filter(|_| self.is_wanted())?;
        part.key.as_ref().map(|(_, wanted)| *wanted)
    }
}

//! The block collections around the place.

use value::Value;

use super::parts::Parts;
use super::word::Word;

/// The deepest nesting that is followed.
pub(super) const MOST_LEVELS: usize = 64;

/// The open collections, the outermost first: each stands further in than the one around it, but for a sequence in
/// the column of its mapping.
pub(super) struct Open {
    levels: Vec<Level>,
    /// Whether a value may begin: that of the innermost entry, or the root.
    awaits_value: bool,
    /// What the collections hold.
    pub(super) parts: Parts,
}

struct Level {
    column: usize,
    is_sequence: bool,
}

impl Open {
    pub(super) fn new(parts: Parts) -> Self {
        Self { levels: Vec::with_capacity(16), awaits_value: true, parts }
    }

    /// Whether there is no collection around the place.
    pub(super) fn is_empty(&self) -> bool {
        self.levels.is_empty()
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
            Some(level) if level.is_sequence && level.column == column => self.end_entry(),
            // Behind a key it may be the column of the mapping.
            _ if self.awaits_value => {
                self.push(column, true)?;
                self.parts.open_list();
            }
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
            _ if self.awaits_value => {
                self.push(column, false)?;
                self.parts.open_map();
            }
            _ => return None,
        }
        self.awaits_value = true;
        self.parts.key(key)
    }

    /// Goes back from a sequence to the mapping in the same column.
    fn close_indentless(&mut self, column: usize) -> Option<()> {
        self.close();
        let is_mapping = |level: &Level| level.column == column && !level.is_sequence;
        self.levels.last().is_some_and(is_mapping).then_some(())
    }

    fn push(&mut self, column: usize, is_sequence: bool) -> Option<()> {
        if self.levels.len() == MOST_LEVELS {
            return None;
        }
        self.levels.push(Level { column, is_sequence });
        Some(())
    }

    /// A scalar as the value of the innermost entry.
    #[inline]
    pub(super) fn scalar(&mut self, word: &Word<'_>) -> Option<()> {
        self.awaits_value = false;
        self.parts.scalar(word)
    }

    /// The value of the innermost entry is complete.
    pub(super) fn pass(&mut self) {
        self.awaits_value = false;
    }

    /// The value of the whole.
    pub(super) fn finish(mut self) -> Value {
        while !self.levels.is_empty() {
            self.close();
        }
        self.parts.finish()
    }

    /// Closes the innermost collection.
    fn close(&mut self) {
        self.end_entry();
        self.levels.pop();
        self.parts.close();
    }

    /// Without a value so far, the innermost entry has null.
    #[inline]
    fn end_entry(&mut self) {
        if std::mem::take(&mut self.awaits_value) {
            self.parts.set(Value::Nil);
        }
    }

    /// Whether a value of any kind may begin in that column.
    pub(super) fn awaits_value_in(&self, column: usize) -> bool {
        self.awaits_value && self.levels.last().is_none_or(|level| level.column < column)
    }
}

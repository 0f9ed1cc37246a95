//! A quick look that gives a usual document, or the wanted part of it, without tokens and nodes.
//!
//! Most documents are plain: mappings and sequences by indentation, scalars, and flow collections that end with their
//! line. One pass over the bytes, line by line, tells that such a document is sound, and makes values of what is
//! wanted. Whatever is not certain — anchors, tags, tabs, document markers, errors above all — is left to the exact
//! way, which reads the whole document again. So what is given here is what the exact way would give, or nothing.
//!
//! `place` goes over the text, with what `word`, `flow` and `block_scalar` know of it; `open` keeps the collections
//! around the place, and `parts` the values that are wanted.

mod block_scalar;
mod characters;
mod eight;
mod flow;
mod open;
mod parts;
mod place;
mod plain;
mod quoted;
mod word;

use value::Value;

use crate::decode::{Options, Wanted};
use open::Open;
use parts::Parts;
use place::Place;

/// The wanted part of a document, if it is certain.
pub(crate) fn part(text: &[u8], options: &Options, wanted: Wanted) -> Option<Value> {
    if options.strict || !fits(text, options) || !characters::are_usual(text) {
        return None;
    }
    let parts = Parts::new(wanted, options.numbers);
    Skim { place: Place::new(text), open: Open::new(parts) }.document()
}

/// Whether no document of that size, nested as deep as is followed here, exceeds a limit.
fn fits(text: &[u8], options: &Options) -> bool {
    let limits = options.limits;
    let deepest = open::MOST_LEVELS + flow::MOST_LEVELS;
    // Of two bytes, such as `a:`, there can be two nodes and the collection that holds them.
    let most_nodes = text.len().saturating_mul(2).saturating_add(4);
    text.len() <= limits.bytes && most_nodes <= limits.nodes && deepest < limits.depth
}

/// The look while it goes over the lines. `None` anywhere means that the exact way has to say.
struct Skim<'t> {
    place: Place<'t>,
    open: Open,
}

impl Skim<'_> {
    fn document(mut self) -> Option<Value> {
        self.place.take_document_start();
        while let Some(column) = self.place.next_line() {
            if std::mem::take(&mut self.place.plain_may_go_on) && column > self.open.column() {
                self.continued_plain()?;
            } else {
                self.open.close_beyond(column);
                self.line(column)?;
            }
        }
        Some(self.open.finish())
    }

    /// A line with text, from its first character on.
    fn line(&mut self, column: usize) -> Option<()> {
        if column == 0 && self.place.may_be_document_indicator() {
            return None;
        }
        let mut column = column;
        while self.place.take_dash() {
            self.open.item(column)?;
            if self.place.take_line_end() {
                return Some(());
            }
            column = self.place.column();
        }
        self.entry(column)
    }

    /// One line more of a plain scalar.
    fn continued_plain(&mut self) -> Option<()> {
        if self.open.parts.is_wanted() { None } else { self.place.plain_line() }
    }

    /// A pair of a mapping or, where a value may begin, whatever that may be.
    fn entry(&mut self, column: usize) -> Option<()> {
        let is_value = self.open.awaits_value_in(column);
        if is_value && self.place.at_sign() {
            return self.signed();
        }
        let word = self.place.word()?;
        if word.is_key {
            self.open.pair(column, &word)?;
            self.value()
        } else if is_value {
            self.open.scalar(&word)
        } else {
            None
        }
    }

    /// The value behind a key, as far as it stands on the same line.
    fn value(&mut self) -> Option<()> {
        if self.place.take_line_end() {
            return Some(());
        }
        if self.place.at_sign() {
            return self.signed();
        }
        let word = self.place.word()?;
        if word.is_key { None } else { self.open.scalar(&word) }
    }

    /// What begins with a sign: a block scalar, or a flow collection.
    fn signed(&mut self) -> Option<()> {
        if self.place.at_block_scalar() {
            // As the root, it would begin in the first column.
            if self.open.is_empty() {
                return None;
            }
            let scalar = self.place.block_scalar(self.open.column())?;
            if self.open.parts.is_value_wanted() {
                self.open.parts.set(Value::Str(scalar.text().into()));
            }
        } else {
            self.place.flow_collection(&mut self.open.parts)?;
        }
        self.open.pass();
        Some(())
    }
}

#[cfg(test)]
mod tests;

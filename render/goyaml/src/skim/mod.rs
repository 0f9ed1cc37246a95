//! A quick look that gives the wanted part of a usual document, without tokens and nodes of all the rest.
//!
//! Most documents are plain: mappings and sequences by indentation, scalars, and flow collections that end with their
//! line. One pass over the bytes, line by line, tells that such a document is sound, and values are made only of what
//! is wanted. Whatever is not certain — anchors, tags, tabs, document markers, errors above all — is left to the exact
//! way, which reads the whole document again. So what is given here is what the exact way would give, or nothing.
//!
//! `place` goes over the text, with what `word`, `flow` and `block_scalar` know of it; `open` keeps the collections
//! around the place and the values that are wanted.

mod block_scalar;
mod characters;
mod eight;
mod flow;
mod open;
mod place;
mod plain;
mod quoted;
mod word;

use value::Value;

use crate::decode::{Options, Wanted};
use open::Open;
use place::Place;

/// The wanted part of a document, if it is certain; `wanted` says more than all.
pub(crate) fn part(text: &[u8], options: &Options, wanted: Wanted) -> Option<Value> {
    let is_for_us = matches!(wanted, Wanted::Fields(_)) && !options.strict && fits(text, options);
    if !is_for_us || !characters::are_usual(text) {
        return None;
    }
    let skim = Skim { place: Place::new(text), open: Open::new(wanted, options.numbers) };
    skim.document()
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
        while let Some(column) = self.place.next_line() {
            if std::mem::take(&mut self.place.plain_may_go_on) && column > self.open.column() {
                self.continued_plain()?;
            } else {
                self.open.close_beyond(column);
                self.line(column)?;
            }
        }
        self.open.finish()
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
        if self.open.is_wanted() { None } else { self.place.plain_line() }
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
        if self.place.take_empty_mapping() {
            self.open.empty_mapping();
        } else if self.open.is_value_wanted() {
            return None;
        } else if self.place.at_block_scalar() {
            self.place.block_scalar(self.open.column())?;
        } else {
            self.place.flow_collection()?;
        }
        self.open.pass();
        Some(())
    }
}

#[cfg(test)]
mod tests;

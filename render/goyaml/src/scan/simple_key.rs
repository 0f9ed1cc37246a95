//! Places where a key without `?` may have started.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::cursor::Cursor;
use super::token::Mark;

/// The longest simple key, in characters.
pub(crate) const LONGEST_SIMPLE_KEY: usize = 1024;

/// A token that becomes a key if `:` follows on its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct SimpleKey {
    /// How many flow collections are open around it.
    pub(super) level: usize,
    /// The number of its first token.
    pub(super) token: usize,
    pub(super) mark: Mark,
    /// The characters before it.
    pub(super) index: usize,
    /// Nothing but a key may stand there: it starts in the column of a block mapping.
    pub(super) required: bool,
    /// Whether its first token has to wait in the queue until it is known to be a key or not.
    pub(super) holds_token: bool,
}

impl SimpleKey {
    /// Whether a `:` at the cursor would come in time.
    pub(super) fn is_alive(&self, cursor: &Cursor<'_>) -> bool {
        self.mark.line == cursor.line() && self.index + LONGEST_SIMPLE_KEY >= cursor.index()
    }
}

/// At most one per flow level; levels and token numbers both ascend.
#[derive(Debug, Default)]
pub(super) struct SimpleKeys {
    keys: VecDeque<SimpleKey>,
    /// For each open flow collection the number of its first token, until a key starts directly inside of it.
    keyless: Vec<Option<usize>>,
}

impl SimpleKeys {
    /// The key that starts with that token and holds it.
    pub(super) fn holding(&self, token: usize) -> Option<&SimpleKey> {
        let first = self.keys.front()?;
        // Outside of flow collections there is one key at most, and mostly none by now.
        let key = match first.token.cmp(&token) {
            Ordering::Greater => return None,
            Ordering::Equal => first,
            Ordering::Less => self.keys.get(self.keys.partition_point(|key| key.token < token))?,
        };
        (key.token == token && key.holds_token).then_some(key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn forget(&mut self, token: usize) {
        let place = self.keys.partition_point(|key| key.token < token);
        self.keys.remove(place);
    }

    pub(super) fn push(&mut self, key: SimpleKey) {
        if let Some(keyless) = self.keyless.last_mut() {
            *keyless = None;
        }
        self.keys.push_back(key);
    }

    /// Takes the key of that level, the innermost.
    pub(super) fn pop(&mut self, level: usize) -> Option<SimpleKey> {
        self.keys.back().filter(|key| key.level == level)?;
        self.keys.pop_back()
    }

    /// Forgets the key of that level, the innermost; whether it was required.
    pub(super) fn drop_of(&mut self, level: usize) -> bool {
        let required = match self.keys.back() {
            Some(key) if key.level == level => key.required,
            _ => return false,
        };
        self.keys.pop_back();
        required
    }

    pub(super) fn open_flow(&mut self, token: usize) {
        self.keyless.push(Some(token));
    }

    /// Go's library forgets, when a flow collection without keys inside closes, that the collection itself may be a
    /// key: `[]: x` is an error for it, `[a]: x` is none.
    pub(super) fn close_flow(&mut self) {
        let keyless = self.keyless.pop().flatten();
        if let Some(outer) = self.keys.back_mut().filter(|outer| Some(outer.token) == keyless) {
            outer.holds_token = false;
        }
    }
}

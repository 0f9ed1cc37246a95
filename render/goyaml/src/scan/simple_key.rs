//! Places where a key without `?` may have started.

use std::collections::VecDeque;

use super::token::Mark;

/// The longest simple key, in characters.
const MAX_LENGTH: usize = 1024;

/// A token that becomes a key if `:` follows on its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct SimpleKey {
    /// How many flow collections are open around it.
    pub(super) level: usize,
    /// The number of its first token.
    pub(super) token: usize,
    pub(super) mark: Mark,
    /// Nothing but a key may stand there: it starts in the column of a block mapping.
    pub(super) required: bool,
}

impl SimpleKey {
    /// Whether a `:` at `mark` would come in time.
    pub(super) fn is_alive(&self, mark: Mark) -> bool {
        self.mark.line == mark.line && self.mark.index + MAX_LENGTH >= mark.index
    }
}

/// At most one per flow level; levels and token numbers both ascend.
#[derive(Debug, Default)]
pub(super) struct SimpleKeys(VecDeque<SimpleKey>);

impl SimpleKeys {
    pub(super) fn first(&self) -> Option<SimpleKey> {
        self.0.front().copied()
    }

    pub(super) fn forget_first(&mut self) {
        self.0.pop_front();
    }

    pub(super) fn push(&mut self, key: SimpleKey) {
        self.0.push_back(key);
    }

    /// Takes the key of that level, the innermost.
    pub(super) fn pop(&mut self, level: usize) -> Option<SimpleKey> {
        self.0.back().filter(|key| key.level == level)?;
        self.0.pop_back()
    }
}

//! Lists side by side: a template has thousands of short ones, and a piece of memory for each would cost more than what
//! is in it.

use std::marker::PhantomData;

/// All lists of one kind of thing, one behind the other.
#[derive(Clone, Debug)]
pub(crate) struct Lists<T>(Vec<T>);

/// One of them: where it lies.
#[derive(Debug)]
pub(crate) struct List<T> {
    start: u32,
    end: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Lists<T> {
    /// No list yet, and room for so many things.
    pub(super) fn with_capacity(things: usize) -> Self {
        Self(Vec::with_capacity(things))
    }

    /// What the list holds.
    pub(crate) fn get(&self, list: List<T>) -> &[T] {
        self.0.get(list.start as usize..list.end as usize).unwrap_or_default()
    }

    /// Makes a list of what lies on a stack above so many. Each item stands for a byte of a text at least, and no text is
    /// longer than a place can tell.
    pub(super) fn take(&mut self, stack: &mut Vec<T>, below: usize) -> List<T> {
        let start = self.0.len() as u32;
        self.0.extend(stack.drain(below.min(stack.len())..));
        List { start, end: self.0.len() as u32, of: PhantomData }
    }

    /// Gives back the room that is left.
    pub(super) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { start: 0, end: 0, of: PhantomData }
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

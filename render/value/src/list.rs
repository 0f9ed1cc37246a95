//! Go slices. No function of Helm's changes an element in place, so a list is shared and immutable.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use crate::{ElementType, Value, teardown};

/// A slice: its element type and its items. Derefs to `[Value]`; cloning copies a pointer.
#[derive(Clone, Debug)]
pub struct List {
    shared: Arc<Shared>,
    /// Go's spare room behind the items.
    spare: usize,
}

#[derive(Debug)]
struct Shared {
    element: ElementType,
    nil: bool,
    items: Box<[Value]>,
}

impl List {
    /// A `[]interface {}` of these items.
    pub fn new(items: Vec<Value>) -> Self {
        Self::typed(ElementType::Interface, items)
    }

    /// A slice of one static type; the caller gives items of that type.
    pub fn typed(element: ElementType, items: Vec<Value>) -> Self {
        Self::with(element, false, items.into())
    }

    /// A `[]string`.
    pub fn strings<S: Into<crate::Str>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::typed(ElementType::String, items.into_iter().map(|item| Value::Str(item.into())).collect())
    }

    /// The nil slice of a type: empty, prints as `[]`, is `null` in JSON.
    pub fn nil(element: ElementType) -> Self {
        Self::with(element, true, Box::default())
    }

    fn with(element: ElementType, nil: bool, items: Box<[Value]>) -> Self {
        Self { shared: Arc::new(Shared { element, nil, items }), spare: 0 }
    }

    /// The same slice with Go's `cap`, of which nothing shows but that `slice` reaches beyond the items up to there.
    pub fn with_capacity(mut self, capacity: usize) -> Self {
        self.spare = capacity.saturating_sub(self.len());
        self
    }

    /// The same slice with the `cap` it has when Go's `append` has added item by item, as JSON's decoder does.
    pub fn grown(self) -> Self {
        let capacity = if self.is_empty() { 0 } else { self.len().next_power_of_two() };
        self.with_capacity(capacity)
    }

    /// Go's `cap`: the items and the room behind them.
    pub fn capacity(&self) -> usize {
        self.len() + self.spare
    }

    /// Whether this is the nil slice (and not merely empty).
    pub fn is_nil(&self) -> bool {
        self.shared.nil
    }

    /// The static type of the items.
    pub fn element(&self) -> ElementType {
        self.shared.element
    }

    /// Go's name of the slice type: `[]interface {}`, `chartutil.VersionSet`.
    pub fn type_name(&self) -> Cow<'static, str> {
        match self.shared.element {
            ElementType::Interface => Cow::Borrowed("[]interface {}"),
            ElementType::StringOf(name) => Cow::Borrowed(name),
            element => Cow::Owned(format!("[]{}", element.name())),
        }
    }

    /// Whether others hold the same items in memory.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.shared) > 1
    }

    /// Whether both are the same slice in memory.
    pub fn same(&self, other: &List) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) || self.is_nil() && other.is_nil()
    }
}

impl List {
    /// Moves the items out, where no other list shares them.
    pub(crate) fn take_items(&mut self, into: &mut Vec<Value>) {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            into.extend(shared.items.iter_mut().filter(|item| teardown::nests(item)).map(std::mem::take));
        }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let mut nested = Vec::new();
        self.take_items(&mut nested);
        teardown::free(nested);
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.shared.items
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self::new(items)
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::new(items.into_iter().collect())
    }
}

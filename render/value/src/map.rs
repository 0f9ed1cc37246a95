//! Go maps with string keys: shared and mutable, as `set` and `merge` need them.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::entries::Entries;
use crate::reads::Watch;
use crate::{ElementType, MapType, Str, Value, teardown};

/// A map, ordered by key as Go's templates and printers walk it. Cloning copies a reference: both see each change.
///
/// No method hands out a guard, so that a template which changes the map it walks can't lock itself out.
#[derive(Clone, Debug)]
pub struct Map {
    shared: Arc<Shared>,
    name: Option<&'static str>,
}

#[derive(Debug)]
struct Shared {
    map_type: MapType,
    nil: bool,
    entries: RwLock<Entries>,
    /// Is told of every read, where somebody wants to know.
    watch: Option<Box<Watch>>,
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::typed(MapType::INTERFACE)
    }

    /// An empty map of the given type.
    pub fn typed(map_type: MapType) -> Self {
        Self::with(map_type, false, Entries::EMPTY)
    }

    /// The nil map of a type: empty, `null` in JSON.
    pub fn nil(map_type: MapType) -> Self {
        Self::with(map_type, true, Entries::EMPTY)
    }

    /// A map of the given type with these entries; of several with one key the last stays.
    pub fn from_entries(map_type: MapType, entries: impl IntoIterator<Item = (Str, Value)>) -> Self {
        Self::with(map_type, false, entries.into_iter().collect())
    }

    fn with(map_type: MapType, nil: bool, entries: Entries) -> Self {
        let shared = Arc::new(Shared { map_type, nil, entries: RwLock::new(entries), watch: None });
        Self { shared, name: map_type.name }
    }

    /// A map that notes what is read of it.
    pub(crate) fn watched(
        map_type: MapType,
        entries: impl IntoIterator<Item = (Str, Value)>,
        watch: Watch,
    ) -> Self {
        let (entries, watch) = (RwLock::new(entries.into_iter().collect()), Some(Box::new(watch)));
        Self { shared: Arc::new(Shared { map_type, nil: false, entries, watch }), name: map_type.name }
    }

    /// The same entries under another type, in a map of their own (nested maps stay shared).
    pub fn retyped(&self, map_type: MapType) -> Self {
        Self::from_entries(map_type, self.entries())
    }

    /// The same map under its element type alone: Go's conversion `map[string]interface {}(values)`.
    pub fn unnamed(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), name: None }
    }

    /// The map's type.
    #[inline]
    pub fn map_type(&self) -> MapType {
        MapType { element: self.element(), name: self.name }
    }

    /// The same map, seen as another defined type: Go's conversion `Values(map)`. Both see each change.
    pub fn named(&self, name: &'static str) -> Self {
        Self { shared: Arc::clone(&self.shared), name: Some(name) }
    }

    /// The static type of the entries.
    #[inline]
    pub fn element(&self) -> ElementType {
        self.shared.map_type.element
    }

    /// Whether this is the nil map (and not merely empty).
    pub fn is_nil(&self) -> bool {
        self.shared.nil
    }

    /// The entry of that key.
    #[inline]
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.shared.note(Some(key.as_ref()));
        self.shared.entries.read().get(key.as_ref()).cloned()
    }

    /// Whether there is an entry of that key, be it nil.
    pub fn contains_key(&self, key: impl AsRef<[u8]>) -> bool {
        self.shared.note(Some(key.as_ref()));
        self.shared.entries.read().get(key.as_ref()).is_some()
    }

    /// Sets an entry and gives back what it replaces.
    pub fn insert(&self, key: impl Into<Str>, value: impl Into<Value>) -> Option<Value> {
        self.shared.entries.write().insert(key.into(), value.into())
    }

    /// Takes an entry out.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.shared.entries.write().remove(key.as_ref())
    }

    /// Keeps the entries whose values pass. The test may not look at this map.
    pub fn retain(&self, keep: impl FnMut(&Value) -> bool) {
        self.shared.entries.write().retain(keep);
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.shared.entries.read().len()
    }

    /// Whether there are no entries.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.shared.entries.read().len() == 0
    }

    /// The keys in order, as they are now.
    pub fn keys(&self) -> Vec<Str> {
        self.shared.note(None);
        self.shared.entries.read().iter().map(|(key, _)| key.clone()).collect()
    }

    /// The entries in key order, as they are now.
    pub fn entries(&self) -> Vec<(Str, Value)> {
        self.shared.note(None);
        self.shared.entries.read().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Shows the entries in key order without copies of them, up to the first that gives `None`. What looks at them may
    /// change nothing.
    pub fn try_for_each(&self, mut look: impl FnMut(&Str, &Value) -> Option<()>) -> Option<()> {
        self.shared.note(None);
        // Recursive, for a map that contains itself.
        let entries = self.shared.entries.read_recursive();
        entries.iter().try_for_each(|(key, value)| look(key, value))
    }

    /// Another map with the same entries; nested maps stay shared.
    pub fn shallow_copy(&self) -> Self {
        self.retyped(self.map_type())
    }

    /// Another map whose values are made from the ones here, without a look at the map in between; `None` where one
    /// can't be made.
    pub(crate) fn try_copy(&self, copy: impl FnMut(&Value) -> Option<Value>) -> Option<Self> {
        self.shared.note(None);
        // Recursive, for a map that contains itself.
        let entries = self.shared.entries.read_recursive().try_copy(copy)?;
        Some(Self::with(self.map_type(), false, entries))
    }

    /// Whether both are the same map in memory.
    pub fn same(&self, other: &Map) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// An address that is the same for clones of one map and differs between live maps: to notice cycles.
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.shared).addr()
    }
}

impl Map {
    /// Moves the nested values out, where no other reference to the map exists.
    pub(crate) fn take_entries(self, into: &mut Vec<Value>) {
        if let Some(mut shared) = Arc::into_inner(self.shared) {
            shared.take_nested(into);
        }
    }
}

impl Shared {
    #[inline]
    fn note(&self, key: Option<&[u8]>) {
        if let Some(watch) = &self.watch {
            watch.note(key);
        }
    }

    fn take_nested(&mut self, into: &mut Vec<Value>) {
        self.entries.get_mut().for_each_mut(|value| {
            if teardown::nests(value) {
                into.push(std::mem::take(value));
            }
        });
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let mut nested = Vec::new();
        self.take_nested(&mut nested);
        teardown::free(nested);
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Into<Str>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value.into()));
        Self::from_entries(MapType::INTERFACE, entries)
    }
}

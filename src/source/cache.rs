//! Parsed charts, shared by digest, within a bound.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Digest;

/// Keeps what was parsed last, up to a total of archive bytes. Cloning shares the cache.
#[derive(Clone)]
pub struct Cache<T> {
    inner: Arc<Mutex<Inner<T>>>,
}

struct Inner<T> {
    entries: HashMap<Digest, Entry<T>>,
    bytes: usize,
    limit: usize,
    clock: u64,
}

struct Entry<T> {
    item: Arc<T>,
    bytes: usize,
    used: u64,
}

impl<T> Cache<T> {
    /// A cache for `limit` bytes of archives.
    pub fn new(limit: usize) -> Self {
        let inner = Inner { entries: HashMap::new(), bytes: 0, limit, clock: 0 };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// What was parsed from the archive of this digest.
    pub fn get(&self, digest: Digest) -> Option<Arc<T>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let clock = inner.clock;
        let entry = inner.entries.get_mut(&digest)?;
        entry.used = clock;
        Some(Arc::clone(&entry.item))
    }

    /// Keeps an item of that many archive bytes; what was not used for longest goes.
    pub fn put(&self, digest: Digest, bytes: usize, item: Arc<T>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > inner.limit {
            return;
        }
        inner.clock += 1;
        let used = inner.clock;
        inner.bytes += bytes;
        if let Some(old) = inner.entries.insert(digest, Entry { item, bytes, used }) {
            inner.bytes -= old.bytes;
        }
        while inner.bytes > inner.limit {
            let oldest = inner.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(digest, _)| *digest);
            let Some(gone) = oldest.and_then(|digest| inner.entries.remove(&digest)) else { return };
            inner.bytes -= gone.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays() {
        let cache = Cache::new(10);
        let [a, b, c] = [b"a", b"b", b"c"].map(|name| Digest::of(name));
        cache.put(a, 5, Arc::new("a"));
        cache.put(b, 5, Arc::new("b"));
        assert!(cache.get(a).is_some());
        cache.put(c, 5, Arc::new("c"));
        assert_eq!(cache.get(a).as_deref(), Some(&"a"));
        assert_eq!(cache.get(b), None);
        assert_eq!(cache.get(c).as_deref(), Some(&"c"));
    }

    #[test]
    fn what_is_larger_than_the_cache_is_not_kept() {
        let cache = Cache::new(10);
        cache.put(Digest::of(b"a"), 11, Arc::new("a"));
        assert_eq!(cache.get(Digest::of(b"a")), None);
    }
}

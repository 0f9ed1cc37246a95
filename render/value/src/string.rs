//! Go strings: immutable bytes, usually UTF-8 but not necessarily so (`trunc 2 "é"` cuts a letter in two).

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Bytes that fit beside their length in the place of a reference; most keys and words of a chart do.
const SHORT: usize = 22;

/// A Go string: immutable bytes, ordered bytewise. Cloning copies a short one, and a reference to any other.
#[derive(Clone)]
pub struct Str(Bytes);

#[derive(Clone)]
enum Bytes {
    /// The first `length` of the bytes; the rest are zero.
    Short {
        length: u8,
        bytes: [u8; SHORT],
    },
    Shared(Arc<[u8]>),
    /// Many bytes that were somebody's own: they stay where they are.
    Large(Arc<Vec<u8>>),
}

/// From this length on, to copy bytes costs more than to look for them in two steps.
const LARGE: usize = 64 << 10;

impl Str {
    /// How many bytes are kept in place: to make such a text takes no memory.
    pub const LONGEST_IN_PLACE: usize = SHORT;

    /// The bytes as they are.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Bytes::Shared(bytes) => bytes,
            Bytes::Large(bytes) => bytes,
        }
    }

    /// The text with every invalid byte replaced by U+FFFD; borrowed where the bytes are valid UTF-8.
    pub fn to_text(&self) -> Cow<'_, str> {
        text_of(self.as_bytes())
    }

    /// The text, or `None` where the bytes are no UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// Length in bytes, as Go's `len`.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Bytes::Short { length, .. } => usize::from(*length),
            Bytes::Shared(bytes) => bytes.len(),
            Bytes::Large(bytes) => bytes.len(),
        }
    }

    /// Its length, where nobody else keeps the same bytes in the same memory; else 0.
    #[inline]
    pub fn owned_bytes(&self) -> usize {
        match &self.0 {
            Bytes::Shared(bytes) if Arc::strong_count(bytes) > 1 => 0,
            Bytes::Large(bytes) if Arc::strong_count(bytes) > 1 => 0,
            _ => self.len(),
        }
    }

    /// Whether there are no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first eight bytes as a number that is in order as they are, with zeros behind the end.
    #[inline]
    fn head(&self) -> u64 {
        match &self.0 {
            // All of them, since the rest are zero.
            Bytes::Short { bytes, .. } => head(bytes),
            _ => head(self.as_bytes()),
        }
    }

    /// A text that fits in place.
    #[inline]
    pub(crate) fn short(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; SHORT];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self(Bytes::Short { length: u8::try_from(text.len()).ok()?, bytes }))
    }
}

/// As [`Str::head`], of bytes.
#[inline]
fn head(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(first) => u64::from_be_bytes(*first),
        None => {
            let mut first = [0; 8];
            first.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            u64::from_be_bytes(first)
        }
    }
}

/// A text that others are compared with: most differ in their first eight bytes, which takes no loop to see.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'a> {
    head: u64,
    bytes: &'a [u8],
}

impl<'a> Sought<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { head: head(bytes), bytes }
    }

    /// How a text stands to this one.
    #[inline]
    pub(crate) fn order_of(self, text: &Str) -> Ordering {
        text.head().cmp(&self.head).then_with(|| text.as_bytes().cmp(self.bytes))
    }
}

/// A text in UTF-8, with every invalid byte replaced by U+FFFD; borrowed where all are valid.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    // Much faster for what is valid, which is nearly all.
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// As [`text_of`], of bytes that are no longer needed.
pub fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

impl Default for Str {
    fn default() -> Self {
        Self(Bytes::Short { length: 0, bytes: [0; SHORT] })
    }
}

impl PartialEq for Str {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // Arrays of one length are compared without a call.
            (Bytes::Short { length: a, bytes: these }, Bytes::Short { length: b, bytes: those }) => {
                a == b && these == those
            }
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Str {}

impl PartialOrd for Str {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        Sought { head: other.head(), bytes: other.as_bytes() }.order_of(self)
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl From<&[u8]> for Str {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        Self::short(bytes).unwrap_or_else(|| Self(Bytes::Shared(Arc::from(bytes))))
    }
}

impl From<&str> for Str {
    #[inline]
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<Cow<'_, str>> for Str {
    fn from(text: Cow<'_, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Self::from(text),
            Cow::Owned(text) => Self::from(text),
        }
    }
}

impl From<Vec<u8>> for Str {
    fn from(mut bytes: Vec<u8>) -> Self {
        if bytes.len() < LARGE {
            return Self::from(bytes.as_slice());
        }
        bytes.shrink_to_fit();
        Self(Bytes::Large(Arc::new(bytes)))
    }
}

impl From<Arc<[u8]>> for Str {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self(Bytes::Shared(bytes))
    }
}

impl From<&Str> for Str {
    fn from(text: &Str) -> Self {
        text.clone()
    }
}

impl Borrow<[u8]> for Str {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Str {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of every length around [`SHORT`], and with zeros.
    fn texts() -> Vec<Vec<u8>> {
        let lengths = (0..=SHORT + 3).flat_map(|length| [b'a', b'b', 0].map(|byte| vec![byte; length]));
        let ends = (0..=SHORT + 3).map(|length| [vec![b'a'; length], vec![0]].concat());
        lengths.chain(ends).collect()
    }

    #[test]
    fn texts_are_ordered_by_their_bytes_wherever_they_are_kept() {
        let kept = |text: &[u8]| [Str::from(text), Str::from(Arc::<[u8]>::from(text))];
        for (a, b) in texts().iter().flat_map(|a| texts().into_iter().map(move |b| (a, b))) {
            for (one, other) in kept(a).iter().flat_map(|one| kept(&b).map(|other| (one.clone(), other))) {
                assert_eq!(one.cmp(&other), a.as_slice().cmp(&b), "{a:?} {b:?}");
                assert_eq!(Sought::new(&b).order_of(&one), one.cmp(&other), "{a:?} {b:?}");
                assert_eq!(one == other, *a == b, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_text_has_the_bytes_it_was_made_of() {
        for text in texts() {
            let string = Str::from(text.as_slice());
            assert_eq!((string.as_bytes(), string.len()), (text.as_slice(), text.len()));
            assert_eq!(string.is_empty(), text.is_empty());
        }
    }

    #[test]
    fn bytes_are_a_text_s_own_until_they_are_shared() {
        let long = Str::from("x".repeat(SHORT + 1));
        assert_eq!(long.owned_bytes(), SHORT + 1);
        let shared = long.clone();
        assert_eq!((long.owned_bytes(), shared.owned_bytes()), (0, 0));
        let large = Str::from("x".repeat(LARGE));
        assert_eq!((large.owned_bytes(), large.len()), (LARGE, LARGE));
        let shared = large.clone();
        assert_eq!((large.owned_bytes(), shared.owned_bytes()), (0, 0));
        assert_eq!(shared, Str::from(large.as_bytes()));
        let short = Str::from("short");
        let copy = short.clone();
        assert_eq!((short.owned_bytes(), copy.owned_bytes()), (5, 5));
    }
}

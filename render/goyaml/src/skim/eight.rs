//! Eight bytes at a time: what a register holds, without a loop over them.

/// The highest bit of each.
const HIGHEST: u64 = all(0x80);

/// The eight bytes from a place on, the first in the lowest bits; zeros behind the end of the text.
#[derive(Clone, Copy)]
pub(super) struct Eight(u64);

impl Eight {
    #[inline]
    pub(super) fn at(text: &[u8], position: usize) -> Self {
        let rest = text.get(position..).unwrap_or_default();
        match rest.first_chunk() {
            Some(bytes) => Self(u64::from_le_bytes(*bytes)),
            None => Self::last(rest),
        }
    }

    #[cold]
    fn last(rest: &[u8]) -> Self {
        Self(rest.iter().rev().fold(0, |bytes, &byte| bytes << 8 | u64::from(byte)))
    }

    /// How many of them are spaces before the first that is none.
    #[inline]
    pub(super) fn leading_spaces(self) -> usize {
        first_marked((self.0 ^ all(b' ')).trailing_zeros())
    }

    /// How many stand before the first that is one of two, or a control character; eight if none is.
    #[inline]
    pub(super) fn before(self, one: u8, other: u8) -> usize {
        let marks = self.marks_equal(one) | self.marks_equal(other) | marks_below(self.0, b' ');
        first_marked(marks.trailing_zeros())
    }

    fn marks_equal(self, byte: u8) -> u64 {
        marks_below(self.0 ^ all(byte), 1)
    }
}

/// A byte, eight times.
const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Sets the highest bit of the first byte below a bound, and of none before it; behind it others may be set wrongly.
fn marks_below(bytes: u64, bound: u8) -> u64 {
    bytes.wrapping_sub(all(bound)) & !bytes & HIGHEST
}

/// The byte that a bit belongs to.
fn first_marked(bit: u32) -> usize {
    bit as usize / 8
}

#[cfg(test)]
mod tests {
    use super::Eight;

    #[test]
    fn the_first_of_several_is_found_in_any_place() {
        for place in 0..8 {
            let mut text = *b"  \x80\xff~!z\x21";
            text[place] = b':';
            assert_eq!(Eight::at(&text, 0).before(b':', b'#'), place);
            text[place] = b'\n';
            assert_eq!(Eight::at(&text, 0).before(b':', b'#'), place);
            let mut spaces = [b' '; 8];
            spaces[place] = b'!';
            assert_eq!(Eight::at(&spaces, 0).leading_spaces(), place);
        }
    }

    #[test]
    fn behind_the_end_there_are_zeros() {
        assert_eq!(Eight::at(b"ab", 0).before(b':', b'#'), 2);
        assert_eq!(Eight::at(b"  ", 1).leading_spaces(), 1);
        assert_eq!(Eight::at(b"", 1).before(b':', b'#'), 0);
        assert_eq!(Eight::at(b"ab cd ef", 0).before(b':', b'#'), 8);
    }
}

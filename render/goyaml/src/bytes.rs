//! Search in bytes, a block at a time so that the compiler can use vector instructions.

/// Bytes looked at in one go: so many that the compiler makes a loop over vectors of it.
const BLOCK: usize = 128;

/// The place of the first byte for which the test holds.
pub(crate) fn find(bytes: &[u8], test: impl Fn(u8) -> bool) -> Option<usize> {
    let mut start = 0;
    let mut blocks = bytes.chunks_exact(BLOCK);
    // No early exit inside of a block: branches would keep it from being vectorised.
    let holds_none = |block: &[u8]| !block.iter().fold(false, |found, &byte| found | test(byte));
    while blocks.next().is_some_and(holds_none) {
        start += BLOCK;
    }
    bytes.get(start..)?.iter().position(|&byte| test(byte)).map(|place| start + place)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_first_of_several_is_found_in_any_block() {
        let mut bytes = [b'a'; 300];
        assert_eq!(find(&bytes, |byte| byte == b'b'), None);
        for place in [299, 256, 255, 128, 127, 41, 40, 0] {
            bytes[place] = b'b';
            assert_eq!(find(&bytes, |byte| byte == b'b'), Some(place));
        }
    }
}

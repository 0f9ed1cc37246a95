//! Search in bytes, a block at a time so that the compiler can use vector instructions.

/// Bytes looked at in one go.
const BLOCK: usize = 32;

/// The place of the first byte for which the test holds.
pub(crate) fn find(bytes: &[u8], test: impl Fn(u8) -> bool) -> Option<usize> {
    let mut start = 0;
    for block in bytes.chunks(BLOCK) {
        // No early exit inside of a block: branches would keep it from being vectorised.
        if block.iter().fold(false, |found, &byte| found | test(byte)) {
            return block.iter().position(|&byte| test(byte)).map(|place| start + place);
        }
        start += block.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_first_of_several_is_found_in_any_block() {
        let mut bytes = [b'a'; 100];
        assert_eq!(find(&bytes, |byte| byte == b'b'), None);
        bytes[99] = b'b';
        assert_eq!(find(&bytes, |byte| byte == b'b'), Some(99));
        bytes[40] = b'b';
        bytes[41] = b'b';
        assert_eq!(find(&bytes, |byte| byte == b'b'), Some(40));
    }
}

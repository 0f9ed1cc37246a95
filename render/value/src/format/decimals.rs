//! Bytes as Go prints `[]byte`: in decimal, with blanks between. Charts print whole files this way.

/// Bytes that are printed at once.
pub(super) const AT_ONCE: usize = 256;
/// What a byte takes at most: a blank and three digits.
pub(super) const WIDEST: usize = 4;

/// A blank and the number of each byte, and how many letters that are.
const NUMBERS: [([u8; WIDEST], usize); 256] = numbers();

const fn numbers() -> [([u8; WIDEST], usize); 256] {
    let mut numbers = [([b' '; WIDEST], 0); 256];
    let mut byte = 0;
    while byte < numbers.len() {
        let (hundreds, tens, ones) = (digit(byte / 100), digit(byte / 10), digit(byte));
        numbers[byte] = match byte {
            0..10 => ([b' ', ones, b' ', b' '], 2),
            10..100 => ([b' ', tens, ones, b' '], 3),
            _ => ([b' ', hundreds, tens, ones], 4),
        };
        byte += 1;
    }
    numbers
}

const fn digit(number: usize) -> u8 {
    b'0' + (number % 10) as u8
}

/// Appends the numbers of no more bytes than [`AT_ONCE`], each with a blank before it.
pub(super) fn append(output: &mut Vec<u8>, bytes: &[u8]) {
    let mut text = [0; AT_ONCE * WIDEST];
    let mut length = 0;
    for byte in bytes {
        let (number, letters) = NUMBERS[usize::from(*byte)];
        // All of it is copied, since a copy of known length takes one instruction; the next one covers what is too much.
        if let Some(place) = text.get_mut(length..length + WIDEST) {
            place.copy_from_slice(&number);
            length += letters;
        }
    }
    output.extend_from_slice(text.get(..length).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_its_number() {
        let bytes: Vec<u8> = (0..=255).collect();
        let want: String = bytes.iter().map(|byte| format!(" {byte}")).collect();
        let mut output = Vec::new();
        append(&mut output, &bytes);
        assert_eq!(String::from_utf8(output).unwrap(), want);
    }
}

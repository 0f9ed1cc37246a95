//! Chance, drawn from the host.

use gotemplate::{Call, FunctionError};
use value::Str;

use crate::{
    encoding,
    host::Host,
    limits::{charge, charge_text},
    panic,
    unicode::letters,
};

const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A number below the bound, each as likely as the others.
fn below(host: &dyn Host, bound: u64) -> u64 {
    // What is beyond the largest multiple of the bound would favour small numbers. It comes up at most every second
    // time, unless the host's chance is none.
    const TRIES: usize = 64;
    let fair = u64::MAX - u64::MAX % bound.max(1);
    let mut number = 0;
    for _ in 0..TRIES {
        let mut bytes = [0; 8];
        host.fill_random(&mut bytes);
        number = u64::from_ne_bytes(bytes);
        if number < fair {
            break;
        }
    }
    number % bound.max(1)
}

/// Characters of an alphabet; none for a negative count.
fn characters(
    host: &dyn Host,
    call: &mut Call<'_>,
    function: &str,
    count: isize,
    alphabet: &[u8],
) -> Result<Str, FunctionError> {
    let count = usize::try_from(count).unwrap_or(0);
    charge_text(call, function, count)?;
    charge(call, count / 16)?;
    let pick = |_| {
        let index = usize::try_from(below(host, alphabet.len() as u64)).unwrap_or(0);
        alphabet.get(index).copied().unwrap_or_default()
    };
    Ok(Str::from((0..count).map(pick).collect::<Vec<u8>>()))
}

pub(crate) fn rand_alpha_num(
    host: &dyn Host,
    call: &mut Call<'_>,
    count: isize,
) -> Result<Str, FunctionError> {
    characters(host, call, "randAlphaNum", count, &[DIGITS, LETTERS].concat())
}

pub(crate) fn rand_alpha(host: &dyn Host, call: &mut Call<'_>, count: isize) -> Result<Str, FunctionError> {
    characters(host, call, "randAlpha", count, LETTERS)
}

pub(crate) fn rand_numeric(host: &dyn Host, call: &mut Call<'_>, count: isize) -> Result<Str, FunctionError> {
    characters(host, call, "randNumeric", count, DIGITS)
}

/// Printable ASCII, the space included.
pub(crate) fn rand_ascii(host: &dyn Host, call: &mut Call<'_>, count: isize) -> Result<Str, FunctionError> {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    characters(host, call, "randAscii", count, &printable)
}

/// So many bytes in base64.
pub(crate) fn rand_bytes(
    host: &dyn Host,
    call: &mut Call<'_>,
    count: isize,
) -> Result<String, FunctionError> {
    let count = usize::try_from(count).map_err(|_| panic::make_slice())?;
    charge_text(call, "randBytes", count)?;
    let mut bytes = vec![0; count];
    host.fill_random(&mut bytes);
    Ok(encoding::b64enc(Str::from(bytes)))
}

/// `randInt`: a number from the first to below the second, each as likely as the others.
///
/// # Errors
/// Where there is none, in the words of Go's `rand.Intn`.
pub fn rand_int(host: &dyn Host, from: isize, to: isize) -> Result<isize, FunctionError> {
    match u64::try_from(to.wrapping_sub(from)) {
        Ok(width) if width > 0 => Ok(from.wrapping_add(below(host, width) as isize)),
        _ => Err(FunctionError::new("invalid argument to Intn")),
    }
}

/// The letters in another order.
pub(crate) fn shuffle(host: &dyn Host, text: Str) -> Str {
    let mut all: Vec<char> = letters(text.as_bytes()).collect();
    for last in (1..all.len()).rev() {
        let other = usize::try_from(below(host, last as u64 + 1)).unwrap_or(0);
        all.swap(last, other);
    }
    Str::from(all.into_iter().collect::<String>())
}

/// A random UUID of version 4.
pub(crate) fn uuidv4(host: &dyn Host) -> String {
    let mut bytes = [0; 16];
    host.fill_random(&mut bytes);
    let random = u128::from_be_bytes(bytes);
    let marked = random & !(0xF << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{marked:032x}");
    let group = |start: usize, end: usize| digits.get(start..end).unwrap_or_default();
    [group(0, 8), group(8, 12), group(12, 16), group(16, 20), group(20, 32)].join("-")
}

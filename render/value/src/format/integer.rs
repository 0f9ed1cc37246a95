//! Integers: `%d %b %o %O %x %X %c %q %U`.

use super::printer::Printer;
use super::quoting::quote_rune;
use crate::unicode::is_print;

/// A sign and a magnitude: what all of Go's integer types print as.
#[derive(Clone, Copy)]
pub(super) struct Integer {
    pub(super) negative: bool,
    pub(super) magnitude: u64,
    pub(super) signed: bool,
}

impl From<i64> for Integer {
    fn from(number: i64) -> Self {
        Self { negative: number < 0, magnitude: number.unsigned_abs(), signed: true }
    }
}

impl From<u64> for Integer {
    fn from(number: u64) -> Self {
        Self { negative: false, magnitude: number, signed: false }
    }
}

impl Integer {
    /// The bits as Go's conversion to `uint64` gives them.
    fn bits(self) -> u64 {
        if self.negative { self.magnitude.wrapping_neg() } else { self.magnitude }
    }
}

impl Printer<'_> {
    /// Prints under a verb; `false` where the verb is not for integers.
    pub(super) fn integer(&mut self, number: Integer, verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v && !number.signed => self.hexadecimal(number.magnitude, true),
            'v' | 'd' => self.digits(number, format!("{}", number.magnitude), "", verb),
            'b' => self.digits(number, format!("{:b}", number.magnitude), "0b", verb),
            'o' | 'O' => self.digits(number, format!("{:o}", number.magnitude), "0", verb),
            'x' => self.digits(number, format!("{:x}", number.magnitude), "0x", verb),
            'X' => self.digits(number, format!("{:X}", number.magnitude), "0X", verb),
            'c' => {
                let letter = character(number.bits());
                self.pad(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            'q' => {
                let quoted = quote_rune(character(number.bits()), self.flags.plus);
                self.pad(quoted.as_bytes());
            }
            'U' => self.code_point(number.bits()),
            _ => return false,
        }
        true
    }

    /// Hexadecimal under `%v`, with or without `0x` whatever the flags say.
    pub(super) fn hexadecimal(&mut self, number: u64, prefix: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, prefix);
        self.digits(number.into(), format!("{number:x}"), "0x", 'v');
        self.flags.sharp = sharp;
    }

    fn digits(&mut self, number: Integer, digits: String, prefix: &str, verb: char) {
        let flags = self.flags;
        let sign = match (number.negative, flags.plus, flags.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        let least = match (flags.precision, flags.width) {
            (Some(0), width) if number.magnitude == 0 => return self.padding(width.unwrap_or(0), b' '),
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => width.saturating_sub(sign.len()),
            _ => 0,
        };
        let mut text = String::from(sign);
        if verb == 'O' {
            text.push_str("0o");
        }
        let zeros = least.saturating_sub(digits.len());
        let is_octal = prefix == "0";
        if flags.sharp && !(is_octal && (zeros > 0 || digits.starts_with('0'))) {
            text.push_str(prefix);
        }
        text.extend(std::iter::repeat_n('0', zeros));
        text.push_str(&digits);
        self.pad_with_spaces(text.as_bytes());
    }

    fn code_point(&mut self, code: u64) {
        let least = self.flags.precision.unwrap_or(4).max(4);
        let digits = format!("{code:X}");
        let mut text = String::from("U+");
        text.extend(std::iter::repeat_n('0', least.saturating_sub(digits.len())));
        text.push_str(&digits);
        if self.flags.sharp
            && let Some(letter) =
                u32::try_from(code).ok().and_then(char::from_u32).filter(|letter| is_print(*letter))
        {
            text.extend([' ', '\'', letter, '\'']);
        }
        self.pad_with_spaces(text.as_bytes());
    }
}

fn character(code: u64) -> char {
    u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

//! Floats and complex numbers: `%e %E %f %F %g %G %b %x %X`.

use super::printer::Printer;
use crate::{FloatFormat, format_float};

/// No float has more digits than this after its point; the rest are zeros.
const LONGEST_FRACTION: usize = 1100;

impl Printer<'_> {
    /// Prints under a verb; `false` where the verb is not for floats.
    pub(super) fn float(&mut self, number: f64, verb: char) -> bool {
        let (verb, precision) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'f' | 'e' | 'E' => (verb, Some(6)),
            'F' => ('f', Some(6)),
            _ => return false,
        };
        let precision = self.flags.precision.or(precision);
        let mut text = signed(number, verb, precision);
        if self.flags.space && text.starts_with('+') && !self.flags.plus {
            text.replace_range(..1, " ");
        }
        if !number.is_finite() {
            let unsigned = number.is_nan() && !self.flags.space && !self.flags.plus;
            self.pad_with_spaces(&text.as_bytes()[usize::from(unsigned)..]);
            return true;
        }
        if self.flags.sharp && verb != 'b' {
            text = keep_zeros(&text, verb, precision);
        }
        self.pad_signed(&text);
        true
    }

    /// Prints `(re+imi)`; `false` where the verb is not for floats.
    pub(super) fn complex(&mut self, real: f64, imaginary: f64, verb: char) -> bool {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return false;
        }
        self.write(b"(");
        self.float(real, verb);
        let plus = std::mem::replace(&mut self.flags.plus, true);
        self.float(imaginary, verb);
        self.flags.plus = plus;
        self.write(b"i)");
        true
    }

    /// Zero padding goes between the sign and the digits.
    fn pad_signed(&mut self, text: &str) {
        let flags = self.flags;
        let shows_sign = flags.plus || !text.starts_with('+');
        match flags.width {
            Some(width) if shows_sign && flags.zero && !flags.minus && width > text.len() => {
                self.write(&text.as_bytes()[..1]);
                self.padding(width - text.len(), b'0');
                self.write(&text.as_bytes()[1..]);
            }
            _ => self.pad(&text.as_bytes()[usize::from(!shows_sign)..]),
        }
    }
}

/// The number with a sign in any case, as `strconv.AppendFloat` lays it out.
fn signed(number: f64, verb: char, precision: Option<usize>) -> String {
    let text = match verb {
        _ if !number.is_finite() => format_float(number, FloatFormat::General, None),
        'e' | 'E' => exponent(number, precision),
        'f' => decimal(number, precision),
        'b' => binary(number),
        'x' | 'X' => hexadecimal(number, precision),
        _ => format_float(number, FloatFormat::General, precision.map(|digits| digits.min(LONGEST_FRACTION))),
    };
    let text = if verb.is_ascii_uppercase() && number.is_finite() { text.to_ascii_uppercase() } else { text };
    if text.starts_with(['+', '-']) { text } else { format!("+{text}") }
}

fn decimal(number: f64, precision: Option<usize>) -> String {
    let mut text =
        format_float(number, FloatFormat::Decimal, precision.map(|digits| digits.min(LONGEST_FRACTION)));
    let missing = precision.unwrap_or(0).saturating_sub(LONGEST_FRACTION);
    text.extend(std::iter::repeat_n('0', missing));
    text
}

fn exponent(number: f64, precision: Option<usize>) -> String {
    let text =
        format_float(number, FloatFormat::Exponent, precision.map(|digits| digits.min(LONGEST_FRACTION)));
    let missing = precision.unwrap_or(0).saturating_sub(LONGEST_FRACTION);
    match text.split_once('e') {
        Some((mantissa, exponent)) if missing > 0 => format!("{mantissa}{}e{exponent}", "0".repeat(missing)),
        _ => text,
    }
}

/// Mantissa (with its leading bit) and exponent of the lowest bit.
fn parts(number: f64) -> (u64, i64) {
    let bits = number.to_bits();
    let mantissa = bits & ((1 << 52) - 1);
    match (bits >> 52 & 0x7FF) as i64 {
        0 => (mantissa, -1074),
        exponent => (mantissa | 1 << 52, exponent - 1075),
    }
}

/// `4503599627370496p-52`
fn binary(number: f64) -> String {
    let (mantissa, exponent) = parts(number);
    let sign = if number.is_sign_negative() { "-" } else { "" };
    format!("{sign}{mantissa}p{exponent:+}")
}

/// `0x1.8p+01`
fn hexadecimal(number: f64, precision: Option<usize>) -> String {
    const POINT: u32 = 60;
    let (mantissa, exponent) = parts(number);
    let mut exponent = exponent + 52;
    let mut bits = mantissa << (POINT - 52);
    if bits == 0 {
        exponent = 0;
    } else {
        let shift = bits.leading_zeros() - (63 - POINT);
        bits <<= shift;
        exponent -= i64::from(shift);
    }
    if let Some(digits) = precision.filter(|digits| *digits < 15) {
        (bits, exponent) = rounded(bits, exponent, digits as u32 * 4);
    }
    let fraction = format!("{:015x}", bits & ((1 << POINT) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(digits) => {
            format!("{fraction:0<15}").chars().chain(std::iter::repeat('0')).take(digits).collect()
        }
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}0x{}{point}{fraction}p{exponent_sign}{:02}", bits >> POINT, exponent.abs())
}

/// Rounds to so many bits after the point at bit 60, halves to even.
fn rounded(bits: u64, exponent: i64, keep: u32) -> (u64, i64) {
    let extra = (bits << keep) & ((1 << 60) - 1);
    let mut kept = bits >> (60 - keep);
    if extra | (kept & 1) > 1 << 59 {
        kept += 1;
    }
    let bits = kept << (60 - keep);
    if bits >> 61 & 1 == 1 { (bits >> 1, exponent + 1) } else { (bits, exponent) }
}

/// `#`: a decimal point in any case, and for `%g` the zeros that were trimmed.
fn keep_zeros(text: &str, verb: char, precision: Option<usize>) -> String {
    let is_hex = matches!(verb, 'x' | 'X');
    let tail_start = text
        .find(|letter: char| matches!(letter, 'p' | 'P') || !is_hex && matches!(letter, 'e' | 'E'))
        .unwrap_or(text.len());
    let (number, tail) = text.split_at(tail_start);
    let mut missing = match verb {
        'g' | 'G' | 'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let significant =
        number[1..].chars().filter(|letter| *letter != '.').skip_while(|letter| *letter == '0').count();
    missing = missing.saturating_sub(significant);
    let mut number = number.to_owned();
    if !number.contains('.') {
        if number[1..] == *"0" {
            missing = missing.saturating_sub(1);
        }
        number.push('.');
    }
    number.extend(std::iter::repeat_n('0', missing));
    number + tail
}

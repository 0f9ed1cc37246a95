//! Numbers as Go's `strconv` reads and prints them.

use thiserror::Error;

use crate::format::quote;

/// The layout of a printed float, by the letter that Go uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatFormat {
    /// `e`: `-d.dddde±dd`
    Exponent,
    /// `f`: `-ddd.dddd`
    Decimal,
    /// `g`: `e` for exponents below -4 or from the precision on (6 where the digits are the shortest), else `f`
    General,
}

/// Why Go's `strconv` refuses a number.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("strconv.{function}: parsing {}: {reason}", quote(text))]
pub struct ParseNumberError {
    function: &'static str,
    text: String,
    reason: &'static str,
}

impl ParseNumberError {
    fn new(function: &'static str, text: &str, reason: &'static str) -> Self {
        Self { function, text: text.to_owned(), reason }
    }

    /// Whether the text is a number, but too large for its type.
    pub fn is_out_of_range(&self) -> bool {
        self.reason == OUT_OF_RANGE
    }

    /// The same error as another function of `strconv` would name it (`Atoi` for `ParseInt`).
    pub fn of_function(mut self, function: &'static str) -> Self {
        self.function = function;
        self
    }
}

const SYNTAX: &str = "invalid syntax";
const OUT_OF_RANGE: &str = "value out of range";

/// Go's `strconv.FormatFloat(number, format, precision, 64)`; no precision means the fewest digits that read back
/// as the same number.
pub fn format_float(number: f64, format: FloatFormat, precision: Option<usize>) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match format {
        FloatFormat::Exponent => exponent_form(&scientific(number, precision)),
        FloatFormat::Decimal => match precision {
            Some(digits) => format!("{number:.digits$}"),
            None => shortest_decimal(number),
        },
        FloatFormat::General => general_form(number, precision),
    }
}

/// The same for a `float32`: the fewest digits are those that a `float32` needs.
pub fn format_float32(number: f32, format: FloatFormat) -> String {
    if !number.is_finite() {
        return format_float(f64::from(number), format, None);
    }
    match format {
        FloatFormat::Exponent => exponent_form(&format!("{number:e}")),
        FloatFormat::Decimal => format!("{number}"),
        FloatFormat::General => {
            let text = format!("{number:e}");
            if uses_exponent(decimal_exponent(&text), 6, 0) {
                exponent_form(&text)
            } else {
                format!("{number}")
            }
        }
    }
}

fn scientific(number: f64, precision: Option<usize>) -> String {
    match precision {
        Some(digits) => format!("{number:.digits$e}"),
        None => shortest_scientific(number),
    }
}

/// The fewest digits that read back as the number, in Rust's scientific form.
///
/// Where two such texts are equally near, Go takes the even one and Rust's shortest form the upper; that takes at
/// least sixteen digits.
fn shortest_scientific(number: f64) -> String {
    let shortest = format!("{number:e}");
    let decimals = shortest
        .bytes()
        .take_while(|byte| *byte != b'e')
        .filter(u8::is_ascii_digit)
        .count()
        .saturating_sub(1);
    if decimals < 15 {
        return shortest;
    }
    let nearest = format!("{number:.decimals$e}");
    if nearest.parse() == Ok(number) { nearest } else { shortest }
}

/// The same without an exponent.
pub(crate) fn shortest_decimal(number: f64) -> String {
    let shortest = format!("{number}");
    let decimals = shortest.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if decimals == 0 || shortest.len() < 16 {
        return shortest;
    }
    let nearest = format!("{number:.decimals$}");
    if nearest.parse() == Ok(number) { nearest } else { shortest }
}

fn general_form(number: f64, precision: Option<usize>) -> String {
    let Some(precision) = precision else {
        let text = shortest_scientific(number);
        return if uses_exponent(decimal_exponent(&text), 6, 0) {
            exponent_form(&text)
        } else {
            shortest_decimal(number)
        };
    };
    let precision = precision.max(1);
    let text = scientific(number, Some(precision - 1));
    let (mantissa, _) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.trim_end_matches('0').bytes().filter(u8::is_ascii_digit).count();
    let exponent = decimal_exponent(&text);
    if uses_exponent(exponent, precision, digits) {
        exponent_form(&trim_mantissa(&text))
    } else {
        let decimals = usize::try_from(precision as i64 - 1 - i64::from(exponent)).unwrap_or(0);
        trim_zeros(&format!("{number:.decimals$}")).to_owned()
    }
}

/// Go's rule: the digits that there are stand in for a larger precision, as long as they reach the decimal point.
fn uses_exponent(exponent: i32, precision: usize, digits: usize) -> bool {
    let point = exponent + 1;
    let reaches_point = i32::try_from(digits).is_ok_and(|digits| digits > 0 && digits >= point);
    let limit = if digits > 0 && precision > digits && reaches_point { digits } else { precision };
    exponent < -4 || i32::try_from(limit).is_ok_and(|limit| exponent >= limit)
}

fn decimal_exponent(scientific: &str) -> i32 {
    scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

fn trim_mantissa(scientific: &str) -> String {
    match scientific.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trim_zeros(mantissa)),
        None => scientific.to_owned(),
    }
}

fn trim_zeros(decimal: &str) -> &str {
    if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal }
}

/// Rust's `1.5e7` with Go's sign and two digits: `1.5e+07`.
fn exponent_form(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// Go's `strconv.ParseInt(text, base, 64)`; base 0 reads the prefixes `0x`, `0o`, `0b`, `0` and underscores.
pub fn parse_int(text: &str, base: u32) -> Result<i64, ParseNumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let magnitude = magnitude("ParseInt", text, digits, base)?;
    let out_of_range = || ParseNumberError::new("ParseInt", text, OUT_OF_RANGE);
    if negative {
        0i64.checked_sub_unsigned(magnitude).ok_or_else(out_of_range)
    } else {
        i64::try_from(magnitude).map_err(|_| out_of_range())
    }
}

/// Go's `strconv.ParseUint(text, base, 64)`: as [`parse_int`], but no sign is allowed.
pub fn parse_uint(text: &str, base: u32) -> Result<u64, ParseNumberError> {
    magnitude("ParseUint", text, text, base)
}

fn magnitude(function: &'static str, text: &str, digits: &str, base: u32) -> Result<u64, ParseNumberError> {
    let syntax = || ParseNumberError::new(function, text, SYNTAX);
    let (base, digits) =
        if base == 0 { detect_base(digits).ok_or_else(syntax)? } else { (base, digits.into()) };
    if digits.is_empty() {
        return Err(syntax());
    }
    let mut total: Option<u64> = Some(0);
    for letter in digits.chars() {
        let digit = letter.to_digit(base).ok_or_else(syntax)?;
        total = total.and_then(|sum| sum.checked_mul(u64::from(base))?.checked_add(u64::from(digit)));
    }
    total.ok_or_else(|| ParseNumberError::new(function, text, OUT_OF_RANGE))
}

fn detect_base(digits: &str) -> Option<(u32, std::borrow::Cow<'_, str>)> {
    if !underscores_separate_digits(digits) {
        return None;
    }
    let bytes = digits.as_bytes();
    let (base, rest) = match bytes {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    Some((base, if rest.contains('_') { rest.replace('_', "").into() } else { rest.into() }))
}

/// Go's rule: an underscore stands between two digits, or between a base prefix and a digit.
pub(crate) fn underscores_separate_digits(text: &str) -> bool {
    if !text.contains('_') {
        return true;
    }
    let text = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    let (prefixed, hex) = match text {
        [b'0', b'b' | b'B' | b'o' | b'O', ..] => (true, false),
        [b'0', b'x' | b'X', ..] => (true, true),
        _ => (false, false),
    };
    let mut last = if prefixed { b'0' } else { b'^' };
    for &byte in &text[if prefixed { 2 } else { 0 }..] {
        let is_digit = byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit();
        last = match (is_digit, byte) {
            (true, _) => b'0',
            (_, b'_') if last != b'0' => return false,
            (_, b'_') => b'_',
            _ if last == b'_' => return false,
            _ => b'!',
        };
    }
    last != b'_'
}

/// Go's `strconv.ParseFloat(text, 64)`: decimal and hexadecimal floats, `inf`, `infinity` and `nan` in any case.
pub fn parse_float(text: &str) -> Result<f64, ParseNumberError> {
    let syntax = || ParseNumberError::new("ParseFloat", text, SYNTAX);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => return Ok(sign * f64::INFINITY),
        "nan" if unsigned.len() == text.len() => return Ok(f64::NAN),
        _ => {}
    }
    if !underscores_separate_digits(unsigned) {
        return Err(syntax());
    }
    let digits = unsigned.replace('_', "");
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => hexadecimal_float(hex).ok_or_else(syntax)?,
        None if is_decimal(&digits) => digits.parse::<f64>().map_err(|_| syntax())?,
        None => return Err(syntax()),
    };
    if number.is_infinite() {
        return Err(ParseNumberError::new("ParseFloat", text, OUT_OF_RANGE));
    }
    Ok(sign * number)
}

/// Keeps out what Rust's parser takes beyond Go's grammar.
fn is_decimal(digits: &str) -> bool {
    digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        && digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `h.hhhp±d` without the `0x`: the mantissa's bits are kept as far as a float has room, the rest rounds to even.
fn hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() || exponent.is_empty() {
        return None;
    }
    let mut bits: u64 = 0;
    let mut dropped: i64 = 0;
    let mut sticky = false;
    for digit in whole.chars().chain(fraction.chars()) {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 58 == 0 {
            bits = bits << 4 | digit;
        } else {
            dropped += 1;
            sticky |= digit != 0;
        }
    }
    let exponent: i64 = exponent.parse::<i64>().ok()?.clamp(-100_000, 100_000);
    let scale = exponent - 4 * i64::try_from(fraction.len()).ok()? + 4 * dropped;
    Some(scaled(bits | u64::from(sticky), scale))
}

/// `bits * 2^scale`, in steps that neither overflow nor round twice for normal numbers.
fn scaled(bits: u64, scale: i64) -> f64 {
    let mut number = bits as f64;
    let mut left = scale.clamp(-4_000, 4_000);
    while left != 0 && number != 0.0 && number.is_finite() {
        let step = left.clamp(-512, 512);
        number *= 2f64.powi(step as i32);
        left -= step;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn general(number: f64) -> String {
        format_float(number, FloatFormat::General, None)
    }

    #[test]
    fn general_form_turns_to_an_exponent_at_a_million() {
        for (number, text) in [
            (100_000.0, "100000"),
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (123_456.789, "123456.789"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1e100, "1e+100"),
            (1.0, "1"),
            (-0.0, "-0"),
            (9_007_199_254_740_993.0, "9.007199254740992e+15"),
        ] {
            assert_eq!(general(number), text);
        }
    }

    #[test]
    fn of_two_equally_near_texts_the_even_one_is_printed() {
        assert_eq!(general(1_823_230_448_452_218.0 + 0.25), "1.8232304484522182e+15");
        assert_eq!(
            format_float(1_823_230_448_452_218.0 + 0.25, FloatFormat::Decimal, None),
            "1823230448452218.2"
        );
    }

    #[test]
    fn general_form_with_precision_drops_trailing_zeros() {
        assert_eq!(format_float(100_000.0, FloatFormat::General, Some(3)), "1e+05");
        assert_eq!(format_float(0.000_123_456, FloatFormat::General, Some(3)), "0.000123");
        assert_eq!(format_float(1.5, FloatFormat::General, Some(10)), "1.5");
        assert_eq!(format_float(100.0, FloatFormat::General, Some(5)), "100");
    }

    #[test]
    fn base_zero_reads_go_prefixes() {
        assert_eq!(parse_int("0x1F", 0), Ok(31));
        assert_eq!(parse_int("-017", 0), Ok(-15));
        assert_eq!(parse_int("0o17", 0), Ok(15));
        assert_eq!(parse_int("1_000", 0), Ok(1000));
        assert_eq!(parse_int("-9223372036854775808", 10), Ok(i64::MIN));
        assert!(parse_int("08", 0).is_err());
        assert!(parse_int("1__0", 0).is_err());
        assert!(parse_int("", 10).is_err());
    }

    #[test]
    fn errors_read_as_those_of_strconv() {
        let error = parse_int("9223372036854775808", 10).unwrap_err();
        assert_eq!(
            error.to_string(),
            "strconv.ParseInt: parsing \"9223372036854775808\": value out of range"
        );
        let error = parse_float("1.5x").unwrap_err();
        assert_eq!(error.to_string(), "strconv.ParseFloat: parsing \"1.5x\": invalid syntax");
    }

    #[test]
    fn floats_read_in_decimal_and_hexadecimal() {
        assert_eq!(parse_float("1_23.50_0_0e+1_2"), Ok(1.235e14));
        assert_eq!(parse_float("0x1.8p1"), Ok(3.0));
        assert_eq!(parse_float("-Inf"), Ok(f64::NEG_INFINITY));
        assert_eq!(parse_float(".5"), Ok(0.5));
        assert_eq!(parse_float("5."), Ok(5.0));
        assert!(parse_float("0x1").is_err());
        assert!(parse_float("+nan").is_err());
    }
}

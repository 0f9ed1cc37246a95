//! Values as numbers and texts: the rules of `spf13/cast`, which never fail but give zero.

use value::{IntType, Str, Value, format, parse_float, parse_int};

/// `cast.ToInt64` (and `ToInt`): strings as Go literals (`0x1F`, `017`, `1_000`), floats cut off, the rest 0.
pub(crate) fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Int(IntType::Duration, _) => 0,
        Value::Int(_, number) => *number,
        Value::Uint(_, number) => *number as i64,
        Value::Float(number) => truncated(*number),
        Value::Bool(truth) => i64::from(*truth),
        Value::Str(text) => parse_int(without_zero_decimals(&text.to_text()), 0).unwrap_or(0),
        _ => 0,
    }
}

/// `cast.ToFloat64`: what isn't a number is 0.
pub(crate) fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Int(IntType::Duration, _) => 0.0,
        Value::Int(_, number) => *number as f64,
        Value::Uint(_, number) => *number as f64,
        Value::Float(number) => *number,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Str(text) => parse_float(&text.to_text()).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// A float as an integer, as amd64 converts: what doesn't fit is the smallest.
pub(crate) fn truncated(number: f64) -> i64 {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if (-BEYOND..BEYOND).contains(&number) { number as i64 } else { i64::MIN }
}

/// `12.00` is an integer to `cast`.
fn without_zero_decimals(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((integer, zeros)) if !zeros.is_empty() && zeros.bytes().all(|digit| digit == b'0') => integer,
        _ => text,
    }
}

/// sprig's `strval`: strings and bytes as they are, errors and Stringers by their text, the rest as `%v`.
pub(crate) fn text(value: &Value) -> Str {
    match value {
        Value::Str(text) => text.clone(),
        Value::Bytes(bytes) => Str::from(bytes.clone()),
        other => printed(other),
    }
}

/// The value as `%v` prints it.
pub(crate) fn printed(value: &Value) -> Str {
    format::to_text(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_as_go_literals() {
        let int = |text: &str| to_int64(&Value::from(text));
        assert_eq!((int("5.7"), int("010"), int("0x1F"), int("1_000"), int(" 5")), (0, 8, 31, 1000, 0));
        assert_eq!((int("12.00"), int("12."), int(".0"), int("x")), (12, 0, 0, 0));
    }

    #[test]
    fn a_float_beyond_the_integers_is_the_smallest() {
        assert_eq!(to_int64(&Value::from(1e19)), i64::MIN);
        assert_eq!(to_int64(&Value::from(f64::NAN)), i64::MIN);
        assert_eq!(to_int64(&Value::from(-2.9)), -2);
    }

    #[test]
    fn a_duration_is_no_number() {
        assert_eq!(to_int64(&Value::Int(IntType::Duration, 5)), 0);
        assert_eq!(to_int64(&Value::Int(IntType::Month, 5)), 5);
    }
}

//! Helm 4's own functions on durations.

use gotemplate::{FunctionError, Reflected};
use value::{FloatFormat, Str, Value, format, format_float, parse_float};

use super::{duration, duration_value, methods::in_units};

const SECOND: i64 = 1_000_000_000;

/// A duration of a `time.Duration`, of a text (`1h30m`, or seconds as a number), or of seconds as a number.
fn of(value: &Value) -> Result<i64, FunctionError> {
    match value {
        Value::Int(value::IntType::Duration, nanoseconds) => Ok(*nanoseconds),
        Value::Str(text) => of_text(text),
        Value::Nil => Err(FunctionError::new("invalid duration")),
        Value::Int(_, seconds) => of_seconds(*seconds).ok_or_else(|| overflow(seconds)),
        Value::Uint(_, seconds) => {
            i64::try_from(*seconds).ok().and_then(of_seconds).ok_or_else(|| overflow(seconds))
        }
        Value::Float(seconds) => of_float(*seconds),
        other => Err(FunctionError::new(format!("unsupported duration type {}", other.type_name()))),
    }
}

fn of_text(text: &Str) -> Result<i64, FunctionError> {
    let trimmed = crate::strings::trim(text.clone());
    if trimmed.is_empty() {
        return Err(FunctionError::new("empty duration"));
    }
    if let Ok(duration) = duration::parse(&trimmed) {
        return Ok(duration);
    }
    match parse_float(&trimmed.to_text()) {
        Ok(seconds) => of_float(seconds),
        Err(_) => Err(FunctionError::new(format!("could not parse duration {}", format::quote(text)))),
    }
}

fn of_seconds(seconds: i64) -> Option<i64> {
    seconds.checked_mul(SECOND)
}

fn of_float(seconds: f64) -> Result<i64, FunctionError> {
    const LIMIT: f64 = i64::MAX as f64;
    let printed = |number: f64| format_float(number, FloatFormat::General, None);
    if !seconds.is_finite() {
        return Err(FunctionError::new(format!("invalid duration seconds: {}", printed(seconds))));
    }
    if seconds.abs() > LIMIT / SECOND as f64 {
        return Err(FunctionError::new(format!("duration seconds overflow: {}", printed(seconds))));
    }
    Ok(crate::cast::truncated(seconds * SECOND as f64))
}

fn overflow(seconds: impl std::fmt::Display) -> FunctionError {
    FunctionError::new(format!("duration seconds overflow: {seconds}"))
}

pub(crate) fn must_to_duration(value: Value) -> Result<Reflected, FunctionError> {
    of(&value).map(duration_value)
}

/// The duration in such units with a fraction; 0 where the value is none.
fn units(value: &Value, unit: i64) -> f64 {
    of(value).map_or(0.0, |duration| in_units(duration, unit))
}

/// The duration in whole units; 0 where the value is none.
fn whole(value: &Value, unit: i64) -> i64 {
    of(value).map_or(0, |duration| duration / unit)
}

pub(crate) fn seconds(value: Value) -> f64 {
    units(&value, SECOND)
}

pub(crate) fn milliseconds(value: Value) -> i64 {
    whole(&value, 1_000_000)
}

pub(crate) fn microseconds(value: Value) -> i64 {
    whole(&value, 1_000)
}

pub(crate) fn nanoseconds(value: Value) -> i64 {
    whole(&value, 1)
}

pub(crate) fn minutes(value: Value) -> f64 {
    units(&value, 60 * SECOND)
}

pub(crate) fn hours(value: Value) -> f64 {
    units(&value, 3600 * SECOND)
}

pub(crate) fn days(value: Value) -> f64 {
    hours(value) / 24.0
}

pub(crate) fn weeks(value: Value) -> f64 {
    hours(value) / 24.0 / 7.0
}

pub(crate) fn round_to(value: Value, multiple: Value) -> Reflected {
    adjusted(&value, &multiple, duration::round)
}

pub(crate) fn truncate_to(value: Value, multiple: Value) -> Reflected {
    adjusted(&value, &multiple, duration::truncate)
}

/// 0 where the value is no duration, the value as it is where the multiple is none.
fn adjusted(value: &Value, multiple: &Value, adjust: fn(i64, i64) -> i64) -> Reflected {
    let duration = of(value).unwrap_or(0);
    duration_value(of(multiple).map_or(duration, |multiple| adjust(duration, multiple)))
}

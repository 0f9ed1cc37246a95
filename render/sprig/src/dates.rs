//! Dates and durations: Go's package `time` behind sprig's functions.

mod civil;
mod duration;
pub(crate) mod durations;
mod formatting;
mod layout;
mod methods;
mod parsing;
mod time;
mod zone;

use gotemplate::{FunctionError, Reflected};
use value::{IntType, Str, Value, format, parse_int};

pub(crate) use self::{
    duration::parse as parse_duration, duration::round as round_duration, methods::methods,
};
pub use self::{time::Time, zone::Zone};
use crate::host::Host;

const SECOND: i64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND as u64;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const HTML_DATE: &str = "2006-01-02";

pub(crate) fn now(host: &dyn Host) -> Time {
    Time::from_system(host.now(), Zone::local(host))
}

/// Formats a date in the local zone.
pub(crate) fn date(host: &dyn Host, layout: Str, date: Value) -> Str {
    in_zone(host, &layout, &date, Zone::local(host))
}

/// Formats a date in a zone by name; an unknown one is UTC.
pub(crate) fn date_in_zone(host: &dyn Host, layout: Str, date: Value, zone: Str) -> Str {
    in_zone(host, &layout, &date, Zone::load(host, &zone.to_text()).unwrap_or(Zone::Utc))
}

pub(crate) fn html_date(host: &dyn Host, date: Value) -> Str {
    in_zone(host, &Str::from(HTML_DATE), &date, Zone::local(host))
}

pub(crate) fn html_date_in_zone(host: &dyn Host, date: Value, zone: Str) -> Str {
    date_in_zone(host, Str::from(HTML_DATE), date, zone)
}

fn in_zone(host: &dyn Host, layout: &Str, date: &Value, zone: Zone) -> Str {
    let seconds = |number: i64| Time::new(number, 0, Zone::Utc);
    let time = match date {
        Value::Int(IntType::Int | IntType::Int32 | IntType::Int64, number) => seconds(*number),
        other => other.downcast::<Time>().cloned().unwrap_or_else(|| now(host)),
    };
    Str::from(time.within(zone).format(layout.as_bytes()))
}

/// The date moved by a duration; as it was where the duration is none.
pub(crate) fn date_modify(duration: Str, date: Time) -> Time {
    match parse_duration(&duration) {
        Ok(duration) => date.plus(duration),
        Err(_) => date,
    }
}

/// [`date_modify`] that fails.
pub(crate) fn must_date_modify(duration: Str, date: Time) -> Result<Time, FunctionError> {
    Ok(date.plus(parse_duration(&duration).map_err(FunctionError::new)?))
}

/// How long ago a date is, to the second.
pub(crate) fn ago(host: &dyn Host, date: Value) -> String {
    let now = now(host);
    let then = match &date {
        Value::Int(IntType::Int | IntType::Int64, number) => Time::new(*number, 0, Zone::Utc),
        other => other.downcast::<Time>().cloned().unwrap_or_else(|| now.clone()),
    };
    format::duration(round_duration(now.minus(&then), SECOND))
}

/// Seconds as a duration: of strings and `int64`, else `0s`.
pub(crate) fn duration(seconds: Value) -> String {
    let seconds = match &seconds {
        Value::Str(text) => parse_seconds(text),
        Value::Int(IntType::Int64, number) => *number,
        _ => 0,
    };
    format::duration(seconds.wrapping_mul(SECOND))
}

fn parse_seconds(text: &Str) -> i64 {
    let text = text.to_text();
    match parse_int(&text, 10) {
        Ok(number) => number,
        Err(error) if !error.is_out_of_range() => 0,
        Err(_) if text.starts_with('-') => i64::MIN,
        Err(_) => i64::MAX,
    }
}

/// A duration in its largest unit: of strings, nanoseconds as `int64`, and the time since a date.
pub(crate) fn duration_round(host: &dyn Host, duration: Value) -> String {
    let nanoseconds = match &duration {
        Value::Str(text) => parse_duration(text).unwrap_or(0),
        Value::Int(IntType::Int64, number) => *number,
        other => other.downcast::<Time>().map_or(0, |date| now(host).minus(date)),
    };
    let magnitude = nanoseconds.unsigned_abs();
    let units =
        [(365 * DAY, "y"), (30 * DAY, "mo"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND as u64, "s")];
    match units.iter().find(|(unit, _)| magnitude > *unit) {
        Some((unit, name)) => format!("{}{name}", magnitude / unit),
        None => "0s".to_owned(),
    }
}

/// Reads a date by a layout in the local zone; the zero time where it is none.
pub(crate) fn to_date(host: &dyn Host, layout: Str, text: Str) -> Time {
    parsing::parse(layout.as_bytes(), text.as_bytes(), &Zone::local(host)).unwrap_or_else(|_| Time::zero())
}

/// [`to_date`] that fails.
pub(crate) fn must_to_date(host: &dyn Host, layout: Str, text: Str) -> Result<Time, FunctionError> {
    parsing::parse(layout.as_bytes(), text.as_bytes(), &Zone::local(host)).map_err(FunctionError::new)
}

pub(crate) fn unix_epoch(date: Time) -> String {
    date.unix().to_string()
}

/// A `time.Duration` as functions give it.
pub(crate) fn duration_value(nanoseconds: i64) -> Reflected {
    Reflected::concrete(Value::Int(IntType::Duration, nanoseconds))
}

//! The methods of `time.Time` and `time.Duration` that templates can call.

use std::{cmp::Ordering, sync::Arc};

use gotemplate::{Function, FunctionMap, ObjectType, Parameter, ParameterType, Reflected};
use value::{IntType, Str, Value, format};

use super::{
    civil,
    duration::{round, truncate},
    duration_value,
    time::Time,
    zone::Zone,
};
use crate::host::Host;

/// A `time.Duration` as an argument, in nanoseconds.
struct Duration(i64);

impl Parameter for Duration {
    const TYPE: ParameterType = ParameterType::Int(IntType::Duration);

    fn convert(argument: Reflected) -> Option<Self> {
        match argument.into_value() {
            Value::Int(_, nanoseconds) => Some(Self(nanoseconds)),
            _ => None,
        }
    }
}

/// The methods of the types of package `time`.
pub(crate) fn methods(host: &Arc<dyn Host>) -> [(&'static str, FunctionMap); 2] {
    [(Time::TYPE_NAME, of_time(host)), (IntType::Duration.name(), of_duration())]
}

fn of_time(host: &Arc<dyn Host>) -> FunctionMap {
    let host = Arc::clone(host);
    let mut methods = FunctionMap::from_iter([
        ("Add", Function::new(|time: Time, duration: Duration| time.plus(duration.0))),
        ("AddDate", Function::new(add_date)),
        ("Sub", Function::new(|time: Time, other: Time| duration_value(time.minus(&other)))),
        ("Round", Function::new(|time: Time, to: Duration| rounded(&time, to.0))),
        ("Truncate", Function::new(|time: Time, to: Duration| truncated(&time, to.0))),
        ("After", Function::new(|time: Time, other: Time| time.compare(&other) == Ordering::Greater)),
        ("Before", Function::new(|time: Time, other: Time| time.compare(&other) == Ordering::Less)),
        ("Equal", Function::new(|time: Time, other: Time| time.compare(&other) == Ordering::Equal)),
        ("Compare", Function::new(|time: Time, other: Time| time.compare(&other) as isize)),
        ("IsZero", Function::new(|time: Time| time.is_zero())),
        ("IsDST", Function::new(|time: Time| time.clock().offset.summer)),
        ("Format", Function::new(|time: Time, layout: Str| Str::from(time.format(layout.as_bytes())))),
        ("String", Function::new(|time: Time| value::Object::to_text(&time).unwrap_or_default())),
        ("UTC", Function::new(|time: Time| time.within(Zone::Utc))),
        ("Local", Function::new(move |time: Time| time.within(Zone::local(host.as_ref())))),
        ("Location", Function::new(|time: Time| time.zone().name())),
    ]);
    methods.extend(parts_of_time());
    methods
}

fn parts_of_time() -> [(&'static str, Function); 13] {
    let named = |int: IntType, number: i64| Reflected::concrete(Value::Int(int, number));
    [
        ("Year", Function::new(|time: Time| time.clock().date.year as isize)),
        ("Month", Function::new(move |time: Time| named(IntType::Month, time.clock().date.month))),
        ("Day", Function::new(|time: Time| time.clock().date.day as isize)),
        ("YearDay", Function::new(|time: Time| civil::year_day(time.clock().date) as isize)),
        (
            "Weekday",
            Function::new(move |time: Time| named(IntType::Weekday, civil::weekday(time.clock().days))),
        ),
        ("Hour", Function::new(|time: Time| time.clock().hour as isize)),
        ("Minute", Function::new(|time: Time| time.clock().minute as isize)),
        ("Second", Function::new(|time: Time| time.clock().second as isize)),
        ("Nanosecond", Function::new(|time: Time| time.nanoseconds() as isize)),
        ("Unix", Function::new(|time: Time| time.unix())),
        ("UnixMilli", Function::new(|time: Time| scaled(&time, 1_000))),
        ("UnixMicro", Function::new(|time: Time| scaled(&time, 1_000_000))),
        ("UnixNano", Function::new(|time: Time| scaled(&time, 1_000_000_000))),
    ]
}

fn of_duration() -> FunctionMap {
    FunctionMap::from_iter([
        ("String", Function::new(|duration: Duration| format::duration(duration.0))),
        ("Hours", Function::new(|duration: Duration| in_units(duration.0, 3_600_000_000_000))),
        ("Minutes", Function::new(|duration: Duration| in_units(duration.0, 60_000_000_000))),
        ("Seconds", Function::new(|duration: Duration| in_units(duration.0, 1_000_000_000))),
        ("Milliseconds", Function::new(|duration: Duration| duration.0 / 1_000_000)),
        ("Microseconds", Function::new(|duration: Duration| duration.0 / 1_000)),
        ("Nanoseconds", Function::new(|duration: Duration| duration.0)),
        ("Abs", Function::new(|duration: Duration| duration_value(duration.0.saturating_abs()))),
        ("Round", Function::new(|duration: Duration, to: Duration| duration_value(round(duration.0, to.0)))),
        (
            "Truncate",
            Function::new(|duration: Duration, to: Duration| duration_value(truncate(duration.0, to.0))),
        ),
    ])
}

/// A duration as Go divides it: the whole units, then the rest as a fraction.
pub(crate) fn in_units(nanoseconds: i64, unit: i64) -> f64 {
    (nanoseconds / unit) as f64 + (nanoseconds % unit) as f64 / unit as f64
}

fn add_date(time: Time, years: isize, months: isize, days: isize) -> Time {
    time.plus_date(years as i64, months as i64, days as i64)
}

fn truncated(time: &Time, to: i64) -> Time {
    if to <= 0 { time.clone() } else { time.plus(-time.remainder(to)) }
}

fn rounded(time: &Time, to: i64) -> Time {
    if to <= 0 {
        return time.clone();
    }
    let remainder = time.remainder(to);
    if remainder.unsigned_abs() * 2 < to.unsigned_abs() {
        time.plus(-remainder)
    } else {
        time.plus(to - remainder)
    }
}

/// Unix time in such parts of a second.
fn scaled(time: &Time, parts: i64) -> i64 {
    time.unix().wrapping_mul(parts).wrapping_add(time.nanoseconds() / (1_000_000_000 / parts))
}

//! Go's `time.Time`.

use std::{
    any::Any,
    cmp::Ordering,
    time::{Duration, SystemTime},
};

use gotemplate::ObjectType;
use value::{Kind, Object, Str, Value};

use super::{
    civil::{self, DAY_SECONDS, Date},
    formatting, parsing,
    zone::{Offset, Zone},
};

const NANOSECONDS: i64 = 1_000_000_000;
/// January 1, year 1, which is Go's zero time.
const ZERO_SECONDS: i64 = -62_135_596_800;

/// Go's `time.Time`: a moment and the zone to show it in.
#[derive(Clone, Debug)]
pub struct Time {
    seconds: i64,
    /// 0 to 999999999
    nanoseconds: i64,
    zone: Zone,
}

/// A moment on the clocks of its zone.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub(super) date: Date,
    /// Days since January 1, 1970.
    pub(super) days: i128,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) offset: Offset,
}

impl Time {
    /// Unix seconds, and nanoseconds of any size.
    pub(crate) fn new(seconds: i64, nanoseconds: i64, zone: Zone) -> Self {
        let carried = seconds.wrapping_add(nanoseconds.div_euclid(NANOSECONDS));
        Self { seconds: carried, nanoseconds: nanoseconds.rem_euclid(NANOSECONDS), zone }
    }

    pub(crate) fn zero() -> Self {
        Self::new(ZERO_SECONDS, 0, Zone::Utc)
    }

    pub(crate) fn from_system(time: SystemTime, zone: Zone) -> Self {
        let parts = |duration: Duration| {
            (i64::try_from(duration.as_secs()).unwrap_or(i64::MAX), i64::from(duration.subsec_nanos()))
        };
        let (seconds, nanoseconds) = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => parts(after),
            Err(before) => {
                let (seconds, nanoseconds) = parts(before.duration());
                (-seconds, -nanoseconds)
            }
        };
        Self::new(seconds, nanoseconds, zone)
    }

    /// A local time of a zone; parts beyond their ends overflow into the next.
    pub(super) fn from_date(date: Date, second_of_day: i64, nanoseconds: i64, zone: Zone) -> Self {
        let days = civil::days(date.year, date.month, date.day);
        let local = (days * i128::from(DAY_SECONDS)) as i64;
        let seconds = zone.unix_of_local(local.wrapping_add(second_of_day));
        Self::new(seconds, nanoseconds, zone)
    }

    /// Go's `time.ParseInLocation`: reads a text by a Go layout, in the given zone where the text names none.
    /// `None` where it is no such time.
    pub fn parse(layout: &[u8], text: &[u8], zone: &Zone) -> Option<Self> {
        parsing::parse(layout, text, zone).ok()
    }

    /// The same moment on another zone's clocks.
    pub fn within(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// Go's `Time.Location`.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    pub(crate) fn unix(&self) -> i64 {
        self.seconds
    }

    pub(super) fn nanoseconds(&self) -> i64 {
        self.nanoseconds
    }

    pub(super) fn is_zero(&self) -> bool {
        self.seconds == ZERO_SECONDS && self.nanoseconds == 0
    }

    pub(super) fn clock(&self) -> Clock {
        let offset = self.zone.offset_at(self.seconds);
        let (days, second) = civil::split(self.seconds.wrapping_add(offset.seconds));
        Clock {
            date: civil::date(days),
            days,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            offset,
        }
    }

    /// The moment a duration in nanoseconds later.
    pub(crate) fn plus(&self, duration: i64) -> Self {
        let seconds = self.seconds.wrapping_add(duration / NANOSECONDS);
        Self::new(seconds, self.nanoseconds + duration % NANOSECONDS, self.zone.clone())
    }

    /// The calendar date later, at the same time of day.
    pub(super) fn plus_date(&self, years: i64, months: i64, days: i64) -> Self {
        let clock = self.clock();
        let date = Date {
            year: clock.date.year.wrapping_add(years),
            month: clock.date.month.wrapping_add(months),
            day: clock.date.day.wrapping_add(days),
        };
        let second = clock.hour * 3600 + clock.minute * 60 + clock.second;
        Self::from_date(date, second, self.nanoseconds, self.zone.clone())
    }

    /// The duration in nanoseconds since another moment; the largest or smallest where it is too long.
    pub(crate) fn minus(&self, other: &Self) -> i64 {
        let since_zero = |time: &Self| i128::from(time.seconds.wrapping_sub(ZERO_SECONDS));
        let seconds = since_zero(self) - since_zero(other);
        let nanoseconds =
            seconds * i128::from(NANOSECONDS) + i128::from(self.nanoseconds - other.nanoseconds);
        nanoseconds.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let since_zero = |time: &Self| time.seconds.wrapping_sub(ZERO_SECONDS);
        (since_zero(self), self.nanoseconds).cmp(&(since_zero(other), other.nanoseconds))
    }

    /// The remainder of the time since Go's zero time by a duration, for rounding.
    pub(super) fn remainder(&self, duration: i64) -> i64 {
        let since_zero = i128::from(self.seconds.wrapping_sub(ZERO_SECONDS)) * i128::from(NANOSECONDS);
        (since_zero + i128::from(self.nanoseconds)).rem_euclid(duration.into()) as i64
    }

    /// Formats by a Go layout.
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        formatting::format(self, layout)
    }
}

impl Object for Time {
    fn type_name(&self) -> &str {
        Self::TYPE_NAME
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn to_text(&self) -> Option<Str> {
        Some(Str::from(self.format(b"2006-01-02 15:04:05.999999999 -0700 MST")))
    }

    fn to_json(&self) -> Value {
        Value::Str(Str::from(self.format(b"2006-01-02T15:04:05.999999999Z07:00")))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl ObjectType for Time {
    const TYPE_NAME: &'static str = "time.Time";
}

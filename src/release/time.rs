//! Points in time as Go reads and prints them.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Zoned};

/// A point in time and the offset it was written with, as Go's `time.Time` keeps both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    at: Timestamp,
    /// `None` is `Z`: UTC by name.
    offset: Option<Offset>,
}

impl Time {
    /// Now, in the time zone of this process: what Helm records.
    pub fn now() -> Self {
        Self::local(Timestamp::now())
    }

    /// That moment, in the time zone of this process.
    pub fn local(at: Timestamp) -> Self {
        let zone = TimeZone::system();
        let offset = zone.to_offset(at);
        let utc = offset == Offset::UTC && abbreviation(&zone, at) == "UTC";
        Self { at, offset: (!utc).then_some(offset) }
    }

    /// That moment in UTC.
    pub fn utc(at: Timestamp) -> Self {
        Self { at, offset: None }
    }

    /// Reads RFC 3339. `None` where the text is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let at = text.parse::<Timestamp>().ok()?;
        if text.ends_with(['Z', 'z']) {
            return Some(Self::utc(at));
        }
        let (hours, minutes) = text.get(text.len().checked_sub(6)?..)?.split_once(':')?;
        let sign = if hours.starts_with('-') { -1 } else { 1 };
        let seconds = hours.get(1..)?.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
        let offset = Offset::try_from(SignedDuration::from_secs(sign * seconds)).ok()?;
        Some(Self { at, offset: Some(offset) })
    }

    /// The moment.
    pub fn timestamp(self) -> Timestamp {
        self.at
    }

    /// Go's zero time, which stands for "no time".
    pub(super) fn is_zero(self) -> bool {
        self.at.as_second() == -62_135_596_800
    }

    fn zoned(self) -> Zoned {
        self.at.to_zoned(self.offset.unwrap_or(Offset::UTC).to_time_zone())
    }

    /// Go's `RFC3339Nano`, as JSON has it: `2026-11-21T09:58:36.5592411Z`.
    pub fn rfc3339_nano(self) -> String {
        let zoned = self.zoned();
        let mut text = zoned.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        text.push_str(&self.fraction());
        text.push_str(&self.zone_suffix(&zoned));
        text
    }

    /// Go's `RFC3339`: whole seconds.
    pub fn rfc3339(self) -> String {
        let zoned = self.zoned();
        format!("{}{}", zoned.strftime("%Y-%m-%dT%H:%M:%S"), self.zone_suffix(&zoned))
    }

    /// Go's `ANSIC`: `Sat Nov 21 09:58:36 2026`.
    pub fn ansic(self) -> String {
        self.zoned().strftime("%a %b %e %H:%M:%S %Y").to_string()
    }

    /// Go's `time.Time.String()`: `2026-11-21 09:58:36.5592411 +0000 UTC`.
    pub fn go_string(self) -> String {
        let zoned = self.zoned();
        let numeric = zoned.strftime("%z").to_string();
        let name = self.zone_name(&numeric);
        format!("{}{} {numeric} {name}", zoned.strftime("%Y-%m-%d %H:%M:%S"), self.fraction())
    }

    /// The point and the digits behind it, without trailing zeros; empty where there are none.
    fn fraction(self) -> String {
        let nanoseconds = self.zoned().subsec_nanosecond();
        if nanoseconds == 0 {
            return String::new();
        }
        let mut text = String::from(".");
        let _ = write!(text, "{nanoseconds:09}");
        text.truncate(text.trim_end_matches('0').len());
        text
    }

    fn zone_suffix(self, zoned: &Zoned) -> String {
        match self.offset {
            None => "Z".to_owned(),
            Some(_) => zoned.strftime("%:z").to_string(),
        }
    }

    /// Go takes a read offset for the local zone where the two agree at that moment; any other has no name.
    fn zone_name(self, numeric: &str) -> String {
        let zone = TimeZone::system();
        match self.offset {
            None => "UTC".to_owned(),
            Some(offset) if zone.to_offset(self.at) == offset => abbreviation(&zone, self.at),
            Some(_) => numeric.to_owned(),
        }
    }
}

fn abbreviation(zone: &TimeZone, at: Timestamp) -> String {
    zone.to_offset_info(at).abbreviation().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_as_go_prints_them() {
        let time = Time::parse("2026-11-01T09:58:06.5592411Z").unwrap();
        assert_eq!(time.rfc3339_nano(), "2026-11-01T09:58:06.5592411Z");
        assert_eq!(time.rfc3339(), "2026-11-01T09:58:06Z");
        assert_eq!(time.ansic(), "Sun Nov  1 09:58:06 2026");
        assert_eq!(time.go_string(), "2026-11-01 09:58:06.5592411 +0000 UTC");
    }

    #[test]
    fn an_offset_stays_as_it_was_written() {
        let time = Time::parse("2026-11-21T09:58:36+05:45").unwrap();
        assert_eq!(time.rfc3339_nano(), "2026-11-21T09:58:36+05:45");
        assert_eq!(time.go_string(), "2026-11-21 09:58:36 +0545 +0545");
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in ["", "yesterday", "2026-11-21", "2026-11-21 09:58:36 +0000 UTC"] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
        assert!(Time::parse("0001-01-01T00:00:00Z").unwrap().is_zero());
    }
}

//! Time zones: UTC, the local one, the bundled database's, and bare offsets.

use std::sync::{Arc, LazyLock};

use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

use super::time::Time;
use crate::host::Host;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Go's `*time.Location`.
#[derive(Clone, Debug)]
pub enum Zone {
    /// `time.UTC`
    Utc,
    /// `time.Local`, and its name.
    Local(TimeZone, Arc<str>),
    /// One of the database, by its name.
    Named(TimeZone),
    /// An offset in seconds that a date was given with, and its name, which may be empty.
    Fixed(i64, String),
}

/// What a zone says at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// Seconds east of Greenwich.
    pub(super) seconds: i64,
    pub(super) name: String,
    pub(super) summer: bool,
}

/// The calendar begins anew, weekdays too, after 400 years.
const CALENDAR_SECONDS: i64 = 146_097 * 86_400;

/// A moment at which every zone has the offset that it has at these Unix seconds. The database ends with the year 9999,
/// but the rules in it don't; before its first year nothing changes any more.
fn moment_like(seconds: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let moment = match seconds {
        _ if seconds > last => seconds - ((seconds - last - 1) / CALENDAR_SECONDS + 1) * CALENDAR_SECONDS,
        _ => seconds.max(first),
    };
    Timestamp::from_second(moment).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Zone {
    /// The host's `time.Local`.
    pub fn local(host: &dyn Host) -> Self {
        Zone::Local(host.local_zone(), host.local_zone_name().into())
    }

    /// The local zone's present offset, fixed under a name.
    pub fn here(host: &dyn Host, name: &str) -> Self {
        let now = Time::from_system(host.now(), Self::local(host));
        Zone::Fixed(now.clock().offset.seconds, name.to_owned())
    }

    /// Go's `time.LoadLocation`: names as the database spells them.
    pub(crate) fn load(host: &dyn Host, name: &str) -> Option<Self> {
        match name {
            "" | "UTC" => Some(Zone::Utc),
            "Local" => Some(Zone::local(host)),
            _ => DATABASE.get(name).ok().filter(|zone| zone.iana_name() == Some(name)).map(Zone::Named),
        }
    }

    /// Go's `Location.String`.
    pub fn name(&self) -> String {
        match self {
            Zone::Utc => "UTC".to_owned(),
            Zone::Local(_, name) => name.to_string(),
            Zone::Named(zone) => zone.iana_name().unwrap_or_default().to_owned(),
            Zone::Fixed(_, name) => name.clone(),
        }
    }

    /// The offset at a moment in Unix seconds.
    pub(super) fn offset_at(&self, seconds: i64) -> Offset {
        match self {
            Zone::Utc => Offset { seconds: 0, name: "UTC".to_owned(), summer: false },
            Zone::Fixed(offset, name) => Offset { seconds: *offset, name: name.clone(), summer: false },
            Zone::Local(zone, _) | Zone::Named(zone) => {
                let info = zone.to_offset_info(moment_like(seconds));
                Offset {
                    seconds: info.offset().seconds().into(),
                    name: info.abbreviation().to_owned(),
                    summer: info.dst().is_dst(),
                }
            }
        }
    }

    /// The Unix seconds of a local time: where it comes twice or never, as Go's `time.Date` decides.
    pub(super) fn unix_of_local(&self, local: i64) -> i64 {
        let guess = self.offset_at(local).seconds;
        let utc = local.wrapping_sub(guess);
        let corrected = self.offset_at(utc).seconds;
        local.wrapping_sub(corrected)
    }

    /// The offset that the zone uses under an abbreviation, looked for at the moment and half a year around it.
    pub(super) fn offset_of_name(&self, name: &str, seconds: i64) -> Option<i64> {
        const HALF_YEAR: i64 = 182 * 86_400;
        let moments = [0, -HALF_YEAR, HALF_YEAR].map(|distance| seconds.saturating_add(distance));
        moments
            .iter()
            .map(|moment| self.offset_at(*moment))
            .find(|offset| offset.name == name)
            .map(|offset| offset.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_summer_time_go_on_after_the_year_9999() {
        let vienna = Zone::Named(DATABASE.get("Europe/Vienna").unwrap());
        let (winter, summer) = (4_892_400_000, 4_908_000_000);
        for cycles in [0, 20, 21, 700_000_000] {
            let hours = [winter, summer]
                .map(|moment| vienna.offset_at(moment + cycles * CALENDAR_SECONDS).seconds / 3600);
            assert_eq!(hours, [1, 2], "{cycles}");
        }
        for seconds in [i64::MIN, i64::MAX, Timestamp::MAX.as_second(), Timestamp::MAX.as_second() + 1] {
            vienna.offset_at(seconds);
        }
    }
}

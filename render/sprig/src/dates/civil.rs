//! The proleptic Gregorian calendar over Go's whole range of time, some 292 billion years.

/// Seconds of a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

const DAYS_OF_400_YEARS: i128 = 146_097;
/// From March 1, 0000 to January 1, 1970.
const DAYS_TO_EPOCH: i128 = 719_468;
/// From the year that Go counts absolute seconds from to 1970.
const ABSOLUTE_DAYS_TO_EPOCH: i128 = 292_277_022_400 / 400 * DAYS_OF_400_YEARS + DAYS_TO_EPOCH;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    /// 1 to 12
    pub(super) month: i64,
    /// 1 to 31
    pub(super) day: i64,
}

/// Days since 1970 and the second of that day. Seconds beyond Go's range wrap around as Go's do.
pub(super) fn split(seconds: i64) -> (i128, i64) {
    let offset = (ABSOLUTE_DAYS_TO_EPOCH * i128::from(DAY_SECONDS)) as u64;
    let absolute = (seconds as u64).wrapping_add(offset);
    let day = i128::from(absolute / DAY_SECONDS as u64) - ABSOLUTE_DAYS_TO_EPOCH;
    (day, (absolute % DAY_SECONDS as u64) as i64)
}

/// The calendar day so many days after January 1, 1970.
pub(super) fn date(days: i128) -> Date {
    let shifted = days + DAYS_TO_EPOCH;
    let era = shifted.div_euclid(DAYS_OF_400_YEARS);
    let day_of_era = shifted.rem_euclid(DAYS_OF_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    Date { year: year as i64, month: month as i64, day: day as i64 }
}

/// The days from January 1, 1970 to a day; months and days beyond their ends overflow into the next.
pub(super) fn days(year: i64, month: i64, day: i64) -> i128 {
    let month_index = i128::from(month) - 1;
    let year = i128::from(year) + month_index.div_euclid(12);
    let month = month_index.rem_euclid(12) + 1;
    let shifted_year = year - i128::from(month <= 2);
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_EPOCH + i128::from(day) - 1
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day of the year, from 1.
pub(super) fn year_day(date: Date) -> i64 {
    (days(date.year, date.month, date.day) - days(date.year, 1, 1) + 1) as i64
}

/// Sunday is 0.
pub(super) fn weekday(days: i128) -> i64 {
    (days + 4).rem_euclid(7) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_both_ways() {
        for days_since_epoch in [-719_162, -1, 0, 59, 11_016, 19_782, 106_751_991_167_300] {
            let Date { year, month, day } = date(days_since_epoch);
            assert_eq!(days(year, month, day), days_since_epoch);
        }
        assert_eq!(date(19_782), Date { year: 2024, month: 2, day: 29 });
        assert_eq!(days(2024, 14, 30), days(2025, 2, 30));
    }
}

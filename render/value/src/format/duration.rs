//! The `String` methods of package `time`'s named integers.

/// Go's `time.Duration.String`: `1h30m0s`, `1.5ms`, `0s`.
pub fn duration(nanoseconds: i64) -> String {
    let magnitude = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    match magnitude {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{magnitude}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", decimal(magnitude, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", decimal(magnitude, 6)),
        _ => {
            let (minutes, rest) = (magnitude / 60_000_000_000, magnitude % 60_000_000_000);
            let seconds = decimal(rest, 9);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

/// A number of so many decimals, without trailing zeros.
fn decimal(number: u64, decimals: u32) -> String {
    let unit = 10u64.pow(decimals);
    let text = format!("{}.{:0width$}", number / unit, number % unit, width = decimals as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Go's `time.Month.String`; January is 1.
pub fn month(number: i64) -> String {
    named(&MONTHS, number.checked_sub(1)).unwrap_or_else(|| format!("%!Month({})", number as u64))
}

/// Go's `time.Weekday.String`; Sunday is 0.
pub fn weekday(number: i64) -> String {
    named(&WEEKDAYS, Some(number)).unwrap_or_else(|| format!("%!Weekday({})", number as u64))
}

fn named(names: &[&str], index: Option<i64>) -> Option<String> {
    Some((*names.get(usize::try_from(index?).ok()?)?).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_in_their_largest_units() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (2_000_000, "2ms"),
            (95_000_000_000, "1m35s"),
            (5_400_000_000_000, "1h30m0s"),
            (-1_500_000_000, "-1.5s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(duration(nanoseconds), text);
        }
    }

    #[test]
    fn months_and_weekdays_out_of_range_print_their_number() {
        assert_eq!(month(1), "January");
        assert_eq!(month(13), "%!Month(13)");
        assert_eq!(weekday(6), "Saturday");
        assert_eq!(weekday(7), "%!Weekday(7)");
    }
}

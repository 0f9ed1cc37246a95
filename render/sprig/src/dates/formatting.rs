//! Times as text, by a layout.

use super::{
    civil,
    layout::{Element, MONTHS, OffsetForm, Padding, WEEKDAYS, split},
    time::{Clock, Time},
};

/// Digits of the fraction of a second that Go knows.
const NANOSECOND_DIGITS: usize = 9;

/// Go's `Time.Format`.
pub(super) fn format(time: &Time, layout: &[u8]) -> Vec<u8> {
    let clock = time.clock();
    let mut out = Vec::with_capacity(layout.len() + 16);
    let mut rest = layout;
    while !rest.is_empty() {
        let split = split(rest);
        out.extend_from_slice(split.prefix);
        let Some((element, _)) = split.element else { break };
        out.extend_from_slice(text(time, &clock, element).as_bytes());
        rest = split.rest;
    }
    out
}

fn text(time: &Time, clock: &Clock, element: Element) -> String {
    let date = clock.date;
    let hour12 = (clock.hour + 11) % 12 + 1;
    match element {
        Element::Month { long } => name(&MONTHS, date.month - 1, long),
        Element::NumericMonth { padded } => padded_number(date.month, padded),
        Element::Weekday { long } => name(&WEEKDAYS, civil::weekday(clock.days), long),
        Element::Day(padding) => filled(date.day, padding, 2),
        Element::YearDay(padding) => filled(civil::year_day(date), padding, 3),
        Element::Hour => padded_number(clock.hour, true),
        Element::Hour12 { padded } => padded_number(hour12, padded),
        Element::Minute { padded } => padded_number(clock.minute, padded),
        Element::Second { padded } => padded_number(clock.second, padded),
        Element::LongYear if date.year < 0 => format!("-{:04}", date.year.unsigned_abs()),
        Element::LongYear => format!("{:04}", date.year),
        Element::Year => format!("{:02}", date.year.max(0) % 100),
        Element::HalfDay { upper } => half_day(clock.hour, upper).to_owned(),
        Element::ZoneName if clock.offset.name.is_empty() => offset(clock.offset.seconds, UNNAMED),
        Element::ZoneName => clock.offset.name.clone(),
        Element::ZoneOffset(form) => offset(clock.offset.seconds, form),
        Element::Fraction { separator, digits } => fraction(time.nanoseconds(), separator, digits),
        Element::ShortFraction { separator, digits } => {
            let text = fraction(time.nanoseconds(), separator, digits);
            let kept = text.trim_end_matches('0');
            kept.strip_suffix(char::from(separator)).unwrap_or(kept).to_owned()
        }
    }
}

/// How a zone without a name is shown.
const UNNAMED: OffsetForm = OffsetForm { zulu: false, minutes: true, seconds: false, colons: false };

fn name(names: &[&str], index: i64, long: bool) -> String {
    let name = usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
    if long { name.to_owned() } else { name.chars().take(3).collect() }
}

fn padded_number(number: i64, padded: bool) -> String {
    if padded { format!("{number:02}") } else { number.to_string() }
}

fn filled(number: i64, padding: Padding, width: usize) -> String {
    match padding {
        Padding::None => number.to_string(),
        Padding::Zero => format!("{number:0width$}"),
        Padding::Space => format!("{number:width$}"),
    }
}

fn half_day(hour: i64, upper: bool) -> &'static str {
    match (hour >= 12, upper) {
        (true, true) => "PM",
        (true, false) => "pm",
        (false, true) => "AM",
        (false, false) => "am",
    }
}

fn offset(seconds: i64, form: OffsetForm) -> String {
    if form.zulu && seconds == 0 {
        return "Z".to_owned();
    }
    let minutes = seconds / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let colon = if form.colons { ":" } else { "" };
    let mut text = format!("{sign}{:02}", (minutes / 60).abs());
    if form.minutes {
        text.push_str(&format!("{colon}{:02}", (minutes % 60).abs()));
    }
    if form.seconds {
        text.push_str(&format!("{colon}{:02}", (seconds % 60).abs()));
    }
    text
}

fn fraction(nanoseconds: i64, separator: u8, digits: usize) -> String {
    let all = format!("{nanoseconds:09}");
    let shown: String =
        all.chars().chain(std::iter::repeat('0')).take(digits.min(NANOSECOND_DIGITS)).collect();
    format!("{}{shown}", char::from(separator))
}

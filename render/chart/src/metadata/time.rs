//! Times in `Chart.lock`, as Go's `time.Time` reads and prints them.

use value::Value;

use super::go_struct::{Decode, Decoder, FieldError};
use crate::Flavour;

/// Go's zero time.
pub(super) const ZERO: &str = "0001-01-01T00:00:00Z";

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// A time as RFC 3339 prints it; `None` for Go's zero time.
#[derive(Default)]
pub(super) struct Time(pub(super) Option<String>);

impl Decode for Time {
    fn type_name(_: Flavour) -> String {
        "time.Time".to_owned()
    }

    fn decode(&mut self, value: &Value, decoder: &mut Decoder) {
        let Some(text) = value.as_string().map(value::Str::to_text) else {
            if !value.is_nil() {
                let text = "Time.UnmarshalJSON: input is not a JSON string".to_owned();
                decoder.fail(FieldError::Time(text));
            }
            return;
        };
        match normalized(&text) {
            Ok(time) => self.0 = Some(time),
            Err(problem) => {
                let text = value::format::quote(text.as_bytes());
                decoder.fail(FieldError::Time(format!("parsing time {text}{problem}")));
            }
        }
    }
}

/// The time without the zeros that end its fraction, and `Z` for no offset.
fn normalized(text: &str) -> Result<String, String> {
    let mut rest = text;
    let year = number(&mut rest, "2006", 4)?;
    literal(&mut rest, "-")?;
    let month = number(&mut rest, "01", 2)?;
    if !(1..=12).contains(&month) {
        return Err(": month out of range".to_owned());
    }
    literal(&mut rest, "-")?;
    let day = number(&mut rest, "02", 2)?;
    literal(&mut rest, "T")?;
    let hour = below(number(&mut rest, "15", 2)?, 24, "hour")?;
    literal(&mut rest, ":")?;
    let minute = below(number(&mut rest, "04", 2)?, 60, "minute")?;
    literal(&mut rest, ":")?;
    let second = below(number(&mut rest, "05", 2)?, 60, "second")?;
    let fraction = fraction(&mut rest);
    let zone = zone(&mut rest)?;
    if !rest.is_empty() {
        return Err(format!(": extra text: {}", value::format::quote(rest.as_bytes())));
    }
    if !(1..=days_in(year, month)).contains(&day) {
        return Err(": day out of range".to_owned());
    }
    Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
}

fn cannot_parse(rest: &str, element: &str) -> String {
    let [layout, rest, element] = [LAYOUT, rest, element].map(|text| value::format::quote(text.as_bytes()));
    format!(" as {layout}: cannot parse {rest} as {element}")
}

fn number(rest: &mut &str, element: &str, digits: usize) -> Result<u32, String> {
    let head = rest.get(..digits).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()));
    let number = head.and_then(|head| head.parse().ok()).ok_or_else(|| cannot_parse(rest, element))?;
    *rest = rest.get(digits..).unwrap_or_default();
    Ok(number)
}

fn literal(rest: &mut &str, text: &str) -> Result<(), String> {
    *rest = rest.strip_prefix(text).ok_or_else(|| cannot_parse(rest, text))?;
    Ok(())
}

fn below(number: u32, bound: u32, what: &str) -> Result<u32, String> {
    if number < bound { Ok(number) } else { Err(format!(": {what} out of range")) }
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The fraction of a second with its point, to nanoseconds, without zeros at its end.
fn fraction(rest: &mut &str) -> String {
    let Some(behind) = rest.strip_prefix(['.', ',']) else { return String::new() };
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return String::new();
    }
    let (fraction, tail) = behind.split_at(digits);
    *rest = tail;
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    if fraction.is_empty() { String::new() } else { format!(".{fraction}") }
}

fn zone(rest: &mut &str) -> Result<String, String> {
    if let Some(tail) = rest.strip_prefix('Z') {
        *rest = tail;
        return Ok("Z".to_owned());
    }
    let whole = *rest;
    let bytes = whole.as_bytes();
    let is_offset = bytes.len() >= 6
        && matches!(bytes[0], b'+' | b'-')
        && bytes[3] == b':'
        && [1, 2, 4, 5].iter().all(|&at: &usize| bytes[at].is_ascii_digit());
    let (offset, tail) =
        whole.split_at_checked(6).filter(|_| is_offset).ok_or_else(|| cannot_parse(whole, "Z07:00"))?;
    *rest = tail;
    Ok(if offset.ends_with("00:00") { "Z".to_owned() } else { offset.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_the_digits_it_needs() {
        assert_eq!(normalized("2020-01-02T03:04:05.120Z").unwrap(), "2020-01-02T03:04:05.12Z");
        assert_eq!(normalized("2020-01-02T03:04:05.000+02:00").unwrap(), "2020-01-02T03:04:05+02:00");
        assert_eq!(normalized("2020-01-02T03:04:05-00:00").unwrap(), "2020-01-02T03:04:05Z");
    }

    #[test]
    fn errors_say_where_reading_stopped() {
        let layout = r#" as "2006-01-02T15:04:05Z07:00": cannot parse "#;
        assert_eq!(normalized("x").unwrap_err(), format!(r#"{layout}"x" as "2006""#));
        assert_eq!(normalized("2020-01-02").unwrap_err(), format!(r#"{layout}"" as "T""#));
        assert_eq!(normalized("2020-13-02T03:04:05Z").unwrap_err(), ": month out of range");
        assert_eq!(normalized("2020-02-30T03:04:05Z").unwrap_err(), ": day out of range");
        assert_eq!(normalized("2020-01-02T03:04:05").unwrap_err(), format!(r#"{layout}"" as "Z07:00""#));
    }
}

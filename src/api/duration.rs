//! Durations as Go and Kubernetes write them.

use std::time::Duration;

/// The longest duration a resource may ask for.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A text that is no duration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a duration between 0s and 8760h, such as \"90s\" or \"1h30m\"")]
pub struct InvalidDuration(String);

/// Reads a duration of hours, minutes, seconds and milliseconds: `90s`, `1h30m`, `1.5h`, `500ms`.
///
/// # Errors
/// Fails for anything else, and for more than a year.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration(text.chars().take(64).collect());
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits =
            rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').ok_or_else(invalid)?;
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let (unit, tail) = match tail.strip_prefix("ms") {
            Some(tail) => (0.001, tail),
            None => tail.chars().next().and_then(unit).zip(tail.get(1..)).ok_or_else(invalid)?,
        };
        seconds += number * unit;
        rest = tail;
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !text.is_empty() && duration <= LONGEST => Ok(duration),
        _ => Err(invalid()),
    }
}

fn unit(letter: char) -> Option<f64> {
    match letter {
        's' => Some(1.0),
        'm' => Some(60.0),
        'h' => Some(3600.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn what_would_wedge_a_controller_is_refused() {
        for text in ["", "5", "-5s", "5 s", "9999999999h", "1e400s", "1d", "s", "é"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}

//! Durations as Go writes them.

use std::time::Duration;

const UNITS: [(&str, f64); 7] =
    [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
const LONGEST_SECONDS: f64 = 9_223_372_036.0;

/// Reads `5m0s`, `300s`, `1.5h`, `0`.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits =
            rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, unit) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let found = UNITS.into_iter().find(|(name, _)| unit.starts_with(name));
        let (name, factor) = found.ok_or_else(|| match unit {
            "" => format!("time: missing unit in duration {text:?}"),
            _ => invalid(),
        })?;
        seconds += number * factor;
        rest = unit.strip_prefix(name).unwrap_or_default();
    }
    if text.is_empty() || !(0.0..LONGEST_SECONDS).contains(&seconds) {
        return Err(invalid());
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let seconds = |text: &str| parse(text).map(|duration| duration.as_secs_f64());
        assert_eq!(seconds("5m0s"), Ok(300.0));
        assert_eq!(seconds("1h30m"), Ok(5400.0));
        assert_eq!(seconds("1.5s"), Ok(1.5));
        assert_eq!(seconds("250ms"), Ok(0.25));
        assert_eq!(seconds("0"), Ok(0.0));
        assert_eq!(seconds("5").unwrap_err(), "time: missing unit in duration \"5\"");
        for bad in ["", "m", "5x", "-1s", "99999999999h"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

//! Go's `time.Duration`: a count of nanoseconds.

use value::Str;

use super::parsing::quoted;

/// The largest magnitude, that of the smallest duration.
const LIMIT: u64 = 1 << 63;

/// Go's `time.ParseDuration`; the error is its text.
pub(crate) fn parse(text: &Str) -> Result<i64, String> {
    let bytes = text.as_bytes();
    let invalid = || format!("time: invalid duration {}", quoted(bytes));
    let (negative, mut rest) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut sum = 0_u64;
    while !rest.is_empty() {
        let number = Number::read(rest).ok_or_else(invalid)?;
        let unit_length =
            number.rest.iter().take_while(|byte| **byte != b'.' && !byte.is_ascii_digit()).count();
        let (name, after) = number.rest.split_at(unit_length);
        if name.is_empty() {
            return Err(format!("time: missing unit in duration {}", quoted(bytes)));
        }
        let unit = unit(name)
            .ok_or_else(|| format!("time: unknown unit {} in duration {}", quoted(name), quoted(bytes)))?;
        let part = number.times(unit).ok_or_else(invalid)?;
        sum = sum.checked_add(part).filter(|sum| *sum <= LIMIT).ok_or_else(invalid)?;
        rest = after;
    }
    match (negative, i64::try_from(sum)) {
        (true, _) => Ok((sum as i64).wrapping_neg()),
        (false, Ok(duration)) => Ok(duration),
        (false, Err(_)) => Err(invalid()),
    }
}

/// A decimal number before a unit.
struct Number<'t> {
    integer: u64,
    fraction: u64,
    /// What the fraction is divided by.
    scale: f64,
    rest: &'t [u8],
}

impl<'t> Number<'t> {
    fn read(text: &'t [u8]) -> Option<Self> {
        let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = text.split_at(length);
        let integer = std::str::from_utf8(digits).ok().filter(|digits| !digits.is_empty());
        let integer =
            integer.map_or(Some(0), |digits| digits.parse().ok()).filter(|integer| *integer <= LIMIT)?;
        let Some(after_point) = rest.strip_prefix(b".") else {
            return (length > 0).then_some(Self { integer, fraction: 0, scale: 1.0, rest });
        };
        let (mut fraction, mut scale, mut overflown) = (0_u64, 1.0, false);
        let decimals = after_point.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = after_point.split_at(decimals);
        for digit in digits {
            overflown |= fraction > (LIMIT - 1) / 10;
            if !overflown {
                fraction = fraction * 10 + u64::from(digit - b'0');
                scale *= 10.0;
            }
        }
        (length > 0 || decimals > 0).then_some(Self { integer, fraction, scale, rest })
    }

    fn times(&self, unit: u64) -> Option<u64> {
        let whole = self.integer.checked_mul(unit).filter(|whole| *whole <= LIMIT)?;
        let part = (self.fraction as f64 * (unit as f64 / self.scale)) as u64;
        whole.checked_add(part).filter(|sum| *sum <= LIMIT)
    }
}

fn unit(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// Go's `Duration.Truncate`.
pub(crate) fn truncate(duration: i64, multiple: i64) -> i64 {
    if multiple <= 0 { duration } else { duration - duration % multiple }
}

/// Go's `Duration.Round`: halves away from zero, saturating.
pub(crate) fn round(duration: i64, multiple: i64) -> i64 {
    if multiple <= 0 {
        return duration;
    }
    let remainder = (duration % multiple).unsigned_abs();
    let down = duration - duration % multiple;
    if remainder * 2 < multiple.unsigned_abs() {
        down
    } else if duration < 0 {
        down.saturating_sub(multiple)
    } else {
        down.saturating_add(multiple)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<i64, String> {
        parse(&Str::from(text))
    }

    #[test]
    fn durations_are_read() {
        assert_eq!(parsed("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(parsed("-1.5s"), Ok(-1_500_000_000));
        assert_eq!(parsed(".5µs"), Ok(500));
        assert_eq!(parsed("-9223372036854775808ns"), Ok(i64::MIN));
        assert_eq!(parsed("1"), Err("time: missing unit in duration \"1\"".to_owned()));
        assert_eq!(parsed("1d"), Err("time: unknown unit \"d\" in duration \"1d\"".to_owned()));
        assert_eq!(parsed("."), Err("time: invalid duration \".\"".to_owned()));
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!((round(15, 10), round(-15, 10), round(14, 10), round(7, 0)), (20, -20, 10, 7));
        assert_eq!(round(i64::MAX, 10), i64::MAX);
        assert_eq!(truncate(-19, 10), -10);
    }
}

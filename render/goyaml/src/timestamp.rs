//! Which texts `go.yaml.in/yaml` takes for timestamps: it reads them as strings, but prints them in quotes.

/// Whether a text is a date, or a date and a time, in one of the four layouts that Go's library tries:
/// `2006-1-2`, `2006-1-2 15:4:5.9`, and `2006-1-2T15:4:5.9Z07:00` with `T` or `t`.
pub(crate) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes.iter().take(4).all(u8::is_ascii_digit) || bytes.get(4) != Some(&b'-') {
        return false;
    }
    let mut rest = Rest(bytes);
    rest.date().is_some() && (rest.0.is_empty() || rest.zoned_time().is_some() || rest.bare_time().is_some())
}

/// What has not been read yet; each part is taken off the front, as `time.Parse` does it.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn date(&mut self) -> Option<()> {
        let (year, rest) = self.0.split_at_checked(4)?;
        let year = year.iter().fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
        self.0 = rest;
        self.sign(b'-')?;
        let month = self.number(1..=12)?;
        self.sign(b'-')?;
        self.number(1..=days(year, month)).map(drop)
    }

    /// `T15:4:5.9Z`, to the end.
    fn zoned_time(mut self) -> Option<()> {
        self.sign(b'T').or_else(|| self.sign(b't'))?;
        self.clock()?;
        match self.0 {
            [b'Z'] => Some(()),
            [b'+' | b'-', hours @ .., b':', minute_tens, minutes] => {
                let [hour_tens, hours] = hours else {
                    return None;
                };
                let in_range =
                    two_digits(*hour_tens, *hours)? <= 24 && two_digits(*minute_tens, *minutes)? <= 60;
                in_range.then_some(())
            }
            _ => None,
        }
    }

    /// ` 15:4:5.9`, to the end; Go lets any number of spaces stand for the one.
    fn bare_time(mut self) -> Option<()> {
        self.sign(b' ')?;
        while self.sign(b' ').is_some() {}
        self.clock()?;
        self.0.is_empty().then_some(())
    }

    fn clock(&mut self) -> Option<()> {
        self.number(0..=23)?;
        self.sign(b':')?;
        self.number(0..=59)?;
        self.sign(b':')?;
        self.number(0..=59)?;
        if let [b'.' | b',', digit, ..] = self.0
            && digit.is_ascii_digit()
        {
            let digits = self.0.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
            self.0 = self.0.get(1 + digits..)?;
        }
        Some(())
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[sign])?;
        Some(())
    }

    /// One or two digits.
    fn number(&mut self, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let (number, length) = match self.0 {
            [tens, ones, ..] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
                (two_digits(*tens, *ones)?, 2)
            }
            [ones, ..] if ones.is_ascii_digit() => (u32::from(ones - b'0'), 1),
            _ => return None,
        };
        self.0 = self.0.get(length..)?;
        range.contains(&number).then_some(number)
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn go_accepts_short_fields_commas_and_many_spaces() {
        for text in [
            "2020-01-01",
            "2020-1-1",
            "2020-02-29",
            "2020-1-1T1:2:3Z",
            "2020-01-01t10:00:00.5+01:00",
            "2020-01-01T10:00:00,123456789012-24:60",
            "2020-01-01   10:00:00.25",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn impossible_dates_and_other_layouts_are_plain_text() {
        for text in [
            "2021-02-29",
            "2020-13-01",
            "2020-00-01",
            "2020-01-32",
            "20200-01-01",
            "2020-01-01T10:00:00",
            "2020-01-01 10:00",
            "2020-01-01 10:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T10:00:00+25:00",
            "2020-01-01 ",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}

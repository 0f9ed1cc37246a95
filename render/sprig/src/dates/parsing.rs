//! Text as times, by a layout.

use super::{
    civil::{Date, days_in, is_leap},
    layout::{Element, MONTHS, OffsetForm, Padding, WEEKDAYS, split},
    time::Time,
    zone::Zone,
};

/// Why an element could not be read.
enum Trouble {
    /// The text isn't what the element stands for.
    Mismatch,
    /// It is, but no such hour or month exists.
    Range(&'static str),
}

type Read<T> = Result<T, Trouble>;

/// Go's `time.ParseInLocation`; the error is its text.
pub(super) fn parse(layout: &[u8], text: &[u8], local: &Zone) -> Result<Time, String> {
    let mut reader = Reader { rest: text, fields: Fields::default() };
    let mut layout_rest = layout;
    loop {
        let split = split(layout_rest);
        if !reader.skip(split.prefix) {
            return Err(cannot_parse(layout, text, reader.rest, split.prefix));
        }
        let Some((element, element_text)) = split.element else {
            if !reader.rest.is_empty() {
                return Err(format!("parsing time {}: extra text: {}", quoted(text), quoted(reader.rest)));
            }
            break;
        };
        layout_rest = split.rest;
        let held = reader.rest;
        match reader.element(element, layout_rest) {
            Ok(()) => {}
            Err(Trouble::Mismatch) => return Err(cannot_parse(layout, text, held, element_text)),
            Err(Trouble::Range(what)) => {
                return Err(format!("parsing time {}: {what} out of range", quoted(text)));
            }
        }
    }
    reader.fields.time(local).map_err(|problem| format!("parsing time {}: {problem}", quoted(text)))
}

fn cannot_parse(layout: &[u8], text: &[u8], rest: &[u8], element: &[u8]) -> String {
    let (text, layout, rest, element) = (quoted(text), quoted(layout), quoted(rest), quoted(element));
    format!("parsing time {text} as {layout}: cannot parse {rest} as {element}")
}

/// Package `time`'s own quoting: bytes beyond ASCII in hexadecimal.
pub(super) fn quoted(text: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for byte in text {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(*byte)]),
            b' '..=0x7F => quoted.push(char::from(*byte)),
            byte => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// What the text says so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    afternoon: Option<bool>,
    utc: bool,
    offset: Option<i64>,
    zone_name: Option<String>,
}

impl Fields {
    fn time(self, local: &Zone) -> Result<Time, &'static str> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let date = self.date()?;
        let second = hour * 3600 + self.minute * 60 + self.second;
        let within = |zone: Zone| Time::from_date(date, second, self.nanosecond, zone);
        if self.utc {
            return Ok(within(Zone::Utc));
        }
        let utc = within(Zone::Utc);
        if let Some(offset) = self.offset {
            let time = utc.plus(-offset * 1_000_000_000);
            let here = local.offset_at(time.unix());
            let named = self.zone_name.as_ref().is_none_or(|name| *name == here.name);
            let zone = if here.seconds == offset && named {
                local.clone()
            } else {
                Zone::Fixed(offset, self.zone_name.unwrap_or_default())
            };
            return Ok(time.within(zone));
        }
        let Some(name) = self.zone_name else { return Ok(within(local.clone())) };
        if let Some(offset) = local.offset_of_name(&name, utc.unix()) {
            return Ok(utc.plus(-offset * 1_000_000_000).within(local.clone()));
        }
        let hours = name.strip_prefix("GMT").and_then(|hours| hours.parse::<i64>().ok()).unwrap_or(0);
        Ok(utc.within(Zone::Fixed(hours * 3600, name)))
    }

    fn date(&self) -> Result<Date, &'static str> {
        let (month, day) = match self.year_day {
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
            Some(year_day) => {
                let (month, day) = month_and_day(self.year, year_day).ok_or("day-of-year out of range")?;
                if self.month.is_some_and(|seen| seen != month) {
                    return Err("day-of-year does not match month");
                }
                if self.day.is_some_and(|seen| seen != day) {
                    return Err("day-of-year does not match day");
                }
                (month, day)
            }
        };
        if day < 1 || day > days_in(self.year, month) {
            return Err("day out of range");
        }
        Ok(Date { year: self.year, month, day })
    }
}

fn month_and_day(year: i64, year_day: i64) -> Option<(i64, i64)> {
    let mut left = year_day;
    if left < 1 || left > 365 + i64::from(is_leap(year)) {
        return None;
    }
    let mut month = 1;
    while left > days_in(year, month) {
        left -= days_in(year, month);
        month += 1;
    }
    Some((month, left))
}

struct Reader<'t> {
    rest: &'t [u8],
    fields: Fields,
}

impl<'t> Reader<'t> {
    /// Skips literal text; a space stands for any number of them.
    fn skip(&mut self, prefix: &[u8]) -> bool {
        let mut prefix = prefix;
        while let Some(first) = prefix.first() {
            if *first == b' ' {
                if self.rest.first().is_some_and(|byte| *byte != b' ') {
                    return false;
                }
                prefix = without_spaces(prefix);
                self.rest = without_spaces(self.rest);
                continue;
            }
            match self.rest.split_first() {
                Some((byte, rest)) if byte == first => self.rest = rest,
                _ => return false,
            }
            prefix = prefix.get(1..).unwrap_or_default();
        }
        true
    }

    fn element(&mut self, element: Element, layout_rest: &[u8]) -> Read<()> {
        match element {
            Element::Year => self.fields.year = self.short_year()?,
            Element::LongYear => self.fields.year = self.long_year()?,
            Element::Month { long } => self.fields.month = Some(self.name(&MONTHS, long)? + 1),
            Element::NumericMonth { padded } => {
                let month = self.number(padded)?;
                self.fields.month = Some(in_range(month, 1..=12, "month")?);
            }
            Element::Weekday { long } => {
                self.name(&WEEKDAYS, long)?;
            }
            Element::Day(padding) => {
                self.skip_space(padding);
                self.fields.day = Some(self.number(padding == Padding::Zero)?);
            }
            Element::YearDay(padding) => {
                self.skip_space(padding);
                self.skip_space(padding);
                self.fields.year_day = Some(self.digits(3, padding == Padding::Zero)?);
            }
            Element::Hour => self.fields.hour = in_range(self.number(false)?, 0..=23, "hour")?,
            Element::Hour12 { padded } => self.fields.hour = in_range(self.number(padded)?, 0..=12, "hour")?,
            Element::Minute { padded } => {
                self.fields.minute = in_range(self.number(padded)?, 0..=59, "minute")?
            }
            Element::Second { padded } => self.second(padded, layout_rest)?,
            Element::HalfDay { upper } => self.half_day(upper)?,
            Element::ZoneName => self.zone_name()?,
            Element::ZoneOffset(form) => self.offset(form)?,
            Element::Fraction { digits, .. } => self.fraction(digits)?,
            Element::ShortFraction { .. } => self.optional_fraction()?,
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Read<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Trouble::Mismatch)?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip_space(&mut self, padding: Padding) {
        if padding == Padding::Space {
            self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        }
    }

    /// Up to so many digits, or exactly so many.
    fn digits(&mut self, most: usize, exactly: bool) -> Read<i64> {
        let count = self.rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 || exactly && count != most {
            return Err(Trouble::Mismatch);
        }
        Ok(decimal(self.take(count)?))
    }

    fn number(&mut self, fixed: bool) -> Read<i64> {
        self.digits(2, fixed)
    }

    /// Two characters, read as Go's `atoi` does: a sign and a digit will do.
    fn short_year(&mut self) -> Read<i64> {
        let year = signed(self.take(2)?)?;
        Ok(if year >= 69 { year + 1900 } else { year + 2000 })
    }

    fn long_year(&mut self) -> Read<i64> {
        let starts_well = self.rest.first().is_some_and(u8::is_ascii_digit);
        let text = self.take(4)?;
        if starts_well { signed(text) } else { Err(Trouble::Mismatch) }
    }

    fn name(&mut self, names: &[&str], long: bool) -> Read<i64> {
        let length = |name: &str| if long { name.len() } else { 3 };
        let matches = |name: &&str| {
            let name = name.as_bytes().get(..length(name)).unwrap_or_default();
            self.rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name))
        };
        let index = names.iter().position(matches).ok_or(Trouble::Mismatch)?;
        self.take(names.get(index).map_or(0, |name| length(name)))?;
        i64::try_from(index).map_err(|_| Trouble::Mismatch)
    }

    /// A second takes a fraction that the layout doesn't mention.
    fn second(&mut self, padded: bool, layout_rest: &[u8]) -> Read<()> {
        self.fields.second = in_range(self.number(padded)?, 0..=59, "second")?;
        let next = split(layout_rest).element.map(|(element, _)| element);
        if matches!(next, Some(Element::Fraction { .. } | Element::ShortFraction { .. })) {
            return Ok(());
        }
        self.optional_fraction()
    }

    fn half_day(&mut self, upper: bool) -> Read<()> {
        let afternoon = match (self.take(2)?, upper) {
            (b"PM", true) | (b"pm", false) => true,
            (b"AM", true) | (b"am", false) => false,
            _ => return Err(Trouble::Mismatch),
        };
        // As in Go, PM once seen stays.
        self.fields.afternoon = Some(afternoon || self.fields.afternoon == Some(true));
        Ok(())
    }

    fn fraction(&mut self, digits: usize) -> Read<()> {
        let text = self.take(digits + 1)?;
        let (separator, digits) = text.split_first().ok_or(Trouble::Mismatch)?;
        if !matches!(separator, b'.' | b',') {
            return Err(Trouble::Mismatch);
        }
        let kept = digits.get(..digits.len().min(9)).unwrap_or_default();
        let number = signed(kept)?;
        if number < 0 {
            return Err(Trouble::Range("fractional second"));
        }
        let missing = u32::try_from(9 - kept.len()).unwrap_or(0);
        self.fields.nanosecond = number * 10_i64.pow(missing);
        Ok(())
    }

    fn optional_fraction(&mut self) -> Read<()> {
        let [b'.' | b',', digits @ ..] = self.rest else { return Ok(()) };
        match digits.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => Ok(()),
            count => self.fraction(count),
        }
    }

    fn offset(&mut self, form: OffsetForm) -> Read<()> {
        if let Some(rest) = self.rest.strip_prefix(b"Z").filter(|_| form.zulu) {
            self.rest = rest;
            self.fields.utc = true;
            return Ok(());
        }
        let colon = usize::from(form.colons);
        let length = 3 + (usize::from(form.minutes) + usize::from(form.seconds)) * (2 + colon);
        let text = self.take(length)?;
        let part = |index: usize| {
            let start = 1 + index * (2 + colon);
            let well_parted = index == 0 || !form.colons || text.get(start - 1) == Some(&b':');
            let digits = text
                .get(start..start + 2)
                .filter(|digits| well_parted && digits.iter().all(u8::is_ascii_digit));
            digits.map(decimal).ok_or(Trouble::Mismatch)
        };
        let hours = in_range(part(0)?, 0..=24, "time zone offset hour")?;
        let minutes = if form.minutes { in_range(part(1)?, 0..=60, "time zone offset minute")? } else { 0 };
        let seconds = if form.seconds { in_range(part(2)?, 0..=60, "time zone offset second")? } else { 0 };
        let offset = hours * 3600 + minutes * 60 + seconds;
        let signed = match text.first() {
            Some(b'+') => offset,
            Some(b'-') => -offset,
            _ => return Err(Trouble::Mismatch),
        };
        // Go marks "no offset" with -1.
        self.fields.offset = Some(signed).filter(|offset| *offset != -1);
        Ok(())
    }

    fn zone_name(&mut self) -> Read<()> {
        if let Some(rest) = self.rest.strip_prefix(b"UTC") {
            self.rest = rest;
            self.fields.utc = true;
            return Ok(());
        }
        let length = zone_name_length(self.rest).ok_or(Trouble::Mismatch)?;
        self.fields.zone_name = Some(String::from_utf8_lossy(self.take(length)?).into_owned());
        Ok(())
    }
}

/// How long the abbreviation of a zone is that a text begins with.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(after) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(after).unwrap_or(0));
    }
    if matches!(text, [b'+' | b'-', _, _, ..]) {
        return signed_offset_length(text);
    }
    let upper = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    let ends_in_t = |last: usize| text.get(last) == Some(&b'T');
    let fits = match upper {
        3 => true,
        4 => ends_in_t(3) || text.starts_with(b"WITA"),
        5 => ends_in_t(4),
        _ => false,
    };
    fits.then_some(upper)
}

/// `+3` or `-03`, to 23 hours.
fn signed_offset_length(text: &[u8]) -> Option<usize> {
    let [b'+' | b'-', digits @ ..] = text else { return None };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = std::str::from_utf8(digits.get(..count)?).ok()?.parse::<u64>().ok()?;
    (hours <= 23).then_some(count + 1)
}

fn in_range(number: i64, range: std::ops::RangeInclusive<i64>, what: &'static str) -> Read<i64> {
    if range.contains(&number) { Ok(number) } else { Err(Trouble::Range(what)) }
}

fn decimal(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

/// Go's `atoi` of few characters.
fn signed(text: &[u8]) -> Read<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Trouble::Mismatch);
    }
    let number = decimal(digits);
    Ok(if negative { -number } else { number })
}

fn without_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    text.get(spaces..).unwrap_or_default()
}

//! Numbers, dates and truths.

use sprig::{Time, Zone};
use value::{Value, format, parse_float, parse_int, unicode};

use super::scan::{Scanner, Trouble, quoted_character};

/// The zones of dates without an offset: Go's library gives each of its three kinds one of its own.
pub(super) struct Zones {
    local: Zone,
    datetime: Zone,
    date: Zone,
    time: Zone,
}

impl Zones {
    pub(super) fn new(host: &dyn sprig::Host) -> Self {
        Self {
            local: Zone::local(host),
            datetime: Zone::here(host, super::print::LOCAL_DATETIME),
            date: Zone::here(host, super::print::LOCAL_DATE),
            time: Zone::here(host, super::print::LOCAL_TIME),
        }
    }

    fn layouts(&self) -> [(&'static str, &Zone); 7] {
        [
            ("2006-01-02T15:04:05.999999999Z07:00", &self.local),
            ("2006-01-02T15:04:05.999999999", &self.datetime),
            ("2006-01-02", &self.date),
            ("15:04:05.999999999", &self.time),
            ("2006-01-02T15:04Z07:00", &self.local),
            ("2006-01-02T15:04", &self.datetime),
            ("15:04", &self.time),
        ]
    }
}

/// Reads a number or date that begins with a digit.
pub(super) fn number_or_date(scanner: &mut Scanner<'_>, zones: &Zones) -> Result<Value, Trouble> {
    let start = scanner.position();
    if scanner.accept('0')?
        && let Some(letter) = scanner.peek()?
    {
        match letter {
            'b' => return based(scanner, start, 2, "a binary"),
            'o' => return based(scanner, start, 8, "an octal"),
            'x' => return based(scanner, start, 16, "a hexadecimal"),
            '0'..='9' | '_' | '.' | 'e' | 'E' => {}
            _ => return integer(scanner, start),
        }
    }
    scanner.take_while(|letter| letter.is_ascii_digit())?;
    // A single zero begins no date.
    let dated = scanner.since(start) != b"0" && matches!(scanner.peek()?, Some('-' | ':'));
    if dated { date(scanner, start, zones) } else { decimal(scanner, start) }
}

/// Reads a number whose sign is taken.
pub(super) fn signed(scanner: &mut Scanner<'_>) -> Result<Value, Trouble> {
    let start = scanner.position().saturating_sub(1);
    let found = scanner.next()?;
    match found {
        Some('i') => named_float(scanner, start, ['n', 'f']),
        Some('n') => named_float(scanner, start, ['a', 'n']),
        Some('.') => Err(scanner.trouble("floats must start with a digit, not '.'")),
        Some('0'..='9') => {
            if found == Some('0')
                && let Some(base @ ('b' | 'o' | 'x')) = scanner.peek()?
            {
                let seen = scanner.text_since(start);
                let message = format!("cannot use sign with non-decimal numbers: '{seen}{base}'");
                return Err(scanner.trouble(message));
            }
            decimal(scanner, start)
        }
        _ => {
            let message = format!("expected a digit but got {}", quoted_character(found));
            Err(scanner.unexpected(found, message))
        }
    }
}

fn named_float(scanner: &mut Scanner<'_>, start: usize, rest: [char; 2]) -> Result<Value, Trouble> {
    for letter in rest {
        if !scanner.accept(letter)? {
            return Err(scanner.trouble(format!("invalid float: '{}'", scanner.text_since(start))));
        }
    }
    float(scanner, start)
}

fn based(scanner: &mut Scanner<'_>, start: usize, base: u32, name: &str) -> Result<Value, Trouble> {
    scanner.next()?;
    let first = scanner.peek()?;
    if !first.is_some_and(|letter| letter.is_digit(base)) {
        let (seen, first) = (scanner.text_since(start), first.unwrap_or('\0'));
        return Err(scanner.trouble(format!("not {name} number: '{seen}{first}'")));
    }
    scanner.take_while(|letter| letter.is_digit(base) || letter == '_')?;
    integer(scanner, start)
}

fn decimal(scanner: &mut Scanner<'_>, start: usize) -> Result<Value, Trouble> {
    scanner.take_while(|letter| letter.is_ascii_digit() || letter == '_')?;
    if !matches!(scanner.peek()?, Some('.' | 'e' | 'E')) {
        return integer(scanner, start);
    }
    scanner.take_while(|letter| matches!(letter, '0'..='9' | '_' | '.' | '-' | '+' | 'e' | 'E'))?;
    float(scanner, start)
}

fn integer(scanner: &Scanner<'_>, start: usize) -> Result<Value, Trouble> {
    let text = scanner.text_since(start);
    let invalid = |why: &str| scanner.trouble(format!("Invalid integer {}: {why}", format::quote(&text)));
    if !underscores_are_surrounded(&text) {
        return Err(invalid("underscores must be surrounded by digits"));
    }
    if has_leading_zero(&text) {
        return Err(invalid("cannot have leading zeroes"));
    }
    let number = parse_int(&text, 0);
    number.map(Value::int64).map_err(|_| scanner.trouble(format!("{text} is out of range for int64")))
}

/// The float from a position up to here.
pub(super) fn float(scanner: &Scanner<'_>, start: usize) -> Result<Value, Trouble> {
    let text = scanner.text_since(start);
    let invalid = |why: &str| scanner.trouble(format!("Invalid float {}: {why}", format::quote(&text)));
    let mut parts = text.split(['.', 'e', 'E']).filter(|part| !part.is_empty());
    if !parts.clone().all(underscores_are_surrounded) {
        return Err(invalid("underscores must be surrounded by digits"));
    }
    if parts.next().is_some_and(has_leading_zero) {
        return Err(invalid("cannot have leading zeroes"));
    }
    let mut fractions = text.split('.').skip(1);
    if !fractions.all(|fraction| fraction.starts_with(|letter: char| letter.is_ascii_digit())) {
        return Err(invalid("'.' must be followed by one or more digits"));
    }
    match text.as_str() {
        "nan" | "+nan" => return Ok(f64::NAN.into()),
        "-nan" => return Ok((-f64::NAN).into()),
        _ => {}
    }
    parse_float(&text.replace('_', "")).map(Value::from).map_err(|error| {
        scanner.trouble(if error.is_out_of_range() {
            format!("{text} is out of range for float64")
        } else {
            format!("Invalid float value: {}", format::quote(&text))
        })
    })
}

/// Hexadecimal digits count as digits in every number.
fn underscores_are_surrounded(text: &str) -> bool {
    let named = matches!(text.trim_start_matches(['+', '-']), "nan" | "inf");
    let mut after_digit = false;
    named
        || text.chars().all(|letter| {
            let allowed = letter != '_' || after_digit;
            after_digit = letter.is_ascii_hexdigit();
            allowed
        }) && after_digit
}

fn has_leading_zero(text: &str) -> bool {
    match text.as_bytes() {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'+' | b'-', b'0', _, ..] => true,
        _ => false,
    }
}

fn date(scanner: &mut Scanner<'_>, start: usize, zones: &Zones) -> Result<Value, Trouble> {
    scanner.take_while(|letter| {
        matches!(letter, '0'..='9' | '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+')
    })?;
    let text = scanner.text_since(start).trim().replace(['t', ' '], "T").replace('z', "Z");
    let parsed = zones
        .layouts()
        .into_iter()
        .find_map(|(layout, zone)| Some((layout, Time::parse(layout.as_bytes(), text.as_bytes(), zone)?)));
    match parsed {
        Some((layout, time)) if !misses_leading_zero(&text, layout) => Ok(Value::object(time)),
        _ => Err(scanner.trouble(format!("invalid datetime: {}", format::quote(&text)))),
    }
}

/// Go reads an hour of one digit too: the separators stand elsewhere then.
fn misses_leading_zero(text: &str, layout: &str) -> bool {
    let mut pairs = layout.bytes().zip(text.bytes()).take_while(|(wanted, _)| !matches!(wanted, b'.' | b'Z'));
    pairs.any(|(wanted, found)| !wanted.is_ascii_digit() && wanted != found)
}

/// Reads `true` or `false`.
pub(super) fn truth(scanner: &mut Scanner<'_>) -> Result<Value, Trouble> {
    let start = scanner.position();
    scanner.take_while(unicode::is_letter)?;
    match scanner.since(start) {
        b"true" => Ok(true.into()),
        b"false" => Ok(false.into()),
        other => Err(scanner.trouble(format!("expected value but found {} instead", format::quote(other)))),
    }
}

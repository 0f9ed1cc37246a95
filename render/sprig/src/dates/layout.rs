//! Go's layouts: the reference time `Mon Jan 2 15:04:05 MST 2006`, written as one wants to see it.

/// An element of a layout that stands for a part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// `January`, `Jan`
    Month { long: bool },
    /// `1`, `01`
    NumericMonth { padded: bool },
    /// `Monday`, `Mon`
    Weekday { long: bool },
    /// `2`, `02`, `_2`
    Day(Padding),
    /// `002`, `__2`
    YearDay(Padding),
    /// `15`
    Hour,
    /// `3`, `03`
    Hour12 { padded: bool },
    /// `4`, `04`
    Minute { padded: bool },
    /// `5`, `05`
    Second { padded: bool },
    /// `2006`
    LongYear,
    /// `06`
    Year,
    /// `PM`, `pm`
    HalfDay { upper: bool },
    /// `MST`
    ZoneName,
    /// `-07:00`, `Z0700` and their like
    ZoneOffset(OffsetForm),
    /// `.000`, `,000`
    Fraction { separator: u8, digits: usize },
    /// `.999`: without trailing zeros
    ShortFraction { separator: u8, digits: usize },
}

/// What stands before a short number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Padding {
    None,
    Zero,
    Space,
}

/// How an offset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffsetForm {
    /// `Z` for UTC
    pub(super) zulu: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
    pub(super) colons: bool,
}

/// The literal text before the first element of a layout, the element, its text, and what follows.
pub(super) struct Split<'l> {
    pub(super) prefix: &'l [u8],
    pub(super) element: Option<(Element, &'l [u8])>,
    pub(super) rest: &'l [u8],
}

/// Finds the first element.
pub(super) fn split(layout: &[u8]) -> Split<'_> {
    for start in 0..layout.len() {
        let (prefix, tail) = layout.split_at(start);
        if let Some((element, length)) = element(tail) {
            let (text, rest) = tail.split_at(length.min(tail.len()));
            return Split { prefix, element: Some((element, text)), rest };
        }
        // The underscore of _2006 is literal.
        if tail.starts_with(b"_2006") {
            let (prefix, tail) = layout.split_at(start + 1);
            let (text, rest) = tail.split_at(4);
            return Split { prefix, element: Some((Element::LongYear, text)), rest };
        }
    }
    Split { prefix: layout, element: None, rest: b"" }
}

/// Words and numbers, longer ones before those that they begin with.
const FIXED: [(&[u8], Element); 22] = [
    (b"January", Element::Month { long: true }),
    (b"Monday", Element::Weekday { long: true }),
    (b"MST", Element::ZoneName),
    (b"002", Element::YearDay(Padding::Zero)),
    (b"01", Element::NumericMonth { padded: true }),
    (b"02", Element::Day(Padding::Zero)),
    (b"03", Element::Hour12 { padded: true }),
    (b"04", Element::Minute { padded: true }),
    (b"05", Element::Second { padded: true }),
    (b"06", Element::Year),
    (b"15", Element::Hour),
    (b"1", Element::NumericMonth { padded: false }),
    (b"2006", Element::LongYear),
    (b"2", Element::Day(Padding::None)),
    (b"__2", Element::YearDay(Padding::Space)),
    (b"3", Element::Hour12 { padded: false }),
    (b"4", Element::Minute { padded: false }),
    (b"5", Element::Second { padded: false }),
    (b"PM", Element::HalfDay { upper: true }),
    (b"pm", Element::HalfDay { upper: false }),
    (b"Jan", Element::Month { long: false }),
    (b"Mon", Element::Weekday { long: false }),
];

/// The element that a text begins with, and its length.
fn element(text: &[u8]) -> Option<(Element, usize)> {
    match text.first()? {
        b'-' | b'Z' => return offset(text),
        b'.' | b',' => return fraction(text),
        b'_' if text.starts_with(b"_2") => {
            return (!text.starts_with(b"_2006")).then_some((Element::Day(Padding::Space), 2));
        }
        _ => {}
    }
    let (fixed, element) = FIXED.iter().find(|(fixed, _)| text.starts_with(fixed))?;
    let abbreviation = matches!(element, Element::Month { long: false } | Element::Weekday { long: false });
    let inside_word = abbreviation && text.get(3).is_some_and(u8::is_ascii_lowercase);
    (!inside_word).then_some((*element, fixed.len()))
}

fn offset(text: &[u8]) -> Option<(Element, usize)> {
    let (sign, digits) = text.split_first()?;
    let forms: [(&[u8], bool, bool, bool); 5] = [
        (b"070000", true, true, false),
        (b"07:00:00", true, true, true),
        (b"0700", true, false, false),
        (b"07:00", true, false, true),
        (b"07", false, false, false),
    ];
    let (form, minutes, seconds, colons) = forms.into_iter().find(|(form, ..)| digits.starts_with(form))?;
    let form_of_offset = OffsetForm { zulu: *sign == b'Z', minutes, seconds, colons };
    Some((Element::ZoneOffset(form_of_offset), form.len() + 1))
}

fn fraction(text: &[u8]) -> Option<(Element, usize)> {
    let (separator, digits) = text.split_first()?;
    let first = digits.first().filter(|digit| matches!(digit, b'0' | b'9'))?;
    let count = digits.iter().take_while(|digit| *digit == first).count();
    if digits.get(count).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let separator = *separator;
    let element = match first {
        b'0' => Element::Fraction { separator, digits: count },
        _ => Element::ShortFraction { separator, digits: count },
    };
    Some((element, count + 1))
}

/// Go's month names.
pub(super) const MONTHS: [&str; 12] = [
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

/// Go's weekday names.
pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

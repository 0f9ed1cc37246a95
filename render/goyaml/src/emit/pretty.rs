//! What `yaml.v3` sees in values: the Go types themselves, not their JSON.

use value::{IntType, List, ObjectRef, Value};

/// A value as `yaml.v3` walks it.
pub(super) enum Seen {
    /// A scalar, list or map that needs nothing special.
    Value(Value),
    /// A struct: its fields in order, under their names in lower case.
    Struct(Vec<(String, Value)>),
    /// Text that needs no quotes, whatever it looks like: a time.
    Bare(String),
}

pub(super) fn see(value: Value) -> Seen {
    match value {
        Value::Int(IntType::Duration, nanoseconds) => {
            Seen::Value(Value::from(value::format::duration(nanoseconds)))
        }
        Value::Bytes(bytes) => Seen::Value(Value::List(List::new(
            bytes.iter().map(|&byte| Value::int(i64::from(byte))).collect(),
        ))),
        Value::Object(object) => see_object(&object),
        other => Seen::Value(other),
    }
}

fn see_object(object: &ObjectRef) -> Seen {
    if matches!(object.type_name(), "time.Time" | "*time.Time")
        && let Value::Str(text) = object.to_json()
    {
        return Seen::Bare(text.to_text().into_owned());
    }
    let fields = object.fields();
    if fields.is_empty() {
        return Seen::Value(object.to_json());
    }
    Seen::Struct(fields.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect())
}

/// Base64 in lines of 70 letters, as the library writes strings that are no UTF-8. One line has no break behind it.
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    let mut letters = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        let sextets = [18, 12, 6, 0].map(|shift| letter(bits >> shift & 0x3f));
        letters.extend(sextets.into_iter().take(group.len() + 1));
        letters.extend(std::iter::repeat_n('=', 3 - group.len()));
    }
    if letters.len() < LINE {
        return letters;
    }
    let mut lines = String::with_capacity(letters.len() + letters.len() / LINE + 1);
    for (place, letter) in letters.chars().enumerate() {
        if place > 0 && place % LINE == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}

/// Letters on a line of base64.
const LINE: usize = 70;

fn letter(sextet: u32) -> char {
    let sextet = sextet as u8;
    char::from(match sextet {
        0..=25 => b'A' + sextet,
        26..=51 => b'a' + sextet - 26,
        52..=61 => b'0' + sextet - 52,
        62 => b'+',
        _ => b'/',
    })
}

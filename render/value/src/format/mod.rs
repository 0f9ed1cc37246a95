//! Go's package `fmt`: `Sprint`, `Sprintf` and `Sprintln` of [`Value`]s, and the quoting of package `strconv`.
//!
//! Output is bytes, for so are Go's strings. What is wrong with a format shows in the output, as in Go
//! (`%!d(string=hi)`); nothing here fails.
//!
//! ```
//! use value::{Value, format};
//!
//! let text = format::sprintf(b"%-5s|%05.1f|%v", &["ab".into(), 3.14159.into(), Value::Nil]);
//! assert_eq!(text, b"ab   |003.1|<nil>");
//! ```
//!
//! Bounds that Go lacks keep hostile input from memory and stack: values print to a depth of [`MAXIMUM_DEPTH`],
//! one call prints [`MAXIMUM_LENGTH`] bytes, and a map that contains itself is not entered again. What is left out
//! shows as `...`.

mod decimals;
mod directive;
mod duration;
mod flags;
mod float;
mod integer;
mod printer;
mod quoting;
#[cfg(test)]
mod tests;
mod text;

use crate::{Str, Value};

pub use duration::{duration, month, weekday};
pub use quoting::{
    UnquoteError, Unquoted, can_backquote, quote, quote_rune, quote_to_ascii, unquote, unquote_character,
};

use printer::Printer;

/// How deep maps and lists within one another are printed.
pub const MAXIMUM_DEPTH: usize = 500;

/// How many bytes one call may print.
pub const MAXIMUM_LENGTH: usize = 16 << 20;

/// Go's `fmt.Sprintf`.
pub fn sprintf(format: &[u8], arguments: &[Value]) -> Vec<u8> {
    let mut output = Vec::with_capacity(format.len() + 16);
    write_formatted(&mut output, format, arguments);
    output
}

/// Go's `fmt.Sprint`: a space between two operands where neither is a string.
pub fn sprint(arguments: &[Value]) -> Vec<u8> {
    let mut output = Vec::new();
    let mut after_string = true;
    for (index, argument) in arguments.iter().enumerate() {
        let is_string = matches!(argument, Value::Str(_));
        if index > 0 && !is_string && !after_string {
            output.push(b' ');
        }
        write_value(&mut output, argument);
        after_string = is_string;
    }
    output
}

/// Go's `fmt.Sprintln`: a space between all operands, and a newline.
pub fn sprintln(arguments: &[Value]) -> Vec<u8> {
    let mut output = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            output.push(b' ');
        }
        write_value(&mut output, argument);
    }
    output.push(b'\n');
    output
}

/// What `%v` prints.
pub fn to_text(value: &Value) -> Str {
    if let Value::Str(text) = value {
        return text.clone();
    }
    let mut output = Vec::new();
    write_value(&mut output, value);
    Str::from(output)
}

/// Go's `fmt.Fprintf`: appends to the output.
pub fn write_formatted(output: &mut Vec<u8>, format: &[u8], arguments: &[Value]) {
    directive::print(&mut Printer::new(output), format, arguments);
}

/// Appends what `%v` prints.
pub fn write_value(output: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Str(text) => output.extend_from_slice(text.as_bytes()),
        Value::Bool(truth) => output.extend_from_slice(if *truth { b"true" } else { b"false" }),
        _ => Printer::new(output).argument(value, 'v'),
    }
}

/// Appends what `%v` prints of the struct behind a pointer: `{1 2}` and not `&{1 2}`, unless the pointer has a
/// `String` or `Error` method. So templates print.
pub fn write_indirect(output: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(object) => Printer::new(output).indirect_object(object.as_ref()),
        _ => write_value(output, value),
    }
}

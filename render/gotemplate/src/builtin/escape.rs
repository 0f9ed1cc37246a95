//! `html`, `js`, `urlquery`.

use std::fmt::Write as _;

use value::{Str, Value, format, unicode};

use crate::Variadic;

/// The arguments as text, as an action would print them.
fn text(arguments: Variadic<Value>) -> Vec<u8> {
    if let [Value::Str(text)] = arguments.as_slice() {
        return text.as_bytes().to_vec();
    }
    let printable = |argument| match argument {
        Value::Nil => Value::from("<no value>"),
        other => other,
    };
    let arguments: Vec<Value> = arguments.into_iter().map(printable).collect();
    format::sprint(&arguments)
}

pub(super) fn html(arguments: Variadic<Value>) -> Str {
    let mut output = Vec::new();
    for byte in text(arguments) {
        match byte {
            0 => output.extend_from_slice("\u{FFFD}".as_bytes()),
            b'"' => output.extend_from_slice(b"&#34;"),
            b'\'' => output.extend_from_slice(b"&#39;"),
            b'&' => output.extend_from_slice(b"&amp;"),
            b'<' => output.extend_from_slice(b"&lt;"),
            b'>' => output.extend_from_slice(b"&gt;"),
            _ => output.push(byte),
        }
    }
    output.into()
}

pub(super) fn javascript(arguments: Variadic<Value>) -> Str {
    let text = text(arguments);
    let mut output = Vec::new();
    for (letter, bytes) in unicode::characters(&text) {
        // An invalid byte is kept: Go prints it as the replacement character, which is printable.
        match letter.unwrap_or(char::REPLACEMENT_CHARACTER) {
            '\\' => output.extend_from_slice(br"\\"),
            '\'' => output.extend_from_slice(br"\'"),
            '"' => output.extend_from_slice(br#"\""#),
            letter if matches!(letter, '<' | '>' | '&' | '=') || letter < ' ' => {
                output.extend_from_slice(format!("\\u00{:02X}", u32::from(letter)).as_bytes());
            }
            letter if letter.is_ascii() || unicode::is_print(letter) => output.extend_from_slice(bytes),
            letter => output.extend_from_slice(format!("\\u{:04X}", u32::from(letter)).as_bytes()),
        }
    }
    output.into()
}

pub(super) fn url_query(arguments: Variadic<Value>) -> String {
    let mut output = String::new();
    for byte in text(arguments) {
        match byte {
            b' ' => output.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                output.push(char::from(byte))
            }
            _ => {
                // OK because writing to a String never fails.
                let _ = write!(output, "%{byte:02X}");
            }
        }
    }
    output
}

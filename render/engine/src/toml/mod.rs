//! TOML as Go's BurntSushi library 1.6 reads and prints it, its error texts included.
//!
//! [`to_toml`] prints a value; [`from_toml`] reads a document: [`scan`] gives characters and lines, [`read`] knows the
//! grammar, [`scalars`] and [`strings`] the values, [`document`] which keys may follow which.

mod document;
mod print;
mod read;
mod scalars;
mod scan;
mod strings;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    print::{EncodeError, to_toml},
    read::from_toml,
};

/// How deep tables and arrays may nest, keys with dots included: deeper than anything real does.
const MAX_DEPTH: usize = 500;

/// A key's parts joined by dots, each quoted where it needs to be.
fn key_text<Part: AsRef<[u8]>>(parts: &[Part]) -> Vec<u8> {
    parts.iter().map(|part| quoted_key(part.as_ref())).collect::<Vec<_>>().join(&b'.')
}

/// A key as it stands in a document: bare where it can be.
fn quoted_key(key: &[u8]) -> Vec<u8> {
    if !key.is_empty() && key.iter().all(|byte| is_bare(*byte)) { key.to_vec() } else { quoted(key) }
}

fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A basic string; bytes that are no UTF-8 stay as they are.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = vec![b'"'];
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            0x08 => out.extend(b"\\b"),
            0x0C => out.extend(b"\\f"),
            0..0x20 | 0x7F => out.extend(format!("\\u{byte:04x}").into_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
    out
}

//! A chart's archive on this machine.

use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use super::SourceError;
use super::directory::MAX_CHART_BYTES;

const GZIP: &[u8] = b"\x1F\x8B\x08";
/// How much of a file tells what it is. Go: `net/http`, `sniffLen`.
const HEAD_BYTES: usize = 512;

/// Reads an archive.
///
/// # Errors
/// Fails when the file can't be read, is too large, or is no gzipped archive, which is told as Helm tells it: a values
/// file in a chart's place, or a server's error page under an archive's name, are named for what they are.
pub(crate) fn read_archive(path: &Path) -> Result<Bytes, SourceError> {
    let failed = |source| SourceError::Read { path: path.into(), source };
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_CHART_BYTES {
        return Err(SourceError::TooLarge { what: path.display().to_string(), limit: MAX_CHART_BYTES });
    }
    let bytes = Bytes::from(std::fs::read(path).map_err(failed)?);
    ensure_archive(path, &bytes)?;
    Ok(bytes)
}

/// Refuses what is no gzipped archive, by what it seems to be.
pub(crate) fn ensure_archive(path: &Path, bytes: &[u8]) -> Result<(), SourceError> {
    if bytes.starts_with(GZIP) { Ok(()) } else { Err(no_archive(path, bytes)) }
}

/// The whole path of a file, without `.` and `..`, as Helm names it. Go: `filepath.Abs`.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    cleaned(&std::path::absolute(path).unwrap_or_else(|_| path.into()))
}

/// A path without `.` and `..`. Go: `filepath.Clean`.
pub(crate) fn cleaned(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut clean, part| {
        match part {
            Component::ParentDir => drop(clean.pop()),
            part => clean.push(part),
        }
        clean
    })
}

/// Helm: `archive.EnsureArchive`.
fn no_archive(path: &Path, bytes: &[u8]) -> SourceError {
    let path = absolute(path);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yml" | "yaml") => SourceError::YamlFile(path),
        _ => SourceError::NotGzipped { path, content_type: content_type(bytes) },
    }
}

/// What a file seems to be, of what is likely in an archive's place. Go: `http.DetectContentType`, which Helm gives the
/// first bytes with zeros behind them, so that a short text counts as binary.
fn content_type(bytes: &[u8]) -> &'static str {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let text = head.trim_ascii_start();
    let starts = |mark: &str| {
        let there = text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark.as_bytes()));
        there && matches!(text.get(mark.len()), Some(b' ' | b'>'))
    };
    let is_binary = |byte: &u8| matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F);
    match head {
        _ if ["<!DOCTYPE HTML", "<HTML", "<HEAD", "<BODY", "<TITLE"].into_iter().any(starts) => {
            "text/html; charset=utf-8"
        }
        _ if text.starts_with(b"<?xml") => "text/xml; charset=utf-8",
        [b'P', b'K', 3, 4, ..] => "application/zip",
        head if head.len() == HEAD_BYTES && !head.iter().any(is_binary) => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn what_is_no_archive_is_named_for_what_it_is() {
        let long = "# values\n".repeat(100);
        for (text, expected) in [
            ("junk", "application/octet-stream"),
            (&long, "text/plain; charset=utf-8"),
            ("<html>\n404", "text/html; charset=utf-8"),
            ("\n <!doctype html> 404", "text/html; charset=utf-8"),
            ("<?xml version=\"1.0\"?>", "text/xml; charset=utf-8"),
            ("PK\u{3}\u{4}...", "application/zip"),
        ] {
            assert_eq!(content_type(text.as_bytes()), expected, "{text}");
        }
    }
}

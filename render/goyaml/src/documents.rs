//! Several documents in one text, as Kubernetes' `YAMLReader` splits it (Helm 4: values files).

use std::borrow::Cow;

use memchr::{memchr, memmem};
use thiserror::Error;

/// A line that starts with `---` but goes on with something else than a comment.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("invalid Yaml document separator: {0}")]
pub struct SeparatorError(pub String);

/// Splits a text at the lines that start with `---`.
///
/// A document keeps the separator line in front of it only where nothing stood before that line. Documents without
/// a byte are left out; comments and blank lines make a document. Lines end with `\n` afterwards.
///
/// # Errors
/// Where a separator line holds more than `---` and a comment.
pub fn documents(text: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, SeparatorError> {
    let mut documents = Vec::new();
    let mut start = 0;
    for separator in separators(text) {
        let line = text.get(separator..).and_then(|rest| lines(rest).next()).unwrap_or_default();
        check(line)?;
        if separator > start {
            documents.extend(text.get(start..separator).map(with_line_feeds));
            start = separator + line.len();
        }
    }
    let last = text.get(start..).filter(|document| !document.is_empty());
    documents.extend(last.map(with_line_feeds));
    Ok(documents)
}

/// Where the lines begin that start with `---`.
fn separators(text: &[u8]) -> impl Iterator<Item = usize> {
    let first = text.starts_with(b"---").then_some(0);
    first.into_iter().chain(memmem::find_iter(text, b"\n---").map(|before| before + 1))
}

/// Nothing but a comment may stand behind the dashes.
fn check(separator: &[u8]) -> Result<(), SeparatorError> {
    let rest = String::from_utf8_lossy(separator.strip_prefix(b"---").unwrap_or(separator));
    match rest.trim() {
        rest if rest.is_empty() || rest.starts_with('#') => Ok(()),
        rest => Err(SeparatorError(rest.to_owned())),
    }
}

/// The same lines, each with `\n` at its end and nothing else.
fn with_line_feeds(document: &[u8]) -> Cow<'_, [u8]> {
    if document.ends_with(b"\n") && memchr(b'\r', document).is_none() {
        return Cow::Borrowed(document);
    }
    let mut clean = Vec::with_capacity(document.len() + 1);
    for line in lines(document) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        clean.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        clean.push(b'\n');
    }
    Cow::Owned(clean)
}

/// The lines with their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let documents = documents(text.as_bytes()).unwrap();
        documents.into_iter().map(|document| String::from_utf8(document.into_owned()).unwrap()).collect()
    }

    #[test]
    fn a_separator_at_the_head_stays_with_its_document() {
        assert_eq!(split("---\na: 1\n--- # two\nb: 2"), ["---\na: 1\n", "b: 2\n"]);
        assert_eq!(split("a: 1\n---\n---\nb: 2\n"), ["a: 1\n", "---\nb: 2\n"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn lines_end_in_line_feeds_afterwards() {
        assert_eq!(split("a: 1\r\n---\r\nb: 2\r"), ["a: 1\n", "b: 2\n"]);
        assert_eq!(split("\n---\n\n--- \n"), ["\n", "\n"]);
        assert!(matches!(
            documents(b"a: 1\n---\nb: 2").unwrap().as_slice(),
            [Cow::Borrowed(_), Cow::Owned(_)]
        ));
    }

    #[test]
    fn text_behind_a_separator_is_refused() {
        assert_eq!(
            documents(b"a: 1\n--- b\n").unwrap_err().to_string(),
            "invalid Yaml document separator: b"
        );
    }
}

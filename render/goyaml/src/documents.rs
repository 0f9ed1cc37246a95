//! Several documents in one text, as Kubernetes' `YAMLReader` splits it (Helm 4: values files).

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
pub fn documents(text: &[u8]) -> Result<Vec<Vec<u8>>, SeparatorError> {
    let mut documents = Vec::new();
    let mut document: Vec<u8> = Vec::new();
    for line in lines(text) {
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(SeparatorError(rest.to_owned()));
            }
            if !document.is_empty() {
                documents.push(std::mem::take(&mut document));
                continue;
            }
        }
        document.extend_from_slice(line);
        document.push(b'\n');
    }
    if !document.is_empty() {
        documents.push(document);
    }
    Ok(documents)
}

/// The lines without their `\n` or `\r\n`.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let documents = documents(text.as_bytes()).unwrap();
        documents.into_iter().map(|document| String::from_utf8(document).unwrap()).collect()
    }

    #[test]
    fn a_separator_at_the_head_stays_with_its_document() {
        assert_eq!(split("---\na: 1\n--- # two\nb: 2"), ["---\na: 1\n", "b: 2\n"]);
        assert_eq!(split("a: 1\n---\n---\nb: 2\n"), ["a: 1\n", "---\nb: 2\n"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn text_behind_a_separator_is_refused() {
        assert_eq!(
            documents(b"a: 1\n--- b\n").unwrap_err().to_string(),
            "invalid Yaml document separator: b"
        );
    }
}

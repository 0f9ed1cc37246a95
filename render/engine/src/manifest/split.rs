//! Where one document of a rendered file ends and the next begins. Helm 3 and Helm 4 differ here, in bytes.

use std::ops::Range;

use chart::Flavour;
use memchr::{memchr, memmem};

/// The documents of a rendered file, without blank ones.
///
/// Helm 3 trims each on both ends. In Helm 4 the text after a separator on its line belongs to the document
/// (`---apiVersion: v1` separates), and line breaks at the end of a document stay.
pub fn split(text: &[u8], flavour: Flavour) -> Vec<&[u8]> {
    documents(text, flavour).into_iter().map(|document| &text[document]).collect()
}

/// Where the documents stand that [`split`] gives.
pub(super) fn documents(text: &[u8], flavour: Flavour) -> Vec<Range<usize>> {
    let all = trim_start_of(text, 0..text.len());
    match flavour {
        Flavour::V3 => split_v3(text, trim_end_of(text, all)),
        Flavour::V4 => split_v4(text, all.start),
    }
}

/// Helm 3's separator `(?:^|\s*\n)---\s*`: it swallows the line breaks behind it, so that a second `---` there
/// begins the next document's text.
fn split_v3(text: &[u8], all: Range<usize>) -> Vec<Range<usize>> {
    let text = &text[..all.end];
    let mut documents = Vec::new();
    let mut begin = all.start;
    let mut search = begin;
    if text[begin..].starts_with(b"---") {
        begin = skip_space(text, begin + 3);
        search = begin;
    }
    while let Some(found) = memmem::find(&text[search..], b"\n---") {
        let mut end = search + found;
        while end > search && is_space(text[end - 1]) {
            end -= 1;
        }
        documents.push(begin..end);
        begin = skip_space(text, search + found + 4);
        search = begin;
    }
    documents.push(begin..text.len());
    documents.retain(|document| !document.is_empty());
    documents.into_iter().map(|document| trim_start_of(text, trim_end_of(text, document))).collect()
}

/// Helm 4's separator `(?m)^---[ \t]*`.
fn split_v4(text: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let mut begin = start;
    let mut line = start;
    loop {
        if text[line..].starts_with(b"---") {
            documents.push(begin..line);
            begin = line + 3;
            while matches!(text.get(begin), Some(b' ' | b'\t')) {
                begin += 1;
            }
        }
        match memchr(b'\n', &text[line..]) {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    documents.push(begin..text.len());
    let trimmed = documents.into_iter().map(|document| trim_start_of(text, document));
    trimmed.filter(|document| !document.is_empty()).collect()
}

fn trim_start_of(text: &[u8], part: Range<usize>) -> Range<usize> {
    part.end - trim_start(&text[part.clone()]).len()..part.end
}

fn trim_end_of(text: &[u8], part: Range<usize>) -> Range<usize> {
    part.start..part.start + trim_end(&text[part]).len()
}

fn skip_space(text: &[u8], from: usize) -> usize {
    from + text[from..].iter().take_while(|byte| is_space(**byte)).count()
}

/// What `\s` is in Go's regular expressions.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// Go's `strings.TrimLeftFunc(text, unicode.IsSpace)`.
fn trim_start(text: &[u8]) -> &[u8] {
    if text.first().is_some_and(u8::is_ascii_graphic) {
        return text;
    }
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_start().as_bytes(),
        Err(_) => text.trim_ascii_start(),
    }
}

fn trim_end(text: &[u8]) -> &[u8] {
    if text.last().is_some_and(u8::is_ascii_graphic) {
        return text;
    }
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_end().as_bytes(),
        Err(_) => text.trim_ascii_end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, flavour: Flavour) -> Vec<String> {
        split(text.as_bytes(), flavour)
            .into_iter()
            .map(|part| String::from_utf8(part.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn helm_4_keeps_line_breaks_at_the_end() {
        assert_eq!(texts("\n---\na: 1\n\n---\nb: 2\n", Flavour::V4), ["a: 1\n\n", "b: 2\n"]);
        assert_eq!(texts("\n---\na: 1\n\n---\nb: 2\n", Flavour::V3), ["a: 1", "b: 2"]);
    }

    #[test]
    fn helm_4_separates_where_text_is_glued_to_the_dashes() {
        assert_eq!(texts("a: 1\n---b: 2\n", Flavour::V4), ["a: 1\n", "b: 2\n"]);
        assert_eq!(texts("a: 1\n---b: 2\n", Flavour::V3), ["a: 1", "b: 2"]);
    }

    #[test]
    fn helm_3_leaves_the_second_of_two_separators_in_the_next_document() {
        assert_eq!(texts("a: 1\n---\n---\nb: 2", Flavour::V3), ["a: 1", "---\nb: 2"]);
        assert_eq!(texts("a: 1\n---\n---\nb: 2", Flavour::V4), ["a: 1\n", "b: 2"]);
    }

    #[test]
    fn indented_dashes_separate_nothing() {
        assert_eq!(texts("a: |\n  ---\n  b\n", Flavour::V4), ["a: |\n  ---\n  b\n"]);
    }
}

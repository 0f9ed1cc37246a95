//! Cuts a repository's index into one piece a chart, while it streams by.
//!
//! Indexes grow to hundreds of megabytes and a release wants a dozen lines of one, so nothing is kept but the pieces
//! asked for. An index as Helm writes it is block-style YAML: below `entries:` each chart's name stands alone on a
//! line, at the first indentation there is, and everything up to the next such line belongs to it. An index in JSON
//! has no such lines and is read whole, up to [`JSON_LIMIT`].

use super::IndexError;

/// The largest index in JSON.
const JSON_LIMIT: usize = 64 * 1024 * 1024;
/// The largest piece of one chart, and the longest line.
const CHART_LIMIT: usize = 64 * 1024 * 1024;

/// Takes an index in chunks and hands the pieces of wanted charts on.
pub(super) struct Splitter<F, W> {
    found: F,
    wanted: W,
    line: Vec<u8>,
    mode: Mode,
    has_api_version: bool,
    started: bool,
    piece: Option<(String, Vec<u8>)>,
}

enum Mode {
    /// Nothing but blank lines so far.
    Start,
    /// JSON: everything is kept until the end.
    Json,
    /// Outside of `entries`.
    Top,
    /// Inside; the indentation of chart names, once known.
    Entries(Option<usize>),
    /// Past the first YAML document.
    End,
}

impl<F, W> Splitter<F, W>
where
    F: FnMut(&str, &[u8]) -> Result<(), IndexError>,
    W: FnMut(&str) -> bool,
{
    /// `wanted(name)` is asked once a chart; `found(name, text)` gets a YAML document `name: [versions]`.
    pub(super) fn new(wanted: W, found: F) -> Self {
        Self {
            found,
            wanted,
            line: Vec::new(),
            mode: Mode::Start,
            has_api_version: false,
            started: false,
            piece: None,
        }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, mut chunk: &[u8]) -> Result<(), IndexError> {
        if !chunk.is_empty() && !self.started {
            self.started = true;
            chunk = chunk.strip_prefix(b"\xef\xbb\xbf").unwrap_or(chunk);
        }
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            let (head, tail) = chunk.split_at(end + 1);
            self.line.extend_from_slice(head);
            self.end_line()?;
            chunk = tail;
        }
        self.line.extend_from_slice(chunk);
        let limit = if matches!(self.mode, Mode::Json) { JSON_LIMIT } else { CHART_LIMIT };
        if self.line.len() > limit { Err(IndexError::TooLarge(limit)) } else { Ok(()) }
    }

    /// Takes the end of the index.
    pub(super) fn finish(mut self) -> Result<(), IndexError> {
        if !self.line.is_empty() {
            self.end_line()?;
        }
        match self.mode {
            Mode::Start => return Err(IndexError::Empty),
            Mode::Json => self.json()?,
            _ => self.end_piece()?,
        }
        if self.has_api_version { Ok(()) } else { Err(IndexError::NoApiVersion) }
    }

    fn end_line(&mut self) -> Result<(), IndexError> {
        if matches!(self.mode, Mode::Start) && self.line.trim_ascii_start().starts_with(b"{") {
            self.mode = Mode::Json;
        }
        if matches!(self.mode, Mode::Json) {
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        let result = self.block_line(&line);
        self.line = line;
        self.line.clear();
        result
    }

    fn block_line(&mut self, line: &[u8]) -> Result<(), IndexError> {
        let text = line.trim_ascii();
        let indentation = line.iter().take_while(|byte| **byte == b' ').count();
        if text.is_empty() || text.starts_with(b"#") {
            return self.keep(line);
        }
        if indentation == 0 && !text.starts_with(b"- ") && text != b"-" {
            return self.top_line(text);
        }
        let Mode::Entries(names_at) = &mut self.mode else { return Ok(()) };
        let names_at = *names_at.get_or_insert(indentation);
        if indentation == names_at && !text.starts_with(b"-") {
            self.end_piece()?;
            let name = key(text)?;
            if (self.wanted)(&name) {
                self.piece = Some((name, Vec::new()));
            }
        }
        self.keep(line)
    }

    fn top_line(&mut self, text: &[u8]) -> Result<(), IndexError> {
        self.end_piece()?;
        let begun = !matches!(self.mode, Mode::Start);
        self.mode = match text {
            b"..." => Mode::End,
            b"---" if begun => Mode::End,
            b"---" => Mode::Top,
            _ if matches!(self.mode, Mode::End) => Mode::End,
            _ if text.starts_with(b"{") && !begun => Mode::Json,
            _ if text.starts_with(b"apiVersion:") => {
                self.has_api_version = text.len() > b"apiVersion:".len();
                Mode::Top
            }
            _ if text.split(|byte| *byte == b'#').next().map(<[u8]>::trim_ascii) == Some(b"entries:") => {
                Mode::Entries(None)
            }
            _ if text.starts_with(b"entries:") && text.trim_ascii_end() != b"entries: {}" => {
                return Err(IndexError::Style);
            }
            _ => Mode::Top,
        };
        Ok(())
    }

    fn keep(&mut self, line: &[u8]) -> Result<(), IndexError> {
        let Some((_, piece)) = &mut self.piece else { return Ok(()) };
        piece.extend_from_slice(line);
        if piece.len() > CHART_LIMIT { Err(IndexError::TooLarge(CHART_LIMIT)) } else { Ok(()) }
    }

    fn end_piece(&mut self) -> Result<(), IndexError> {
        match self.piece.take() {
            Some((name, piece)) => (self.found)(&name, &piece),
            None => Ok(()),
        }
    }

    fn json(&mut self) -> Result<(), IndexError> {
        #[derive(serde::Deserialize)]
        struct Index {
            #[serde(default, rename = "apiVersion")]
            api_version: String,
            #[serde(default)]
            entries: serde_json::Map<String, serde_json::Value>,
        }
        let index: Index =
            serde_json::from_slice(&self.line).map_err(|error| IndexError::Syntax(error.to_string()))?;
        self.has_api_version = !index.api_version.is_empty();
        for (name, versions) in index.entries {
            if (self.wanted)(&name) {
                let piece = serde_json::json!({ name.as_str(): versions }).to_string();
                (self.found)(&name, piece.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// The key of a line `key:` or `"key": …`.
fn key(text: &[u8]) -> Result<String, IndexError> {
    let text = std::str::from_utf8(text).map_err(|_| IndexError::Syntax("a name is not UTF-8".into()))?;
    let name = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split(quote).next(),
        _ => text.split_once(": ").map(|(name, _)| name).or_else(|| text.split(':').next()),
    };
    name.map(|name| name.trim_end().to_owned())
        .filter(|name| !name.is_empty())
        .ok_or_else(|| IndexError::Syntax("a chart without a name".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(index: &str, wanted: &str, chunk: usize) -> Result<Vec<(String, String)>, IndexError> {
        let mut pieces = Vec::new();
        let mut splitter = Splitter::new(
            |name| name == wanted || wanted == "*",
            |name, piece| {
                pieces.push((name.to_owned(), String::from_utf8_lossy(piece).into_owned()));
                Ok(())
            },
        );
        for chunk in index.as_bytes().chunks(chunk) {
            splitter.push(chunk)?;
        }
        splitter.finish()?;
        Ok(pieces)
    }

    const INDEX: &str = "apiVersion: v1\nentries:\n  a:\n  - version: 1.0.0\n    description: |\n      b:\n\n  b:\n  - version: 2.0.0\ngenerated: x\n";

    #[test]
    fn only_the_wanted_chart_is_kept_whatever_the_chunks() {
        for chunk in [1, 7, 4096] {
            let pieces = split(INDEX, "b", chunk).unwrap();
            assert_eq!(pieces, [("b".to_owned(), "  b:\n  - version: 2.0.0\n".to_owned())]);
        }
    }

    #[test]
    fn a_block_scalar_that_looks_like_a_chart_is_none() {
        let names: Vec<_> = split(INDEX, "*", 4096).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn json_is_read_whole() {
        let index = r#"{"apiVersion":"v1","entries":{"a":[{"version":"1.0.0"}],"b":[]}}"#;
        assert_eq!(
            split(index, "a", 5).unwrap(),
            [("a".to_owned(), r#"{"a":[{"version":"1.0.0"}]}"#.to_owned())]
        );
    }

    #[test]
    fn quoted_names_and_indented_lists_are_understood() {
        let index = "apiVersion: v1\nentries:\n    \"a\":\n        - version: 1.0.0\n";
        assert_eq!(split(index, "a", 100).unwrap().len(), 1);
    }

    #[test]
    fn an_index_must_have_an_api_version() {
        assert!(matches!(split("entries: {}\n", "a", 9), Err(IndexError::NoApiVersion)));
        assert!(matches!(split("", "a", 9), Err(IndexError::Empty)));
        assert!(matches!(split("<html>\n", "a", 9), Err(IndexError::NoApiVersion)));
    }

    #[test]
    fn a_second_document_is_not_read() {
        let index = format!("---\n{INDEX}---\nentries:\n  c:\n  - version: 1.0.0\n");
        assert!(split(&index, "c", 100).unwrap().is_empty());
        assert_eq!(split(&index, "a", 100).unwrap().len(), 1);
    }
}

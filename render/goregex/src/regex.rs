//! A compiled pattern and what Go's `Regexp` does with it.

use regex_automata::{
    Input,
    meta::{BuildError, Config, Regex as Engine},
    util::captures::Captures,
};

use crate::{
    Error, ErrorKind,
    haystack::Haystack,
    syntax,
    template::{Part, parts},
};

/// Bytes that one compiled pattern may take: Go's own limit is on the count of instructions, checked in [`syntax`].
const COMPILED_SIZE_LIMIT: usize = 64 << 20;

/// Searches that may go on with one pattern at the same time and keep what they work with.
const KEPT_SEARCHES: usize = 4;

/// A chart compiles many patterns and has little to search through. A whole automaton takes a million instructions to
/// build, one that grows with the search a hundred thousand; backtracking and stepping, Go's own ways, need neither.
/// Without a number of searches to keep, the library reads the number of processors out of several files.
fn config() -> Config {
    Config::new()
        .nfa_size_limit(Some(COMPILED_SIZE_LIMIT))
        .utf8_empty(true)
        .dfa(false)
        .hybrid(false)
        .pool_capacity(KEPT_SEARCHES)
}

/// A compiled pattern; leftmost-first, as Perl's. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Regex {
    engine: Engine,
    /// The names of the groups, by index; the whole match is group 0.
    names: Vec<Option<String>>,
    empty: bool,
}

impl Regex {
    /// Compiles a pattern, as Go's `regexp.Compile`.
    ///
    /// # Errors
    /// What `regexp/syntax` refuses, in its words; "expression too large" also where the compiled form would take
    /// more than 64 MiB.
    pub fn new(pattern: &[u8]) -> Result<Self, Error> {
        let text = valid_text(pattern)?;
        let parsed = syntax::parse(text)?;
        let engine = Engine::builder()
            .configure(config())
            .build_from_hir(&parsed.hir)
            .map_err(|_: BuildError| ErrorKind::Large.at(text))?;
        Ok(Self { engine, names: parsed.names, empty: text.is_empty() })
    }

    /// About how many bytes the compiled form takes, without what a search takes beside it.
    pub fn memory_usage(&self) -> usize {
        self.engine.memory_usage()
    }

    /// Whether the text contains a match (`MatchString`).
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.engine.is_match(Haystack::new(text).text())
    }

    /// The leftmost match (`FindString`, but `None` where there is none).
    pub fn find<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let haystack = Haystack::new(text);
        self.engine.find(haystack.text()).map(|found| haystack.slice(found.start(), found.end()))
    }

    /// The first `limit` matches (`FindAllString`); all for a negative limit, `None` where Go gives the nil slice.
    pub fn find_all<'t>(&self, text: &'t [u8], limit: i64) -> Option<Vec<&'t [u8]>> {
        let haystack = Haystack::new(text);
        let spans = self.spans(&haystack, limit);
        (!spans.is_empty())
            .then(|| spans.into_iter().map(|(start, end)| haystack.slice(start, end)).collect())
    }

    /// Replaces every match by the expanded template (`ReplaceAllString`): `$1`, `${name}`, `$$`.
    ///
    /// `None` where the result would be longer than `limit` bytes: a template may repeat the text for each match.
    pub fn replace_all(&self, text: &[u8], template: &[u8], limit: usize) -> Option<Vec<u8>> {
        let template = parts(template);
        let expand = |captures: &Captures, haystack: &Haystack<'_>, out: &mut Vec<u8>| {
            self.expand(&template, captures, haystack, limit, out)
        };
        self.replace_with(text, limit, expand)
    }

    /// Replaces every match by a text as it is (`ReplaceAllLiteralString`).
    ///
    /// `None` where the result would be longer than `limit` bytes.
    pub fn replace_all_literal(&self, text: &[u8], replacement: &[u8], limit: usize) -> Option<Vec<u8>> {
        self.replace_with(text, limit, |_, _, out| append(out, replacement, limit))
    }

    /// The pieces between matches (`Split`): at most `limit`, all for a negative one, `None` for 0.
    pub fn split<'t>(&self, text: &'t [u8], limit: i64) -> Option<Vec<&'t [u8]>> {
        if limit == 0 {
            return None;
        }
        if text.is_empty() && !self.empty {
            return Some(vec![text]);
        }
        let haystack = Haystack::new(text);
        let (mut pieces, mut begin, mut end) = (Vec::new(), 0, 0);
        for (match_start, match_end) in self.spans(&haystack, limit) {
            if limit > 0 && i64::try_from(pieces.len()).is_ok_and(|count| count == limit - 1) {
                break;
            }
            end = match_start;
            if match_end != 0 {
                pieces.push(haystack.slice(begin, end));
            }
            begin = match_end;
        }
        if end != haystack.text().len() {
            pieces.push(haystack.slice(begin, haystack.text().len()));
        }
        Some(pieces)
    }

    /// The matches in order. Go allows no empty match right behind another match.
    fn spans(&self, haystack: &Haystack<'_>, limit: i64) -> Vec<(usize, usize)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut spans, mut position, mut previous_end) = (Vec::new(), 0, None);
        let length = haystack.text().len();
        while spans.len() < limit && position <= length {
            let Some(found) = self.engine.search(&Input::new(haystack.text()).range(position..)) else {
                break;
            };
            let (start, end) = (found.start(), found.end());
            let accepted = end != position || Some(start) != previous_end;
            position = if end == position { next_letter(haystack, position) } else { end };
            previous_end = Some(end);
            if accepted {
                spans.push((start, end));
            }
        }
        spans
    }

    fn replace_with(
        &self,
        text: &[u8],
        limit: usize,
        put: impl Fn(&Captures, &Haystack<'_>, &mut Vec<u8>) -> Option<()>,
    ) -> Option<Vec<u8>> {
        let haystack = Haystack::new(text);
        let mut captures = self.engine.create_captures();
        let (mut out, mut position, mut copied) = (Vec::with_capacity(text.len()), 0, 0);
        let length = haystack.text().len();
        while position <= length {
            self.engine.search_captures(&Input::new(haystack.text()).range(position..), &mut captures);
            let Some(found) = captures.get_match() else { break };
            append(&mut out, haystack.slice(copied, found.start()), limit)?;
            if found.end() > copied || found.start() == 0 {
                put(&captures, &haystack, &mut out)?;
            }
            copied = found.end();
            position = next_letter(&haystack, position).max(found.end());
        }
        append(&mut out, haystack.slice(copied, length), limit)?;
        Some(out)
    }

    fn expand(
        &self,
        template: &[Part<'_>],
        captures: &Captures,
        haystack: &Haystack<'_>,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let group = |index| captures.get_group(index).map(|span| haystack.slice(span.start, span.end));
        template.iter().try_for_each(|part| {
            let piece = match part {
                Part::Literal(text) => Some(*text),
                Part::Number(index) => group(*index),
                Part::Name(name) => self.indices_of(name).find_map(group),
            };
            append(out, piece.unwrap_or_default(), limit)
        })
    }

    fn indices_of<'n>(&'n self, name: &'n str) -> impl Iterator<Item = usize> + 'n {
        self.names
            .iter()
            .enumerate()
            .filter(move |(_, known)| known.as_deref() == Some(name))
            .map(|(index, _)| index)
    }
}

/// A pattern with every special character escaped (`QuoteMeta`).
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted
}

fn append(out: &mut Vec<u8>, bytes: &[u8], limit: usize) -> Option<()> {
    (out.len() + bytes.len() <= limit).then(|| out.extend_from_slice(bytes))
}

fn next_letter(haystack: &Haystack<'_>, position: usize) -> usize {
    position + haystack.width_at(position).max(1)
}

fn valid_text(pattern: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(pattern).map_err(|error| {
        let rest = pattern.get(error.valid_up_to()..).unwrap_or_default();
        ErrorKind::InvalidUtf8.at(&String::from_utf8_lossy(rest))
    })
}

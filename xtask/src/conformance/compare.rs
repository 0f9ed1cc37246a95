//! When two outputs count as the same.

use std::collections::BTreeMap;

use super::case::{Expected, Mode};

/// The first line that differs; `None` stands for the end of the output.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) line: usize,
    pub(super) wanted: Option<String>,
    pub(super) got: Option<String>,
}

/// Where `got` is not what Helm printed.
pub(super) fn difference(wanted: &[u8], got: &[u8], expected: &Expected) -> Option<Difference> {
    if expected.mode == Mode::ExitOnly || wanted == got {
        return None;
    }
    let (wanted, got) = (lines(wanted), lines(got));
    if expected.mode == Mode::Unordered && same_lines(&wanted, &got) {
        return None;
    }
    (0..wanted.len().max(got.len())).find_map(|index| {
        let (want, have) = (wanted.get(index).copied(), got.get(index).copied());
        let masked = expected.mode == Mode::Masked
            && expected
                .varying
                .get(&(index + 1))
                .is_some_and(|prefix| have.is_some_and(|line| line.starts_with(prefix.as_bytes())));
        (want != have && !masked).then(|| Difference { line: index + 1, wanted: show(want), got: show(have) })
    })
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n').collect()
}

fn same_lines(wanted: &[&[u8]], got: &[&[u8]]) -> bool {
    let count = |lines: &[&[u8]]| {
        let mut counts: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for line in lines {
            *counts.entry(line.to_vec()).or_default() += 1;
        }
        counts
    };
    count(wanted) == count(got)
}

fn show(line: Option<&[u8]>) -> Option<String> {
    line.map(|line| String::from_utf8_lossy(line).chars().take(300).collect())
}

/// Whether two texts on standard error tell the same error; log lines before it don't count, nor does the order of
/// lines, which follows Go's map order in schema errors.
pub(super) fn same_error(wanted: &str, got: &str) -> bool {
    let message = |text: &str| {
        let start = text.find("Error: ").unwrap_or(0);
        let mut lines: Vec<String> = text[start..].trim().split('\n').map(str::to_owned).collect();
        lines.sort();
        lines
    };
    message(wanted) == message(got)
}

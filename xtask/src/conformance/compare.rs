//! When two outputs count as the same.

use std::collections::{BTreeMap, BTreeSet};

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
    if expected.mode == Mode::Unordered && same_lines(&wanted, &got, expected) {
        return None;
    }
    (0..wanted.len().max(got.len())).find_map(|index| {
        let (want, have) = (wanted.get(index).copied(), got.get(index).copied());
        let masked = expected.mode == Mode::Masked && varies(expected, index, want, have);
        (want != have && !masked).then(|| Difference { line: index + 1, wanted: show(want), got: show(have) })
    })
}

/// Whether a line is one that changes from run to run, and has changed within its shape.
fn varies(expected: &Expected, index: usize, want: Option<&[u8]>, have: Option<&[u8]>) -> bool {
    let Some(prefix) = expected.varying.get(&(index + 1)) else { return false };
    let rest = |line: Option<&[u8]>| line?.strip_prefix(prefix.as_bytes()).map(shape);
    matches!((rest(want), rest(have)), (Some(want), Some(have)) if want == have)
}

/// A line with one `#` for each run of the characters that random texts, checksums and dates are made of.
fn shape(line: &[u8]) -> Vec<u8> {
    let mut shape: Vec<u8> = Vec::with_capacity(line.len());
    for byte in line {
        let is_random = byte.is_ascii_alphanumeric() || b"+/=.-_:".contains(byte);
        match (is_random, shape.last()) {
            (true, Some(b'#')) => {}
            (true, _) => shape.push(b'#'),
            (false, _) => shape.push(*byte),
        }
    }
    shape
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n').collect()
}

/// The same lines in any order; a line that varies may stand for another one.
fn same_lines(wanted: &[&[u8]], got: &[&[u8]], expected: &Expected) -> bool {
    let mut surplus: BTreeMap<&[u8], isize> = BTreeMap::new();
    wanted.iter().for_each(|line| *surplus.entry(line).or_default() += 1);
    got.iter().for_each(|line| *surplus.entry(line).or_default() -= 1);
    let varying: BTreeSet<&[u8]> =
        expected.varying.keys().filter_map(|line| wanted.get(line.saturating_sub(1)).copied()).collect();
    surplus.values().sum::<isize>() == 0
        && surplus.iter().all(|(line, count)| *count <= 0 || varying.contains(line))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(mode: Mode, varying: &[(usize, &str)]) -> Expected {
        let varying = varying.iter().map(|(line, prefix)| (*line, (*prefix).to_owned())).collect();
        Expected { exit: 0, output: None, error: None, mode, varying }
    }

    #[test]
    fn a_line_may_vary_within_its_shape_only() {
        let masked = expected(Mode::Masked, &[(2, "  password: ")]);
        let differs = |got: &[u8]| difference(b"a\n  password: \"abc1\"\n", got, &masked).is_some();
        assert!(!differs(b"a\n  password: \"x9\"\n"));
        assert!(differs(b"a\n  password: <no value>\n"));
        assert!(differs(b"b\n  password: \"x9\"\n"));
    }

    #[test]
    fn lines_in_another_order_are_the_same_where_order_is_none() {
        let unordered = expected(Mode::Unordered, &[(1, "a")]);
        assert!(difference(b"a1\nb\nc", b"c\na2\nb", &unordered).is_none());
        assert!(difference(b"a1\nb\nc", b"c\na1\nd", &unordered).is_some());
        assert!(difference(b"a1\nb\nc", b"c\na1\nb\nb", &unordered).is_some());
    }
}

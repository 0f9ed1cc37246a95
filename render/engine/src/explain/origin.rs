//! From bytes of a file's output to the actions that wrote them.

use std::ops::Range;

use gotemplate::{Activity, Executed, Location, Piece};
use value::{Map, Path, Read, Step, Value};

use super::Place;

const NO_VALUE: &[u8] = b"<no value>";
/// The field that is traced, and the values that templates saw.
pub(super) struct Target<'a> {
    /// The names of the fields that lead to it.
    pub(super) field: Vec<String>,
    pub(super) values: &'a Map,
}

impl Target<'_> {
    /// The entry of a map that the field's last names lead to, as where `toYaml` printed the map; the longest way wins.
    fn entry(&self, map: &[Step]) -> Option<Path> {
        (1..=self.field.len()).rev().find_map(|count| {
            let names = self.field.iter().rev().take(count).rev();
            let path: Path =
                map.iter().cloned().chain(names.map(|name| Step::Key(name.as_str().into()))).collect();
            self.has(&path).then_some(path)
        })
    }

    fn has(&self, path: &[Step]) -> bool {
        let root = Value::Map(self.values.clone());
        let found = path.iter().try_fold(root, |value, step| match (value, step) {
            (Value::Map(map), Step::Key(key)) => map.get(key),
            (Value::List(list), Step::Item(index)) => list.get(*index).cloned(),
            _ => None,
        });
        found.is_some()
    }
}

/// How many places a large field is traced to.
const PLACES: usize = 50;

/// The places that wrote these bytes of an output from which `<no value>` was taken out. Text of the template is named
/// where no action had a part.
pub(super) fn places(executed: &Executed, bytes: Range<usize>, target: &Target<'_>) -> Vec<Place> {
    let bytes = in_full(&executed.output, bytes.start)..in_full(&executed.output, bytes.end);
    let touched: Vec<&Piece> = executed
        .pieces
        .iter()
        .filter(|piece| piece.output.start < bytes.end && bytes.start < piece.output.end)
        .collect();
    let mut places: Vec<Place> = Vec::new();
    for piece in touched.iter().filter(|piece| !piece.is_text) {
        let line = line_at(&executed.output, piece.output.start.max(bytes.start));
        let place = follow(executed, piece, &line, target);
        if !places.contains(&place) && places.len() < PLACES {
            places.push(place);
        }
    }
    let text = touched.iter().find(|piece| piece.is_text).filter(|_| places.is_empty());
    places.extend(text.map(|piece| Place {
        chain: vec![text_location(piece, bytes.start)],
        is_text: true,
        reads: Vec::new(),
    }));
    places
}

/// Where a byte of the cleaned output is in the full one.
fn in_full(output: &[u8], cleaned: usize) -> usize {
    let mut at = 0;
    let mut left = cleaned;
    while at < output.len() {
        if output.get(at..).is_some_and(|rest| rest.starts_with(NO_VALUE)) {
            at += NO_VALUE.len();
        } else if left == 0 {
            break;
        } else {
            at += 1;
            left -= 1;
        }
    }
    at
}

fn text_location(piece: &Piece, byte: usize) -> Location {
    piece.activity.location_of(byte.saturating_sub(piece.output.start))
}

/// The line of that byte, without the spaces around it.
fn line_at(output: &[u8], byte: usize) -> Vec<u8> {
    let before = output.get(..byte).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let rest = output.get(start..).unwrap_or_default();
    rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii().to_vec()
}

/// Follows what an action put out into the templates that it executed for it.
fn follow(executed: &Executed, piece: &Piece, line: &[u8], target: &Target<'_>) -> Place {
    let mut chain = vec![piece.activity.location()];
    let mut activity = &piece.activity;
    let mut around = executed;
    let mut reads = vec![&activity.reads];
    let mut is_text = false;
    while let Some((called, inner)) = source_of(around, activity, line) {
        if inner.is_text {
            let start = line_start(&called.output, line).unwrap_or(inner.output.start);
            chain.push(text_location(inner, start.max(inner.output.start)));
            is_text = true;
            reads.clear();
            break;
        }
        chain.push(inner.activity.location());
        reads.push(&inner.activity.reads);
        (around, activity) = (called, &inner.activity);
    }
    let innermost = reads.iter().rev().find(|reads| !reads.is_empty());
    let mut found = innermost.map(|reads| relevant(reads, target)).unwrap_or_default();
    if found.is_empty() && !is_text {
        found = silent_reads(around, activity, target);
    }
    Place { chain, is_text, reads: found }
}

/// The piece of a called template that holds the line; of one called before, where the action printed a variable.
fn source_of<'a>(
    around: &'a Executed,
    activity: &'a Activity,
    line: &[u8],
) -> Option<(&'a Executed, &'a Piece)> {
    let own = activity.calls.iter().rev().find_map(|called| Some((called, piece_of(called, line)?)));
    own.or_else(|| {
        if !activity.calls.is_empty() || !activity.reads.is_empty() {
            return None;
        }
        let mut earlier = around.silent.iter().rev().flat_map(|silent| silent.calls.iter().rev());
        earlier.find_map(|called| Some((called, piece_of(called, line)?)))
    })
}

fn piece_of<'a>(called: &'a Executed, line: &[u8]) -> Option<&'a Piece> {
    let start = line_start(&called.output, line)?;
    let end = start + line.len().min(called.output.len() - start);
    let touched =
        || called.pieces.iter().filter(|piece| piece.output.start < end && start < piece.output.end);
    touched().find(|piece| !piece.is_text).or_else(|| touched().next())
}

/// Where a line begins in an output; where the output is a part of the line, its own begin.
fn line_start(output: &[u8], line: &[u8]) -> Option<usize> {
    let mut at = 0;
    for found in output.split_inclusive(|byte| *byte == b'\n') {
        let spaces = found.len() - found.trim_ascii_start().len();
        if !line.is_empty() && found.trim_ascii() == line {
            return Some(at + spaces);
        }
        at += found.len();
    }
    let all = output.trim_ascii();
    let is_part = !all.is_empty() && line.windows(all.len()).any(|window| window == all);
    is_part.then(|| output.len() - output.trim_ascii_start().len())
}

/// The reads that lead furthest, each once; of maps that were read as a whole, the entry that the field names.
fn relevant(reads: &[Read], target: &Target<'_>) -> Vec<Path> {
    let mut wholes: Vec<Path> = reads.iter().filter(|read| read.key.is_none()).map(Read::path).collect();
    if let Some(entry) = wholes.iter().rev().find_map(|whole| target.entry(whole)) {
        return vec![entry];
    }
    let all: Vec<Path> = reads.iter().map(Read::path).collect();
    let within = |path: &Path, wholes: &[Path]| {
        wholes.iter().any(|whole| path.len() > whole.len() && path.starts_with(whole))
    };
    let outermost: Vec<Path> = wholes.clone();
    wholes.retain(|whole| !within(whole, &outermost));
    let leads_on = |path: &Path| all.iter().any(|other| other.len() > path.len() && other.starts_with(path));
    let singles = all.iter().filter(|path| !leads_on(path) && !within(path, &wholes));
    let mut found: Vec<Path> = Vec::new();
    for path in wholes.iter().chain(singles) {
        if !found.contains(path) {
            found.push(path.clone());
        }
    }
    found
}

/// What was read for a variable, a `with` or a `range` before the action: the last such reads.
fn silent_reads(around: &Executed, activity: &Activity, target: &Target<'_>) -> Vec<Path> {
    let place = activity.location();
    let is_before = |silent: &&Activity| {
        let at = silent.location();
        at.template == place.template
            && (at.line, at.column) < (place.line, place.column)
            && !silent.reads.is_empty()
    };
    let mut before: Vec<&Activity> = around.silent.iter().filter(is_before).collect();
    before.sort_by_key(|silent| {
        let at = silent.location();
        (at.line, at.column)
    });
    before.last().map(|silent| relevant(&silent.reads, target)).unwrap_or_default()
}

//! Which of the values that a user supplied no template read, and what was meant instead.
//!
//! What a template walked through as a whole (`toYaml`, `range`) is read, to its last leaf. What only decides whether a
//! dependency is there, or is imported from one, is read too, though by no template. A map that was fetched and never
//! looked into (`if .Values.a`) counts as read: its presence may have mattered.

mod near;

use std::collections::BTreeSet;

use chart::{Chart, Dependency};
use value::{Map, Path, ReadTree, Step, Str, Value};

/// A supplied value that no template read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// Where it is; of a map of which nothing was read, the map alone.
    pub path: Path,
    /// Why, as far as one can tell.
    pub reason: Reason,
}

/// Why a value was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is known of such a value.
    Unknown,
    /// A value of a similar name, or of the same name elsewhere, was asked for.
    Near(Path),
    /// A template speaks of it, at a place that was not reached.
    NotReached {
        /// The template's full name.
        template: String,
        /// The line, from 1.
        line: usize,
    },
    /// The dependency that it is for is not enabled.
    Disabled(String),
}

/// A rendering to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The chart as it was loaded.
    pub chart: &'a Chart,
    /// The chart as it was rendered: without the dependencies that are not enabled.
    pub rendered: &'a Chart,
    /// The values that the chart itself has, for names that come near.
    pub defaults: &'a Map,
}

/// The values of `supplied` that were not read, in the order of their paths.
pub fn unused(supplied: &Map, reads: ReadTree, evidence: Evidence<'_>) -> Vec<Unused> {
    let mut reads = reads;
    let mut imported = BTreeSet::new();
    read_by_dependencies(evidence.chart, &mut Vec::new(), &mut reads, &mut imported);
    share_globals(evidence.rendered, &[], &mut reads);
    let mut search = Search { imported, found: Vec::new() };
    search.map(supplied, Some(&reads), &mut Vec::new());
    let known = near::Known::new(&reads, evidence.defaults, supplied);
    let explain = |path: Path| Unused { reason: reason(&path, evidence, &known), path };
    search.found.into_iter().map(explain).collect()
}

fn key(key: impl Into<Str>) -> Step {
    Step::Key(key.into())
}

/// Notes what `Chart.yaml` reads: conditions, tags, and values that are imported, for which whole tables count.
fn read_by_dependencies(chart: &Chart, at: &mut Path, reads: &mut ReadTree, imported: &mut BTreeSet<Path>) {
    for dependency in chart.metadata().dependencies.iter().flatten() {
        for tag in &dependency.tags {
            reads.keys.insert("tags".into());
            reads.at(&[key("tags")]).keys.insert(tag.as_str().into());
        }
        for condition in dependency.condition.trim().split(',').filter(|condition| !condition.is_empty()) {
            read(reads, at, condition);
        }
        let name = called(dependency);
        for child in dependency.import_values.iter().filter_map(imported_table) {
            let steps = child.split('.').map(key);
            imported.insert(at.iter().cloned().chain([key(name)]).chain(steps).collect());
        }
    }
    for subchart in chart.dependencies() {
        let listed = chart.metadata().dependencies.iter().flatten();
        let mut names: BTreeSet<&str> =
            listed.filter(|dependency| dependency.name == subchart.name()).map(called).collect();
        names.insert(subchart.name());
        for name in names {
            at.push(key(name));
            read_by_dependencies(subchart, at, reads, imported);
            at.pop();
        }
    }
}

fn called(dependency: &Dependency) -> &str {
    if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias }
}

fn imported_table(import: &Value) -> Option<String> {
    match import {
        Value::Str(name) => Some(format!("exports.{name}")),
        Value::Map(map) => map.get("child")?.as_string().map(ToString::to_string),
        _ => None,
    }
}

fn read(reads: &mut ReadTree, at: &[Step], path: &str) {
    let mut tree = reads.at(at);
    for part in path.split('.') {
        tree.keys.insert(part.into());
        tree = tree.at(&[key(part)]);
    }
}

/// A subchart's globals are its parent's.
fn share_globals(chart: &Chart, at: &[Step], reads: &mut ReadTree) {
    for subchart in chart.dependencies() {
        let inside: Path = at.iter().cloned().chain([key(subchart.name())]).collect();
        share_globals(subchart, &inside, reads);
        let Some(tree) = reads.find(&inside) else { continue };
        let is_read = tree.whole || tree.keys.contains(&Str::from("global"));
        let globals = tree.inner.get(&key("global")).cloned();
        let around = reads.at(at);
        if is_read {
            around.keys.insert("global".into());
        }
        if let Some(globals) = globals {
            around.at(&[key("global")]).merge(globals);
        }
    }
}

struct Search {
    imported: BTreeSet<Path>,
    found: Vec<Path>,
}

impl Search {
    fn map(&mut self, map: &Map, reads: Option<&ReadTree>, path: &mut Path) {
        for (name, value) in map.entries() {
            let is_read = reads.is_some_and(|reads| reads.whole || reads.keys.contains(&name));
            let step = Step::Key(name);
            let inner = reads.and_then(|reads| reads.inner.get(&step));
            path.push(step);
            self.value(&value, is_read, inner, path);
            path.pop();
        }
    }

    fn value(&mut self, value: &Value, is_read: bool, reads: Option<&ReadTree>, path: &mut Path) {
        if self.imported.contains(path) {
            return;
        }
        match value {
            // A null takes a default away, and is not there to be read.
            Value::Nil => {}
            Value::Map(map) if reads.is_some_and(ReadTree::is_touched) || self.leads_to_import(path) => {
                self.map(map, reads, path);
            }
            Value::List(items) if is_read => {
                for (index, item) in items.iter().enumerate() {
                    let step = Step::Item(index);
                    let inner = reads.and_then(|reads| reads.inner.get(&step));
                    path.push(step);
                    self.value(item, true, inner, path);
                    path.pop();
                }
            }
            _ if is_read => {}
            _ => self.found.push(path.clone()),
        }
    }

    fn leads_to_import(&self, path: &[Step]) -> bool {
        self.imported.iter().any(|imported| imported.starts_with(path))
    }
}

fn reason(path: &[Step], evidence: Evidence<'_>, known: &near::Known) -> Reason {
    if let Some(name) = disabled(path, evidence) {
        return Reason::Disabled(name);
    }
    if let Some((template, line)) = mention(path, evidence.rendered) {
        return Reason::NotReached { template, line };
    }
    known.near(path).map_or(Reason::Unknown, Reason::Near)
}

/// The dependency on the way that `Chart.yaml` lists and that was not rendered.
fn disabled(path: &[Step], evidence: Evidence<'_>) -> Option<String> {
    let (mut chart, mut rendered) = (evidence.chart, evidence.rendered);
    for step in path {
        let Step::Key(name) = step else { return None };
        let listed = chart.metadata().dependencies.iter().flatten();
        let dependency = listed.into_iter().find(|dependency| *name == called(dependency))?;
        let Some(inner) = rendered.dependencies().iter().find(|chart| *name == chart.name()) else {
            return Some(name.to_string());
        };
        rendered = inner;
        chart = chart.dependencies().iter().find(|chart| chart.name() == dependency.name)?;
    }
    None
}

/// Where a template of the chart that owns the value speaks of it.
fn mention(path: &[Step], chart: &Chart) -> Option<(String, usize)> {
    if let [Step::Key(name), rest @ ..] = path
        && !rest.is_empty()
        && let Some(subchart) = chart.dependencies().iter().find(|chart| *name == chart.name())
        && let Some(found) = mention(rest, subchart)
    {
        return Some(found);
    }
    let key_of = |step: &Step| match step {
        Step::Key(key) => Some(key.to_string()),
        Step::Item(_) => None,
    };
    let keys: Vec<String> = path.iter().map(key_of).collect::<Option<_>>()?;
    let wanted = format!(".Values.{}", keys.join("."));
    chart.templates().iter().find_map(|template| {
        let line = template.data.split(|byte| *byte == b'\n').position(|line| mentions(line, &wanted))?;
        Some((format!("{}/{}", chart.full_path(), template.name), line + 1))
    })
}

fn mentions(line: &[u8], wanted: &str) -> bool {
    let line = String::from_utf8_lossy(line);
    line.match_indices(wanted).any(|(at, _)| {
        !line[at + wanted.len()..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
    })
}

#[cfg(test)]
mod tests;

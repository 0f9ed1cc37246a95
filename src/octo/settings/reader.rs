//! Typed settings out of texts. Every problem is kept, so that all of them are told at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use super::source::{Table, Written};

/// Reads settings and remembers which were asked for.
pub(super) struct Reader {
    entries: BTreeMap<String, Written>,
    asked: BTreeSet<String>,
    pub(super) problems: Vec<String>,
}

impl Reader {
    pub(super) fn new(table: Table) -> Self {
        Self { entries: table.entries, asked: BTreeSet::new(), problems: Vec::new() }
    }

    /// The text under one of several names of the same setting. Blank ones are not set.
    fn written(&mut self, names: &[&str]) -> Option<Written> {
        let mut found: Option<Written> = None;
        for name in names {
            self.asked.insert((*name).to_owned());
            let Some(entry) = self.entries.get(*name).filter(|entry| !entry.text.trim().is_empty()) else {
                continue;
            };
            match &found {
                Some(first) if first.text.trim() != entry.text.trim() => {
                    let problem =
                        format!("{} and {} are the same setting and differ", first.name, entry.name);
                    self.problems.push(problem);
                }
                Some(_) => {}
                None => found = Some(entry.clone()),
            }
        }
        found
    }

    /// A setting that is read and has no effect any more.
    pub(super) fn retired(&mut self, names: &[&str]) {
        self.asked.extend(names.iter().map(|name| (*name).to_owned()));
    }

    pub(super) fn text(&mut self, names: &[&str]) -> Option<String> {
        self.written(names).map(|written| written.text)
    }

    pub(super) fn trimmed(&mut self, names: &[&str]) -> Option<String> {
        self.text(names).map(|text| text.trim().to_owned())
    }

    fn parsed<T>(&mut self, names: &[&str], what: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let written = self.written(names)?;
        let value = parse(written.text.trim());
        if value.is_none() {
            // The text is not repeated: it may be a secret in the wrong place.
            self.problems.push(format!("{} is not {what}", written.name));
        }
        value
    }

    pub(super) fn flag(&mut self, names: &[&str]) -> Option<bool> {
        self.parsed(names, "true or false", |text| match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    pub(super) fn url(&mut self, names: &[&str]) -> Option<Url> {
        self.parsed(names, "an absolute http or https URL", |text| {
            Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        })
    }

    pub(super) fn port(&mut self, names: &[&str]) -> Option<u16> {
        self.parsed(names, "a port number", |text| text.parse().ok())
    }

    /// Seconds with a fraction; `Some(None)` where they are zero or less.
    pub(super) fn seconds(&mut self, names: &[&str]) -> Option<Option<Duration>> {
        self.parsed(names, "a number of seconds", |text| {
            let seconds: f64 = text.parse().ok().filter(|seconds: &f64| seconds.is_finite())?;
            Some((seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(1e9))))
        })
    }

    /// The items of a list, in order of their numbers; blank ones are dropped.
    pub(super) fn list(&mut self, name: &str) -> Vec<String> {
        self.numbered(name).into_iter().filter_map(|key| self.trimmed(&[&key])).collect()
    }

    /// Items of a list that have members.
    pub(super) fn pairs(&mut self, name: &str, first: &str, second: &str) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for key in self.numbered(name) {
            let named = self.trimmed(&[&format!("{key}:{first}")]);
            let valued = self.text(&[&format!("{key}:{second}")]).unwrap_or_default();
            pairs.extend(named.map(|named| (named, valued)));
        }
        pairs
    }

    /// `name:0`, `name:1` and so on, as far as there are any.
    fn numbered(&self, name: &str) -> Vec<String> {
        let prefix = format!("{name}:");
        let numbers: BTreeSet<u32> = self
            .entries
            .keys()
            .filter_map(|key| key.strip_prefix(&prefix)?.split(':').next()?.parse().ok())
            .collect();
        numbers.into_iter().map(|number| format!("{prefix}{number}")).collect()
    }

    /// Names of settings that nobody asked for.
    pub(super) fn unknown(&self) -> Vec<String> {
        let unknown = self.entries.iter().filter(|(key, _)| !self.asked.contains(*key));
        unknown.map(|(_, written)| written.name.clone()).collect()
    }
}

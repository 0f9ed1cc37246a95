//! Which version of a chart is meant.

use std::cmp::Reverse;

use semver::{Constraint, Version};

/// A version or a range of versions, as `--version` takes it.
pub(crate) struct Wanted(Constraint);

impl Wanted {
    /// Reads a constraint; nothing means the newest version that is no prerelease. `None` if it is malformed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = if text.is_empty() { "*" } else { text };
        Constraint::parse(text).ok().map(Self)
    }

    /// Whether a version satisfies it. What is not a version does not.
    pub(crate) fn accepts(&self, version: &str) -> bool {
        Version::parse(version).is_ok_and(|version| self.0.check(&version))
    }
}

/// Whether the text is exactly one version: `1.2.3`, with a prerelease and build if need be, but no range.
pub(crate) fn is_exact(text: &str) -> bool {
    Version::parse_strict(text).is_ok()
}

/// Sorts by version, newest first, and leaves out what has none.
pub(crate) fn newest_first<T>(list: Vec<T>, version: impl Fn(&T) -> &str) -> Vec<T> {
    let mut parsed: Vec<(Version, T)> = list
        .into_iter()
        .filter_map(|item| Version::parse(version(&item)).ok().map(|version| (version, item)))
        .collect();
    parsed.sort_by(|(left, _), (right, _)| Reverse(left).cmp(&Reverse(right)));
    parsed.into_iter().map(|(_, item)| item).collect()
}

/// Up to three of the names that could have been meant.
pub(crate) fn near(wanted: &str, names: &[String]) -> Vec<String> {
    let mut scored: Vec<(usize, &String)> = names
        .iter()
        .filter(|name| name.len() < 100)
        .map(|name| (distance(wanted, name), name))
        .filter(|(distance, name)| *distance <= 2.max(wanted.len() / 3) || name.contains(wanted))
        .collect();
    scored.sort();
    let best = scored.first().map_or(0, |(distance, _)| *distance);
    scored
        .into_iter()
        .take_while(|(distance, _)| *distance <= best + 1)
        .take(3)
        .map(|(_, name)| name.clone())
        .collect()
}

/// How many letters must change, be added or go, or swap places with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(100).collect();
    let mut before: Vec<usize> = Vec::new();
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let changed = row[j] + usize::from(a != b);
            let mut cost = changed.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                cost = cost.min(before[j - 1] + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_sort_as_numbers() {
        let sorted = newest_first(vec!["1.2.0", "x", "1.10.0", "2.0.0-rc.1", "1.9"], |text| text);
        assert_eq!(sorted, ["2.0.0-rc.1", "1.10.0", "1.9", "1.2.0"]);
    }

    #[test]
    fn near_names_are_few_letters_away() {
        let names = ["web", "webhook", "postgresql", "redis"].map(String::from);
        assert_eq!(near("wbe", &names), ["web"]);
        assert_eq!(near("postgres", &names), ["postgresql"]);
        assert!(near("completely-else", &names).is_empty());
    }
}

//! `.helmignore`: which files of a chart's directory are no part of the chart.
//!
//! Helm: package `ignore`. The rules differ from git's: there is no `**`, and `!pattern` ignores everything that does
//! not match. Archives have no ignore rules.

use thiserror::Error;

use crate::go_text::{PatternError, matches_path};

/// Rules in the order of their lines.
#[derive(Clone, Debug)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

/// Why a `.helmignore` can't be read; `Display` is Helm's text.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum IgnoreError {
    /// A rule has `**`.
    #[error("double-star (**) syntax is not supported")]
    DoubleStar,
    /// A rule is no pattern.
    #[error("syntax error in pattern")]
    Pattern,
}

#[derive(Clone, Debug)]
struct Rule {
    pattern: String,
    is_negated: bool,
    only_directories: bool,
    /// Whether the pattern is for whole paths, not for the last part.
    is_path: bool,
}

impl Default for IgnoreRules {
    /// The rule that always holds: hidden files in `templates/`.
    fn default() -> Self {
        let pattern = "templates/.?*".to_owned();
        Self { rules: vec![Rule { pattern, is_negated: false, only_directories: false, is_path: true }] }
    }
}

impl IgnoreRules {
    /// Reads the rules of a `.helmignore`, one a line, and adds the one that always holds.
    ///
    /// # Errors
    /// Where a rule is no pattern.
    pub fn parse(text: &[u8]) -> Result<Self, IgnoreError> {
        let text = String::from_utf8_lossy(text);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut rules = Vec::new();
        for line in text.lines() {
            rules.extend(Rule::parse(line.trim())?);
        }
        rules.extend(Self::default().rules);
        Ok(Self { rules })
    }

    /// Whether a file or directory is ignored. `path` is that from the root of the chart, with `/`; what is in an
    /// ignored directory needs no asking.
    pub fn ignores(&self, path: &str, is_directory: bool) -> bool {
        if ["", ".", "./"].contains(&path) {
            return false;
        }
        self.rules.iter().any(|rule| rule.ignores(path, is_directory))
    }
}

impl Rule {
    fn parse(line: &str) -> Result<Option<Self>, IgnoreError> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        if line.contains("**") {
            return Err(IgnoreError::DoubleStar);
        }
        matches_path(line, "abc").map_err(|PatternError| IgnoreError::Pattern)?;
        let (is_negated, rule) = cut_prefix(line, "!");
        let (only_directories, rule) = match rule.strip_suffix('/') {
            Some(rule) => (true, rule),
            None => (false, rule),
        };
        let (is_anchored, pattern) = cut_prefix(rule, "/");
        let is_path = is_anchored || pattern.contains('/');
        Ok(Some(Self { pattern: pattern.to_owned(), is_negated, only_directories, is_path }))
    }

    fn ignores(&self, path: &str, is_directory: bool) -> bool {
        if self.only_directories && !is_directory {
            return self.is_negated;
        }
        let subject = if self.is_path { path } else { path.rsplit('/').next().unwrap_or(path) };
        matches_path(&self.pattern, subject).unwrap_or(false) != self.is_negated
    }
}

fn cut_prefix<'text>(text: &'text str, prefix: &str) -> (bool, &'text str) {
    text.strip_prefix(prefix).map_or((false, text), |rest| (true, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(rules: &str, path: &str) -> bool {
        IgnoreRules::parse(rules.as_bytes()).unwrap().ignores(path, path.ends_with('/'))
    }

    #[test]
    fn a_rule_without_a_slash_is_for_names_at_any_depth() {
        assert!(ignores("*.md", "docs/deep/a.md"));
        assert!(!ignores("/*.md", "docs/a.md"));
        assert!(ignores("docs/*.md", "docs/a.md"));
        assert!(!ignores("docs/*.md", "docs/deep/a.md"));
    }

    #[test]
    fn a_negated_rule_ignores_all_that_does_not_match() {
        assert!(ignores("!keep.txt", "Chart.yaml"));
        assert!(!ignores("!keep.txt", "keep.txt"));
    }

    #[test]
    fn hidden_templates_are_always_ignored() {
        assert!(ignores("# nothing", "templates/.swp"));
        assert!(!ignores("", "templates/a.yaml"));
    }

    #[test]
    fn bad_rules_are_refused() {
        assert_eq!(IgnoreRules::parse(b"a/**/b").unwrap_err(), IgnoreError::DoubleStar);
        assert_eq!(IgnoreRules::parse(b"[a-").unwrap_err().to_string(), "syntax error in pattern");
    }
}

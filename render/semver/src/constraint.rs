//! Constraints: reading and printing. What they mean is `check`'s.

use std::fmt;

use thiserror::Error;
use value::format::quote;

use crate::Version;
use crate::version::is_word;

/// The longest text that is read, in bytes.
const MAXIMUM_LENGTH: usize = 512;
/// How many alternatives one constraint may have.
const MAXIMUM_ALTERNATIVES: usize = 32;

/// What a version may be: alternatives (`||`) of comparisons that hold together (space or comma).
#[derive(Clone, Debug)]
pub struct Constraint {
    pub(crate) alternatives: Vec<Alternative>,
}

/// Why a text is no constraint; `Display` is Go's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ParseConstraintError {
    /// The text has another shape; an empty one too.
    #[error("improper constraint: {}", quote(.0))]
    Improper(String),
    /// A version in it is none: `1x`, `1.2.3-01`.
    #[error("constraint parser error")]
    Version,
    /// The text has more than 512 bytes.
    #[error("constraint string is too long (max 512 bytes)")]
    TooLong,
    /// There are more than 32 alternatives.
    #[error("too many constraint groups (max 32)")]
    TooManyAlternatives,
}

/// Comparisons that hold together.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub(crate) comparisons: Vec<Comparison>,
    /// Whether one of them names a pre-release, which admits pre-releases to all.
    pub(crate) admits_prereleases: bool,
}

/// A version and how others are compared with it.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) operator: Operator,
    /// The operator as written: `=>` and `>=` mean the same.
    written_operator: &'static str,
    pub(crate) version: Version,
    /// The version as written.
    pub(crate) written: String,
    pub(crate) wildcard: Wildcard,
}

/// From which part on a version is open: `*`, `1.x`, `1.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcard {
    None,
    Major,
    Minor,
    Patch,
}

/// How versions are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// Equal, or within what a wildcard leaves open.
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    /// The same minor version.
    Tilde,
    /// The same version as far as compatibility goes.
    Caret,
}

/// Longer operators before those that they start with.
const OPERATORS: [(&str, Operator); 12] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
    ("", Operator::Equal),
];

impl Constraint {
    /// Reads a constraint: `>=1.2 <2 || 3.x`, `1.2 - 1.4`, `^1.2.3`, `~1.2`, `!=1.3.1`.
    ///
    /// # Errors
    /// Where the text is none, in Go's words.
    pub fn parse(text: &str) -> Result<Self, ParseConstraintError> {
        if text.len() > MAXIMUM_LENGTH {
            return Err(ParseConstraintError::TooLong);
        }
        let text = without_hyphen_ranges(text);
        if text.split("||").count() > MAXIMUM_ALTERNATIVES {
            return Err(ParseConstraintError::TooManyAlternatives);
        }
        let alternatives = text.split("||").map(Alternative::parse).collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.alternatives.iter().enumerate() {
            f.write_str(if index > 0 { " || " } else { "" })?;
            for (index, comparison) in alternative.comparisons.iter().enumerate() {
                let space = if index > 0 { " " } else { "" };
                write!(f, "{space}{}{}", comparison.written_operator, comparison.written)?;
            }
        }
        Ok(())
    }
}

impl Alternative {
    fn parse(text: &str) -> Result<Self, ParseConstraintError> {
        let improper = || ParseConstraintError::Improper(text.to_owned());
        let mut comparisons = Vec::new();
        let mut rest = skip_space(text);
        loop {
            let (written_operator, operator, behind) = split_operator(rest).ok_or_else(improper)?;
            let (parts, behind) = Pattern::split(behind).ok_or_else(improper)?;
            comparisons.push((written_operator, operator, parts));
            let next = skip_space(behind);
            if next.is_empty() {
                break;
            }
            rest = match next.strip_prefix(',') {
                Some(next) => skip_space(next),
                None if next.len() < behind.len() => next,
                None => return Err(improper()),
            };
        }
        let comparisons = comparisons.into_iter().map(|(written_operator, operator, parts)| {
            let (version, wildcard) = parts.version()?;
            Ok(Comparison {
                operator,
                written_operator,
                version,
                written: parts.written.to_owned(),
                wildcard,
            })
        });
        let comparisons: Vec<Comparison> = comparisons.collect::<Result<_, _>>()?;
        let admits_prereleases = comparisons.iter().any(|each| !each.version.prerelease().is_empty());
        Ok(Self { comparisons, admits_prereleases })
    }
}

/// The operator in front of a version, and what follows both it and spaces.
fn split_operator(text: &str) -> Option<(&'static str, Operator, &str)> {
    let (written, operator) = OPERATORS.iter().find(|(written, _)| text.starts_with(written))?;
    Some((written, *operator, skip_space(&text[written.len()..])))
}

/// A version as constraints may write it: every number can be `x`, `X` or `*`, or missing.
struct Pattern<'text> {
    written: &'text str,
    numbers: [Option<&'text str>; 3],
    /// With its hyphen.
    prerelease: &'text str,
}

impl<'text> Pattern<'text> {
    /// The longest pattern at the head of a text, and the rest.
    fn split(text: &'text str) -> Option<(Self, &'text str)> {
        let mut rest = text.strip_prefix('v').unwrap_or(text);
        let mut numbers = [None; 3];
        numbers[0] = Some(take(&mut rest, is_number_letter)?);
        for number in &mut numbers[1..] {
            let mut behind = rest.strip_prefix('.').unwrap_or_default();
            let Some(digits) = take(&mut behind, is_number_letter) else { break };
            *number = Some(digits);
            rest = behind;
        }
        let prerelease = take_words(&mut rest, '-');
        take_words(&mut rest, '+');
        let written = &text[..text.len() - rest.len()];
        Some((Self { written, numbers, prerelease }, rest))
    }

    /// The lowest version that the pattern stands for.
    fn version(&self) -> Result<(Version, Wildcard), ParseConstraintError> {
        let [major, minor, patch] =
            self.numbers.map(|number| number.filter(|number| !["x", "X", "*"].contains(number)));
        let prerelease = self.prerelease;
        let (text, wildcard) = match (major, minor, patch) {
            (None, _, _) => (format!("0.0.0{prerelease}"), Wildcard::Major),
            (Some(major), None, _) => (format!("{major}.0.0{prerelease}"), Wildcard::Minor),
            (Some(major), Some(minor), None) => (format!("{major}.{minor}.0{prerelease}"), Wildcard::Patch),
            (Some(_), Some(_), Some(_)) => (self.written.to_owned(), Wildcard::None),
        };
        let version = Version::parse(&text).map_err(|_| ParseConstraintError::Version)?;
        Ok((version, wildcard))
    }
}

/// The library's character class has the bars that were meant to part alternatives.
fn is_number_letter(letter: char) -> bool {
    letter.is_ascii_digit() || ['|', 'x', 'X', '*'].contains(&letter)
}

fn take<'text>(rest: &mut &'text str, belongs: impl Fn(char) -> bool) -> Option<&'text str> {
    let length = rest.find(|letter| !belongs(letter)).unwrap_or(rest.len());
    let (taken, tail) = rest.split_at(length);
    *rest = tail;
    (!taken.is_empty()).then_some(taken)
}

/// Words joined by points behind a mark, with the mark; nothing where no word follows it.
fn take_words<'text>(rest: &mut &'text str, mark: char) -> &'text str {
    let whole = *rest;
    let mut separator = mark;
    while let Some(mut behind) = rest.strip_prefix(separator) {
        if take(&mut behind, |letter| is_word(letter.encode_utf8(&mut [0; 4]))).is_none() {
            break;
        }
        *rest = behind;
        separator = '.';
    }
    &whole[..whole.len() - rest.len()]
}

/// What the library's patterns count as a space.
fn skip_space(text: &str) -> &str {
    text.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' '])
}

/// The text with each `1.2 - 1.4` written as `>= 1.2, <= 1.4 `.
fn without_hyphen_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((from, to, behind)) = split_hyphen_range(rest) {
            let range = &rest[..rest.len() - behind.len()];
            rewritten = rewritten.replacen(range, &format!(">= {from}, <= {to} "), 1);
            rest = behind;
        } else {
            let mut letters = rest.chars();
            letters.next();
            rest = letters.as_str();
        }
    }
    rewritten
}

/// The two ends of a range at the head of a text, and what follows it and spaces.
fn split_hyphen_range(text: &str) -> Option<(&str, &str, &str)> {
    let (from, behind) = Pattern::split(skip_space(text))?;
    let hyphen = skip_space(behind);
    let behind_hyphen = hyphen.strip_prefix('-').filter(|_| hyphen.len() < behind.len())?;
    let end = skip_space(behind_hyphen);
    if end.len() == behind_hyphen.len() {
        return None;
    }
    let (to, rest) = Pattern::split(end)?;
    Some((from.written, to.written, skip_space(rest)))
}

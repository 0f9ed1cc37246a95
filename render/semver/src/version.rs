//! Versions: reading, comparing, printing, counting up.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

/// The longest text that is read, in bytes.
const MAXIMUM_LENGTH: usize = 256;

/// A semantic version and the text it was read from.
///
/// Ordered as semantic versions are: build metadata doesn't count, a pre-release comes before its release.
#[derive(Clone, Debug)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    prerelease: String,
    metadata: String,
    original: String,
}

/// Why a text is no version; `Display` is Go's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ParseVersionError {
    /// The text has another shape.
    #[error("invalid semantic version")]
    Invalid,
    /// There is no text (strict reading).
    #[error("version string empty")]
    Empty,
    /// A number has other characters than digits (strict reading).
    #[error("invalid characters in version")]
    Characters,
    /// A number starts with a zero.
    #[error("version segment starts with 0")]
    LeadingZero,
    /// Build metadata have an empty part or other characters than letters, digits and hyphens.
    #[error("invalid metadata string")]
    Metadata,
    /// A pre-release has an empty part or other characters than letters, digits and hyphens.
    #[error("invalid prerelease string")]
    Prerelease,
    /// The text has more than 256 bytes.
    #[error("version string is too long (max 256 bytes)")]
    TooLong,
    /// A number is empty (strict reading) or too large.
    #[error("{}strconv.ParseUint: parsing \"{text}\": {reason}", if *.strict { "" } else { "error parsing version segment: " })]
    Number {
        /// Whether it was read strictly.
        strict: bool,
        /// The digits.
        text: String,
        /// Go's reason.
        reason: &'static str,
    },
}

impl Version {
    /// Reads a version as Helm does: `1`, `v1.2`, `01.2.3` and `1.2.3-rc.1+build` will do.
    ///
    /// # Errors
    /// Where the text has another shape, a number exceeds 64 bits, or a number in a pre-release starts with a zero.
    pub fn parse(text: &str) -> Result<Self, ParseVersionError> {
        if text.len() > MAXIMUM_LENGTH {
            return Err(ParseVersionError::TooLong);
        }
        let parts = LooseParts::split(text).ok_or(ParseVersionError::Invalid)?;
        let [major, minor, patch] = parts.numbers.map(|digits| number(digits.unwrap_or("0"), false));
        let version = Self {
            major: major?,
            minor: minor?,
            patch: patch?,
            prerelease: parts.prerelease.to_owned(),
            metadata: parts.metadata.to_owned(),
            original: text.to_owned(),
        };
        if !version.prerelease.is_empty() {
            check_prerelease(&version.prerelease)?;
        }
        Ok(version)
    }

    /// Reads a version to the letter of the specification: three numbers, no `v`, no leading zeros.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn parse_strict(text: &str) -> Result<Self, ParseVersionError> {
        if text.is_empty() {
            return Err(ParseVersionError::Empty);
        }
        if text.len() > MAXIMUM_LENGTH {
            return Err(ParseVersionError::TooLong);
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(ParseVersionError::Invalid);
        };
        let (rest, metadata) = cut(rest, '+');
        metadata.map_or(Ok(()), check_metadata)?;
        let (patch, prerelease) = cut(rest, '-');
        prerelease.map_or(Ok(()), check_prerelease)?;
        for digits in [major, minor, patch] {
            check_digits(digits)?;
        }
        Ok(Self {
            major: number(major, true)?,
            minor: number(minor, true)?,
            patch: number(patch, true)?,
            prerelease: prerelease.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        })
    }

    /// The first number.
    pub fn major(&self) -> u64 {
        self.major
    }

    /// The second number.
    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// The third number.
    pub fn patch(&self) -> u64 {
        self.patch
    }

    /// What stands behind `-`, without it; empty for a release.
    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// What stands behind `+`, without it.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text as it was read.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The next patch, or the release of a pre-release. `None` where the number is the last one.
    pub fn increment_patch(&self) -> Option<Self> {
        let patch = if self.prerelease.is_empty() { self.patch.checked_add(1)? } else { self.patch };
        Some(self.successor(self.major, self.minor, patch))
    }

    /// The next minor version. `None` where the number is the last one.
    pub fn increment_minor(&self) -> Option<Self> {
        Some(self.successor(self.major, self.minor.checked_add(1)?, 0))
    }

    /// The next major version. `None` where the number is the last one.
    pub fn increment_major(&self) -> Option<Self> {
        Some(self.successor(self.major.checked_add(1)?, 0, 0))
    }

    /// The version with another pre-release; empty for none.
    ///
    /// # Errors
    /// Where the text is no pre-release.
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Self, ParseVersionError> {
        if !prerelease.is_empty() {
            check_prerelease(prerelease)?;
        }
        Ok(Self { prerelease: prerelease.to_owned(), ..self.clone() }.renamed())
    }

    /// The version with other build metadata; empty for none.
    ///
    /// # Errors
    /// Where the text can't be build metadata.
    pub fn with_metadata(&self, metadata: &str) -> Result<Self, ParseVersionError> {
        if !metadata.is_empty() {
            check_metadata(metadata)?;
        }
        Ok(Self { metadata: metadata.to_owned(), ..self.clone() }.renamed())
    }

    fn successor(&self, major: u64, minor: u64, patch: u64) -> Self {
        let original = self.original.clone();
        Self { major, minor, patch, prerelease: String::new(), metadata: String::new(), original }.renamed()
    }

    /// Makes the original text that of the version, with its `v` if it had one.
    fn renamed(mut self) -> Self {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
            }
        })
    }
}

/// Compares pre-releases part by part; that with fewer parts comes first.
pub(crate) fn compare_prereleases(one: &str, other: &str) -> Ordering {
    let (mut ones, mut others) = (one.split('.'), other.split('.'));
    loop {
        let order = match (ones.next(), others.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => compare_parts(one.unwrap_or_default(), other.unwrap_or_default()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Numbers come before words, and by their size; a missing part comes first.
fn compare_parts(one: &str, other: &str) -> Ordering {
    if one == other || one.is_empty() || other.is_empty() {
        return one.len().min(1).cmp(&other.len().min(1));
    }
    match (value::parse_uint(one, 10), value::parse_uint(other, 10)) {
        (Err(_), Err(_)) => one.cmp(other),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        // Go's library has no equal here: `1` and `01` can't both be.
        (Ok(one), Ok(other)) if one > other => Ordering::Greater,
        (Ok(_), Ok(_)) => Ordering::Less,
    }
}

/// A text cut up as the library's loose pattern has it.
struct LooseParts<'text> {
    numbers: [Option<&'text str>; 3],
    prerelease: &'text str,
    metadata: &'text str,
}

impl<'text> LooseParts<'text> {
    fn split(text: &'text str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, metadata) = cut(text, '+');
        let (core, prerelease) = cut(text, '-');
        let tails = [prerelease, metadata];
        if tails.iter().flatten().any(|tail| tail.split('.').any(|part| part.is_empty() || !is_word(part))) {
            return None;
        }
        let mut numbers = [None; 3];
        let mut parts = core.split('.');
        for (number, part) in numbers.iter_mut().zip(&mut parts) {
            if part.is_empty() || !is_digits(part) {
                return None;
            }
            *number = Some(part);
        }
        let [prerelease, metadata] = tails.map(Option::unwrap_or_default);
        parts.next().is_none().then_some(Self { numbers, prerelease, metadata })
    }
}

fn cut(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether there are only characters that pre-releases and build metadata may have.
pub(crate) fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn check_prerelease(text: &str) -> Result<(), ParseVersionError> {
    for part in text.split('.') {
        if part.is_empty() || !is_word(part) {
            return Err(ParseVersionError::Prerelease);
        }
        if is_digits(part) && part.len() > 1 && part.starts_with('0') {
            return Err(ParseVersionError::LeadingZero);
        }
    }
    Ok(())
}

fn check_metadata(text: &str) -> Result<(), ParseVersionError> {
    if text.split('.').all(|part| !part.is_empty() && is_word(part)) {
        Ok(())
    } else {
        Err(ParseVersionError::Metadata)
    }
}

fn check_digits(text: &str) -> Result<(), ParseVersionError> {
    if !is_digits(text) {
        return Err(ParseVersionError::Characters);
    }
    if text.len() > 1 && text.starts_with('0') { Err(ParseVersionError::LeadingZero) } else { Ok(()) }
}

fn number(digits: &str, strict: bool) -> Result<u64, ParseVersionError> {
    digits.parse().map_err(|_| ParseVersionError::Number {
        strict,
        text: digits.to_owned(),
        reason: if digits.is_empty() { "invalid syntax" } else { "value out of range" },
    })
}

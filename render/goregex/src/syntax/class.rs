//! Character classes: brackets, `\d`, `[:alpha:]`, `\pL`.

use regex_syntax::{
    Parser,
    hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind},
};

use super::escape::{Scalar, escape};
use crate::{Error, ErrorKind};

/// The four-letter names of scripts; other words of four letters are abbreviations, which Go doesn't know.
const FOUR_LETTER_SCRIPTS: [&str; 9] =
    ["Ahom", "Cham", "Kawi", "Lisu", "Miao", "Modi", "Newa", "Thai", "Toto"];

/// A class and where the pattern goes on.
type Read = (ClassUnicode, usize);

/// Reads a bracket expression that begins at `start`.
pub(crate) fn bracket(pattern: &str, start: usize, fold_case: bool) -> Result<Read, Error> {
    let (whole, rest_at) = (tail(pattern, start), start + 1);
    let negated = tail(pattern, rest_at).starts_with('^');
    let mut at = rest_at + usize::from(negated);
    let mut class = ClassUnicode::empty();
    let mut first = true;
    while first || !tail(pattern, at).starts_with(']') {
        first = false;
        let (part, next) = match named(pattern, at, fold_case)? {
            Some(read) => read,
            None => range(pattern, at, whole, fold_case)?,
        };
        class.union(&part);
        at = next;
    }
    if negated {
        class.negate();
    }
    Ok((class, at + 1))
}

/// Reads a POSIX, Unicode or Perl class, where one begins at `start`.
fn named(pattern: &str, start: usize, fold_case: bool) -> Result<Option<Read>, Error> {
    let text = tail(pattern, start);
    if let Some(inner) = text.strip_prefix("[:") {
        let Some(length) = inner.find(":]") else {
            return Ok(None);
        };
        let whole = head(text, length + 4);
        let class =
            posix(head(inner, length), fold_case).ok_or_else(|| ErrorKind::InvalidCharRange.at(whole))?;
        return Ok(Some((class, start + whole.len())));
    }
    escaped(pattern, start, fold_case)
}

/// Reads `\pL`, `\d` and their like, where one begins at `start`.
pub(crate) fn escaped(pattern: &str, start: usize, fold_case: bool) -> Result<Option<Read>, Error> {
    let text = tail(pattern, start);
    if text.starts_with(r"\p") || text.starts_with(r"\P") {
        return unicode(pattern, start, fold_case).map(Some);
    }
    Ok(perl(head(text, 2), fold_case).map(|class| (class, start + 2)))
}

/// Reads one character or a range such as `a-z`.
fn range(pattern: &str, start: usize, whole: &str, fold_case: bool) -> Result<Read, Error> {
    let (low, mut at) = character(pattern, start, whole)?;
    let mut high = low;
    let rest = tail(pattern, at);
    if rest.starts_with('-') && rest.len() >= 2 && !rest.starts_with("-]") {
        (high, at) = character(pattern, at + 1, whole)?;
        if high < low {
            return Err(ErrorKind::InvalidCharRange.at(pattern.get(start..at).unwrap_or_default()));
        }
    }
    Ok((folded(ranges(&[(low, high)]), fold_case), at))
}

fn character(pattern: &str, start: usize, whole: &str) -> Result<(Scalar, usize), Error> {
    match tail(pattern, start).chars().next() {
        None => Err(ErrorKind::MissingBracket.at(whole)),
        Some('\\') => escape(pattern, start),
        Some(letter) => Ok((letter.into(), start + letter.len_utf8())),
    }
}

/// Reads `\pN`, `\p{Greek}`, `\P{^Lu}`.
fn unicode(pattern: &str, start: usize, fold_case: bool) -> Result<Read, Error> {
    let text = tail(pattern, start);
    let inner = tail(text, 2);
    let (name, whole) = if let Some(braced) = inner.strip_prefix('{') {
        let length = braced.find('}').ok_or_else(|| ErrorKind::InvalidCharRange.at(text))?;
        (head(braced, length), head(text, length + 4))
    } else {
        let letter = inner.chars().next().map_or(0, char::len_utf8);
        (head(inner, letter), head(text, letter + 2))
    };
    let (name, caret) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
    let table = unicode_table(name).ok_or_else(|| ErrorKind::InvalidCharRange.at(whole))?;
    let mut class = folded(table, fold_case);
    if text.starts_with(r"\P") != caret {
        class.negate();
    }
    Ok((class, start + whole.len()))
}

/// A general category or script by its name, in any case, with or without underscores.
fn unicode_table(name: &str) -> Option<ClassUnicode> {
    let canonical: String = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')).collect();
    if canonical.is_empty() || !canonical.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let is_abbreviation = canonical.len() == 4
        && !FOUR_LETTER_SCRIPTS.iter().any(|script| script.eq_ignore_ascii_case(&canonical));
    let category = property(&format!(r"\p{{gc={canonical}}}"));
    category.or_else(|| property(&format!(r"\p{{sc={canonical}}}")).filter(|_| !is_abbreviation))
}

fn property(expression: &str) -> Option<ClassUnicode> {
    match Parser::new().parse(expression).ok()?.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class),
        _ => None,
    }
}

fn perl(name: &str, fold_case: bool) -> Option<ClassUnicode> {
    let (class, negated): (&[(Scalar, Scalar)], bool) = match name {
        r"\d" => (&DIGIT, false),
        r"\D" => (&DIGIT, true),
        r"\s" => (&[(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)], false),
        r"\S" => (&[(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)], true),
        r"\w" => (&WORD, false),
        r"\W" => (&WORD, true),
        _ => return None,
    };
    let mut class = folded(ranges(class), fold_case);
    if negated {
        class.negate();
    }
    Some(class)
}

const DIGIT: [(Scalar, Scalar); 1] = [(0x30, 0x39)];
const WORD: [(Scalar, Scalar); 4] = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];

/// The class of a name such as `alpha` or `^alpha`; all are ASCII in Go.
fn posix(name: &str, fold_case: bool) -> Option<ClassUnicode> {
    let (name, negated) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
    let class: &[(Scalar, Scalar)] = match name {
        "alnum" => &[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        "alpha" => &[(0x41, 0x5A), (0x61, 0x7A)],
        "ascii" => &[(0x00, 0x7F)],
        "blank" => &[(0x09, 0x09), (0x20, 0x20)],
        "cntrl" => &[(0x00, 0x1F), (0x7F, 0x7F)],
        "digit" => &DIGIT,
        "graph" => &[(0x21, 0x7E)],
        "lower" => &[(0x61, 0x7A)],
        "print" => &[(0x20, 0x7E)],
        "punct" => &[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        "space" => &[(0x09, 0x0D), (0x20, 0x20)],
        "upper" => &[(0x41, 0x5A)],
        "word" => &WORD,
        "xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    };
    let mut class = folded(ranges(class), fold_case);
    if negated {
        class.negate();
    }
    Some(class)
}

/// A class of code points. Surrogates fall out: no text has them.
pub(crate) fn ranges(code_points: &[(Scalar, Scalar)]) -> ClassUnicode {
    const BELOW_SURROGATES: Scalar = 0xD7FF;
    const ABOVE_SURROGATES: Scalar = 0xE000;
    let halves = |&(low, high): &(Scalar, Scalar)| {
        [(low, high.min(BELOW_SURROGATES)), (low.max(ABOVE_SURROGATES), high)]
    };
    let valid = code_points.iter().flat_map(halves).filter(|(low, high)| low <= high);
    let range = |(low, high)| Some(ClassUnicodeRange::new(char::from_u32(low)?, char::from_u32(high)?));
    ClassUnicode::new(valid.filter_map(range))
}

pub(crate) fn folded(mut class: ClassUnicode, fold_case: bool) -> ClassUnicode {
    if fold_case {
        // It fails only where Unicode's tables are left out of the build.
        let _ = class.try_case_fold_simple();
    }
    class
}

fn tail(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or_default()
}

fn head(text: &str, end: usize) -> &str {
    text.get(..end).unwrap_or_default()
}

//! Strings with all that decides how they are printed.

use std::borrow::Cow;

use super::Dialect;
use super::analysis::{Analysis, analyze};
use super::pretty::base64_lines;
use super::scalar::ScalarStyle;
use crate::resolve::{is_not_text, is_signed_octal};

/// A string to be printed, and all that decides how.
pub(super) struct Text<'a> {
    pub(super) letters: Cow<'a, str>,
    pub(super) analysis: Analysis,
    pub(super) wanted: ScalarStyle,
    pub(super) is_binary: bool,
}

impl<'a> Text<'a> {
    pub(super) fn prose(letters: &'a str) -> Self {
        let (letters, analysis) = (Cow::Borrowed(letters), Analysis::ANY_STYLE);
        Self { letters, analysis, wanted: ScalarStyle::Plain, is_binary: false }
    }

    pub(super) fn new(letters: &'a str, dialect: Dialect) -> Self {
        let analysis = analyze(letters, dialect);
        let is_special = is_not_text(letters)
            || is_base_60(letters)
            || dialect == Dialect::Pretty && is_signed_octal(letters);
        let wanted = if analysis.is_multiline && letters.contains('\n') {
            ScalarStyle::Literal
        } else if is_special {
            ScalarStyle::DoubleQuoted
        } else {
            ScalarStyle::Plain
        };
        Self { letters: Cow::Borrowed(letters), analysis, wanted, is_binary: false }
    }

    /// A string that is no UTF-8, which only `yaml.v3` gets to see.
    pub(super) fn of_binary(bytes: &[u8]) -> Self {
        let letters = base64_lines(bytes);
        let analysis = analyze(&letters, Dialect::Pretty);
        let wanted = if analysis.is_multiline { ScalarStyle::Literal } else { ScalarStyle::Plain };
        Self { letters: Cow::Owned(letters), analysis, wanted, is_binary: true }
    }
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: a number to other readers of YAML 1.1.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((whole, rest)) = unsigned.split_once(':') else {
        return false;
    };
    let (sixtieths, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let is_digit_or_underscore = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    let is_sixtieth = |part: &str| match part.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        _ => false,
    };
    whole.starts_with(|first: char| first.is_ascii_digit())
        && whole.bytes().all(is_digit_or_underscore)
        && sixtieths.split(':').all(is_sixtieth)
        && fraction.bytes().all(is_digit_or_underscore)
}

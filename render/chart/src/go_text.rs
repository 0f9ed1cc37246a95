//! Small things that Go does with texts.

/// Whether Go's `EqualFold` holds for an ASCII word and a text: the Kelvin sign is a `k`, the long s an `s`.
pub(crate) fn equal_fold(word: &str, text: &str) -> bool {
    let folded = text.chars().map(|letter| match letter {
        '\u{212A}' => 'k',
        '\u{17F}' => 's',
        other => other.to_ascii_lowercase(),
    });
    folded.eq(word.chars().map(|letter| letter.to_ascii_lowercase()))
}

//! Replacement templates: `$1`, `${name}`, `$$`.

/// A part of a replacement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    Literal(&'t [u8]),
    Number(usize),
    Name(&'t str),
}

/// Splits a template. Go's `Regexp.Expand`: `$1x` names the group `1x`, a `$` without a name stands for itself.
pub(crate) fn parts(template: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(dollar) = rest.iter().position(|byte| *byte == b'$') {
        let (before, from_dollar) = rest.split_at(dollar);
        parts.push(Part::Literal(before));
        let (part, after) = reference(from_dollar);
        parts.push(part);
        rest = after;
    }
    parts.push(Part::Literal(rest));
    parts
}

/// Reads what begins with a dollar; gives it and what follows.
fn reference(text: &[u8]) -> (Part<'_>, &[u8]) {
    let (dollar, rest) = text.split_at(1);
    if let Some(after) = rest.strip_prefix(b"$") {
        return (Part::Literal(dollar), after);
    }
    let (braced, inner) = rest.strip_prefix(b"{").map_or((false, rest), |inner| (true, inner));
    let (name, mut after) = leading_name(inner);
    if braced {
        match after.strip_prefix(b"}") {
            Some(closed) => after = closed,
            None => return (Part::Literal(dollar), rest),
        }
    }
    if name.is_empty() {
        return (Part::Literal(dollar), rest);
    }
    (group_number(name).map_or(Part::Name(name), Part::Number), after)
}

fn leading_name(text: &[u8]) -> (&str, &[u8]) {
    let valid = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let end = valid.find(|letter: char| !is_name_letter(letter)).unwrap_or(valid.len());
    let (name, _) = valid.split_at(end);
    (name, text.get(end..).unwrap_or_default())
}

fn is_name_letter(letter: char) -> bool {
    letter == '_' || letter.is_alphabetic() || letter.is_numeric()
}

/// `None` for names, numbers with a leading zero, and numbers that no pattern has so many groups for.
fn group_number(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|byte| byte.is_ascii_digit()) && name.len() <= 8;
    (digits && (name == "0" || !name.starts_with('0'))).then(|| name.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[test]
    fn a_reference_takes_all_letters_that_follow() {
        let want = vec![
            Part::Literal(b""),
            Part::Name("1W"),
            Part::Literal(b"-"),
            Part::Number(2),
            Part::Literal(b"W"),
        ];
        assert_eq!(parts(b"$1W-${2}W"), want);
    }

    #[test]
    fn a_dollar_without_a_name_stands_for_itself() {
        let literals = |parts: Vec<Part<'_>>| -> Vec<u8> {
            parts
                .iter()
                .flat_map(|part| if let Part::Literal(text) = part { text.to_vec() } else { Vec::new() })
                .collect()
        };
        assert_eq!(literals(parts(b"a${b $")), b"a${b $");
        assert_eq!(literals(parts(b"$$1")), b"$1");
    }
}

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

/// A glob pattern that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatternError;

/// Whether a path matches a pattern of Go's `filepath.Match`; a bad pattern matches nothing.
pub fn path_matches(pattern: &str, path: &str) -> bool {
    matches_path(pattern, path).unwrap_or(false)
}

/// Go's `filepath.Match`: whether a whole path matches a pattern; `*` and `?` don't match `/`.
///
/// As in Go, a bad pattern is noticed only as far as it is looked at.
pub(crate) fn matches_path(pattern: &str, path: &str) -> Result<bool, PatternError> {
    let pattern: Vec<char> = pattern.chars().collect();
    let path: Vec<char> = path.chars().collect();
    matches(&pattern, &path)
}

fn matches(mut pattern: &[char], mut path: &[char]) -> Result<bool, PatternError> {
    'chunks: while !pattern.is_empty() {
        let (has_star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if has_star && chunk.is_empty() {
            return Ok(!path.contains(&'/'));
        }
        if let Some(left) = match_chunk(chunk, path)?
            && (left.is_empty() || !pattern.is_empty())
        {
            path = left;
            continue;
        }
        if has_star {
            for skipped in 0..path.len() {
                if path[skipped] == '/' {
                    break;
                }
                if let Some(left) = match_chunk(chunk, &path[skipped + 1..])?
                    && (!pattern.is_empty() || left.is_empty())
                {
                    path = left;
                    continue 'chunks;
                }
            }
        }
        return Ok(false);
    }
    Ok(path.is_empty())
}

/// Whether stars come first, what stands between them and the next star, and the rest.
fn next_chunk(pattern: &[char]) -> (bool, &[char], &[char]) {
    let stars = pattern.iter().take_while(|letter| **letter == '*').count();
    let chunk = &pattern[stars..];
    let mut in_class = false;
    let mut at = 0;
    while at < chunk.len() {
        match chunk[at] {
            '\\' => at += 1,
            '[' => in_class = true,
            ']' => in_class = false,
            '*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = chunk.split_at(at.min(chunk.len()));
    (stars > 0, chunk, rest)
}

/// What is left of the text behind a chunk that matches its head. The chunk is read to its end in any case.
fn match_chunk<'path>(
    mut chunk: &[char],
    mut path: &'path [char],
) -> Result<Option<&'path [char]>, PatternError> {
    let mut failed = false;
    while let Some((&first, rest)) = chunk.split_first() {
        failed |= path.is_empty();
        let letter = path.first().copied().filter(|_| !failed);
        if !failed {
            path = &path[1..];
        }
        chunk = match first {
            '[' => {
                let (matched, rest) = match_class(rest, letter)?;
                failed |= !matched;
                rest
            }
            '?' => {
                failed |= letter == Some('/');
                rest
            }
            '\\' => {
                let (escaped, rest) = rest.split_first().ok_or(PatternError)?;
                failed |= letter != Some(*escaped);
                rest
            }
            plain => {
                failed |= letter != Some(plain);
                rest
            }
        };
    }
    Ok((!failed).then_some(path))
}

/// Whether a letter is in the class whose inside starts here, and what follows the class.
fn match_class(class: &[char], letter: Option<char>) -> Result<(bool, &[char]), PatternError> {
    let (is_negated, mut class) = match class.split_first() {
        Some(('^', rest)) => (true, rest),
        _ => (false, class),
    };
    let mut matched = false;
    let mut ranges = 0;
    loop {
        if let (Some((']', rest)), true) = (class.split_first(), ranges > 0) {
            return Ok((matched != is_negated, rest));
        }
        let (low, rest) = class_letter(class)?;
        let (high, rest) = match rest.split_first() {
            Some(('-', rest)) => class_letter(rest)?,
            _ => (low, rest),
        };
        matched |= letter.is_some_and(|letter| (low..=high).contains(&letter));
        ranges += 1;
        class = rest;
    }
}

/// One end of a range; something has to follow it.
fn class_letter(class: &[char]) -> Result<(char, &[char]), PatternError> {
    let (letter, rest) = match class.split_first() {
        None | Some(('-' | ']', _)) => return Err(PatternError),
        Some(('\\', rest)) => rest.split_first().ok_or(PatternError)?,
        Some(split) => split,
    };
    if rest.is_empty() { Err(PatternError) } else { Ok((*letter, rest)) }
}

//! Glob patterns of `.Files.Glob`: the language of the gobwas library, with `/` as separator.

/// A compiled pattern: `*` and `?` stop at `/`, `**` does not; `[abc]`, `[a-z]`, `[!a]`; `{one,two}`; `\` escapes.
#[derive(Clone, Debug)]
pub(crate) struct Glob(Sequence);

type Sequence = Vec<Token>;

#[derive(Clone, Debug)]
enum Token {
    Letter(char),
    /// `?`
    Single,
    /// `*`
    Any,
    /// `**`
    Super,
    List {
        letters: Vec<char>,
        negated: bool,
    },
    Range {
        low: char,
        high: char,
        negated: bool,
    },
    AnyOf(Vec<Sequence>),
}

/// Alternatives within alternatives; deeper patterns are refused.
const MAX_DEPTH: usize = 32;

impl Glob {
    /// Compiles a pattern; `None` where it is none.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        let mut parser = Parser { rest: pattern };
        let sequence = parser.sequence(0)?;
        parser.rest.is_empty().then_some(Self(sequence))
    }

    /// Whether the whole path matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let letters: Vec<char> = path.chars().collect();
        advance(&self.0, vec![true], &letters).last() == Some(&true)
    }
}

/// Moves a set of positions in the text through a pattern. Work is bounded by pattern times text, whatever the
/// pattern is. The set has one flag for each position from 0 to the end, missing ones being false.
fn advance(sequence: &[Token], mut at: Vec<bool>, text: &[char]) -> Vec<bool> {
    at.resize(text.len() + 1, false);
    for token in sequence {
        at = match token {
            Token::Any => spread(&at, |position| text[position] != '/'),
            Token::Super => spread(&at, |_| true),
            Token::AnyOf(alternatives) => alternatives
                .iter()
                .map(|alternative| advance(alternative, at.clone(), text))
                .reduce(|a, b| a.iter().zip(&b).map(|(a, b)| *a || *b).collect())
                .unwrap_or(at),
            single => step(&at, |position| matches_letter(single, text[position])),
        };
    }
    at
}

fn step(at: &[bool], matches: impl Fn(usize) -> bool) -> Vec<bool> {
    let moved = at.iter().enumerate().take(at.len() - 1).map(|(position, here)| *here && matches(position));
    std::iter::once(false).chain(moved).collect()
}

fn spread(at: &[bool], matches: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut reached = at.to_vec();
    for position in 1..reached.len() {
        reached[position] |= reached[position - 1] && matches(position - 1);
    }
    reached
}

fn matches_letter(token: &Token, letter: char) -> bool {
    match token {
        Token::Letter(expected) => *expected == letter,
        Token::Single => letter != '/',
        Token::List { letters, negated } => letters.contains(&letter) != *negated,
        Token::Range { low, high, negated } => (*low..=*high).contains(&letter) != *negated,
        Token::Any | Token::Super | Token::AnyOf(_) => false,
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn take(&mut self, letter: char) -> bool {
        let found = self.rest.strip_prefix(letter);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// Up to the end of the pattern, or of the alternative.
    fn sequence(&mut self, depth: usize) -> Option<Sequence> {
        let mut sequence = Sequence::new();
        loop {
            if depth > 0 && self.rest.starts_with([',', '}']) {
                return Some(sequence);
            }
            let Some(letter) = self.next() else { return (depth == 0).then_some(sequence) };
            sequence.push(match letter {
                '?' => Token::Single,
                '*' if self.take('*') => Token::Super,
                '*' => Token::Any,
                '[' => self.class()?,
                '{' => self.alternatives(depth + 1)?,
                '\\' => match self.next() {
                    Some(escaped) => Token::Letter(escaped),
                    None => return (depth == 0).then_some(sequence),
                },
                letter => Token::Letter(letter),
            });
        }
    }

    fn alternatives(&mut self, depth: usize) -> Option<Token> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut alternatives = vec![self.sequence(depth)?];
        while self.take(',') {
            alternatives.push(self.sequence(depth)?);
        }
        self.take('}').then_some(Token::AnyOf(alternatives))
    }

    fn class(&mut self) -> Option<Token> {
        let negated = self.take('!');
        let (letters, closed) = {
            let mut ahead = self.rest.chars();
            (ahead.next()?, ahead.next()? == '-')
        };
        if closed {
            self.next();
            self.next();
            let high = self.next()?;
            return (self.take(']') && letters <= high).then_some(Token::Range {
                low: letters,
                high,
                negated,
            });
        }
        let mut letters = Vec::new();
        loop {
            match self.next()? {
                ']' => break,
                '\\' => letters.push(self.next()?),
                letter => letters.push(letter),
            }
        }
        (!letters.is_empty()).then_some(Token::List { letters, negated })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Glob::new(pattern).unwrap().matches(path)
    }

    #[test]
    fn one_star_stays_within_a_path_element_and_two_do_not() {
        assert!(matches("f/*.txt", "f/a.txt"));
        assert!(!matches("f/*", "f/sub/a.txt"));
        assert!(matches("f/**", "f/sub/a.txt"));
        assert!(matches("**.yaml", "a/b.yaml"));
        assert!(!matches("f/?", "f/ab"));
    }

    #[test]
    fn classes_and_alternatives_match() {
        assert!(matches("[a-c]{x,y*}.t", "byes.t"));
        assert!(matches("[!ab]", "c"));
        assert!(!matches("[ab]", "c"));
        assert!(matches("a\\*", "a*"));
        assert!(matches("{a,b/{c,d}}", "b/d"));
    }

    #[test]
    fn broken_patterns_are_refused() {
        for pattern in ["[", "[]", "{a", "[z-a]", "[a-zA]"] {
            assert!(Glob::new(pattern).is_none(), "{pattern}");
        }
    }
}

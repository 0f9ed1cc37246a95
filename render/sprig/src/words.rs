//! The case and the words of a text: `title`, `camelcase`, `snakecase`, `initials` and their like.

use value::Str;

use crate::unicode::{
    is_digit, is_letter, is_lower, is_number, is_punctuation, is_space, is_title, is_upper, letters,
    to_lower, to_title, to_upper,
};

fn mapped(text: &Str, map: impl FnMut(char) -> char) -> Str {
    Str::from(letters(text.as_bytes()).map(map).collect::<String>())
}

/// `strings.ToUpper`; ASCII text keeps invalid bytes, as there are none.
pub(crate) fn upper(text: Str) -> Str {
    mapped(&text, to_upper)
}

/// `strings.ToLower`.
pub(crate) fn lower(text: Str) -> Str {
    mapped(&text, to_lower)
}

/// `strings.Title`: the first letter of every word, the rest as it is.
pub(crate) fn title(text: Str) -> Str {
    let mut previous = ' ';
    mapped(&text, |letter| {
        let starts_word = is_separator(previous);
        previous = letter;
        if starts_word { to_title(letter) } else { letter }
    })
}

/// What parts words for `strings.Title`.
fn is_separator(letter: char) -> bool {
    if letter.is_ascii() {
        return !(letter.is_ascii_alphanumeric() || letter == '_');
    }
    !is_letter(letter) && !is_digit(letter) && is_space(letter)
}

/// The first letter of every word in lower case.
pub(crate) fn untitle(text: Str) -> Str {
    let mut starts_word = true;
    mapped(&text, |letter| {
        if is_space(letter) {
            starts_word = true;
            letter
        } else if std::mem::take(&mut starts_word) {
            to_lower(letter)
        } else {
            letter
        }
    })
}

/// Upper and title case become lower case; lower case becomes upper case, title case at the start of words.
pub(crate) fn swapcase(text: Str) -> Str {
    let mut starts_word = true;
    mapped(&text, |letter| {
        if is_upper(letter) || is_title(letter) {
            starts_word = false;
            to_lower(letter)
        } else if is_lower(letter) {
            if std::mem::take(&mut starts_word) { to_title(letter) } else { to_upper(letter) }
        } else {
            starts_word = is_space(letter);
            letter
        }
    })
}

/// The first byte of each word, as a letter of Latin-1: goutils reads bytes, not letters.
pub(crate) fn initials(text: Str) -> Str {
    let mut starts_word = true;
    let is_initial = |byte: &u8| {
        if is_space(char::from(*byte)) {
            starts_word = true;
            return false;
        }
        std::mem::take(&mut starts_word)
    };
    Str::from(text.as_bytes().iter().copied().filter(is_initial).map(char::from).collect::<String>())
}

/// The text without white space. goutils reads bytes: where it removes any, every byte becomes a letter of Latin-1.
pub(crate) fn nospace(text: Str) -> Str {
    let kept: String =
        text.as_bytes().iter().map(|byte| char::from(*byte)).filter(|letter| !is_space(*letter)).collect();
    if kept.chars().count() == text.len() { text } else { Str::from(kept) }
}

fn is_connector(letter: char) -> bool {
    matches!(letter, '-' | '_') || is_space(letter)
}

/// A letter that isn't Chinese.
fn is_alphabet(letter: char) -> bool {
    let chinese =
        matches!(letter, '\u{3400}'..='\u{4D85}' | '\u{4E00}'..='\u{9FCC}' | '\u{20000}'..='\u{2B81D}');
    is_letter(letter) && !chinese
}

/// xstrings' `ToPascalCase`: `http_server-x` becomes `HttpServerX`.
pub(crate) fn camelcase(text: Str) -> Str {
    let all: Vec<char> = letters(text.as_bytes()).collect();
    let leading = all.iter().take_while(|letter| is_connector(**letter)).count();
    let (connectors, rest) = all.split_at(leading);
    let mut out: String = connectors.iter().collect();
    let Some((&first, rest)) = rest.split_first() else {
        // Where there is nothing else, xstrings writes the last one twice.
        out.extend(connectors.last());
        return Str::from(out);
    };
    let mut was_upper = is_upper(first);
    let mut pending = to_upper(first);
    for &letter in rest {
        let mut next = letter;
        if is_connector(pending) {
            if is_connector(letter) {
                out.push(pending);
                pending = letter;
                continue;
            }
            was_upper = is_upper(letter);
            next = to_upper(letter);
        } else {
            if was_upper && is_upper(letter) {
                next = to_lower(letter);
            } else {
                was_upper = false;
            }
            out.push(pending);
        }
        pending = next;
    }
    out.push(pending);
    Str::from(out)
}

/// xstrings' `ToSnakeCase`: `HTTPServer2x` becomes `http_server_2x`.
pub(crate) fn snakecase(text: Str) -> Str {
    connected(&text, '_')
}

/// xstrings' `ToKebabCase`: [`snakecase`] with dashes.
pub(crate) fn kebabcase(text: Str) -> Str {
    connected(&text, '-')
}

/// What a run of letters is, as xstrings sorts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// The end, or bytes that are no letters.
    None,
    Number,
    /// `HTTP`, `Http`
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// Reads words off a text.
struct Words<'t> {
    rest: &'t [u8],
}

impl<'t> Words<'t> {
    fn next(&mut self) -> (Word, &'t [u8]) {
        let (word, length) = measure(self.rest);
        let (text, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        (word, text)
    }
}

/// The next valid letter and the bytes up to its end; the given one stands in where only invalid bytes are left.
fn next_valid(text: &[u8], stand_in: char) -> (char, usize) {
    let mut size = 0;
    for (letter, bytes) in crate::unicode::spans(text) {
        size += bytes.len();
        if letter != char::REPLACEMENT_CHARACTER {
            return (letter, size);
        }
    }
    (stand_in, size)
}

/// The kind of the word that a text begins with, and its length in bytes.
fn measure(text: &[u8]) -> (Word, usize) {
    if text.is_empty() {
        return (Word::None, 0);
    }
    let (first, size) = next_valid(text, char::REPLACEMENT_CHARACTER);
    let word = match first {
        char::REPLACEMENT_CHARACTER => return (Word::None, size),
        letter if is_connector(letter) => Word::Connector,
        letter if is_punctuation(letter) => Word::Punctuation,
        letter if is_upper(letter) => return (Word::Upper, upper_word(text, first, size)),
        letter if is_alphabet(letter) => Word::Alphabet,
        letter if is_number(letter) => Word::Number,
        _ => Word::Other,
    };
    let belongs = |letter: char| match word {
        Word::Connector => is_connector(letter),
        Word::Punctuation => is_punctuation(letter),
        Word::Alphabet => is_alphabet(letter) && !is_upper(letter),
        Word::Number => is_number(letter),
        _ => !(is_connector(letter) || is_alphabet(letter) || is_number(letter) || is_punctuation(letter)),
    };
    (word, run(text, size, first, belongs).end)
}

/// Where a run of letters ends.
struct Run {
    end: usize,
    /// The letter after the run, or its last.
    last: char,
    /// The size of the last letter in the run.
    last_size: usize,
}

fn run(text: &[u8], start: usize, first: char, belongs: impl Fn(char) -> bool) -> Run {
    let mut run = Run { end: start, last: first, last_size: start };
    while let Some(rest) = text.get(run.end..).filter(|rest| !rest.is_empty()) {
        let (letter, size) = next_valid(rest, run.last);
        run.last = letter;
        if size == 0 || !belongs(letter) {
            break;
        }
        run.end += size;
        run.last_size = size;
    }
    run
}

/// `HTTPStatus` is two words: the last capital belongs to the second.
fn upper_word(text: &[u8], first: char, size: usize) -> usize {
    let Some(rest) = text.get(size..).filter(|rest| !rest.is_empty()) else { return size };
    let (second, _) = next_valid(rest, first);
    if is_upper(second) {
        let capitals = run(text, size, first, is_upper);
        let splits = capitals.end < text.len() && is_alphabet(capitals.last);
        return capitals.end - if splits { capitals.last_size } else { 0 };
    }
    if is_alphabet(second) {
        return run(text, size, first, |letter| is_alphabet(letter) && !is_upper(letter)).end;
    }
    size
}

fn connected(text: &Str, connector: char) -> Str {
    let mut words = Words { rest: text.as_bytes() };
    let mut out = Connected { out: Vec::with_capacity(text.len() + 8), connector };
    let (mut kind, mut word) = words.next();
    while !words.rest.is_empty() {
        if kind != Word::Connector {
            out.word(kind, word);
        }
        let previous = (kind, word);
        (kind, word) = words.next();
        match previous.0 {
            Word::Number => (kind, word) = out.after_number(&mut words, kind, word),
            Word::Connector => out.word(Word::Connector, previous.1),
            Word::Punctuation => {}
            _ if kind != Word::Number => out.connect(kind, false),
            _ if words.rest.is_empty() => {}
            _ => (kind, word) = out.number_after_word(&mut words, word),
        }
    }
    out.word(kind, word);
    Str::from(out.out)
}

/// The result so far.
struct Connected {
    out: Vec<u8>,
    connector: char,
}

impl Connected {
    /// Appends a word; capitals become lower case, connectors the one connector.
    fn word(&mut self, kind: Word, word: &[u8]) {
        if !matches!(kind, Word::Upper | Word::Connector) {
            self.out.extend_from_slice(word);
            return;
        }
        for letter in letters(word) {
            self.letter(match letter {
                letter if is_connector(letter) => self.connector,
                letter if is_upper(letter) => to_lower(letter),
                letter => letter,
            });
        }
    }

    fn letter(&mut self, letter: char) {
        self.out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// Appends the connector, where the next word doesn't bring its own.
    fn connect(&mut self, next: Word, but_not_at_end: bool) {
        let own = matches!(next, Word::Connector | Word::Punctuation) || but_not_at_end && next == Word::None;
        if !own {
            self.letter(self.connector);
        }
    }

    /// What follows a number belongs to it, up to a word in capitals.
    fn after_number<'t>(&mut self, words: &mut Words<'t>, kind: Word, word: &'t [u8]) -> (Word, &'t [u8]) {
        let (mut kind, mut word) = (kind, word);
        while matches!(kind, Word::Alphabet | Word::Number) {
            self.word(kind, word);
            (kind, word) = words.next();
        }
        self.connect(kind, true);
        (kind, word)
    }

    /// A number ends the word before it (`bld4_floor`), but begins one with small letters (`http_2xx`).
    fn number_after_word<'t>(&mut self, words: &mut Words<'t>, number: &'t [u8]) -> (Word, &'t [u8]) {
        let (kind, word) = words.next();
        if kind != Word::Alphabet {
            self.word(Word::Number, number);
            self.connect(kind, false);
            return (kind, word);
        }
        self.letter(self.connector);
        self.word(Word::Number, number);
        self.after_number(words, kind, word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_xstrings_does() {
        for (text, want) in [
            ("FirstName HTTPServer2x", "first_name_http_server_2x"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("a-b c", "a_b_c"),
            ("foo.bar_baz", "foo.bar_baz"),
        ] {
            assert_eq!(snakecase(Str::from(text)), want);
        }
    }

    #[test]
    fn pascal_case_keeps_leading_connectors() {
        for (text, want) in
            [("http_server-x y", "HttpServerXY"), ("_foo__bar", "_Foo_Bar"), ("ABC", "Abc"), ("-", "--")]
        {
            assert_eq!(camelcase(Str::from(text)), want);
        }
    }

    #[test]
    fn goutils_reads_bytes() {
        assert_eq!(nospace(Str::from("é a")), "Ã©a");
        assert_eq!(nospace(Str::from("é")), "é");
        assert_eq!(initials(Str::from("über alles")), "Ãa");
    }
}

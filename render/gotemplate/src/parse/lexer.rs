//! From text to tokens.

use memchr::{memchr, memchr_iter, memchr3, memmem};
use value::{format, unicode};

use super::letters::{
    code_point, has_left_trim_marker, has_right_trim_marker, is_alphanumeric, is_terminator, is_word_byte,
    leading_spaces, starts_with, trailing_spaces,
};
use super::token::{Keyword, Token, TokenKind};
use super::tree::Span;

/// Marks of where actions begin and end, `{{` and `}}` unless the template's owner says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Delimiters {
    pub(crate) left: Vec<u8>,
    pub(crate) right: Vec<u8>,
}

/// A hyphen and the space beside it.
const TRIM_MARKER_LENGTH: usize = 2;

/// Reads one token at a time; after an error there is nothing more to read.
pub(super) struct Lexer<'t> {
    input: &'t [u8],
    delimiters: &'t Delimiters,
    position: usize,
    start: usize,
    parentheses: usize,
    inside_action: bool,
    /// Whether the token that is read comes after spaces within an action.
    after_space: bool,
    /// What the first error is, once there is one.
    pub(super) message: Vec<u8>,
    /// Whether `break` and `continue` are keywords: not where functions have these names.
    pub(super) break_is_keyword: bool,
    pub(super) continue_is_keyword: bool,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(input: &'t [u8], delimiters: &'t Delimiters) -> Self {
        Self {
            input,
            delimiters,
            position: 0,
            start: 0,
            parentheses: 0,
            inside_action: false,
            after_space: false,
            message: Vec::new(),
            break_is_keyword: true,
            continue_is_keyword: true,
        }
    }

    pub(super) fn next_token(&mut self) -> Token {
        if self.inside_action { self.inside_action() } else { self.text() }
    }

    /// Whether a dot comes next.
    pub(super) fn before_dot(&self) -> bool {
        self.rest().first() == Some(&b'.')
    }

    /// Goes past `.a.b` at once, as far as no word needs a closer look; tokens would be the same, only slower.
    pub(super) fn plain_fields(&mut self) -> Option<Span> {
        if self.delimiters.right.first() == Some(&b'.') {
            return None;
        }
        let start = self.position;
        while let [b'.', first, after @ ..] = self.rest()
            && is_word_byte(*first)
            && !first.is_ascii_digit()
        {
            let length = after.iter().position(|byte| !is_word_byte(*byte)).unwrap_or(after.len());
            if !after.get(length).is_some_and(|byte| is_terminator(*byte)) {
                break;
            }
            self.position += 2 + length;
        }
        self.start = self.position;
        (self.position > start).then(|| Span::new(start, self.position))
    }

    /// The byte that is read next.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    #[inline]
    fn rest(&self) -> &'t [u8] {
        self.input.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        match self.rest() {
            [] => None,
            [byte, ..] if byte.is_ascii() => Some(char::from(*byte)),
            rest => Some(unicode::decode(rest).0.unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn advance(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.position += if letter.is_ascii() { 1 } else { unicode::decode(self.rest()).1 };
        Some(letter)
    }

    /// Goes past the letters, digits and underscores here.
    fn word(&mut self) {
        let rest = self.rest();
        let plain = rest.iter().position(|byte| !is_word_byte(*byte)).unwrap_or(rest.len());
        self.position += plain;
        if rest.get(plain).is_some_and(|byte| !byte.is_ascii()) {
            self.rest_of_word();
        }
    }

    /// Goes past a word from a letter that is not ASCII on.
    #[cold]
    fn rest_of_word(&mut self) {
        while self.peek().is_some_and(is_alphanumeric) {
            self.advance();
        }
    }

    fn accept(&mut self, accepted: &[u8]) -> bool {
        let takes = self.rest().first().is_some_and(|byte| accepted.contains(byte));
        self.position += usize::from(takes);
        takes
    }

    fn accept_run(&mut self, accepted: &[u8]) {
        while self.accept(accepted) {}
    }

    #[inline]
    fn lexeme(&self) -> &'t [u8] {
        self.input.get(self.start..self.position).unwrap_or_default()
    }

    #[inline]
    fn emit(&mut self, kind: TokenKind) -> Token {
        let token = Token { kind, after_space: self.after_space, span: Span::new(self.start, self.position) };
        self.start = self.position;
        token
    }

    fn ignore(&mut self) {
        self.start = self.position;
    }

    fn error(&mut self, message: impl Into<Vec<u8>>) -> Token {
        let span = Span::new(self.start, self.start);
        let token = Token { kind: TokenKind::Error, after_space: self.after_space, span };
        if self.message.is_empty() {
            self.message = message.into();
        }
        self.input = &[];
        self.position = 0;
        self.start = 0;
        token
    }

    fn text(&mut self) -> Token {
        loop {
            let Some(length) = self.until_left_delimiter() else {
                self.position = self.input.len();
                let kind = if self.position > self.start { TokenKind::Text } else { TokenKind::EndOfText };
                return self.emit(kind);
            };
            if length > 0 {
                self.position += length;
                let after = &self.rest()[self.delimiters.left.len()..];
                let trimmed = if has_left_trim_marker(after) { trailing_spaces(self.lexeme()) } else { 0 };
                self.position -= trimmed;
                let token = self.emit(TokenKind::Text);
                self.position += trimmed;
                self.ignore();
                if !token.span.is_empty() {
                    return token;
                }
            }
            if let Some(token) = self.left_delimiter() {
                return token;
            }
        }
    }

    /// How many bytes come before the next action.
    fn until_left_delimiter(&self) -> Option<usize> {
        let (rest, left) = (self.rest(), &self.delimiters.left);
        memchr_iter(*left.first()?, rest).find(|at| rest[*at..].starts_with(left))
    }

    /// The start of an action; `None` where a comment was skipped.
    fn left_delimiter(&mut self) -> Option<Token> {
        self.position += self.delimiters.left.len();
        let marker = if has_left_trim_marker(self.rest()) { TRIM_MARKER_LENGTH } else { 0 };
        if self.rest()[marker..].starts_with(b"/*") {
            self.position += marker;
            self.ignore();
            return self.comment();
        }
        let token = self.emit(TokenKind::LeftDelimiter);
        self.inside_action = true;
        self.position += marker;
        self.ignore();
        self.parentheses = 0;
        Some(token)
    }

    /// Skips a comment; what is wrong with it otherwise.
    fn comment(&mut self) -> Option<Token> {
        self.position += 2;
        let Some(length) = memmem::find(self.rest(), b"*/") else {
            return Some(self.error("unclosed comment"));
        };
        self.position += length + 2;
        let Some(trims) = self.at_right_delimiter() else {
            return Some(self.error("comment ends before closing delimiter"));
        };
        self.skip_right_delimiter(trims);
        self.ignore();
        None
    }

    /// Whether a right delimiter comes next, and if so whether it trims.
    #[inline]
    fn at_right_delimiter(&self) -> Option<bool> {
        let (rest, right) = (self.rest(), &self.delimiters.right);
        if has_right_trim_marker(rest) && rest[TRIM_MARKER_LENGTH..].starts_with(right) {
            return Some(true);
        }
        starts_with(rest, right).then_some(false)
    }

    fn skip_right_delimiter(&mut self, trims: bool) {
        if trims {
            self.position += TRIM_MARKER_LENGTH;
        }
        self.position += self.delimiters.right.len();
        if trims {
            self.position += leading_spaces(self.rest());
        }
    }

    fn right_delimiter(&mut self, trims: bool) -> Token {
        if self.parentheses > 0 {
            return self.error("unclosed left paren");
        }
        if trims {
            self.position += TRIM_MARKER_LENGTH;
            self.ignore();
        }
        self.position += self.delimiters.right.len();
        let token = self.emit(TokenKind::RightDelimiter);
        if trims {
            self.position += leading_spaces(self.rest());
            self.ignore();
        }
        self.inside_action = false;
        token
    }

    fn inside_action(&mut self) -> Token {
        if let Some(trims) = self.at_right_delimiter() {
            return self.right_delimiter(trims);
        }
        self.after_space = self.spaces();
        if self.after_space
            && let Some(trims) = self.at_right_delimiter()
        {
            return self.right_delimiter(trims);
        }
        self.part_of_action()
    }

    /// Goes past spaces, but for the last one where that belongs to a trimming delimiter; whether there are any.
    fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let count = leading_spaces(rest);
        if count == 0 {
            return false;
        }
        let is_marker =
            rest.get(count) == Some(&b'-') && rest[count + 1..].starts_with(&self.delimiters.right);
        self.position += if is_marker { count - 1 } else { count };
        self.ignore();
        true
    }

    /// Anything but spaces and the end.
    fn part_of_action(&mut self) -> Token {
        let Some(first) = self.rest().first() else { return self.error("unclosed action") };
        self.position += 1;
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.identifier(),
            b'.' if self.rest().first().is_some_and(|byte| !byte.is_ascii_digit()) => {
                self.field_or_variable(TokenKind::Field)
            }
            b'.' | b'+' | b'-' | b'0'..=b'9' => {
                self.position -= 1;
                self.number()
            }
            b'$' => self.field_or_variable(TokenKind::Variable),
            b'"' => self.quoted(b'"', TokenKind::String, "unterminated quoted string"),
            b'|' => self.emit(TokenKind::Pipe),
            b'(' => {
                self.parentheses += 1;
                self.emit(TokenKind::LeftParenthesis)
            }
            b')' => self.right_parenthesis(),
            b':' if self.advance() == Some('=') => self.emit(TokenKind::Declare),
            b':' => self.error("expected :="),
            b'=' => self.emit(TokenKind::Assign),
            b'\'' => self.quoted(b'\'', TokenKind::CharacterConstant, "unterminated character constant"),
            b'`' => self.raw_string(),
            b'!'..=b'~' => self.emit(TokenKind::Character),
            _ => self.other_letter(),
        }
    }

    fn right_parenthesis(&mut self) -> Token {
        match self.parentheses.checked_sub(1) {
            Some(open) => {
                self.parentheses = open;
                self.emit(TokenKind::RightParenthesis)
            }
            None => self.error("unexpected right paren"),
        }
    }

    /// A letter that is not ASCII, or what can't be written in an action.
    fn other_letter(&mut self) -> Token {
        self.position -= 1;
        match self.advance() {
            Some(letter) if is_alphanumeric(letter) => self.identifier(),
            letter => {
                self.error(code_point("unrecognized character in action: ", letter.unwrap_or_default()))
            }
        }
    }

    fn identifier(&mut self) -> Token {
        self.word();
        if !self.at_terminator() {
            return self.bad_character();
        }
        let kind = match (self.lexeme(), Keyword::of(self.lexeme())) {
            (_, Some(Keyword::Break)) if !self.break_is_keyword => TokenKind::Identifier,
            (_, Some(Keyword::Continue)) if !self.continue_is_keyword => TokenKind::Identifier,
            (_, Some(keyword)) => TokenKind::Keyword(keyword),
            (b"true" | b"false", None) => TokenKind::Bool,
            _ => TokenKind::Identifier,
        };
        self.emit(kind)
    }

    /// After the dot or the dollar.
    fn field_or_variable(&mut self, kind: TokenKind) -> Token {
        if self.at_terminator() {
            let is_dot = kind == TokenKind::Field;
            return self.emit(if is_dot { TokenKind::Keyword(Keyword::Dot) } else { kind });
        }
        self.word();
        if self.at_terminator() { self.emit(kind) } else { self.bad_character() }
    }

    fn bad_character(&mut self) -> Token {
        let letter = self.peek().unwrap_or_default();
        self.error(code_point("bad character ", letter))
    }

    fn at_terminator(&self) -> bool {
        match self.rest() {
            [] => true,
            [byte, ..] if is_terminator(*byte) => true,
            rest => starts_with(rest, &self.delimiters.right),
        }
    }

    /// After the opening quote of a string or a character constant.
    fn quoted(&mut self, quote: u8, kind: TokenKind, unterminated: &str) -> Token {
        while let Some(length) = memchr3(quote, b'\\', b'\n', self.rest()) {
            self.position += length;
            match self.advance() {
                Some('\\') if !matches!(self.advance(), None | Some('\n')) => {}
                Some('\\' | '\n') => break,
                _ => return self.emit(kind),
            }
        }
        self.error(unterminated)
    }

    fn raw_string(&mut self) -> Token {
        let Some(length) = memchr(b'`', self.rest()) else {
            return self.error("unterminated raw quoted string");
        };
        self.position += length + 1;
        self.emit(TokenKind::RawString)
    }

    fn number(&mut self) -> Token {
        if !self.scan_number() {
            return self.bad_number();
        }
        if !matches!(self.peek(), Some('+' | '-')) {
            return self.emit(TokenKind::Number);
        }
        if !self.scan_number() || !self.lexeme().ends_with(b"i") {
            return self.bad_number();
        }
        self.emit(TokenKind::Complex)
    }

    fn bad_number(&mut self) -> Token {
        let message = format!("bad number syntax: {}", format::quote(self.lexeme()));
        self.error(message)
    }

    /// Goes past what may be a number; `false` where a letter follows.
    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        const HEXADECIMAL: &[u8] = b"0123456789abcdefABCDEF_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = HEXADECIMAL;
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if digits == DECIMAL && self.accept(b"eE") || digits == HEXADECIMAL && self.accept(b"pP") {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.advance();
            return false;
        }
        true
    }
}

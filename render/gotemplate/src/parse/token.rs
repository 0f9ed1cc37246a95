//! What the lexer hands to the parser.

use std::borrow::Cow;

use value::{Value, format};

use super::tree::Span;

/// A piece of a template's text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind,
    /// Whether spaces within an action come before it.
    pub(super) after_space: bool,
    /// The byte where it starts.
    pub(super) position: usize,
    /// The line where it starts, from 1.
    pub(super) line: u32,
    /// Its text; empty where the lexer found an error.
    pub(super) text: &'t [u8],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TokenKind {
    #[default]
    Error,
    Bool,
    /// A character with no other meaning, such as a comma.
    Character,
    CharacterConstant,
    Complex,
    Assign,
    Declare,
    EndOfText,
    /// An identifier after a dot, dot included.
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    String,
    Text,
    Variable,
    Keyword(Keyword),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Keyword {
    pub(super) fn of(word: &[u8]) -> Option<Self> {
        // Most words are none, and none is so long.
        if word.len() > "continue".len() {
            return None;
        }
        Some(match word {
            b"block" => Keyword::Block,
            b"break" => Keyword::Break,
            b"continue" => Keyword::Continue,
            b"define" => Keyword::Define,
            b"else" => Keyword::Else,
            b"end" => Keyword::End,
            b"if" => Keyword::If,
            b"nil" => Keyword::Nil,
            b"range" => Keyword::Range,
            b"template" => Keyword::Template,
            b"with" => Keyword::With,
            _ => return None,
        })
    }
}

impl<'t> Token<'t> {
    pub(super) fn span(&self) -> Span {
        Span::new(self.position, self.position + self.text.len())
    }

    pub(super) fn is(&self, keyword: Keyword) -> bool {
        self.kind == TokenKind::Keyword(keyword)
    }

    /// The text with every invalid byte replaced by U+FFFD.
    pub(super) fn to_text(self) -> Cow<'t, str> {
        value::text_of(self.text)
    }

    /// The token as error texts name it; for the lexer's own errors there is its message.
    pub(super) fn describe(&self) -> String {
        match self.kind {
            TokenKind::EndOfText => "EOF".to_owned(),
            TokenKind::Keyword(_) => format!("<{}>", self.to_text()),
            _ if self.text.len() > 10 => printed(b"%.10q...", self.text),
            _ => printed(b"%q", self.text),
        }
    }
}

fn printed(verb: &[u8], text: &[u8]) -> String {
    String::from_utf8_lossy(&format::sprintf(verb, &[Value::Str(text.into())])).into_owned()
}

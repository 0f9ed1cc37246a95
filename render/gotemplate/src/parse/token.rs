//! What the lexer hands to the parser.

use value::{Value, format};

use super::tree::Span;

/// A piece of a template's text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Whether spaces within an action come before it.
    pub(super) after_space: bool,
    /// Where it stands; empty where the lexer found an error.
    pub(super) span: Span,
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

impl Token {
    pub(super) fn is(&self, keyword: Keyword) -> bool {
        self.kind == TokenKind::Keyword(keyword)
    }

    /// The token as error texts name it; for the lexer's own errors there is its message.
    pub(super) fn describe(&self, text: &[u8]) -> String {
        let text = self.span.of(text);
        match self.kind {
            TokenKind::EndOfText => "EOF".to_owned(),
            // Every invalid byte is replaced by U+FFFD.
            TokenKind::Keyword(_) => format!("<{}>", value::text_of(text)),
            _ if text.len() > 10 => printed(b"%.10q...", text),
            _ => printed(b"%q", text),
        }
    }
}

fn printed(verb: &[u8], text: &[u8]) -> String {
    String::from_utf8_lossy(&format::sprintf(verb, &[Value::Str(text.into())])).into_owned()
}

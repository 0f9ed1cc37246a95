//! The inner half of the parser: pipelines, commands and operands.

use value::{Str, format};

use super::MAXIMUM_PARENTHESES;
use super::blocks::Parser;
use super::number::Number;
use super::print::Source;
use super::token::{Keyword, Token, TokenKind};
use super::tree::{Command, Operand, OperandKind, Pipeline, Span};
use crate::ParseError;

/// What stands before a pipeline's commands.
#[derive(Default)]
struct Declared {
    variables: Vec<Span>,
    assigns: bool,
}

impl<'t> Parser<'t> {
    /// A pipeline up to its end, a delimiter or parenthesis.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline, ParseError> {
        let first = self.next();
        let (declared, mut token) = self.declarations(first, context)?;
        let before = self.commands.len();
        while token.kind != end {
            let command = self.command(token, context)?;
            self.commands.push(command);
            token = self.next();
        }
        self.check(self.commands.get(before..).unwrap_or_default(), context)?;
        Ok(Pipeline {
            position: first.position as u32,
            assigns: declared.assigns,
            variables: declared.variables.into(),
            commands: self.commands.drain(before..).collect(),
        })
    }

    /// Reads `$x :=`, `$x =` or `$x, $y :=` where they stand; gives the token after them.
    fn declarations(
        &mut self,
        first: Token<'t>,
        context: &str,
    ) -> Result<(Declared, Token<'t>), ParseError> {
        let mut declared = Declared::default();
        let mut token = first;
        while token.kind == TokenKind::Variable {
            let next = self.next();
            let is_comma = next.kind == TokenKind::Character && next.text == b",";
            if !is_comma && !matches!(next.kind, TokenKind::Assign | TokenKind::Declare) {
                self.give_back(next);
                break;
            }
            declared.variables.push(token.span());
            self.variables.push(token.text);
            if !is_comma {
                declared.assigns = next.kind == TokenKind::Assign;
                token = self.next();
                break;
            }
            if context != "range" || declared.variables.len() >= 2 {
                return Err(self.error(format!("too many declarations in {context}")));
            }
            token = self.next();
            match token.kind {
                TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParenthesis => {}
                _ => return Err(self.error("range can only initialize variables")),
            }
        }
        Ok((declared, token))
    }

    fn check(&self, commands: &[Command], context: &str) -> Result<(), ParseError> {
        if commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        let is_constant = |command: &Command| {
            matches!(
                command.first.kind,
                OperandKind::Bool(_)
                    | OperandKind::Dot
                    | OperandKind::Nil
                    | OperandKind::Number(_)
                    | OperandKind::String { .. }
            )
        };
        match commands.iter().skip(1).position(is_constant) {
            Some(index) => Err(self.error(format!("non executable command in pipeline stage {}", index + 2))),
            None => Ok(()),
        }
    }

    /// A command up to its end; `context` is where its first token stands.
    fn command(&mut self, first: Token<'t>, context: &str) -> Result<Command, ParseError> {
        let position = first.position as u32;
        let first = self.operand(first, context)?;
        let before = self.operands.len();
        loop {
            let token = self.next();
            match token.kind {
                TokenKind::RightDelimiter | TokenKind::RightParenthesis => {
                    self.give_back(token);
                    break;
                }
                TokenKind::Pipe => break,
                _ if token.after_space => {
                    let operand = self.operand(token, "operand")?;
                    self.operands.push(operand);
                }
                _ => return Err(self.unexpected(&token, "operand")),
            }
        }
        Ok(Command { position, first, arguments: self.operands.drain(before..).collect() })
    }

    /// A term and the fields after it.
    fn operand(&mut self, token: Token<'t>, context: &str) -> Result<Operand, ParseError> {
        let term = self.term(token, context)?;
        let first = self.peek();
        if first.kind != TokenKind::Field || first.after_space {
            return Ok(term);
        }
        let mut fields = first.span();
        while let Token { kind: TokenKind::Field, after_space: false, .. } = self.peek() {
            fields = fields.to(self.next().span());
        }
        let kind = match term.kind {
            OperandKind::Field(first) => OperandKind::Field(first.to(fields)),
            OperandKind::Variable { name, .. } => OperandKind::Variable { name, fields },
            OperandKind::Identifier(_) | OperandKind::Pipeline(_) | OperandKind::Chain { .. } => {
                OperandKind::Chain { operand: Box::new(term), fields }
            }
            _ => {
                let term = format::quote(term.source(self.text));
                return Err(self.error(format!("unexpected . after term {term}")));
            }
        };
        Ok(Operand { position: first.position as u32, kind })
    }

    fn term(&mut self, token: Token<'t>, context: &str) -> Result<Operand, ParseError> {
        let kind = match token.kind {
            TokenKind::Identifier if self.has_function(token.text) => OperandKind::Identifier(token.span()),
            TokenKind::Identifier => {
                return Err(self.error(format!("function {} not defined", format::quote(token.text))));
            }
            TokenKind::Keyword(Keyword::Dot) => OperandKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => OperandKind::Nil,
            TokenKind::Variable => self.variable(&token)?,
            TokenKind::Field => OperandKind::Field(token.span()),
            TokenKind::Bool => OperandKind::Bool(token.text == b"true"),
            TokenKind::CharacterConstant | TokenKind::Complex | TokenKind::Number => {
                OperandKind::Number(Box::new(Number::of(&token).map_err(|error| self.error(error))?))
            }
            TokenKind::LeftParenthesis => self.parenthesized()?,
            TokenKind::String | TokenKind::RawString => {
                let value = string(token.text).map_err(|error| self.error(error.to_string()))?;
                OperandKind::String { length: token.text.len() as u32, value }
            }
            _ => return Err(self.unexpected(&token, context)),
        };
        // A pipeline's own position is that of its first token.
        let position = match &kind {
            OperandKind::Pipeline(pipeline) => pipeline.position,
            _ => token.position as u32,
        };
        Ok(Operand { position, kind })
    }

    fn variable(&self, token: &Token<'_>) -> Result<OperandKind, ParseError> {
        if !self.variables.contains(&token.text) {
            return Err(self.error(format!("undefined variable {}", format::quote(token.text))));
        }
        Ok(OperandKind::Variable { name: token.span(), fields: Span::default() })
    }

    fn parenthesized(&mut self) -> Result<OperandKind, ParseError> {
        if self.parentheses >= MAXIMUM_PARENTHESES {
            return Err(self.error("max expression depth exceeded"));
        }
        self.parentheses += 1;
        let pipeline = self.pipeline("parenthesized pipeline", TokenKind::RightParenthesis)?;
        self.parentheses -= 1;
        Ok(OperandKind::Pipeline(Box::new(pipeline)))
    }
}

/// The value of a string constant.
fn string(quoted: &[u8]) -> Result<Str, format::UnquoteError> {
    Ok(match plain(quoted) {
        Some(text) => Str::from(text),
        None => Str::from(format::unquote(quoted)?),
    })
}

/// What stands between the double quotes, where nothing is there but ASCII that stands for itself.
fn plain(quoted: &[u8]) -> Option<&[u8]> {
    let inner = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let is_plain = |byte: &u8| byte.is_ascii() && !matches!(byte, b'"' | b'\\' | b'\n');
    inner.iter().all(is_plain).then_some(inner)
}

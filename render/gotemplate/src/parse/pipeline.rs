//! The inner half of the parser: pipelines, commands and operands.

use std::sync::Arc;

use value::{Str, Value, format};

use super::MAXIMUM_PARENTHESES;
use super::blocks::Parser;
use super::number::Number;
use super::print::Source;
use super::token::{Keyword, Token, TokenKind};
use super::tree::{Command, Operand, OperandKind, Pipeline};
use crate::ParseError;

impl Parser<'_> {
    /// A pipeline up to its end, a delimiter or parenthesis.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline, ParseError> {
        let position = self.peek_but_space().position;
        let mut pipeline = Pipeline { position, assigns: false, variables: Vec::new(), commands: Vec::new() };
        while self.declaration(&mut pipeline, context)? {}
        loop {
            let token = self.next_but_space();
            if token.kind == end {
                self.check(&pipeline, context)?;
                return Ok(pipeline);
            }
            if !starts_operand(token.kind) {
                return Err(self.unexpected(&token, context));
            }
            self.give_back(token);
            pipeline.commands.push(self.command()?);
        }
    }

    /// Reads `$x :=`, `$x =` or `$x,`; whether another variable may follow.
    fn declaration(&mut self, pipeline: &mut Pipeline, context: &str) -> Result<bool, ParseError> {
        if self.peek_but_space().kind != TokenKind::Variable {
            return Ok(false);
        }
        let variable = self.next();
        let after = self.peek();
        let next = self.next_but_space();
        let is_comma = next.kind == TokenKind::Character && next.text == b",";
        if !is_comma && !matches!(next.kind, TokenKind::Assign | TokenKind::Declare) {
            self.give_back(next);
            if after.kind == TokenKind::Space {
                self.give_back(after);
            }
            self.give_back(variable);
            return Ok(false);
        }
        let name: Arc<str> = Arc::from(String::from_utf8_lossy(&variable.text));
        pipeline.variables.push(Arc::clone(&name));
        self.variables.push(name);
        if !is_comma {
            pipeline.assigns = next.kind == TokenKind::Assign;
            return Ok(false);
        }
        if context != "range" || pipeline.variables.len() >= 2 {
            return Err(self.error(format!("too many declarations in {context}")));
        }
        match self.peek_but_space().kind {
            TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParenthesis => Ok(true),
            _ => Err(self.error("range can only initialize variables")),
        }
    }

    fn check(&self, pipeline: &Pipeline, context: &str) -> Result<(), ParseError> {
        if pipeline.commands.is_empty() {
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
        match pipeline.commands.iter().skip(1).position(is_constant) {
            Some(index) => Err(self.error(format!("non executable command in pipeline stage {}", index + 2))),
            None => Ok(()),
        }
    }

    fn command(&mut self) -> Result<Command, ParseError> {
        let position = self.peek_but_space().position;
        let mut operands = Vec::new();
        loop {
            self.peek_but_space();
            operands.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                TokenKind::Space => {}
                TokenKind::RightDelimiter | TokenKind::RightParenthesis => {
                    self.give_back(token);
                    break;
                }
                TokenKind::Pipe => break,
                _ => return Err(self.unexpected(&token, "operand")),
            }
        }
        let mut operands = operands.into_iter();
        let first = operands.next().ok_or_else(|| self.error("empty command"))?;
        Ok(Command { position, first, arguments: operands.collect() })
    }

    /// A term and the fields after it.
    fn operand(&mut self) -> Result<Option<Operand>, ParseError> {
        let Some(term) = self.term()? else { return Ok(None) };
        let position = self.peek().position;
        let mut names = Vec::new();
        while self.peek().kind == TokenKind::Field {
            names.push(field_name(&self.next()));
        }
        if names.is_empty() {
            return Ok(Some(term));
        }
        let kind = match term.kind {
            OperandKind::Field(first) => OperandKind::Field(first.into_iter().chain(names).collect()),
            OperandKind::Variable { name, .. } => OperandKind::Variable { name, fields: names.into() },
            OperandKind::Identifier(_) | OperandKind::Pipeline(_) | OperandKind::Chain { .. } => {
                OperandKind::Chain { operand: Box::new(term), fields: names.into() }
            }
            _ => {
                let term = format::quote(term.source());
                return Err(self.error(format!("unexpected . after term {term}")));
            }
        };
        Ok(Some(Operand { position, kind }))
    }

    fn term(&mut self) -> Result<Option<Operand>, ParseError> {
        let token = self.next_but_space();
        let text = || String::from_utf8_lossy(&token.text);
        let kind = match token.kind {
            TokenKind::Identifier => {
                let name = text();
                if !self.has_function(&name) {
                    return Err(self.error(format!("function {} not defined", format::quote(&*name))));
                }
                OperandKind::Identifier(name.into())
            }
            TokenKind::Keyword(Keyword::Dot) => OperandKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => OperandKind::Nil,
            TokenKind::Variable => self.variable(&text())?,
            TokenKind::Field => OperandKind::Field(Box::new([field_name(&token)])),
            TokenKind::Bool => OperandKind::Bool(token.text == b"true"),
            TokenKind::CharacterConstant | TokenKind::Complex | TokenKind::Number => {
                let number = match token.kind {
                    TokenKind::CharacterConstant => Number::character(&token.text),
                    TokenKind::Complex => Number::of_complex(&text()),
                    _ => Number::parse(&text()),
                };
                OperandKind::Number(Box::new(number.map_err(|error| self.error(error))?))
            }
            TokenKind::LeftParenthesis => self.parenthesized()?,
            TokenKind::String | TokenKind::RawString => {
                let value = format::unquote(&token.text).map_err(|error| self.error(error.to_string()))?;
                OperandKind::String { quoted: token.text.into(), value: Value::Str(Str::from(value)) }
            }
            _ => {
                self.give_back(token);
                return Ok(None);
            }
        };
        // A pipeline's own position is that of its first token.
        let position = match &kind {
            OperandKind::Pipeline(pipeline) => pipeline.position,
            _ => token.position,
        };
        Ok(Some(Operand { position, kind }))
    }

    fn variable(&self, name: &str) -> Result<OperandKind, ParseError> {
        match self.variables.iter().find(|variable| &***variable == name) {
            Some(name) => Ok(OperandKind::Variable { name: Arc::clone(name), fields: Box::new([]) }),
            None => Err(self.error(format!("undefined variable {}", format::quote(name)))),
        }
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

fn starts_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Bool
            | TokenKind::CharacterConstant
            | TokenKind::Complex
            | TokenKind::Keyword(Keyword::Dot | Keyword::Nil)
            | TokenKind::Field
            | TokenKind::Identifier
            | TokenKind::Number
            | TokenKind::RawString
            | TokenKind::String
            | TokenKind::Variable
            | TokenKind::LeftParenthesis
    )
}

fn field_name(token: &Token) -> Box<str> {
    String::from_utf8_lossy(token.text.get(1..).unwrap_or_default()).into()
}

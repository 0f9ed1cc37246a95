//! The inner half of the parser: pipelines, commands and operands.

use std::sync::Arc;

use value::{Str, Value, format};

use super::MAXIMUM_PARENTHESES;
use super::blocks::Parser;
use super::number::Number;
use super::print::Source;
use super::token::{Keyword, TokenKind};
use super::tree::{Command, Fields, Operand, OperandKind, Pipeline};
use crate::ParseError;

/// What stands before a pipeline's commands.
#[derive(Default)]
struct Declared {
    variables: Vec<Arc<str>>,
    assigns: bool,
}

impl Parser<'_> {
    /// A pipeline up to its end, a delimiter or parenthesis.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline, ParseError> {
        let position = self.peek_but_space().position;
        let mut declared = Declared::default();
        while self.declaration(&mut declared, context)? {}
        // Most pipelines are one command, and many stay in memory.
        let mut commands = Vec::with_capacity(1);
        loop {
            let token = self.next_but_space();
            if token.kind == end {
                self.check(&commands, context)?;
                let Declared { variables, assigns } = declared;
                return Ok(Pipeline {
                    position,
                    assigns,
                    variables: variables.into(),
                    commands: commands.into(),
                });
            }
            if !starts_operand(token.kind) {
                return Err(self.unexpected(&token, context));
            }
            self.give_back(token);
            commands.push(self.command()?);
        }
    }

    /// Reads `$x :=`, `$x =` or `$x,`; whether another variable may follow.
    fn declaration(&mut self, declared: &mut Declared, context: &str) -> Result<bool, ParseError> {
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
        let name: Arc<str> = Arc::from(&*variable.to_text());
        declared.variables.push(Arc::clone(&name));
        self.variables.push(name);
        if !is_comma {
            declared.assigns = next.kind == TokenKind::Assign;
            return Ok(false);
        }
        if context != "range" || declared.variables.len() >= 2 {
            return Err(self.error(format!("too many declarations in {context}")));
        }
        match self.peek_but_space().kind {
            TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParenthesis => Ok(true),
            _ => Err(self.error("range can only initialize variables")),
        }
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

    fn command(&mut self) -> Result<Command, ParseError> {
        let position = self.peek_but_space().position;
        let mut first = None;
        let mut arguments = Vec::new();
        loop {
            self.peek_but_space();
            match self.operand()? {
                operand @ Some(_) if first.is_none() => first = operand,
                operand => arguments.extend(operand),
            }
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
        let first = first.ok_or_else(|| self.error("empty command"))?;
        Ok(Command { position, first, arguments: arguments.into() })
    }

    /// A term and the fields after it.
    fn operand(&mut self) -> Result<Option<Operand>, ParseError> {
        let Some(term) = self.term()? else { return Ok(None) };
        let position = self.peek().position;
        if self.peek().kind != TokenKind::Field {
            return Ok(Some(term));
        }
        let mut text = match &term.kind {
            OperandKind::Field(first) => first.text().to_owned(),
            _ => String::new(),
        };
        while self.peek().kind == TokenKind::Field {
            text += &self.next().to_text();
        }
        let fields = Fields::new(text);
        let kind = match term.kind {
            OperandKind::Field(_) => OperandKind::Field(fields),
            OperandKind::Variable { name, .. } => OperandKind::Variable { name, fields },
            OperandKind::Identifier(_) | OperandKind::Pipeline(_) | OperandKind::Chain { .. } => {
                OperandKind::Chain { operand: Box::new(term), fields }
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
        let text = || token.to_text();
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
            TokenKind::Field => OperandKind::Field(Fields::new(text())),
            TokenKind::Bool => OperandKind::Bool(token.text == b"true"),
            TokenKind::CharacterConstant | TokenKind::Complex | TokenKind::Number => {
                let number = match token.kind {
                    TokenKind::CharacterConstant => Number::character(token.text),
                    TokenKind::Complex => Number::of_complex(&text()),
                    _ => Number::parse(&text()),
                };
                OperandKind::Number(Box::new(number.map_err(|error| self.error(error))?))
            }
            TokenKind::LeftParenthesis => self.parenthesized()?,
            TokenKind::String | TokenKind::RawString => {
                let value = format::unquote(token.text).map_err(|error| self.error(error.to_string()))?;
                OperandKind::String { quoted: Arc::from(token.text), value: Value::Str(Str::from(value)) }
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
            Some(name) => Ok(OperandKind::Variable { name: Arc::clone(name), fields: Fields::default() }),
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

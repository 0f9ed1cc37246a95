//! The inner half of the parser: pipelines, commands and operands.

use value::{Str, format};

use super::blocks::Parser;
use super::number::Number;
use super::print::Source;
use super::token::{Keyword, Token, TokenKind};
use super::tree::{Chain, Command, Constant, Operand, OperandKind, Pipeline, Span};
use super::{MAXIMUM_PARENTHESES, Result};

/// What stands before a pipeline's commands.
#[derive(Default)]
struct Declared {
    variables: Option<Box<[Span; 2]>>,
    assigns: bool,
}

impl Declared {
    /// Adds a variable; whether it is the second one.
    fn add(&mut self, name: Span) -> bool {
        match &mut self.variables {
            Some(both) => both[1] = name,
            None => {
                self.variables = Some(Box::new([name, Span::default()]));
                return false;
            }
        }
        true
    }
}

impl<'t> Parser<'t> {
    /// A pipeline up to its end, a delimiter or parenthesis.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline> {
        let first = self.next();
        self.pipeline_from(first, context, end)
    }

    /// A pipeline from its first token on.
    pub(super) fn pipeline_from(&mut self, first: Token, context: &str, end: TokenKind) -> Result<Pipeline> {
        let (declared, mut token) = self.declarations(first, context)?;
        let before = self.commands.len();
        while token.kind != end {
            let (command, after) = self.command(token, context)?;
            self.commands.push(command);
            token = after;
        }
        self.check(self.commands.get(before..).unwrap_or_default(), context)?;
        Ok(Pipeline {
            position: first.span.start() as u32,
            assigns: declared.assigns,
            variables: declared.variables,
            commands: self.parts.commands.take(&mut self.commands, before),
        })
    }

    /// Reads `$x :=`, `$x =` or `$x, $y :=` where they stand; gives the token after them.
    fn declarations(&mut self, first: Token, context: &str) -> Result<(Declared, Token)> {
        let mut declared = Declared::default();
        let mut token = first;
        while token.kind == TokenKind::Variable {
            let next = self.next();
            let is_comma = next.kind == TokenKind::Character && self.text_of(&next) == b",";
            if !is_comma && !matches!(next.kind, TokenKind::Assign | TokenKind::Declare) {
                self.give_back(next);
                break;
            }
            let is_second = declared.add(token.span);
            self.variables.push(self.text_of(&token));
            if !is_comma {
                declared.assigns = next.kind == TokenKind::Assign;
                token = self.next();
                break;
            }
            if context != "range" || is_second {
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

    fn check(&self, commands: &[Command], context: &str) -> Result<()> {
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
                    | OperandKind::Plain(_)
                    | OperandKind::String(_)
            )
        };
        match commands.iter().skip(1).position(is_constant) {
            Some(index) => Err(self.error(format!("non executable command in pipeline stage {}", index + 2))),
            None => Ok(()),
        }
    }

    /// A command and the token after it, and after the pipe where there is one; `context` is where its first token
    /// stands.
    fn command(&mut self, first: Token, context: &str) -> Result<(Command, Token)> {
        let position = first.span.start() as u32;
        let first = self.operand(first, context)?;
        let before = self.operands.len();
        let after = loop {
            let token = self.next();
            match token.kind {
                TokenKind::RightDelimiter | TokenKind::RightParenthesis => break token,
                TokenKind::Pipe => break self.next(),
                _ if token.after_space => {
                    let operand = self.operand(token, "operand")?;
                    self.operands.push(operand);
                }
                _ => return Err(self.unexpected(&token, "operand")),
            }
        };
        let arguments = self.parts.operands.take(&mut self.operands, before);
        Ok((Command { position, first, arguments }, after))
    }

    /// A term and the fields after it.
    fn operand(&mut self, token: Token, context: &str) -> Result<Operand> {
        let term = self.term(token, context)?;
        let Some(mut fields) = self.fields() else { return Ok(term) };
        let position = fields.start() as u32;
        while let Some(more) = self.fields() {
            fields = fields.to(more);
        }
        let kind = match term.kind {
            OperandKind::Field(first) => OperandKind::Field(first.to(fields)),
            OperandKind::Variable { name, .. } => OperandKind::Variable { name, end: fields.end() },
            OperandKind::Identifier(_) | OperandKind::Pipeline(_) | OperandKind::Chain(_) => {
                OperandKind::Chain(Box::new(Chain { operand: term, fields }))
            }
            _ => {
                let term = format::quote(term.source(&self.parts));
                return Err(self.error(format!("unexpected . after term {term}")));
            }
        };
        Ok(Operand { position, kind })
    }

    fn term(&mut self, token: Token, context: &str) -> Result<Operand> {
        let text = self.text_of(&token);
        let kind = match token.kind {
            TokenKind::Identifier if self.has_function(text) => OperandKind::Identifier(token.span),
            TokenKind::Identifier => {
                return Err(self.error(format!("function {} not defined", format::quote(text))));
            }
            TokenKind::Keyword(Keyword::Dot) => OperandKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => OperandKind::Nil,
            TokenKind::Variable => self.variable(&token)?,
            TokenKind::Field => OperandKind::Field(token.span),
            TokenKind::Bool => OperandKind::Bool(text == b"true"),
            TokenKind::CharacterConstant | TokenKind::Complex | TokenKind::Number => OperandKind::Number(
                Box::new(Number::of(token.kind, text).map_err(|error| self.error(error))?),
            ),
            TokenKind::LeftParenthesis => self.parenthesized()?,
            TokenKind::String | TokenKind::RawString if is_plain(text) => {
                OperandKind::Plain(token.span.inner())
            }
            TokenKind::String | TokenKind::RawString => {
                let value = format::unquote(text).map_err(|error| self.error(error.to_string()))?;
                OperandKind::String(Box::new(Constant { length: text.len() as u32, value: value.into() }))
            }
            _ => return Err(self.unexpected(&token, context)),
        };
        // A pipeline's own position is that of its first token.
        let position = match &kind {
            OperandKind::Pipeline(pipeline) => pipeline.position,
            _ => token.span.start() as u32,
        };
        Ok(Operand { position, kind })
    }

    fn variable(&self, token: &Token) -> Result<OperandKind> {
        let text = self.text_of(token);
        if !self.variables.contains(&text) {
            return Err(self.error(format!("undefined variable {}", format::quote(text))));
        }
        let name = token.span;
        Ok(OperandKind::Variable { name, end: name.end() })
    }

    fn parenthesized(&mut self) -> Result<OperandKind> {
        if self.parentheses >= MAXIMUM_PARENTHESES {
            return Err(self.error("max expression depth exceeded"));
        }
        self.parentheses += 1;
        let pipeline = self.pipeline("parenthesized pipeline", TokenKind::RightParenthesis)?;
        self.parentheses -= 1;
        Ok(OperandKind::Pipeline(Box::new(pipeline)))
    }
}

/// Whether a string constant is what stands between its quotes, and so short that making its value anew takes no
/// memory: a long one may be kept many times.
fn is_plain(quoted: &[u8]) -> bool {
    let inner = quoted.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let is_itself = |byte: &u8| byte.is_ascii() && !matches!(byte, b'"' | b'\\' | b'\n');
    inner.is_some_and(|inner| inner.len() <= Str::LONGEST_IN_PLACE && inner.iter().all(is_itself))
}

#[cfg(test)]
mod tests {
    use value::{Map, Value};

    use crate::{ParseError, Templates};

    fn parsed(text: &str) -> Result<Templates, ParseError> {
        let mut templates = Templates::new("set");
        templates.parse("main", text).map(|_| templates)
    }

    fn mistake(text: &str) -> String {
        parsed(text).map(|_| String::new()).unwrap_or_else(|error| error.to_string())
    }

    fn output(text: &str) -> String {
        let inner: Map = [("b", "1"), ("b1_", "2"), ("é", "3"), ("éa", "4")].into_iter().collect();
        let data: Map = [("a", Value::from(inner)), ("c", "5".into())].into_iter().collect();
        String::from_utf8(parsed(text).unwrap().execute("main", data.into()).unwrap()).unwrap()
    }

    #[test]
    fn fields_are_read_to_their_end_whatever_comes_after() {
        let text =
            "{{.a.b}}{{ .a.b1_ }}{{(.a).b}}{{$.a.b|print}}{{$x:=.a}}{{$x.b -}} {{(.a.b)}}{{print .a.b .c}}";
        assert_eq!(output(text), "1211111 5".replace(' ', ""));
        assert_eq!(output("{{.a.é}}{{.a.éa}}{{(.a).é | print}}{{$.a.éa}}"), "3434");
    }

    #[test]
    fn what_is_no_field_after_a_dot_is_refused_as_it_stands() {
        let unexpected = |what: &str| format!("template: main:1: {what}");
        assert_eq!(mistake("{{.a.b!}}"), unexpected("bad character U+0021 '!'"));
        assert_eq!(mistake("{{.a.b%.c}}"), unexpected("bad character U+0025 '%'"));
        assert_eq!(mistake("{{.a.5}}"), unexpected("unexpected \".5\" in operand"));
        assert_eq!(mistake("{{.a. }}"), unexpected("unexpected <.> in operand"));
        assert_eq!(mistake("{{.a..b}}"), unexpected("unexpected <.> in operand"));
        assert_eq!(mistake("{{1.a}}"), unexpected("bad number syntax: \"1.a\""));
        assert_eq!(mistake("{{`x\n`.a}}"), "template: main:2: unexpected . after term \"`x\\n`\"");
        assert_eq!(mistake("{{.a.b"), unexpected("unclosed action"));
    }

    #[test]
    fn spaces_part_operands_and_belong_to_trimming_delimiters() {
        assert_eq!(output("a \n{{- print \n\t.c -}} \n b {{ .c\n-}} c"), "a5b 5c");
        assert_eq!(mistake("{{print 1\"a\"}}"), "template: main:1: unexpected \"\\\"a\\\"\" in operand");
        let unclosed = "template: main:2: unclosed left paren in action started at main:1";
        assert_eq!(mistake("{{print (1\n -}}"), unclosed);
        assert_eq!(mistake("{{print 1\n\n }} {{nope}}"), "template: main:3: function \"nope\" not defined");
    }

    #[test]
    fn delimiters_of_any_kind_end_actions() {
        let mut templates = Templates::new("set").with_delimiters("<", ".>");
        let data: Map = [("a", "1")].into_iter().collect();
        templates.parse("main", "<.a.><<.a.>").unwrap_err();
        templates.parse("main", "<.a.>{{<print .a .>").unwrap();
        assert_eq!(templates.execute("main", data.into()).unwrap(), b"1{{1");
    }

    #[test]
    fn string_constants_are_what_go_reads_in_them() {
        let text = r#"{{print "a'é" "\tb\x63\"" `\d"` ""}}"#;
        assert_eq!(output(text), "a'é\tbc\"\\d\"");
        for length in [0, 1, 22, 23, 1000] {
            let constant = "x".repeat(length);
            assert_eq!(output(&format!("{{{{\"{constant}\"}}}}")), constant);
            assert!(
                mistake(&format!("{{{{\"{constant}\".a}}}}"))
                    .ends_with(&format!("term \"\\\"{constant}\\\"\""))
            );
        }
    }
}

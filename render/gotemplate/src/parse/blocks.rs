//! The outer half of the parser: text, actions, and the blocks that they open and close.
//!
//! Open blocks are kept on a list and not on the native stack.

use std::sync::Arc;

use memchr::memchr_iter;
use value::format;

use super::lexer::{Delimiters, Lexer};
use super::lists::List;
use super::token::{Keyword, Token, TokenKind};
use super::tree::{
    Branches, Command, Condition, Invocation, Loop, Node, Operand, Parts, Pipeline, Span, Tree,
};
use super::{MAXIMUM_BLOCKS, Result};
use crate::ParseError;

/// What is open at a time in most texts, so that its list need not grow.
const USUAL_DEPTH: usize = 16;
const USUAL_NODES: usize = 64;

/// One parse of one text.
pub(super) struct Parser<'t> {
    lexer: Lexer<'t>,
    name: Arc<str>,
    pub(super) text: &'t Arc<[u8]>,
    is_function: &'t dyn Fn(&[u8]) -> bool,
    /// A token to be read again.
    given_back: Option<Token>,
    /// Where the token starts that came last from the lexer.
    position: usize,
    /// Where the present action starts.
    action: Option<usize>,
    /// The variables in scope.
    pub(super) variables: Vec<&'t [u8]>,
    pub(super) parentheses: usize,
    /// How many loops could be left with `break`.
    loops: usize,
    open: Vec<Open<'t>>,
    /// The nodes of all open blocks, those of the innermost last.
    nodes: Vec<Node>,
    /// The conditions of all open blocks, the commands of all open pipelines, and the operands of all open commands,
    /// likewise.
    conditions: Vec<Condition>,
    pub(super) commands: Vec<Command>,
    pub(super) operands: Vec<Operand>,
    /// What is no longer open.
    pub(super) parts: Parts,
    defined: Vec<Defined>,
}

/// A template that has come to its end.
struct Defined {
    name: Arc<str>,
    root: List<Node>,
}

/// A block that waits for its end.
struct Open<'t> {
    block: Block<'t>,
    /// How many nodes came before the block.
    before: usize,
}

enum Block<'t> {
    /// `{{if}}` or `{{with}}`, and how many conditions came before it; the pipeline is `None` after `{{else}}`.
    Branches { keyword: Keyword, conditions: usize, pipeline: Option<Pipeline>, variables: usize },
    /// `{{range}}`; the body is there after `{{else}}`.
    Loop { pipeline: Pipeline, body: Option<List<Node>>, variables: usize },
    /// `{{define}}` or `{{block}}`, which is also invoked; and what they put aside.
    /// The position is that of the block's head.
    Definition {
        name: String,
        invocation: Option<Box<Invocation>>,
        variables: Vec<&'t [u8]>,
        loops: usize,
        position: usize,
    },
}

impl<'t> Parser<'t> {
    pub(super) fn new(
        name: &str,
        text: &'t Arc<[u8]>,
        delimiters: &'t Delimiters,
        is_function: &'t dyn Fn(&[u8]) -> bool,
    ) -> Self {
        let mut lexer = Lexer::new(text, delimiters);
        lexer.break_is_keyword = !is_function(b"break");
        lexer.continue_is_keyword = !is_function(b"continue");
        Self {
            lexer,
            name: Arc::from(name),
            text,
            is_function,
            given_back: None,
            position: 0,
            action: None,
            variables: vec![b"$"],
            parentheses: 0,
            loops: 0,
            open: Vec::with_capacity(USUAL_DEPTH),
            nodes: Vec::with_capacity(USUAL_NODES),
            conditions: Vec::new(),
            commands: Vec::with_capacity(USUAL_DEPTH),
            operands: Vec::with_capacity(USUAL_DEPTH),
            parts: Parts::of(text),
            defined: Vec::new(),
        }
    }

    /// The text's own template and those that it defines.
    pub(super) fn parse(mut self) -> Result<(Tree, Vec<Tree>)> {
        loop {
            let token = self.next();
            if token.kind == TokenKind::EndOfText {
                break;
            }
            self.step(token)?;
        }
        if !self.open.is_empty() {
            return Err(self.error("unexpected EOF"));
        }
        let name = self.name.to_string();
        let root = self.list(0);
        let own = self.sole(&name, root)?;
        self.parts.shrink();
        let parts = Arc::new(self.parts);
        let tree = |defined: Defined| Tree {
            name: defined.name,
            parse_name: Arc::clone(&self.name),
            parts: Arc::clone(&parts),
            root: defined.root,
        };
        Ok((tree(own), self.defined.into_iter().map(tree).collect()))
    }

    /// The nodes after so many, as a list of their own.
    fn list(&mut self, before: usize) -> List<Node> {
        self.parts.nodes.take(&mut self.nodes, before)
    }

    /// Text, or an action from its delimiter on.
    fn step(&mut self, token: Token) -> Result<()> {
        match token.kind {
            TokenKind::Text => {
                self.nodes.push(Node::Text(token.span));
                Ok(())
            }
            TokenKind::LeftDelimiter => {
                let first = self.next();
                if self.open.is_empty() && first.is(Keyword::Define) {
                    return self.define();
                }
                self.action = Some(token.span.start());
                self.action(first)
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }

    fn action(&mut self, first: Token) -> Result<()> {
        match first.kind {
            TokenKind::Keyword(keyword @ (Keyword::If | Keyword::With)) => return self.branches(keyword),
            TokenKind::Keyword(Keyword::Range) => return self.range(),
            TokenKind::Keyword(Keyword::Block) => self.block()?,
            TokenKind::Keyword(keyword @ (Keyword::Break | Keyword::Continue)) => self.jump(keyword)?,
            TokenKind::Keyword(Keyword::Else) => {
                self.end_of_else()?;
                self.action = None;
                self.otherwise()?;
            }
            TokenKind::Keyword(Keyword::End) => {
                self.expect(TokenKind::RightDelimiter, "end")?;
                self.end()?;
            }
            TokenKind::Keyword(Keyword::Template) => self.template()?,
            _ => {
                let pipeline = self.pipeline_from(first, "command", TokenKind::RightDelimiter)?;
                self.nodes.push(Node::Action(pipeline));
            }
        }
        self.action = None;
        Ok(())
    }

    fn open(&mut self, block: Block<'t>) -> Result<()> {
        if self.open.len() >= MAXIMUM_BLOCKS {
            return Err(self.error("max nesting of actions exceeded"));
        }
        self.open.push(Open { block, before: self.nodes.len() });
        Ok(())
    }

    /// `{{if}}` or `{{with}}`
    fn branches(&mut self, keyword: Keyword) -> Result<()> {
        let variables = self.variables.len();
        let pipeline = Some(self.pipeline(context(keyword), TokenKind::RightDelimiter)?);
        let conditions = self.conditions.len();
        self.open(Block::Branches { keyword, conditions, pipeline, variables })
    }

    fn range(&mut self) -> Result<()> {
        let variables = self.variables.len();
        let pipeline = self.pipeline("range", TokenKind::RightDelimiter)?;
        self.loops += 1;
        self.open(Block::Loop { pipeline, body: None, variables })
    }

    /// What comes after `else`: the end of the action, or what makes it an `else if`, to be read again.
    fn end_of_else(&mut self) -> Result<()> {
        let token = self.next();
        if token.is(Keyword::If) || token.is(Keyword::With) {
            self.give_back(token);
        } else if token.kind != TokenKind::RightDelimiter {
            return Err(self.unexpected(&token, "else"));
        }
        Ok(())
    }

    fn jump(&mut self, keyword: Keyword) -> Result<()> {
        let (node, name) = match keyword {
            Keyword::Break => (Node::Break, "{{break}}"),
            _ => (Node::Continue, "{{continue}}"),
        };
        self.expect(TokenKind::RightDelimiter, name)?;
        if self.loops == 0 {
            return Err(self.error(format!("{name} outside {{{{range}}}}")));
        }
        self.nodes.push(node);
        Ok(())
    }

    fn define(&mut self) -> Result<()> {
        let name = self.next();
        let name = self.template_name(&name, "define clause")?;
        self.expect(TokenKind::RightDelimiter, "define clause")?;
        self.definition(name, None)
    }

    fn block(&mut self) -> Result<()> {
        let invocation = self.invocation("block clause")?;
        self.definition(invocation.name.clone(), Some(invocation))
    }

    fn definition(&mut self, name: String, invocation: Option<Box<Invocation>>) -> Result<()> {
        let variables = std::mem::replace(&mut self.variables, vec![b"$"]);
        let loops = std::mem::take(&mut self.loops);
        self.open(Block::Definition { name, invocation, variables, loops, position: self.position })
    }

    fn template(&mut self) -> Result<()> {
        let invocation = self.invocation("template clause")?;
        self.nodes.push(Node::Template(invocation));
        Ok(())
    }

    /// A template's name and the pipeline that gives its data; a block must have one.
    fn invocation(&mut self, context: &'static str) -> Result<Box<Invocation>> {
        let token = self.next();
        let name = self.template_name(&token, context)?;
        let next = self.next();
        let pipeline = if next.kind == TokenKind::RightDelimiter && context == "template clause" {
            None
        } else {
            Some(self.pipeline_from(next, context, TokenKind::RightDelimiter)?)
        };
        Ok(Box::new(Invocation { position: token.span.start(), name, pipeline }))
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Result<String> {
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return Err(self.unexpected(token, context));
        }
        let name = format::unquote(self.text_of(token)).map_err(|error| self.error(error.to_string()))?;
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    /// `{{else}}`
    fn otherwise(&mut self) -> Result<()> {
        let Some(mut open) = self.open.pop() else { return Err(self.error("unexpected {{else}}")) };
        match &mut open.block {
            Block::Branches { keyword, pipeline, .. } => {
                let finished = pipeline.take().ok_or_else(|| self.error("expected end; found {{else}}"))?;
                let body = self.list(open.before);
                self.conditions.push(Condition { pipeline: finished, body });
                let token = self.next();
                if token.is(*keyword) {
                    *pipeline = Some(self.pipeline(context(*keyword), TokenKind::RightDelimiter)?);
                } else {
                    self.give_back(token);
                }
            }
            Block::Loop { body, .. } => {
                if body.is_some() {
                    return Err(self.error("expected end; found {{else}}"));
                }
                *body = Some(self.list(open.before));
                self.loops -= 1;
            }
            Block::Definition { invocation: Some(_), position, .. } => {
                self.position = *position;
                return Err(self.error("unexpected {{else}} in block clause"));
            }
            Block::Definition { .. } => return Err(self.error("unexpected {{else}} in define clause")),
        }
        self.open.push(open);
        Ok(())
    }

    /// `{{end}}`
    fn end(&mut self) -> Result<()> {
        let Some(open) = self.open.pop() else { return Err(self.error("unexpected {{end}}")) };
        let inner = self.list(open.before);
        match open.block {
            Block::Branches { keyword, conditions, pipeline, variables } => {
                let otherwise = if pipeline.is_none() { inner } else { List::default() };
                self.conditions.extend(pipeline.map(|pipeline| Condition { pipeline, body: inner }));
                let conditions = self.parts.conditions.take(&mut self.conditions, conditions);
                self.variables.truncate(variables);
                let is_with = keyword == Keyword::With;
                self.nodes.push(Node::Branches(Branches { is_with, conditions, otherwise }));
            }
            Block::Loop { pipeline, body, variables } => {
                let (body, otherwise) = match body {
                    Some(body) => (body, inner),
                    None => {
                        self.loops -= 1;
                        (inner, List::default())
                    }
                };
                self.variables.truncate(variables);
                self.nodes.push(Node::Loop(Box::new(Loop { pipeline, body, otherwise })));
            }
            Block::Definition { name, invocation, variables, loops, .. } => {
                self.add(&name, inner)?;
                self.variables = variables;
                self.loops = loops;
                self.nodes.extend(invocation.map(Node::Template));
            }
        }
        Ok(())
    }

    /// Adds a template.
    fn add(&mut self, name: &str, root: List<Node>) -> Result<()> {
        let defined = self.sole(name, root)?;
        self.defined.push(defined);
        Ok(())
    }

    /// The only template of that name, taken from those defined so far where the new one is empty; one that is not
    /// empty can't be defined twice.
    fn sole(&mut self, name: &str, root: List<Node>) -> Result<Defined> {
        let new = Defined { name: Arc::from(name), root };
        let Some(at) = self.defined.iter().position(|defined| *defined.name == *name) else { return Ok(new) };
        let old = self.defined.swap_remove(at);
        match (self.parts.is_blank(old.root), self.parts.is_blank(new.root)) {
            (true, _) => Ok(new),
            (false, true) => Ok(old),
            (false, false) => {
                let name = format::quote(name);
                Err(self.error(format!("template: multiple definition of template {name}")))
            }
        }
    }

    pub(super) fn has_function(&self, name: &[u8]) -> bool {
        (self.is_function)(name)
    }

    pub(super) fn next(&mut self) -> Token {
        if let Some(token) = self.given_back.take() {
            return token;
        }
        let token = self.lexer.next_token();
        self.position = token.span.start();
        token
    }

    /// Puts back the token that was read last.
    pub(super) fn give_back(&mut self, token: Token) {
        self.given_back = Some(token);
    }

    /// A field or more without a space before them.
    pub(super) fn fields(&mut self) -> Option<Span> {
        if self.given_back.is_none() {
            if !self.lexer.before_dot() {
                return None;
            }
            if let Some(fields) = self.lexer.plain_fields() {
                self.position = self.lexer.position();
                return Some(fields);
            }
        }
        let token = self.next();
        if token.kind == TokenKind::Field && !token.after_space {
            return Some(token.span);
        }
        self.give_back(token);
        None
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<()> {
        let token = self.next();
        if token.kind == kind { Ok(()) } else { Err(self.unexpected(&token, context)) }
    }

    pub(super) fn unexpected(&self, token: &Token, context: &str) -> Box<ParseError> {
        if token.kind != TokenKind::Error {
            return self.error(format!("unexpected {} in {context}", token.describe(self.text)));
        }
        let mut message = String::from_utf8_lossy(&self.lexer.message).into_owned();
        let action = self.action.map(|action| self.line_of(action));
        if let Some(action) = action.filter(|action| *action != self.line_of(token.span.start())) {
            // Not "unclosed action in action started at".
            let link = if message.ends_with(" action") { "" } else { " in action" };
            message += &format!("{link} started at {}:{action}", self.name);
        }
        self.error(message)
    }

    /// What a token is in the text.
    pub(super) fn text_of(&self, token: &Token) -> &'t [u8] {
        let text: &'t [u8] = self.text;
        token.span.of(text)
    }

    /// The line of a byte, from 1. Only errors ask for it.
    fn line_of(&self, position: usize) -> usize {
        1 + memchr_iter(b'\n', self.text.get(..position).unwrap_or_default()).count()
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Box<ParseError> {
        Box::new(ParseError {
            template: self.name.to_string(),
            line: self.line_of(self.position),
            message: message.into(),
        })
    }
}

fn context(keyword: Keyword) -> &'static str {
    if keyword == Keyword::With { "with" } else { "if" }
}

//! The outer half of the parser: text, actions, and the blocks that they open and close.
//!
//! Open blocks are kept on a list and not on the native stack.

use std::sync::Arc;

use value::format;

use super::lexer::{Delimiters, Lexer};
use super::token::{Keyword, Token, TokenKind};
use super::tree::{Branches, Command, Invocation, List, Loop, Node, Operand, Pipeline, Span, Tree};
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
    given_back: Option<Token<'t>>,
    /// The line of the token that came last from the lexer.
    line: u32,
    /// The line where the present action started; 0 outside.
    action_line: u32,
    /// The variables in scope.
    pub(super) variables: Vec<&'t [u8]>,
    pub(super) parentheses: usize,
    /// How many loops could be left with `break`.
    loops: usize,
    open: Vec<Open<'t>>,
    /// The nodes of all open blocks, those of the innermost last.
    nodes: Vec<Node>,
    /// The commands of all open pipelines, and the operands of all open commands, likewise.
    pub(super) commands: Vec<Command>,
    pub(super) operands: Vec<Operand>,
    trees: Vec<Tree>,
}

/// A block that waits for its end.
struct Open<'t> {
    block: Block<'t>,
    /// How many nodes came before the block.
    before: usize,
}

enum Block<'t> {
    /// `{{if}}` or `{{with}}`; the condition is `None` after `{{else}}`.
    Branches { keyword: Keyword, branches: Branches, condition: Option<Pipeline>, variables: usize },
    /// `{{range}}`; the body is there after `{{else}}`.
    Loop { pipeline: Pipeline, body: Option<List>, variables: usize },
    /// `{{define}}` or `{{block}}`, which is also invoked; and what they put aside.
    /// The line is that of the block's head.
    Definition {
        name: String,
        invocation: Option<Box<Invocation>>,
        variables: Vec<&'t [u8]>,
        loops: usize,
        line: u32,
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
            line: 0,
            action_line: 0,
            variables: vec![b"$"],
            parentheses: 0,
            loops: 0,
            open: Vec::with_capacity(USUAL_DEPTH),
            nodes: Vec::with_capacity(USUAL_NODES),
            commands: Vec::with_capacity(USUAL_DEPTH),
            operands: Vec::with_capacity(USUAL_DEPTH),
            trees: Vec::new(),
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
        Ok((own, self.trees))
    }

    /// The nodes after so many, as a list of their own.
    fn list(&mut self, before: usize) -> List {
        taken(&mut self.nodes, before)
    }

    /// Text, or an action from its delimiter on.
    fn step(&mut self, token: Token<'t>) -> Result<()> {
        match token.kind {
            TokenKind::Text => {
                self.nodes.push(Node::Text(token.span()));
                Ok(())
            }
            TokenKind::LeftDelimiter => {
                let first = self.next();
                if self.open.is_empty() && first.is(Keyword::Define) {
                    return self.define();
                }
                self.action_line = token.line;
                self.action(first)
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }

    fn action(&mut self, first: Token<'t>) -> Result<()> {
        match first.kind {
            TokenKind::Keyword(keyword @ (Keyword::If | Keyword::With)) => return self.branches(keyword),
            TokenKind::Keyword(Keyword::Range) => return self.range(),
            TokenKind::Keyword(Keyword::Block) => self.block()?,
            TokenKind::Keyword(keyword @ (Keyword::Break | Keyword::Continue)) => self.jump(keyword)?,
            TokenKind::Keyword(Keyword::Else) => {
                self.end_of_else()?;
                self.action_line = 0;
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
        self.action_line = 0;
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
        let condition = Some(self.pipeline(context(keyword), TokenKind::RightDelimiter)?);
        let branches = Branches { is_with: keyword == Keyword::With, ..Branches::default() };
        self.open(Block::Branches { keyword, branches, condition, variables })
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
        self.open(Block::Definition { name, invocation, variables, loops, line: self.line })
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
        Ok(Box::new(Invocation { position: token.position, name, pipeline }))
    }

    fn template_name(&mut self, token: &Token<'_>, context: &str) -> Result<String> {
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return Err(self.unexpected(token, context));
        }
        let name = format::unquote(token.text).map_err(|error| self.error(error.to_string()))?;
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    /// `{{else}}`
    fn otherwise(&mut self) -> Result<()> {
        let Some(mut open) = self.open.pop() else { return Err(self.error("unexpected {{else}}")) };
        match &mut open.block {
            Block::Branches { keyword, branches, condition, .. } => {
                let finished = condition.take().ok_or_else(|| self.error("expected end; found {{else}}"))?;
                branches.add(finished, self.list(open.before));
                let token = self.next();
                if token.is(*keyword) {
                    *condition = Some(self.pipeline(context(*keyword), TokenKind::RightDelimiter)?);
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
            Block::Definition { invocation: Some(_), line, .. } => {
                self.line = *line;
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
            Block::Branches { mut branches, condition, variables, .. } => {
                match condition {
                    Some(condition) => branches.add(condition, inner),
                    None => branches.otherwise = inner,
                }
                self.variables.truncate(variables);
                self.nodes.push(Node::Branches(Box::new(branches)));
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
    fn add(&mut self, name: &str, root: List) -> Result<()> {
        let tree = self.sole(name, root)?;
        self.trees.push(tree);
        Ok(())
    }

    /// The only template of that name, taken from those defined so far where the new one is empty; one that is not
    /// empty can't be defined twice.
    fn sole(&mut self, name: &str, root: List) -> Result<Tree> {
        let tree = Tree {
            name: Arc::from(name),
            parse_name: Arc::clone(&self.name),
            text: Arc::clone(self.text),
            root,
        };
        let Some(at) = self.trees.iter().position(|tree| tree.name() == name) else { return Ok(tree) };
        let defined = self.trees.swap_remove(at);
        match (defined.is_empty(), tree.is_empty()) {
            (true, _) => Ok(tree),
            (false, true) => Ok(defined),
            (false, false) => {
                let name = format::quote(name);
                Err(self.error(format!("template: multiple definition of template {name}")))
            }
        }
    }

    pub(super) fn has_function(&self, name: &[u8]) -> bool {
        (self.is_function)(name)
    }

    pub(super) fn next(&mut self) -> Token<'t> {
        if let Some(token) = self.given_back.take() {
            return token;
        }
        let token = self.lexer.next_token();
        self.line = token.line;
        token
    }

    /// Puts back the token that was read last.
    pub(super) fn give_back(&mut self, token: Token<'t>) {
        self.given_back = Some(token);
    }

    /// A field or more without a space before them.
    pub(super) fn fields(&mut self) -> Option<Span> {
        if self.given_back.is_none() {
            if !self.lexer.before_dot() {
                return None;
            }
            if let Some(fields) = self.lexer.plain_fields() {
                self.line = self.lexer.line();
                return Some(fields);
            }
        }
        let token = self.next();
        if token.kind == TokenKind::Field && !token.after_space {
            return Some(token.span());
        }
        self.give_back(token);
        None
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<()> {
        let token = self.next();
        if token.kind == kind { Ok(()) } else { Err(self.unexpected(&token, context)) }
    }

    pub(super) fn unexpected(&self, token: &Token<'_>, context: &str) -> Box<ParseError> {
        if token.kind != TokenKind::Error {
            return self.error(format!("unexpected {} in {context}", token.describe()));
        }
        let mut message = String::from_utf8_lossy(&self.lexer.message).into_owned();
        if self.action_line != 0 && self.action_line != token.line {
            // Not "unclosed action in action started at".
            let link = if message.ends_with(" action") { "" } else { " in action" };
            message += &format!("{link} started at {}:{}", self.name, self.action_line);
        }
        self.error(message)
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Box<ParseError> {
        Box::new(ParseError {
            template: self.name.to_string(),
            line: self.line as usize,
            message: message.into(),
        })
    }
}

fn context(keyword: Keyword) -> &'static str {
    if keyword == Keyword::With { "with" } else { "if" }
}

/// What lies on a stack above so many, in order.
pub(super) fn taken<T>(stack: &mut Vec<T>, below: usize) -> Box<[T]> {
    if stack.len() <= below { Box::default() } else { stack.split_off(below).into_boxed_slice() }
}

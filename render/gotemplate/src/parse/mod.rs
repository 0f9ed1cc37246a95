//! From text to syntax trees.

mod blocks;
mod letters;
mod lexer;
mod lists;
mod number;
mod pipeline;
mod print;
mod token;
mod tree;

use std::sync::Arc;

pub(crate) use lexer::Delimiters;
pub(crate) use lists::List;
pub(crate) use number::Number;
pub(crate) use print::Source;
pub use tree::Tree;
pub(crate) use tree::{Branches, Command, Invocation, Loop, Node, Operand, OperandKind, Pipeline, Span};

use crate::ParseError;

/// An error is boxed for the sake of what is no error, which is moved often.
type Result<T> = std::result::Result<T, Box<ParseError>>;

/// How deep actions nest; Go knows no bound.
const MAXIMUM_BLOCKS: usize = 500;

/// How deep parentheses nest, for parsing them takes native stack. Go allows 10000, and 1000 on small machines.
const MAXIMUM_PARENTHESES: usize = 200;

/// Parses a text into the template of that name and those that it defines.
pub(crate) fn parse(
    name: &str,
    text: Arc<[u8]>,
    delimiters: &Delimiters,
    is_function: &dyn Fn(&[u8]) -> bool,
) -> std::result::Result<(Tree, Vec<Tree>), ParseError> {
    if u32::try_from(text.len()).is_err() {
        let message = "template is longer than 4 GiB".to_owned();
        return Err(ParseError { template: name.to_owned(), line: 1, message });
    }
    blocks::Parser::new(name, &text, delimiters, is_function).parse().map_err(|error| *error)
}

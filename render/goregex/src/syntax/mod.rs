//! Reading Go's regular expression syntax (RE2 with Perl's extensions) into what `regex-automata` compiles.

mod class;
mod escape;
mod flags;
mod letters;
mod parser;
mod piece;

pub(crate) use parser::parse;

//! Kubernetes' JSONPath templates: `{.image.tag}`, `{range .ports[*]}{.name} {end}`.
//!
//! A text with actions in braces. It is no JSONPath of RFC 9535: steps apply to every result of the step before, a
//! quoted key is read as a path, and numbers compare with numbers of their own kind only.

mod evaluate;
mod parse;

use value::Value;

pub(super) use self::parse::ParseError;

/// A template that was read.
pub(super) struct Template(Vec<Part>);

enum Part {
    Text(String),
    Action(Vec<Step>),
}

/// What is done with each result so far.
enum Step {
    Field(String),
    Wildcard,
    /// `..`: everything below that has something below it.
    Recursive,
    Slice(Slice),
    Union(Vec<Vec<Step>>),
    Filter(Filter),
    /// A text stands once, whatever was found before.
    Text(Value),
    /// A number or a truth value takes the place of every result.
    Constant(Value),
    Range,
    End,
    /// A word that means nothing.
    Unknown,
}

/// `[start:end:step]`
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
    /// Whether `end` is there because one item is meant.
    is_single: bool,
}

/// `[?(left operator right)]`; without an operator the items where `left` finds something.
struct Filter {
    left: Vec<Step>,
    comparison: Option<(String, Vec<Step>)>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it, in Kubernetes' words.
    pub(super) fn parse(text: &str) -> Result<Self, ParseError> {
        parse::template(text).map(Self)
    }

    /// The text that it makes of a value; nothing where a step finds nothing or does not fit what it finds.
    pub(super) fn text(&self, data: &Value) -> Vec<u8> {
        evaluate::text(&self.0, data).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;

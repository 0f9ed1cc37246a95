//! Where a field of a rendered object comes from: which action of which template wrote it, and what values that read.
//!
//! A rendering before a [`Witness`] of everything knows which action wrote which bytes of which file. Bytes that an
//! action took from another template (`include`) are followed into it, by the line they stand on.

mod field;
mod origin;

use std::collections::BTreeMap;

use gotemplate::{Executed, Location};
use goyaml::{Kind, Limits, Node};
use thiserror::Error;
use value::{Map, Path};

pub use field::{FieldPath, FieldPathError};

use crate::manifest::split;
use crate::render::without_no_value;
use crate::{Engine, Witness};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The object's kind, in any case; empty for any.
    pub kind: &'a str,
    /// The object's name; empty for any.
    pub name: &'a str,
    /// The field.
    pub field: &'a FieldPath,
    /// The values that the root chart's templates saw.
    pub values: &'a Map,
}

/// Where a field comes from.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// `Deployment/web`
    pub object: String,
    /// The field's value as it was rendered; of a map or list, all of its lines.
    pub value: String,
    /// The places that wrote it.
    pub places: Vec<Place>,
}

/// A place in a template that wrote a part of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Where; of what was included, where it was included first, and where it was written last.
    pub chain: Vec<Location>,
    /// Whether it is text of the template, and no action.
    pub is_text: bool,
    /// The values that the action read, where the field may come from. Paths in the values of the root chart.
    pub reads: Vec<Path>,
}

/// Why there is no explanation.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ExplainError {
    /// No rendered object is meant.
    #[error("no rendered object is {wanted}; there are: {}", found.join(", "))]
    NoObject {
        /// What was asked for.
        wanted: String,
        /// The objects that there are.
        found: Vec<String>,
    },
    /// Several objects have the field.
    #[error("{} objects are meant; name one with --object: {}", found.len(), found.join(", "))]
    Several {
        /// The objects.
        found: Vec<String>,
    },
    /// The object has no such field.
    #[error("{object} has no field {field}{}", near(keys))]
    NoField {
        /// The object.
        object: String,
        /// The field, as far as it was not found.
        field: String,
        /// What the innermost map that was found holds.
        keys: Vec<String>,
    },
}

fn near(keys: &[String]) -> String {
    if keys.is_empty() { String::new() } else { format!("; there are: {}", keys.join(", ")) }
}

/// A document of a rendered file.
struct Document<'a> {
    executed: &'a Executed,
    /// Where the document begins in the file, and its text; `<no value>` is taken out of both.
    start: usize,
    text: &'a [u8],
    object: String,
}

impl Engine {
    /// Explains a field of what was rendered before the witness.
    ///
    /// # Errors
    /// Where no object, or none with that field, or several are meant.
    pub fn explain(
        &self,
        witness: &Witness,
        question: &Question<'_>,
    ) -> Result<Vec<Explanation>, ExplainError> {
        let executions = witness.executions();
        let files: Vec<(&Executed, Vec<u8>)> = executions
            .values()
            .map(|executed| (executed, without_no_value(executed.output.clone())))
            .collect();
        let mut documents: Vec<Document<'_>> = Vec::new();
        for (executed, text) in &files {
            for document in split(text, self.flavour()) {
                let start = document.as_ptr().addr().saturating_sub(text.as_ptr().addr());
                documents.extend(name_of(document).map(|object| Document {
                    executed,
                    start,
                    text: document,
                    object,
                }));
            }
        }
        let meant: Vec<&Document<'_>> =
            documents.iter().filter(|document| question.means(&document.object)).collect();
        if meant.is_empty() {
            let found = documents.iter().map(|document| document.object.clone()).collect();
            return Err(ExplainError::NoObject { wanted: question.object(), found });
        }
        let mut errors = Vec::new();
        let mut found = Vec::new();
        for document in &meant {
            match document.explain(question) {
                Ok(explanation) => found.push(explanation),
                Err(error) => errors.push(error),
            }
        }
        match (found.len(), errors.into_iter().next()) {
            (0, Some(error)) => Err(error),
            (1, _) => Ok(found),
            _ if !question.name.is_empty() && !question.kind.is_empty() => Ok(found),
            _ => Err(ExplainError::Several { found: found.into_iter().map(|one| one.object).collect() }),
        }
    }
}

impl Witness {
    fn executions(&self) -> BTreeMap<String, Executed> {
        self.executions.as_ref().map(|executions| executions.lock().clone()).unwrap_or_default()
    }
}

impl Question<'_> {
    fn means(&self, object: &str) -> bool {
        let (kind, name) = object.split_once('/').unwrap_or((object, ""));
        (self.kind.is_empty() || self.kind.eq_ignore_ascii_case(kind))
            && (self.name.is_empty() || self.name == name)
    }

    fn object(&self) -> String {
        match (self.kind, self.name) {
            (kind, "") => kind.to_owned(),
            ("", name) => name.to_owned(),
            (kind, name) => format!("{kind}/{name}"),
        }
    }
}

/// `Kind/name` of a document that is an object.
fn name_of(document: &[u8]) -> Option<String> {
    let tree = goyaml::parse_node(document, Limits::default()).ok()?;
    let root = tree.root()?;
    let kind = root.get("kind")?.value().to_owned();
    let name = root.get("metadata").and_then(|metadata| metadata.get("name")).map_or("", Node::value);
    Some(format!("{kind}/{name}"))
}

impl Document<'_> {
    fn explain(&self, question: &Question<'_>) -> Result<Explanation, ExplainError> {
        let field = question.field;
        let tree = goyaml::parse_node(self.text, Limits::default());
        let missing = |field: String, keys: Vec<String>| ExplainError::NoField {
            object: self.object.clone(),
            field,
            keys,
        };
        let Some(root) = tree.as_ref().ok().and_then(|tree| tree.root()) else {
            return Err(missing(field.to_string(), Vec::new()));
        };
        let node = field.find(root).map_err(|found| missing(field.to_string(), keys_of(found)))?;
        let (from, to) = self.extent(node);
        let target = origin::Target { field: field.keys(), values: question.values };
        let places = origin::places(self.executed, self.start + from..self.start + to, &target);
        let value = match node.kind() {
            Kind::Scalar => node.value().to_owned(),
            _ => self.lines(from, to),
        };
        Ok(Explanation { object: self.object.clone(), value, places })
    }

    /// The whole lines that hold these bytes, with as little indentation as keeps their shape.
    fn lines(&self, from: usize, to: usize) -> String {
        let before = self.text.get(..from).unwrap_or_default();
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(self.text.get(start..to).unwrap_or_default()).into_owned();
        let indentation = text.len() - text.trim_start_matches(' ').len();
        let lines = text.lines().map(|line| line.get(indentation..).unwrap_or_else(|| line.trim_start()));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The bytes of the document that a node takes: to the end of its last line.
    fn extent(&self, node: Node<'_>) -> (usize, usize) {
        let line_start = |line: usize| {
            let before = self.text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
            before.map(<[u8]>::len).sum::<usize>()
        };
        let start = line_start(node.line());
        let first_line = self.text.get(start..).unwrap_or_default();
        let line =
            String::from_utf8_lossy(first_line.split(|byte| *byte == b'\n').next().unwrap_or_default())
                .into_owned();
        let column: usize = line.chars().take(node.column() - 1).map(char::len_utf8).sum();
        let mut last = last_line(node);
        if node.kind() == Kind::Scalar {
            last += node.value().trim_end().matches('\n').count();
        }
        let end = line_start(last + 1);
        let text = self.text.get(start + column..end).unwrap_or_default();
        (start + column, start + column + text.trim_ascii_end().len())
    }
}

fn last_line(node: Node<'_>) -> usize {
    let mut last = node.line();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        last = last.max(node.line());
        open.extend(node.children());
    }
    last
}

fn keys_of(node: Node<'_>) -> Vec<String> {
    node.pairs().map(|(key, _)| key.value().to_owned()).collect()
}

#[cfg(test)]
mod tests;

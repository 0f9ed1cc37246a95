//! Paths to fields of objects: `.spec.containers[0].image`, `.metadata.labels['a.b/c']`, `.spec.containers[name=web]`.

use std::fmt;
use std::str::FromStr;

use goyaml::{Kind, Node};
use thiserror::Error;

/// A path to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Key(String),
    Item(usize),
    /// The item of a list in which a key has that value.
    Where(String, String),
}

/// A text that is no path.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{path:?} is no path of a field: {problem}; write .spec.replicas, .spec.containers[0].image or .metadata.labels['a/b']"
)]
pub struct FieldPathError {
    path: String,
    problem: &'static str,
}

impl FromStr for FieldPath {
    type Err = FieldPathError;

    fn from_str(text: &str) -> Result<Self, FieldPathError> {
        let wrong = |problem| FieldPathError { path: text.to_owned(), problem };
        let mut parts = Vec::new();
        let mut rest = text.strip_prefix('.').unwrap_or(text);
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let quote = inside.chars().next().filter(|letter| matches!(letter, '\'' | '"'));
                let (part, after) = match quote {
                    Some(quote) => {
                        let (key, after) =
                            inside[1..].split_once(quote).ok_or_else(|| wrong("a quote is not closed"))?;
                        let after =
                            after.strip_prefix(']').ok_or_else(|| wrong("a bracket is not closed"))?;
                        (Part::Key(key.to_owned()), after)
                    }
                    None => {
                        let (inside, after) =
                            inside.split_once(']').ok_or_else(|| wrong("a bracket is not closed"))?;
                        (
                            bracketed(inside)
                                .ok_or_else(|| wrong("a bracket holds neither number, key nor key=value"))?,
                            after,
                        )
                    }
                };
                parts.push(part);
                rest = after.strip_prefix('.').unwrap_or(after);
                continue;
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            if key.is_empty() {
                return Err(wrong("a name is missing"));
            }
            parts.push(Part::Key(key.to_owned()));
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        if parts.is_empty() { Err(wrong("it is empty")) } else { Ok(Self(parts)) }
    }
}

fn bracketed(text: &str) -> Option<Part> {
    if let Ok(index) = text.parse() {
        return Some(Part::Item(index));
    }
    let (key, value) = text.split_once('=')?;
    Some(Part::Where(key.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
}

impl FieldPath {
    /// The node that the path leads to; of a path that leads nowhere, the last node on its way.
    pub(super) fn find<'a>(&self, root: Node<'a>) -> Result<Node<'a>, Node<'a>> {
        self.0.iter().try_fold(root.target(), |node, part| step(node, part).map(Node::target).ok_or(node))
    }

    /// The names of the fields on the way.
    pub(super) fn keys(&self) -> Vec<String> {
        let key = |part: &Part| match part {
            Part::Key(key) => Some(key.clone()),
            _ => None,
        };
        self.0.iter().filter_map(key).collect()
    }
}

fn step<'a>(node: Node<'a>, part: &Part) -> Option<Node<'a>> {
    match part {
        Part::Key(key) => node.get(key),
        Part::Item(index) if node.kind() == Kind::Sequence => node.children().nth(*index),
        Part::Item(_) => None,
        Part::Where(key, value) => node.children().find(|item| {
            let found = item.target().get(key);
            found.is_some_and(|found| found.value() == value)
        }),
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Key(key) if key.contains(['.', '[', '/']) => write!(f, "['{key}']")?,
                Part::Key(key) => write!(f, ".{key}")?,
                Part::Item(index) => write!(f, "[{index}]")?,
                Part::Where(key, value) => write!(f, "[{key}={value}]")?,
            }
        }
        Ok(())
    }
}

//! Scripts: what is done to a release, one command line after the other.

use std::path::{Path, PathBuf};

use crate::Error;

/// One command line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The words, with `NAME`, `NAMESPACE` and names of charts still in them.
    pub words: Vec<String>,
    /// Whether it is to fail.
    pub fails: bool,
}

/// A named list of command lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it is about.
    pub name: String,
    /// What is done.
    pub lines: Vec<Line>,
}

impl Line {
    fn parse(text: &str) -> Self {
        let (text, fails) = match text.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        Self { words: text.split_whitespace().map(str::to_owned).collect(), fails }
    }

    /// Whether somebody else does it, with kubectl, and no maker of releases.
    pub fn is_foreign(&self) -> bool {
        self.words.first().is_some_and(|word| word == "kubectl")
    }
}

impl Script {
    /// Reads scripts: `== name`, then their lines; `#` begins a comment.
    pub fn parse(text: &str) -> Vec<Self> {
        let mut scripts: Vec<Self> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match (line.strip_prefix("== "), scripts.last_mut()) {
                (Some(name), _) => scripts.push(Self { name: name.to_owned(), lines: Vec::new() }),
                (None, Some(script)) => script.lines.push(Line::parse(line)),
                (None, None) => {}
            }
        }
        scripts
    }

    /// The scripts in `fixtures/interop`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn all() -> Result<Vec<Self>, Error> {
        let path = folder().join("sequences.txt");
        let text = std::fs::read_to_string(&path).map_err(Error::io("failed to read", &path))?;
        Ok(Self::parse(&text))
    }

    /// Whether it works on what all namespaces share, so that no other may run beside it.
    pub fn is_alone(&self) -> bool {
        self.lines.iter().any(|line| line.words.iter().any(|word| word == "defined"))
    }
}

/// Where a chart of the scripts is.
pub fn chart(name: &str) -> PathBuf {
    folder().join("charts").join(name)
}

/// Where the scripts and their charts are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/interop")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_have_names_and_lines_that_may_fail() {
        let scripts =
            Script::parse("# c\n== a b\ninstall NAME web\n!upgrade NAME web\n== c\nkubectl get x\n");
        assert_eq!(scripts.len(), 2);
        assert_eq!(scripts[0].name, "a b");
        assert!(scripts[0].lines[1].fails && !scripts[0].lines[0].fails);
        assert!(scripts[1].lines[0].is_foreign());
    }
}

//! How `template` lays out what was rendered.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use chart::Flavour;
use pintle_render::{Hook, Rendered, append_document, split};

use super::{CliError, output};

/// Writes the manifests, trimmed, and the hooks that are to be shown.
pub(super) fn write(
    out: &mut dyn Write,
    rendered: &Rendered,
    definitions: bool,
    shows: impl Fn(&Hook) -> bool,
) -> io::Result<()> {
    match &rendered.post_rendered {
        // Where a program made one text of everything, the definitions are in it.
        Some(text) => writeln!(out, "{}", text.trim())?,
        None => write_manifests(out, rendered, definitions)?,
    }
    rendered
        .hooks
        .iter()
        .filter(|hook| shows(hook))
        .try_for_each(|hook| out.write_all(document(&hook.path, &hook.manifest).as_bytes()))
}

/// Document by document: a copy of them all would be the largest piece of memory of the whole render.
fn write_manifests(out: &mut dyn Write, rendered: &Rendered, definitions: bool) -> io::Result<()> {
    let definitions = rendered.custom_resource_definitions.iter().filter(|_| definitions);
    let definitions =
        definitions.map(|definition| (&definition.path, String::from_utf8_lossy(&definition.file.data)));
    let manifests = rendered.manifests.iter().map(|manifest| (&manifest.path, Cow::from(&manifest.content)));
    let mut documents = definitions.chain(manifests).peekable();
    while let Some((path, content)) = documents.next() {
        let document = document(path, &content);
        let is_last = documents.peek().is_none();
        out.write_all(if is_last { document.trim_end() } else { &document }.as_bytes())?;
    }
    out.write_all(b"\n")
}

fn document(path: &str, content: &str) -> String {
    let mut document = String::new();
    append_document(&mut document, path, content);
    document
}

/// Only the documents from templates that match; in the order of the patterns.
pub(super) fn select(text: &[u8], patterns: &[String], flavour: Flavour) -> Result<String, CliError> {
    let documents = split(text, flavour);
    let mut selected = String::new();
    for pattern in patterns {
        let before = selected.len();
        for document in &documents {
            let document = String::from_utf8_lossy(document);
            if source_of(&document).is_some_and(|source| chart::path_matches(pattern, source)) {
                selected.push_str("---\n");
                selected.push_str(&document);
                selected.push('\n');
            }
        }
        if selected.len() == before {
            return Err(CliError::message(format!("could not find template {pattern} in chart")));
        }
    }
    Ok(selected)
}

/// The template's path without the chart's name: what stands behind the first `/` of the source line.
fn source_of(document: &str) -> Option<&str> {
    let start = document.find("# Source: ")? + "# Source: ".len();
    let line = document[start..].lines().next()?;
    line.split_once('/').map(|(_, path)| path).filter(|path| !path.is_empty())
}

/// A folder that templates are written to, one file a template.
pub(super) struct Folder {
    root: PathBuf,
    written: BTreeSet<PathBuf>,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), written: BTreeSet::new() }
    }

    /// Writes a document to its template's file; the second of a file is appended. Says so.
    pub(super) fn add(&mut self, source: &str, content: &str) -> Result<(), CliError> {
        let path = self.root.join(inside(source)?);
        let failed = |source| CliError::Write { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let again = !self.written.insert(path.clone());
        let text = document(source, content);
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(again).truncate(!again);
        options.open(&path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?;
        output::print(format!("wrote {}\n", path.display()))
    }
}

/// A chart's names become paths here: none may lead out of the folder.
fn inside(source: &str) -> Result<&Path, CliError> {
    let path = Path::new(source);
    if path.components().all(|component| matches!(component, Component::Normal(_))) {
        return Ok(path);
    }
    Err(CliError::message(format!("refused to write {source}: it leads out of the output folder")))
}

//! Rendered files as one stream of documents, and back. An annotation tells which file a document is of, since a
//! program may change order, and drops comments. Helm 4: `annotateAndMerge` and `splitAndDeannotate`.

use std::collections::BTreeMap;

use chart::Flavour;
use goyaml::{Kind, Limits, Node, Style};
use pintle_render::{holds_manifests, split};
use thiserror::Error;

use super::PostRenderError;

const ANNOTATION: &str = "postrenderer.helm.sh/postrender-filename";

/// A document of the program's that can't be read.
#[derive(Debug, Error)]
#[error("error parsing YAML: {0}")]
pub struct StreamError(String);

/// Documents as one text, each on lines of its own.
pub(super) fn joined(documents: &[Vec<u8>]) -> Vec<u8> {
    let mut text = Vec::new();
    for document in documents {
        if !text.is_empty() {
            text.extend_from_slice(b"---\n");
        }
        text.extend_from_slice(document);
        if !document.ends_with(b"\n") {
            text.push(b'\n');
        }
    }
    text
}

/// All documents of all files, in order of the files' names, each annotated with its file's.
pub(super) fn annotated(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, PostRenderError> {
    let mut documents = Vec::new();
    for (name, content) in files.iter().filter(|(name, content)| holds_manifests(name, content)) {
        for document in split(content, Flavour::V4) {
            let failed = |problem: String| PostRenderError::Document { file: name.clone(), problem };
            documents.extend(with_annotation(document, name).map_err(failed)?);
        }
    }
    Ok(joined(&documents))
}

/// The documents of a program, by the files they are of.
pub(super) fn by_file(output: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, StreamError> {
    let mut files: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (number, document) in split(output, Flavour::V4).into_iter().enumerate() {
        let (name, document) = without_annotation(document).map_err(StreamError)?;
        let name = name.unwrap_or_else(|| format!("generated-by-postrender-{number}.yaml"));
        files.entry(name).or_default().push(document);
    }
    Ok(files.into_iter().map(|(name, documents)| (name, joined(&documents))).collect())
}

/// The document with one annotation more, and else byte for byte as it is; none where it holds nothing.
fn with_annotation(document: &[u8], file: &str) -> Result<Option<Vec<u8>>, String> {
    let tree = goyaml::parse_node(document, Limits::default()).map_err(|error| error.to_string())?;
    let Some(root) = tree.root().filter(|root| root.kind() == Kind::Mapping) else {
        let is_empty = super::super::patch::json(document)?.is_null();
        return if is_empty { Ok(None) } else { Err("a document is no map".to_owned()) };
    };
    let entry = format!("{ANNOTATION}: '{}'\n", file.replace('\'', "''"));
    let metadata = root.get("metadata");
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let (before, lines) =
        match (block_start(root), metadata.and_then(block_start), annotations.and_then(block_start)) {
            (Some(_), Some(_), Some((line, column))) => (line, indented(&entry, column)),
            (Some(_), Some((line, column)), None) if annotations.is_none() => {
                (line, indented("annotations:\n", column) + &indented(&entry, column + 2))
            }
            (Some((line, column)), None, None) if metadata.is_none() => {
                let lines = indented("metadata:\n", column) + &indented("annotations:\n", column + 2);
                (line, lines + &indented(&entry, column + 4))
            }
            _ => {
                return rewritten(document, |annotations| {
                    drop(annotations.insert(ANNOTATION.into(), file.into()))
                })
                .map(Some);
            }
        };
    let mut text = Vec::with_capacity(document.len() + lines.len());
    for (number, line) in document.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number + 1 == before {
            text.extend_from_slice(lines.as_bytes());
        }
        text.extend_from_slice(line);
    }
    Ok(Some(text))
}

/// Line and column, from 1 and 0, of the first key of a map in block style.
fn block_start(map: Node<'_>) -> Option<(usize, usize)> {
    if map.kind() != Kind::Mapping || map.style() != Style::Block {
        return None;
    }
    let (first, _) = map.pairs().next()?;
    Some((first.line(), first.column().checked_sub(1)?))
}

fn indented(line: &str, column: usize) -> String {
    format!("{}{line}", " ".repeat(column))
}

/// The document printed anew, with other annotations.
fn rewritten(
    document: &[u8],
    change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>),
) -> Result<Vec<u8>, String> {
    let mut object = super::super::patch::json(document)?;
    let empty = || serde_json::Value::Object(serde_json::Map::new());
    let metadata =
        object.as_object_mut().ok_or("a document is no map")?.entry("metadata").or_insert_with(empty);
    let metadata = metadata.as_object_mut().ok_or("metadata is no map")?;
    let annotations = metadata.entry("annotations").or_insert_with(empty);
    if annotations.is_null() {
        *annotations = empty();
    }
    change(annotations.as_object_mut().ok_or("annotations are no map")?);
    if annotations.as_object().is_some_and(serde_json::Map::is_empty) {
        metadata.shift_remove("annotations");
    }
    Ok(super::yaml(&object)?.into_bytes())
}

/// The file that a document is of, and the document without the annotation that says so.
fn without_annotation(document: &[u8]) -> Result<(Option<String>, Vec<u8>), String> {
    let tree = goyaml::parse_node(document, Limits::default()).map_err(|error| error.to_string())?;
    let metadata = tree.root().and_then(|root| root.get("metadata"));
    let Some(annotations) = metadata.and_then(|metadata| metadata.get("annotations")) else {
        return Ok((None, document.to_vec()));
    };
    let Some((key, name)) = annotations.pairs().find(|(key, _)| key.value() == ANNOTATION) else {
        return Ok((None, document.to_vec()));
    };
    let file = Some(name.value().to_owned());
    let on_one_line = annotations.style() == Style::Block && name.line() == key.line();
    if !on_one_line || metadata.is_some_and(|metadata| metadata.style() != Style::Block) {
        let text = rewritten(document, |annotations| drop(annotations.shift_remove(ANNOTATION)))?;
        return Ok((file, text));
    }
    let mut dropped = vec![key.line()];
    if annotations.pairs().count() == 1 {
        let parent =
            metadata.and_then(|metadata| metadata.pairs().find(|(key, _)| key.value() == "annotations"));
        dropped.extend(parent.map(|(key, _)| key.line()));
        let alone = metadata.is_some_and(|metadata| metadata.pairs().count() == 1);
        let root = tree.root().and_then(|root| root.pairs().find(|(key, _)| key.value() == "metadata"));
        dropped.extend(root.filter(|_| alone).map(|(key, _)| key.line()));
    }
    let lines = document.split_inclusive(|byte| *byte == b'\n').enumerate();
    let kept = lines.filter(|(number, _)| !dropped.contains(&(number + 1)));
    Ok((file, kept.flat_map(|(_, line)| line).copied().collect()))
}

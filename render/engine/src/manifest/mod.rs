//! From rendered files to manifests and hooks: split into documents, told apart, put in order.

mod head;
mod hook;
mod order;
mod split;

use std::collections::BTreeMap;
use std::ops::Range;

use chart::Flavour;
use thiserror::Error;
use value::unicode;

use crate::append_document;
use crate::render::is_partial;

pub use head::{Head, HeadError};
pub use hook::{Hook, HookEvent};
pub use order::{INSTALL_ORDER, UNINSTALL_ORDER, install_rank, uninstall_rank};
pub use split::split;

/// One YAML document that a template gave, which is no hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The template's full name: `chart/templates/deployment.yaml`.
    pub path: String,
    /// The document as rendered; Helm 4 keeps the line breaks at its end.
    pub content: String,
    /// What object it is.
    pub head: Head,
}

/// The manifests and hooks of a chart, each in install order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    /// The objects of the release.
    pub manifests: Vec<Manifest>,
    /// The objects that run around its actions.
    pub hooks: Vec<Hook>,
}

/// A rendered file that holds no manifests.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("YAML parse error on {path}: {source}")]
pub struct SortError {
    /// The template's full name.
    pub path: String,
    /// What is wrong with it.
    pub source: HeadError,
    /// Every file as it was rendered, for whoever wants to see what is wrong.
    pub rendered: String,
}

/// Splits rendered files into documents, tells hooks from manifests, and orders both by kind.
///
/// Files are taken in order of their names, documents as they stand in them. Files whose name begins with `_` and
/// blank files are passed over. A document with a hook annotation that names an unknown event is dropped, as Helm does.
pub fn sort(files: BTreeMap<String, Vec<u8>>, flavour: Flavour) -> Result<Sorted, SortError> {
    let mut documents = Vec::with_capacity(files.len());
    for (path, content) in &files {
        match heads(path, content, flavour) {
            Ok(heads) => documents.push(heads),
            Err(source) => return Err(SortError { path: path.clone(), source, rendered: all_of(&files) }),
        }
    }
    let mut sorted = Sorted::default();
    for ((path, content), documents) in files.into_iter().zip(documents) {
        place(&mut sorted, &path, content, documents);
    }
    sorted.manifests.sort_by(|a, b| order::by_kind(&a.head.kind, &b.head.kind, flavour));
    sorted.hooks.sort_by(|a, b| order::by_kind(&a.kind, &b.kind, flavour));
    Ok(sorted)
}

/// Whether a rendered file may hold manifests: it is no partial, and not blank.
pub fn holds_manifests(path: &str, content: &[u8]) -> bool {
    !is_partial(path) && !unicode::is_blank(content)
}

/// A document's place in its file, and its head.
type Document = (Range<usize>, Head);

/// The documents of a file.
fn heads(path: &str, content: &[u8], flavour: Flavour) -> Result<Vec<Document>, HeadError> {
    if !holds_manifests(path, content) {
        return Ok(Vec::new());
    }
    let documents = split::documents(content, flavour).into_iter();
    documents.map(|place| Ok((place.clone(), Head::parse(&content[place], flavour)?))).collect()
}

fn all_of(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut text = String::new();
    for (path, content) in files {
        let content = value::text_of(content);
        if !content.trim().is_empty() {
            append_document(&mut text, path, &content);
        }
    }
    text
}

/// Makes manifests and hooks of a file's documents; the last one stays where it is.
fn place(sorted: &mut Sorted, path: &str, mut content: Vec<u8>, mut documents: Vec<Document>) {
    let Some((last, last_head)) = documents.pop() else { return };
    for (document, head) in documents {
        sorted.add(path, value::text_of(&content[document]).into_owned(), head);
    }
    content.truncate(last.end);
    content.drain(..last.start);
    content.shrink_to_fit();
    sorted.add(path, value::into_text(content), last_head);
}

impl Sorted {
    fn add(&mut self, path: &str, text: String, head: Head) {
        if !head.annotations.contains_key(hook::HOOK_ANNOTATION) {
            self.manifests.push(Manifest { path: path.to_owned(), content: text, head });
        } else if let Some(hook) = Hook::from_document(path, text, head) {
            self.hooks.push(hook);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(files: &[(&str, &str)]) -> Sorted {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        sort(files, Flavour::V4).unwrap()
    }

    #[test]
    fn objects_come_in_install_order_and_unknown_kinds_last() {
        let sorted = sorted(&[
            ("c/templates/a.yaml", "kind: Zebra\n---\nkind: Deployment\n---\nkind: Alpha\n"),
            ("c/templates/b.yaml", "kind: Namespace"),
        ]);
        let kinds: Vec<_> = sorted.manifests.iter().map(|manifest| manifest.head.kind.as_str()).collect();
        assert_eq!(kinds, ["Namespace", "Deployment", "Alpha", "Zebra"]);
    }

    #[test]
    fn a_document_with_an_unknown_hook_event_is_dropped() {
        let text = "kind: Job\nmetadata:\n  name: j\n  annotations:\n    helm.sh/hook: crd-install\n";
        assert_eq!(sorted(&[("c/templates/a.yaml", text)]), Sorted::default());
    }

    #[test]
    fn partials_and_blank_files_hold_no_manifests() {
        assert_eq!(
            sorted(&[("c/templates/_a.yaml", "kind: A"), ("c/templates/b.yaml", " \n")]),
            Sorted::default()
        );
    }

    #[test]
    fn a_broken_document_names_its_file() {
        let files = [("c/templates/a.yaml".to_owned(), b"just text".to_vec())].into();
        let error = sort(files, Flavour::V4).unwrap_err().to_string();
        assert_eq!(
            error,
            "YAML parse error on c/templates/a.yaml: error unmarshaling JSON: while decoding JSON: json: cannot \
             unmarshal string into Go value of type util.SimpleHead"
        );
    }
}

//! Rules for `crds/` (Helm 4): definitions of custom resources and nothing else, and no templates.

use chart::Flavour;
use value::Value;

use super::{Findings, Loaded, Request, Severity};
use crate::Head;

pub(super) fn check(request: &Request<'_>, loaded: &Loaded, flavour: Flavour, findings: &mut Findings) {
    let chart = match loaded {
        Ok(chart) => chart,
        Err(error) if request.has_folder("crds/") => {
            findings.note(Severity::Error, "crds/", Err(error.to_string()));
            return;
        }
        Err(_) => return,
    };
    for definition in chart.custom_resource_definitions() {
        for document in documents(&definition.file.data) {
            if !check_document(&definition.file.name, document, flavour, findings) {
                return;
            }
        }
    }
}

/// Whether the document is YAML at all.
fn check_document(path: &str, document: &[u8], flavour: Flavour, findings: &mut Findings) -> bool {
    let yaml = |error: String| format!("unable to parse YAML: {error}");
    let head =
        goyaml::parse(document).map_err(|error| yaml(error.to_string())).and_then(|value| match value {
            Value::Nil => Ok(None),
            _ => Head::parse(document, flavour).map(Some).map_err(|error| yaml(error.to_string())),
        });
    let head = match head {
        Ok(Some(head)) => head,
        Ok(None) => return true,
        Err(text) => return findings.note(Severity::Error, path, Err(text)),
    };
    if !head.api_version.starts_with("apiextensions.k8s.io") {
        findings.note(Severity::Error, path, Err("apiVersion is not in 'apiextensions.k8s.io'".to_owned()));
    }
    if head.kind != "CustomResourceDefinition" {
        findings.note(Severity::Error, path, Err("object kind is not 'CustomResourceDefinition'".to_owned()));
    }
    true
}

/// The documents of a stream as Kubernetes' decoder parts them: at lines that begin with `---`.
pub(super) fn documents(text: &[u8]) -> Vec<&[u8]> {
    let mut documents = Vec::new();
    let mut begin = 0;
    let mut line = 0;
    for piece in text.split_inclusive(|byte| *byte == b'\n') {
        if piece.starts_with(b"---") {
            documents.push(&text[begin..line]);
            begin = line + piece.len();
        }
        line += piece.len();
    }
    documents.push(&text[begin..]);
    documents.retain(|document| !document.trim_ascii().is_empty());
    documents
}

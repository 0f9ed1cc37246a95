//! Patches as they are written, in kustomize's forms: a `patches` list of targets and patches, or objects that are merges;
//! in files, and in resources.

use std::path::PathBuf;

use goyaml::{Numbers, Options};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::{Change, Patch, Pattern, Target};
use crate::api::{ObjectSelector, PatchSpec};

/// Why a file of patches can't be read.
#[derive(Debug, Error)]
pub enum PatchFileError {
    /// It is no YAML.
    #[error("failed to parse {file}: {problem}")]
    Yaml {
        /// The file.
        file: String,
        /// Why.
        problem: String,
    },
    /// A patch in it is none.
    #[error("{origin}: {problem}")]
    Patch {
        /// The file, and the number of the patch.
        origin: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file that a patch is in can't be read.
    #[error("{origin}: {problem}")]
    Path {
        /// The file, and the number of the patch.
        origin: String,
        /// The file that can't be read, and why.
        problem: String,
    },
}

/// What stands in `patches`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    /// Which objects it is for.
    #[serde(default)]
    target: Option<Fields>,
    /// A text, or what the text would say.
    #[serde(default)]
    patch: Option<Value>,
    /// A file that holds the patch, seen from the file that names it.
    #[serde(default)]
    path: Option<PathBuf>,
    /// Kustomize's, of no meaning here.
    #[serde(default, rename = "options")]
    _options: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    group: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
}

/// The patches of a file; `read` gives the contents of a file that a patch is in.
///
/// # Errors
/// Where the text is no YAML, a patch is neither a JSON patch nor an object, or says not whose it is.
pub fn read_patches(
    file: &str,
    text: &[u8],
    read: &dyn Fn(&PathBuf) -> Result<Vec<u8>, String>,
) -> Result<Vec<Patch>, PatchFileError> {
    let yaml = |problem: String| PatchFileError::Yaml { file: file.to_owned(), problem };
    let mut patches = Vec::new();
    for document in documents(text).map_err(yaml)? {
        let origin = |number: usize| format!("patch {number} of {file}");
        match document.get("patches") {
            Some(Value::Array(entries)) => {
                for entry in entries {
                    patches.push(entry_patch(entry, origin(patches.len() + 1), read)?);
                }
            }
            _ => patches.push(patch(&document, None, origin(patches.len() + 1))?),
        }
    }
    Ok(patches)
}

/// The patches of a resource; `field` is where they stand in it.
///
/// # Errors
/// Where a patch is neither a JSON patch nor an object, or says not whose it is.
pub fn resource_patches(field: &str, patches: &[PatchSpec]) -> Result<Vec<Patch>, PatchFileError> {
    let read = |(index, spec): (usize, &PatchSpec)| {
        written(&text_of(&spec.patch), spec.target.clone(), format!("{field}[{index}]"))
    };
    patches.iter().enumerate().map(read).collect()
}

fn entry_patch(
    entry: &Value,
    origin: String,
    read: &dyn Fn(&PathBuf) -> Result<Vec<u8>, String>,
) -> Result<Patch, PatchFileError> {
    let wrong = |problem: String| PatchFileError::Patch { origin: origin.clone(), problem };
    let entry: Entry = serde_json::from_value(entry.clone()).map_err(|error| wrong(error.to_string()))?;
    let text = match (entry.patch, entry.path) {
        (Some(inline), None) => text_of(&inline),
        (None, Some(path)) => {
            read(&path).map_err(|problem| PatchFileError::Path { origin: origin.clone(), problem })?
        }
        _ => return Err(wrong("give either patch or path".to_owned())),
    };
    written(&text, entry.target.map(Into::into), origin)
}

/// What a patch says: a text, or what the text would say.
fn text_of(patch: &Value) -> Vec<u8> {
    match patch {
        Value::String(text) => text.clone().into_bytes(),
        inline => inline.to_string().into_bytes(),
    }
}

fn written(text: &[u8], target: Option<ObjectSelector>, origin: String) -> Result<Patch, PatchFileError> {
    let wrong = |problem: String| PatchFileError::Patch { origin: origin.clone(), problem };
    let body = match documents(text).map_err(wrong)?.as_slice() {
        [body] => body.clone(),
        _ => return Err(wrong("a patch is one document".to_owned())),
    };
    patch(&body, target, origin)
}

/// A list is a JSON patch; a map is a merge, and says whose it is where no target does.
fn patch(body: &Value, target: Option<ObjectSelector>, origin: String) -> Result<Patch, PatchFileError> {
    let wrong = |problem: &str| PatchFileError::Patch { origin: origin.clone(), problem: problem.to_owned() };
    let change = match body {
        Value::Array(_) => {
            let patch = serde_json::from_value(body.clone()).map_err(|error| wrong(&error.to_string()))?;
            Change::Json(patch)
        }
        Value::Object(_) => Change::Merge(body.clone()),
        _ => return Err(wrong("a patch is a list of operations or an object")),
    };
    let target = match (target, &change) {
        (Some(selector), _) => Target::new(&selector).map(Some),
        (None, Change::Merge(body)) => own_target(body),
        (None, Change::Json(_)) => return Err(wrong("a JSON patch needs a target")),
    };
    match target {
        Ok(Some(target)) => Ok(Patch { origin, target, change }),
        Ok(None) => Err(wrong("it has neither a target nor kind and metadata.name")),
        Err(error) => Err(wrong(&format!("target: {error}"))),
    }
}

impl From<Fields> for ObjectSelector {
    fn from(Fields { group, version, kind, name, namespace }: Fields) -> Self {
        Self { group, version, kind, name, namespace }
    }
}

/// The object that a merge names.
fn own_target(body: &Value) -> Result<Option<Target>, goregex::Error> {
    let field = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let exact = |text: Option<&str>| text.map(Pattern::exact).transpose();
    let (Some(kind), Some(name)) = (field("/kind"), field("/metadata/name")) else { return Ok(None) };
    let group_version = field("/apiVersion").map(super::group_version);
    Ok(Some(Target {
        group: exact(group_version.map(|(group, _)| group))?,
        version: exact(group_version.map(|(_, version)| version))?,
        kind: exact(Some(kind))?,
        name: exact(Some(name))?,
        namespace: exact(field("/metadata/namespace"))?,
    }))
}

/// The documents of a text that hold something.
fn documents(text: &[u8]) -> Result<Vec<Value>, String> {
    let mut documents = Vec::new();
    for document in goyaml::documents(text).map_err(|error| error.to_string())? {
        let value = json(&document)?;
        if !value.is_null() {
            documents.push(value);
        }
    }
    Ok(documents)
}

/// A document as JSON, numbers as they are written.
pub(in crate::deploy) fn json(document: &[u8]) -> Result<Value, String> {
    let options = Options { numbers: Numbers::AsWritten, ..Options::default() };
    let value = goyaml::parse_with(document, &options).map_err(|error| error.to_string())?;
    let text = value::json::to_string(&value).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

//! What a user changes of a chart's output before it is taken for manifests and hooks: patches, then a program.
//!
//! Whatever neither touches stays as it was rendered, to the byte. As in Helm, the program gets all documents in
//! Helm 4, hooks included, each with an annotation that names its file; in Helm 3 the finished manifests alone.

mod program;
mod stream;

use std::collections::BTreeMap;

use chart::Flavour;
use pintle_render::{Rendered, RenderedFiles, append_document, holds_manifests, split};
use serde_json::Value;
use thiserror::Error;

pub use self::program::{Program, ProgramError};
pub use self::stream::StreamError;
use super::DeployError;
use super::patch::{Patch, PatchError, Patched, Patcher};

/// What happens to the output of templates. Default: nothing.
#[derive(Clone, Debug, Default)]
pub struct PostRender {
    /// Applied one after the other.
    pub patches: Vec<Patch>,
    /// Gets what the patches left.
    pub program: Option<Program>,
    /// Whether Helm 3's program gets the definitions of `crds/`, too.
    pub with_definitions: bool,
}

/// Why post-rendering failed.
#[derive(Debug, Error)]
pub enum PostRenderError {
    /// A patch.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// A document can't be read, so nobody can say whether a patch is for it, or annotate it.
    #[error("error merging manifests: parsing {file}: {problem}")]
    Document {
        /// The template's full name.
        file: String,
        /// Why.
        problem: String,
    },
    /// The program.
    #[error("error while running post render on files: {0}")]
    Program(#[from] ProgramError),
    /// What the program gave.
    #[error("error while parsing post rendered output: {0}")]
    Output(#[from] StreamError),
}

impl PostRender {
    /// Parts rendered files into manifests and hooks, changed as this says.
    ///
    /// # Errors
    /// Where a patch or the program fails, or what comes out is no manifest.
    pub fn finish(&self, mut files: RenderedFiles, flavour: Flavour) -> Result<Rendered, DeployError> {
        if !self.patches.is_empty() {
            apply(&mut files.files, &self.patches, flavour)?;
        }
        let Some(program) = &self.program else { return Ok(files.sorted()?) };
        if flavour == Flavour::V4 {
            let output = program.run(&stream::annotated(&files.files)?).map_err(PostRenderError::from)?;
            if output.trim_ascii().is_empty() {
                return Err(PostRenderError::from(ProgramError::Empty(program.name())).into());
            }
            files.files = stream::by_file(&output).map_err(PostRenderError::from)?;
            return Ok(files.sorted()?);
        }
        let mut rendered = files.sorted()?;
        let mut text = String::new();
        if self.with_definitions {
            for definition in &rendered.custom_resource_definitions {
                append_document(&mut text, &definition.path, &String::from_utf8_lossy(&definition.file.data));
            }
        }
        text.push_str(&rendered.manifest_text());
        let output = program.run(text.as_bytes()).map_err(PostRenderError::from)?;
        rendered.post_rendered = Some(String::from_utf8_lossy(&output).into_owned());
        Ok(rendered)
    }
}

/// Applies every patch; files that no patch is for stay as they are.
fn apply(
    files: &mut BTreeMap<String, Vec<u8>>,
    patches: &[Patch],
    flavour: Flavour,
) -> Result<(), PostRenderError> {
    let mut patcher = Patcher::new(patches);
    for (name, content) in files.iter_mut().filter(|(name, content)| holds_manifests(name, content)) {
        if let Some(patched) = patched_file(name, content, &mut patcher, flavour)? {
            *content = patched;
        }
    }
    patcher.finish()?;
    Ok(())
}

/// The file as the patches change it, if they do.
fn patched_file(
    name: &str,
    content: &[u8],
    patcher: &mut Patcher<'_>,
    flavour: Flavour,
) -> Result<Option<Vec<u8>>, PostRenderError> {
    let mut documents = Vec::new();
    let mut is_changed = false;
    for document in split(content, flavour) {
        let failed = |problem: String| PostRenderError::Document { file: name.to_owned(), problem };
        let object = super::patch::json(document).map_err(failed)?;
        match patcher.apply(&object)? {
            Patched::Untouched => documents.push(document.to_vec()),
            Patched::Changed(object) => {
                is_changed = true;
                documents.push(yaml(&object).map_err(failed)?.into_bytes());
            }
            Patched::Deleted => is_changed = true,
        }
    }
    Ok(is_changed.then(|| stream::joined(&documents)))
}

/// An object as Helm prints YAML.
fn yaml(object: &Value) -> Result<String, String> {
    goyaml::to_yaml(&go_value(object)).map_err(|error| error.to_string())
}

/// A JSON value with Go's kinds, whole numbers kept whole. JSON that was read nests 128 levels at most.
fn go_value(json: &Value) -> value::Value {
    match json {
        Value::Null => value::Value::Nil,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => value::Value::int64(number),
            (None, Some(number)) => value::Value::Uint(value::UintType::Uint64, number),
            _ => number.as_f64().unwrap_or_default().into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => value::List::new(items.iter().map(go_value).collect()).into(),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| (key.as_str(), go_value(value)));
            entries.collect::<value::Map>().into()
        }
    }
}

#[cfg(test)]
mod tests;

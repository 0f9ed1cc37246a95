//! Patches of rendered objects: JSON patches (RFC 6902) and strategic merges, in the form that kustomize has for them.
//!
//! A patch says whose it is by a target, or, for a merge without one, by its own kind and name. One that finds no
//! object is an error: a patch that silently does nothing is a trap.

mod file;
mod merge;

use goregex::Regex;
use serde_json::Value;
use thiserror::Error;

use crate::api::ObjectSelector;
use crate::cluster::Object;

pub(super) use self::file::json;
pub use self::file::{PatchFileError, read_patches, resource_patches};

/// A change to every object that it is for.
#[derive(Clone, Debug)]
pub struct Patch {
    /// Where it was given, for errors: the file, and its number there.
    pub origin: String,
    target: Target,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Json(json_patch::Patch),
    Merge(Value),
}

/// Which objects something is for. What is absent matches everything; the rest are whole regular expressions.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    group: Option<Pattern>,
    version: Option<Pattern>,
    kind: Option<Pattern>,
    name: Option<Pattern>,
    namespace: Option<Pattern>,
}

/// A regular expression that a whole text has to match.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    fn new(text: &str) -> Result<Self, goregex::Error> {
        let regex = Regex::new(format!("^(?:{text})$").as_bytes())?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// The pattern of nothing but that text.
    fn exact(text: &str) -> Result<Self, goregex::Error> {
        let regex = [b"^", goregex::quote_meta(text.as_bytes()).as_slice(), b"$"].concat();
        Ok(Self { text: text.to_owned(), regex: Regex::new(&regex)? })
    }
}

/// Why a patch can't be applied.
#[derive(Debug, Error)]
pub enum PatchError {
    /// No object is its target.
    #[error("{origin} matches none of the rendered objects: {target}")]
    NoTarget {
        /// The patch.
        origin: String,
        /// What it looks for.
        target: String,
    },
    /// It does not fit its target.
    #[error("{origin} can't be applied to {object}: {problem}")]
    Apply {
        /// The patch.
        origin: String,
        /// Kind and name.
        object: String,
        /// Why.
        problem: String,
    },
}

/// What became of an object.
#[derive(Debug, PartialEq)]
pub(super) enum Patched {
    /// No patch is for it.
    Untouched,
    /// It is another now.
    Changed(Value),
    /// It is gone.
    Deleted,
}

/// Applies patches to one object after the other, and knows which of them found one.
pub(super) struct Patcher<'a> {
    patches: &'a [Patch],
    used: Vec<bool>,
}

impl<'a> Patcher<'a> {
    pub(super) fn new(patches: &'a [Patch]) -> Self {
        Self { patches, used: vec![false; patches.len()] }
    }

    /// Applies all patches that are for the object, in order.
    pub(super) fn apply(&mut self, object: &Value) -> Result<Patched, PatchError> {
        let mut patched = None;
        for (patch, used) in self.patches.iter().zip(&mut self.used) {
            let current = patched.as_ref().unwrap_or(object);
            if !patch.target.matches(object) {
                continue;
            }
            *used = true;
            match patch.apply(current)? {
                Some(next) => patched = Some(next),
                None => return Ok(Patched::Deleted),
            }
        }
        Ok(patched.map_or(Patched::Untouched, Patched::Changed))
    }

    /// Whether every patch found an object.
    pub(super) fn finish(self) -> Result<(), PatchError> {
        match self.patches.iter().zip(self.used).find(|(_, used)| !used) {
            Some((patch, _)) => {
                Err(PatchError::NoTarget { origin: patch.origin.clone(), target: patch.target.describe() })
            }
            None => Ok(()),
        }
    }
}

impl Patch {
    /// The object after the patch; `None` where the patch deletes it.
    fn apply(&self, object: &Value) -> Result<Option<Value>, PatchError> {
        let failed = |problem: String| PatchError::Apply {
            origin: self.origin.clone(),
            object: format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name")),
            problem,
        };
        match &self.change {
            Change::Json(patch) => {
                let mut patched = object.clone();
                json_patch::patch(&mut patched, patch).map_err(|error| failed(error.to_string()))?;
                Ok(Some(patched))
            }
            Change::Merge(patch) => merge::apply(object, patch).map_err(failed),
        }
    }
}

impl Target {
    pub(super) fn new(selector: &ObjectSelector) -> Result<Self, goregex::Error> {
        let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new).transpose();
        Ok(Self {
            group: pattern(&selector.group)?,
            version: pattern(&selector.version)?,
            kind: pattern(&selector.kind)?,
            name: pattern(&selector.name)?,
            namespace: pattern(&selector.namespace)?,
        })
    }

    /// Whether a rendered object is meant.
    fn matches(&self, object: &Value) -> bool {
        let (group, version) = group_version(text(object, "/apiVersion"));
        let [kind, name, namespace] =
            ["/kind", "/metadata/name", "/metadata/namespace"].map(|pointer| text(object, pointer));
        self.is_for([group, version, kind, name, namespace])
    }

    /// Whether an object of a cluster is meant.
    pub(super) fn selects(&self, object: &Object) -> bool {
        let Object { resource, name, namespace, .. } = object;
        self.is_for([&resource.group, &resource.version, &resource.kind, name, namespace])
    }

    fn is_for(&self, found: [&str; 5]) -> bool {
        let wanted = [&self.group, &self.version, &self.kind, &self.name, &self.namespace];
        wanted.iter().zip(found).all(|(wanted, found)| {
            wanted.as_ref().is_none_or(|wanted| wanted.regex.is_match(found.as_bytes()))
        })
    }

    fn describe(&self) -> String {
        let fields = [
            ("group", &self.group),
            ("version", &self.version),
            ("kind", &self.kind),
            ("name", &self.name),
            ("namespace", &self.namespace),
        ];
        let given = fields.iter().filter_map(|(name, wanted)| Some((name, wanted.as_ref()?)));
        let given = given.filter(|(_, wanted)| !wanted.text.is_empty());
        let given = given.map(|(name, wanted)| format!("{name} {}", wanted.text));
        given.collect::<Vec<_>>().join(", ")
    }
}

/// `apps/v1` is version `v1` of group `apps`; `v1` is a version of the group without a name.
fn group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;

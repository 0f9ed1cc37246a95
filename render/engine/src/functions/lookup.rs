//! `lookup`: what the cluster knows, through an answerer that the caller gives.

use gotemplate::{Call, FunctionError};
use thiserror::Error;
use value::{Map, Str};

use crate::render::Host;

/// Answers `lookup` from a cluster.
pub trait Lookup: Send + Sync {
    /// The object as a map; with an empty name the list of objects, of all namespaces where that is empty too.
    /// An empty map where there is none.
    ///
    /// # Errors
    /// Any failure but "not found"; it ends the rendering.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Map, LookupError>;
}

/// Why the cluster gave no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct LookupError(pub String);

pub(super) fn lookup(
    call: &mut Call<'_>,
    api_version: Str,
    kind: Str,
    namespace: Str,
    name: Str,
) -> Result<Map, FunctionError> {
    let Some(answerer) = Host::of(call).and_then(|host| host.lookup.clone()) else {
        return Ok(Map::new());
    };
    answerer
        .lookup(&api_version.to_text(), &kind.to_text(), &namespace.to_text(), &name.to_text())
        .map_err(FunctionError::other)
}

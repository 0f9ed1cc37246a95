//! A quick look that settles the usual case: a schema of common keywords, and values that fit it.
//!
//! To compile a schema takes the exact validator milliseconds, more than the whole of a usual chart: it compiles and
//! asks the meta-schemas of all drafts first. Here a schema is read in one pass, and whatever is not certain is left
//! to the exact validator: keywords and references beyond the common ones, and a schema that may be none. Where a
//! schema is one and the values don't certainly fit, only the exact validator has the words for that, but it gets no
//! more of the schema than it needs.
//!
//! `read`, `pointer` and `document` make a schema of a text, `sound` tells whether it is one, `fits` whether values fit
//! it, and `rest` what is left of it where they don't.

mod document;
mod fits;
mod keyword;
mod pattern;
mod plain;
mod pointer;
mod read;
mod rest;
mod scalar;
mod sound;

use serde_json::Value as Json;
use value::Map;

use super::most_references;
use crate::Limits;
use document::Document;

/// What a quick look finds out.
pub(super) enum Found {
    /// The values fit.
    Fits,
    /// The schema refers to a document at this address.
    RefersTo(String),
    /// Whether the values fit is a matter of this schema, which is one and within the limits.
    Rest(Json),
    /// Nothing.
    Nothing,
}

/// What is left to the exact validator.
struct Unsettled;

/// A verdict, where there can be one.
type Verdict = Result<bool, Unsettled>;

/// Looks at values by a schema. What is found is what the exact validator would say.
pub(super) fn look(schema: &[u8], values: &Map, limits: &Limits) -> Found {
    let value = values.clone().into();
    let Some(depth) = plain::depth(&value) else { return Found::Nothing };
    if super::references(schema).saturating_mul(depth) > most_references(limits)
        || may_hold_more_than(limits.schema_objects, schema)
    {
        return Found::Nothing;
    }
    let Ok(text) = std::str::from_utf8(schema) else { return Found::Nothing };
    let Some(document) = Document::read(text).filter(Document::is_sound) else { return Found::Nothing };
    if let Some(address) = document.outside {
        return Found::RefersTo(address);
    }
    if matches!(document.fits(&document.root, &value), Ok(true)) {
        return Found::Fits;
    }
    serde_json::from_str(text).map_or(Found::Nothing, |schema| Found::Rest(document.rest(schema, values)))
}

/// Whether a text may have more objects and booleans than that; in strings there may be what looks like them.
fn may_hold_more_than(most: usize, schema: &[u8]) -> bool {
    let count = |word: &[u8]| memchr::memmem::find_iter(schema, word).count();
    // An object takes two bytes at least.
    schema.len() / 2 > most && count(b"{") + count(b"true") + count(b"false") > most
}

#[cfg(test)]
mod tests;

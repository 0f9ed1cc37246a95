//! A quick look that settles the usual case: a schema of common keywords, and values that fit it.
//!
//! To compile a schema takes the exact validator milliseconds, more than the whole of a usual chart: it compiles and
//! asks the meta-schemas of all drafts first. Here a schema is read in one pass, and whatever is not certain is left
//! to the exact validator: keywords and references beyond the common ones, a schema that may be none, and values
//! that don't fit, since only it has the words for them. So the one answer given here is that all is well.

mod fits;
mod keyword;
mod pattern;
mod plain;
mod read;
mod scalar;
mod sound;

use value::Map;

use super::most_references;
use crate::Limits;
use fits::Look;
use keyword::Schema;

/// What is left to the exact validator.
struct Unsettled;

/// A verdict, where there can be one.
type Verdict = Result<bool, Unsettled>;

/// Whether the schema is certainly one, within the limits, and the values certainly fit it.
pub(super) fn certainly_fits(schema: &[u8], values: &Map, limits: &Limits) -> bool {
    let values = values.clone().into();
    let Some(depth) = plain::depth(&values) else { return false };
    if super::references(schema).saturating_mul(depth) > most_references(limits)
        || may_hold_more_than(limits.schema_objects, schema)
    {
        return false;
    }
    let Ok(text) = std::str::from_utf8(schema) else { return false };
    let Ok(root) = serde_json::from_str::<Schema<'_>>(text) else { return false };
    let draft = root.draft();
    sound::is_sound(&root, draft) && matches!(Look { root: &root, draft }.fits(&values), Ok(true))
}

/// Whether a text may have more objects and booleans than that; in strings there may be what looks like them.
fn may_hold_more_than(most: usize, schema: &[u8]) -> bool {
    let count = |word: &[u8]| memchr::memmem::find_iter(schema, word).count();
    // An object takes two bytes at least.
    schema.len() / 2 > most && count(b"{") + count(b"true") + count(b"false") > most
}

#[cfg(test)]
mod tests;

//! Whether what was read is certainly a schema of its draft: what each keyword holds was asked while reading.

use super::keyword::{Draft, Keyword, Schema};
use super::scalar::are_unique;

/// The most values of an `enum` that are compared with each other.
const MOST_COMPARED: usize = 100;

/// Whether the whole document is a schema, each reference of which leads somewhere.
pub(super) fn is_sound(root: &Schema<'_>, draft: Draft) -> bool {
    let is_of_root = |keyword: &Keyword<'_>| matches!(keyword, Keyword::Draft(_) | Keyword::Address);
    root.keywords().iter().all(|keyword| is_of_root(keyword) || is_sound_keyword(keyword, root, draft))
        && has_usual_references(root, draft)
}

fn is_sound_within(schema: &Schema<'_>, root: &Schema<'_>, draft: Draft) -> bool {
    schema.keywords().iter().all(|keyword| is_sound_keyword(keyword, root, draft))
        && has_usual_references(schema, draft)
}

fn is_sound_keyword(keyword: &Keyword<'_>, root: &Schema<'_>, draft: Draft) -> bool {
    let is_sound = match keyword {
        // A document within another.
        Keyword::Draft(_) | Keyword::Address => false,
        Keyword::Reference(reference) => root.resolve(reference).is_some(),
        Keyword::Enumeration(values) if draft == Draft::V7 => {
            !values.is_empty() && values.len() <= MOST_COMPARED && are_unique(values)
        }
        Keyword::AllOf(schemas) | Keyword::AnyOf(schemas) | Keyword::OneOf(schemas) => !schemas.is_empty(),
        Keyword::MultipleOf(number) => number.as_f64().is_some_and(|number| number > 0.0),
        _ => true,
    };
    let (unnamed, named) = keyword.schemas();
    is_sound
        && unnamed.iter().all(|schema| is_sound_within(schema, root, draft))
        && named.iter().all(|(_, schema)| is_sound_within(schema, root, draft))
}

/// Whether nothing stands beside a reference that the exact validator doesn't pass over there, if the draft does.
fn has_usual_references(schema: &Schema<'_>, draft: Draft) -> bool {
    let counts = |keyword: &Keyword<'_>| {
        matches!(keyword, Keyword::Constant(_) | Keyword::PropertyNames(_) | Keyword::If(_))
    };
    draft != Draft::V7 || schema.reference().is_none() || !schema.keywords().iter().any(counts)
}

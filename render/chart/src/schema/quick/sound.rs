//! Whether what was read is certainly a schema of its draft: what each keyword holds was asked while reading.

use super::keyword::{Draft, Keyword, Schema};
use super::scalar::are_unique;

/// The most values of an `enum` that are compared with each other.
const MOST_COMPARED: usize = 100;

/// Whether the whole document is a schema, each reference of which leads somewhere.
pub(super) fn is_sound(root: &Schema<'_>, draft: Draft) -> bool {
    root.keywords().iter().all(|keyword| {
        matches!(keyword, Keyword::Draft(_)) || is_sound_keyword(keyword, root.keywords(), root, draft)
    })
}

fn is_sound_within(schema: &Schema<'_>, root: &Schema<'_>, draft: Draft) -> bool {
    schema.keywords().iter().all(|keyword| is_sound_keyword(keyword, schema.keywords(), root, draft))
}

fn is_sound_keyword(
    keyword: &Keyword<'_>,
    siblings: &[Keyword<'_>],
    root: &Schema<'_>,
    draft: Draft,
) -> bool {
    let is_sound = match keyword {
        // A draft within another.
        Keyword::Draft(_) => false,
        Keyword::Reference(reference) => {
            root.resolve(reference).is_some() && (draft != Draft::V7 || is_alone(siblings))
        }
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

/// Whether nothing stands beside a reference that could mean anything: draft 7 passes over most, but not over all.
fn is_alone(siblings: &[Keyword<'_>]) -> bool {
    siblings.iter().all(|sibling| {
        matches!(
            sibling,
            Keyword::Reference(_) | Keyword::Definitions(_) | Keyword::NewDefinitions(_) | Keyword::Draft(_)
        )
    })
}

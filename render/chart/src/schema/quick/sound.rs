//! Whether what was read is certainly a schema of its draft: what each keyword holds was asked while reading.

use super::document::Document;
use super::keyword::{Draft, Items, Keyword, Schema};
use super::scalar::are_unique;

/// The most values of an `enum` that are compared with each other.
const MOST_COMPARED: usize = 100;

impl<'a> Document<'a> {
    /// Whether the whole document is a schema.
    pub(super) fn is_sound(&self) -> bool {
        let is_of_root = |keyword: &Keyword<'_>| matches!(keyword, Keyword::Address);
        let keywords = self.root.keywords();
        // A document with an address might be meant by it.
        (self.outside.is_none() || !keywords.iter().any(is_of_root))
            && self.is_allowed(&self.root)
            && keywords.iter().all(|keyword| is_of_root(keyword) || self.is_sound_keyword(keyword))
            && self.elsewhere().all(|schema| self.is_sound_within(schema))
    }

    fn is_sound_within(&self, schema: &Schema<'a>) -> bool {
        // In draft 4, booleans are no schemas.
        (self.draft > Draft::V4 || !schema.is_bool())
            && self.is_allowed(schema)
            && schema.keywords().iter().all(|keyword| self.is_sound_keyword(keyword))
    }

    fn is_sound_keyword(&self, keyword: &Keyword<'a>) -> bool {
        let is_sound = match keyword {
            // A document within another.
            Keyword::Address => false,
            Keyword::Place => self.draft == Draft::V6 || self.draft == Draft::V7,
            Keyword::Enumeration(values) if self.draft <= Draft::V7 => {
                !values.is_empty() && values.len() <= MOST_COMPARED && are_unique(values)
            }
            Keyword::AllOf(schemas) | Keyword::AnyOf(schemas) | Keyword::OneOf(schemas) => {
                !schemas.is_empty()
            }
            Keyword::Items(Items::First(schemas)) => self.draft < Draft::V2020 && !schemas.is_empty(),
            Keyword::MultipleOf(number) => number.as_f64().is_some_and(|number| number > 0.0),
            Keyword::Required(names) => self.draft > Draft::V4 || !names.is_empty(),
            keyword => self.draft >= first_draft(keyword),
        };
        let may_be_bool = matches!(keyword, Keyword::AdditionalProperties(_));
        is_sound
            && keyword.schemas().all(|schema| may_be_bool && schema.is_bool() || self.is_sound_within(schema))
    }

    /// Whether nothing stands beside a reference that the exact validator doesn't pass over there, if the draft does.
    fn is_allowed(&self, schema: &Schema<'a>) -> bool {
        let counts = |keyword: &Keyword<'_>| {
            matches!(keyword, Keyword::Constant(_) | Keyword::PropertyNames(_) | Keyword::If(_))
        };
        self.draft > Draft::V7 || schema.reference().is_none() || !schema.keywords().iter().any(counts)
    }
}

/// The draft that brought a keyword, as far as the drafts differ.
fn first_draft(keyword: &Keyword<'_>) -> Draft {
    match keyword {
        Keyword::Constant(_)
        | Keyword::PropertyNames(_)
        | Keyword::ExclusiveMinimum(_)
        | Keyword::ExclusiveMaximum(_) => Draft::V6,
        Keyword::If(_) | Keyword::Then(_) | Keyword::Else(_) => Draft::V7,
        _ => Draft::V4,
    }
}

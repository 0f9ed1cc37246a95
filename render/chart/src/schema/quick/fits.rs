//! Holding values against a schema: whether they fit, or nothing.

use serde_json::Number;
use value::{List, Map, Value};

use super::document::Document;
use super::keyword::{Draft, Items, Keyword, Schema};
use super::scalar::{Scalar, Shape, has_unique_items};
use super::{Unsettled, Verdict};

/// How deep schemas and references may lead; beyond may be a cycle of references.
const MOST_LEVELS: usize = 200;

/// Formats that the exact validator knows.
const FORMATS: [&str; 20] = [
    "regex",
    "ipv4",
    "ipv6",
    "hostname",
    "idn-hostname",
    "email",
    "idn-email",
    "date",
    "time",
    "date-time",
    "duration",
    "period",
    "json-pointer",
    "relative-json-pointer",
    "uuid",
    "uri",
    "iri",
    "uri-reference",
    "iri-reference",
    "uri-template",
];

impl<'a> Document<'a> {
    /// Whether a value fits one of the document's schemas.
    pub(super) fn fits(&self, schema: &Schema<'a>, value: &Value) -> Verdict {
        self.fits_within(schema, value, MOST_LEVELS)
    }

    fn fits_within(&self, schema: &Schema<'a>, value: &Value, levels: usize) -> Verdict {
        let keywords = match schema {
            Schema::Bool(truth) => return Ok(*truth),
            Schema::Keywords(keywords) => keywords,
        };
        let levels = levels.checked_sub(1).ok_or(Unsettled)?;
        let shape = Shape::of(value)?;
        // Up to draft 7, what stands beside a reference is passed over.
        let only = schema.reference().filter(|_| self.draft <= Draft::V7);
        let keywords = only.map_or(keywords.as_slice(), std::slice::from_ref);
        all(keywords, |keyword| {
            let of_shape = match &shape {
                Shape::Map(map) => self.map_fits(keyword, keywords, map, levels)?,
                Shape::List(list) => self.list_fits(keyword, list, levels)?,
                Shape::Scalar(Scalar::Text(text)) => self.text_fits(keyword, text)?,
                Shape::Scalar(Scalar::Number(number)) => number_fits(keyword, number),
                Shape::Scalar(Scalar::Null | Scalar::Bool(_)) => true,
            };
            Ok(of_shape && self.any_fits(keyword, keywords, value, &shape, levels)?)
        })
    }

    /// Keywords that ask something of values of any type.
    fn any_fits(
        &self,
        keyword: &Keyword<'a>,
        siblings: &[Keyword<'a>],
        value: &Value,
        shape: &Shape<'_>,
        levels: usize,
    ) -> Verdict {
        let fits = |schema: &Schema<'a>| self.fits_within(schema, value, levels);
        match keyword {
            Keyword::Types(types) => Ok(shape.has_type(*types)),
            Keyword::Constant(constant) => Ok(shape.is_one_of(std::slice::from_ref(constant))),
            Keyword::Enumeration(values) => Ok(shape.is_one_of(values)),
            Keyword::Reference(reference) => fits(self.resolve(reference).ok_or(Unsettled)?),
            Keyword::Not(schema) => Ok(!fits(schema)?),
            Keyword::AllOf(schemas) => all(schemas, fits),
            Keyword::AnyOf(schemas) => Ok(!all(schemas, |schema| Ok(!fits(schema)?))?),
            Keyword::OneOf(schemas) => {
                let mut matching = 0;
                for schema in schemas {
                    matching += usize::from(fits(schema)?);
                }
                Ok(matching == 1)
            }
            Keyword::If(condition) => {
                let holds = fits(condition)?;
                let branch = siblings.iter().find_map(|sibling| match sibling {
                    Keyword::Then(schema) if holds => Some(schema),
                    Keyword::Else(schema) if !holds => Some(schema),
                    _ => None,
                });
                branch.map_or(Ok(true), |schema| fits(schema))
            }
            _ => Ok(true),
        }
    }

    fn map_fits(&self, keyword: &Keyword<'a>, siblings: &[Keyword<'a>], map: &Map, levels: usize) -> Verdict {
        match keyword {
            Keyword::Required(names) => Ok(names.iter().all(|name| map.contains_key(name.as_bytes()))),
            Keyword::MinProperties(least) => Ok(map.len() as u64 >= *least),
            Keyword::MaxProperties(most) => Ok(map.len() as u64 <= *most),
            Keyword::Properties(members) => all(&members.0, |(name, schema)| {
                map.get(name.as_bytes()).map_or(Ok(true), |value| self.fits_within(schema, &value, levels))
            }),
            Keyword::PatternProperties(patterns, schemas) => all(&map.entries(), |(key, value)| {
                let key = key.as_str().ok_or(Unsettled)?;
                for (pattern, schema) in patterns.iter().zip(schemas) {
                    if pattern.is_in(key)? && !self.fits_within(schema, value, levels)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }),
            Keyword::AdditionalProperties(schema) => all(&map.entries(), |(key, value)| {
                let key = key.as_str().ok_or(Unsettled)?;
                Ok(is_named(key, siblings)? || self.fits_within(schema, value, levels)?)
            }),
            Keyword::PropertyNames(schema) => {
                all(&map.keys(), |key| self.fits_within(schema, &Value::Str(key.clone()), levels))
            }
            _ => Ok(true),
        }
    }

    fn list_fits(&self, keyword: &Keyword<'a>, list: &List, levels: usize) -> Verdict {
        match keyword {
            Keyword::Items(Items::All(schema)) => {
                all(list.iter(), |item| self.fits_within(schema, item, levels))
            }
            Keyword::Items(Items::First(schemas)) => {
                all(schemas.iter().zip(list.iter()), |(schema, item)| self.fits_within(schema, item, levels))
            }
            Keyword::MinItems(least) => Ok(list.len() as u64 >= *least),
            Keyword::MaxItems(most) => Ok(list.len() as u64 <= *most),
            Keyword::UniqueItems(true) => has_unique_items(list),
            _ => Ok(true),
        }
    }

    fn text_fits(&self, keyword: &Keyword<'a>, text: &str) -> Verdict {
        match keyword {
            Keyword::MinLength(least) => Ok(text.chars().count() as u64 >= *least),
            Keyword::MaxLength(most) => Ok(text.chars().count() as u64 <= *most),
            Keyword::Pattern(pattern) => pattern.is_in(text),
            // Later drafts take a format for a comment.
            Keyword::Format(name) if self.draft <= Draft::V7 && FORMATS.contains(&&**name) => Err(Unsettled),
            _ => Ok(true),
        }
    }
}

/// Whether `properties` or `patternProperties` beside name the key.
fn is_named(key: &str, siblings: &[Keyword<'_>]) -> Verdict {
    for sibling in siblings {
        let is_named = match sibling {
            Keyword::Properties(members) => members.get(key).is_some(),
            Keyword::PatternProperties(patterns, _) => !all(patterns, |pattern| Ok(!pattern.is_in(key)?))?,
            _ => false,
        };
        if is_named {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Bounds of numbers, which are compared as floats.
fn number_fits(keyword: &Keyword<'_>, number: &Number) -> bool {
    let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
    let number = float(number);
    match keyword {
        Keyword::Minimum(least) => number >= float(least),
        Keyword::Maximum(most) => number <= float(most),
        Keyword::ExclusiveMinimum(below) => number > float(below),
        Keyword::ExclusiveMaximum(above) => number < float(above),
        Keyword::MultipleOf(step) => (number / float(step)).fract() == 0.0,
        _ => true,
    }
}

/// Whether the verdict is true for all, up to the first for which it is not.
fn all<T>(items: impl IntoIterator<Item = T>, mut verdict: impl FnMut(T) -> Verdict) -> Verdict {
    for item in items {
        if !verdict(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

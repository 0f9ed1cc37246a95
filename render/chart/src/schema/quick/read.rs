//! Reading a schema, without a tree of JSON in between: what is no common schema is an error, and nothing more.
//!
//! serde_json reads here as it does for the exact validator, also what is passed over: with the same bounds on
//! nesting and on numbers.

use std::borrow::Cow;
use std::fmt;
use std::mem::discriminant;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::keyword::{Draft, Items, Keyword, Members, Schema, Types};
use super::pattern::Pattern;

/// A name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Schema<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SchemaVisitor)
    }
}

struct SchemaVisitor;

impl<'de> Visitor<'de> for SchemaVisitor {
    type Value = Schema<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a schema")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Schema<'de>, E> {
        Ok(Schema::Bool(truth))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Schema<'de>, A::Error> {
        let mut keywords: Vec<Keyword<'de>> = Vec::new();
        while let Some(Text(name)) = map.next_key()? {
            let Some(keyword) = applicator(&name, &mut map)? else { continue };
            if keywords.iter().any(|known| discriminant(known) == discriminant(&keyword)) {
                return Err(unsettled());
            }
            keywords.push(keyword);
        }
        Ok(Schema::Keywords(keywords))
    }
}

/// Reads a keyword that holds schemas or leads to them, or any other.
fn applicator<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<Option<Keyword<'de>>, A::Error> {
    Ok(Some(match name {
        "$schema" => Keyword::Draft(map.next_value()?),
        "$id" => {
            let Text(address) = map.next_value()?;
            match address.strip_prefix('#') {
                Some(pointer) if is_plain_pointer(pointer) => Keyword::Place,
                None if is_usual_address(&address) => Keyword::Address,
                _ => return Err(unsettled()),
            }
        }
        "$ref" => Keyword::Reference(map.next_value::<Text<'de>>()?.0),
        "definitions" => Keyword::Definitions(map.next_value()?),
        "$defs" => Keyword::NewDefinitions(map.next_value()?),
        "not" => Keyword::Not(map.next_value()?),
        "allOf" => Keyword::AllOf(map.next_value()?),
        "anyOf" => Keyword::AnyOf(map.next_value()?),
        "oneOf" => Keyword::OneOf(map.next_value()?),
        "if" => Keyword::If(map.next_value()?),
        "then" => Keyword::Then(map.next_value()?),
        "else" => Keyword::Else(map.next_value()?),
        "properties" => Keyword::Properties(map.next_value()?),
        "patternProperties" => {
            let Members(members) = map.next_value()?;
            let (names, schemas): (Vec<_>, Vec<_>) = members.into_iter().unzip();
            let patterns: Option<_> = names.iter().map(|name| Pattern::new(name)).collect();
            Keyword::PatternProperties(patterns.ok_or_else(unsettled)?, schemas)
        }
        "additionalProperties" => Keyword::AdditionalProperties(map.next_value()?),
        "propertyNames" => Keyword::PropertyNames(map.next_value()?),
        "items" => Keyword::Items(map.next_value()?),
        "additionalItems" if matches!(map.next_value()?, Schema::Bool(true)) => return Ok(None),
        "additionalItems" => return Err(unsettled()),
        _ => return assertion(name, map),
    }))
}

/// Reads a keyword that asks something of a value itself, or any that is left.
fn assertion<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<Option<Keyword<'de>>, A::Error> {
    Ok(Some(match name {
        "type" => Keyword::Types(map.next_value()?),
        "const" => Keyword::Constant(map.next_value()?),
        "enum" => Keyword::Enumeration(map.next_value()?),
        "format" => Keyword::Format(map.next_value::<Text<'de>>()?.0),
        "required" => Keyword::Required(distinct(map.next_value()?).ok_or_else(unsettled)?),
        "minProperties" => Keyword::MinProperties(map.next_value()?),
        "maxProperties" => Keyword::MaxProperties(map.next_value()?),
        "minItems" => Keyword::MinItems(map.next_value()?),
        "maxItems" => Keyword::MaxItems(map.next_value()?),
        "uniqueItems" => Keyword::UniqueItems(map.next_value()?),
        "minLength" => Keyword::MinLength(map.next_value()?),
        "maxLength" => Keyword::MaxLength(map.next_value()?),
        "pattern" => {
            let Text(pattern) = map.next_value()?;
            Keyword::Pattern(Pattern::new(&pattern).ok_or_else(unsettled)?)
        }
        "minimum" => Keyword::Minimum(map.next_value()?),
        "maximum" => Keyword::Maximum(map.next_value()?),
        "exclusiveMinimum" => Keyword::ExclusiveMinimum(map.next_value()?),
        "exclusiveMaximum" => Keyword::ExclusiveMaximum(map.next_value()?),
        "multipleOf" => Keyword::MultipleOf(map.next_value()?),
        _ => return annotation(name, map).map(|()| None),
    }))
}

/// Passes over what says nothing of values, unless it is a keyword that is left to the exact validator.
fn annotation<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<(), A::Error> {
    match name {
        "title" | "description" | "$comment" | "contentEncoding" | "contentMediaType" => {
            map.next_value::<Text<'de>>().map(drop)
        }
        "readOnly" | "writeOnly" | "deprecated" => map.next_value::<bool>().map(drop),
        "examples" => map.next_value::<Vec<Skipped>>().map(drop),
        "id"
        | "dependencies"
        | "dependentSchemas"
        | "dependentRequired"
        | "unevaluatedProperties"
        | "unevaluatedItems"
        | "contains"
        | "minContains"
        | "maxContains"
        | "prefixItems"
        | "contentSchema" => Err(unsettled()),
        name if name.starts_with('$') => Err(unsettled()),
        _ => map.next_value::<Skipped>().map(drop),
    }
}

/// Whether a text is certainly an absolute URL, without a fragment, in the form that all agree on.
pub(super) fn is_usual_address(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase());
    host.split('.').all(is_label)
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte))
        && !path.starts_with('.')
        && !path.contains("/.")
}

/// Whether a text is certainly a JSON pointer to somewhere below the root, without escapes.
pub(super) fn is_plain_pointer(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._$/".contains(&byte))
}

/// Texts of which no two are the same, in order.
fn distinct(texts: Vec<Text<'_>>) -> Option<Vec<Cow<'_, str>>> {
    let mut texts: Vec<_> = texts.into_iter().map(|Text(text)| text).collect();
    texts.sort_unstable();
    texts.is_sorted_by(|a, b| a < b).then_some(texts)
}

pub(super) fn unsettled<E: Error>() -> E {
    E::custom("left to the exact validator")
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("schemas by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Text(name), schema)) = map.next_entry()? {
            members.push((name, schema));
        }
        members.sort_unstable_by(|(a, _): &(Cow<'de, str>, Schema<'de>), (b, _)| a.cmp(b));
        if members.is_sorted_by(|(a, _), (b, _)| a < b) { Ok(Members(members)) } else { Err(unsettled()) }
    }
}

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a schema or schemas")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Items<'de>, E> {
        SchemaVisitor.visit_bool(truth).map(|schema| Items::All(Box::new(schema)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Items<'de>, A::Error> {
        SchemaVisitor.visit_map(map).map(|schema| Items::All(Box::new(schema)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items<'de>, A::Error> {
        let mut schemas = Vec::new();
        while let Some(schema) = list.next_element()? {
            schemas.push(schema);
        }
        Ok(Items::First(schemas))
    }
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(url) = Text::deserialize(deserializer)?;
        let url = url.strip_suffix('#').unwrap_or(&url);
        let path = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        match path {
            Some("json-schema.org/schema" | "json-schema.org/draft/2020-12/schema") => Ok(Draft::V2020),
            Some("json-schema.org/draft/2019-09/schema") => Ok(Draft::V2019),
            Some("json-schema.org/draft-07/schema") => Ok(Draft::V7),
            Some("json-schema.org/draft-06/schema") => Ok(Draft::V6),
            Some("json-schema.org/draft-04/schema") => Ok(Draft::V4),
            _ => Err(unsettled()),
        }
    }
}

impl<'de> Deserialize<'de> for Types {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypesVisitor)
    }
}

struct TypesVisitor;

impl<'de> Visitor<'de> for TypesVisitor {
    type Value = Types;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a type or types")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Types, E> {
        Ok(Types(match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "number" => Types::NUMBER,
            "integer" => Types::INTEGER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => return Err(unsettled()),
        }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Types, A::Error> {
        let mut types = Types(0);
        while let Some(Text(name)) = list.next_element()? {
            let Types(kind) = TypesVisitor.visit_str(&name)?;
            if types.has(kind) {
                return Err(unsettled());
            }
            types.0 |= kind;
        }
        if types.0 == 0 { Err(unsettled()) } else { Ok(types) }
    }
}

/// Any JSON. Other than serde's own way to pass over a value, this looks at every number and text in it.
pub(super) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SkippedVisitor)
    }
}

struct SkippedVisitor;

impl<'de> Visitor<'de> for SkippedVisitor {
    type Value = Skipped;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_str<E>(self, _: &str) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Skipped, A::Error> {
        while list.next_element::<Skipped>()?.is_some() {}
        Ok(Skipped)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Skipped, A::Error> {
        while map.next_entry::<Text<'de>, Skipped>()?.is_some() {}
        Ok(Skipped)
    }
}

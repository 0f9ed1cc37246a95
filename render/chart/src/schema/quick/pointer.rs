//! Schemas where none are expected: what a JSON pointer (RFC 6901) leads to in the text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::keyword::Schema;
use super::read::{Skipped, Text, unsettled};

/// The schema that a pointer without escapes leads to, by way of nothing but objects.
pub(super) fn schema_at<'a>(text: &'a str, pointer: &str) -> Option<Schema<'a>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    At(pointer).deserialize(&mut reader).ok()
}

/// What is left of the pointer.
struct At<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Schema<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Schema<'de>, D::Error> {
        match self.0.strip_prefix('/') {
            Some(_) => deserializer.deserialize_any(self),
            None => serde::Deserialize::deserialize(deserializer),
        }
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Schema<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Schema<'de>, A::Error> {
        let pointer = self.0.strip_prefix('/').unwrap_or_default();
        let (first, rest) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
        let mut found = None;
        while let Some(Text(name)) = map.next_key()? {
            if name != first {
                map.next_value::<Skipped>()?;
            } else if found.replace(map.next_value_seed(At(rest))?).is_some() {
                return Err(unsettled());
            }
        }
        found.ok_or_else(unsettled)
    }
}

//! What is left of a schema for the exact validator: it takes a multiple of the time, but only it has words for faults.

use std::collections::BTreeSet;

use serde_json::{Map as Object, Value as Json};
use value::{Map, Value};

use super::document::{Document, Target};
use super::keyword::{Keyword, Members, Schema};

/// How deep properties of properties are looked at one by one.
const MOST_LEVELS: usize = 8;
const DEFINITIONS: [&str; 2] = ["definitions", "$defs"];

impl<'a> Document<'a> {
    /// The schema without what asks nothing more of the values: what certainly fits in properties, or is absent, and
    /// definitions that nothing refers to. It is as sound, and says the same of the values.
    pub(super) fn rest(&self, mut schema: Json, values: &Map) -> Json {
        if references(&schema).iter().all(|reference| definition(reference).is_some()) {
            self.leave_out_what_fits(&self.root, &mut schema, values, MOST_LEVELS);
            drop_unused_definitions(&mut schema);
        }
        schema
    }

    fn leave_out_what_fits(&self, schema: &Schema<'a>, json: &mut Json, values: &Map, levels: usize) {
        let Some(levels) = levels.checked_sub(1) else { return };
        let Some(Json::Object(properties)) = json.get_mut("properties") else { return };
        let keywords = schema.keywords();
        // The names count where it matters which of the values are additional.
        let names_count = keywords.iter().any(|keyword| matches!(keyword, Keyword::AdditionalProperties(_)));
        let members = keywords.iter().find_map(|keyword| match keyword {
            Keyword::Properties(Members(members)) => Some(members),
            _ => None,
        });
        for (name, member) in members.into_iter().flatten() {
            let Some(value) = values.get(name.as_bytes()) else {
                properties.remove(&**name);
                continue;
            };
            match self.fits(member, &value) {
                Ok(true) if names_count => {
                    drop(properties.insert(name.to_string(), Json::Object(Object::new())))
                }
                Ok(true) => drop(properties.remove(&**name)),
                _ => {
                    if let (Value::Map(values), Some(json)) = (value, properties.get_mut(&**name)) {
                        self.leave_out_what_fits(member, json, &values, levels);
                    }
                }
            }
        }
    }
}

fn drop_unused_definitions(schema: &mut Json) {
    let used = used_definitions(schema);
    for keyword in DEFINITIONS {
        if let Some(Json::Object(members)) = schema.get_mut(keyword) {
            members.retain(|name, _| used.contains(&(keyword, name.clone())));
        }
    }
}

/// The definitions to which the schema refers, directly or through others.
fn used_definitions(schema: &Json) -> BTreeSet<(&'static str, String)> {
    let mut used = BTreeSet::new();
    let fields = schema.as_object().into_iter().flatten();
    let mut looked_at: Vec<&Json> = fields
        .filter(|(keyword, _)| !DEFINITIONS.contains(&keyword.as_str()))
        .map(|(_, json)| json)
        .collect();
    // The root's own reference is no field of a field.
    let own = schema.get("$ref").and_then(Json::as_str);
    let mut names: Vec<_> = own.into_iter().filter_map(definition).collect();
    loop {
        names.extend(looked_at.drain(..).flat_map(references).filter_map(definition));
        let Some((keyword, name)) = names.pop() else { return used };
        if used.insert((keyword, name.to_owned())) {
            looked_at.extend(schema.get(keyword).and_then(|members| members.get(name)));
        }
    }
}

/// All that may be a reference within.
fn references(json: &Json) -> Vec<&str> {
    match json {
        Json::Object(fields) => {
            let own = fields.get("$ref").and_then(Json::as_str);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Json::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The keyword and the name of the definition in which a reference leads somewhere.
fn definition(reference: &str) -> Option<(&'static str, &str)> {
    let Target::Inside(pointer) = Target::of(reference)? else { return None };
    let (keyword, rest) = pointer.strip_prefix('/')?.split_once('/')?;
    let keyword = DEFINITIONS.into_iter().find(|known| *known == keyword)?;
    Some((keyword, rest.split('/').next()?))
}

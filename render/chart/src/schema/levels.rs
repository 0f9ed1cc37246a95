//! The levels of a fault that boon leaves out: an `allOf`, `anyOf` or `oneOf` of which only one schema failed has no
//! level of its own there, as it has in Helm's validator. What was left out shows in the schemas' locations.

use boon::{ErrorKind, ValidationError};

/// A level between a fault and its cause.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// The keyword: `allOf`, `anyOf` or `oneOf`.
    pub(super) keyword: String,
    /// Where in the values it was asked, as a JSON pointer.
    pub(super) location: String,
}

/// The schema that the causes of a fault start from.
pub(super) fn base<'a>(fault: &'a ValidationError<'_, '_>) -> &'a str {
    match &fault.kind {
        ErrorKind::Reference { url, .. } | ErrorKind::Schema { url } => url,
        _ => fault.schema_url,
    }
}

/// The levels between a fault and one of its causes, the outermost first.
pub(super) fn between(fault: &ValidationError<'_, '_>, cause: &ValidationError<'_, '_>) -> Vec<Level> {
    let has_level = matches!(fault.kind, ErrorKind::AllOf | ErrorKind::AnyOf | ErrorKind::OneOf(_));
    let location = cause.instance_location.to_string();
    let way = way(base(fault), cause.schema_url);
    way.levels.iter().skip(usize::from(has_level)).map(|step| step.at(&location, way.taken)).collect()
}

/// Where a property's name is refused, which boon does not tell: as far as the schema's location does.
pub(super) fn of_property_name(fault: &ValidationError<'_, '_>, cause: &ValidationError<'_, '_>) -> String {
    let names = way(base(fault), cause.schema_url).names;
    fault.instance_location.to_string() + &names.iter().map(|name| format!("/{name}")).collect::<String>()
}

/// What stands between two locations of schemas.
#[derive(Default)]
struct Way<'a> {
    levels: Vec<Step<'a>>,
    /// How many steps down into the values it is.
    taken: usize,
    /// The names of properties on it.
    names: Vec<&'a str>,
}

struct Step<'a> {
    keyword: &'a str,
    taken: usize,
}

impl Step<'_> {
    fn at(&self, location: &str, taken: usize) -> Level {
        let parts: Vec<&str> = location.split('/').collect();
        let kept = parts.len().saturating_sub(taken - self.taken);
        let location = parts.get(..kept).unwrap_or_default().join("/");
        Level { keyword: self.keyword.to_owned(), location }
    }
}

fn way<'a>(from: &str, to: &'a str) -> Way<'a> {
    let mut way = Way::default();
    let Some(rest) = to.strip_prefix(from).and_then(|rest| rest.strip_prefix('/')) else { return way };
    let mut parts = rest.split('/').peekable();
    while let Some(keyword) = parts.next() {
        match keyword {
            "allOf" | "anyOf" | "oneOf" => {
                way.levels.push(Step { keyword, taken: way.taken });
                parts.next();
            }
            "properties" => {
                way.names.extend(parts.next());
                way.taken += 1;
            }
            "patternProperties" | "prefixItems" => {
                parts.next();
                way.taken += 1;
            }
            "dependentSchemas" | "dependencies" => {
                parts.next();
            }
            "items" => {
                parts.next_if(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
                way.taken += 1;
            }
            "additionalProperties"
            | "additionalItems"
            | "unevaluatedProperties"
            | "unevaluatedItems"
            | "contains" => way.taken += 1,
            _ => {}
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_found_in_the_location_of_the_schema() {
        let way = way("s#", "s#/properties/a/allOf/0/items/3/anyOf/0/properties/b");
        let levels: Vec<Level> = way.levels.iter().map(|step| step.at("/a/7/b", way.taken)).collect();
        let level =
            |keyword: &str, location: &str| Level { keyword: keyword.into(), location: location.into() };
        assert_eq!(levels, [level("allOf", "/a"), level("anyOf", "/a/7")]);
    }

    #[test]
    fn a_schema_beside_another_has_no_way_to_it() {
        assert!(way("s#/allOf/1", "s#/allOf/10/anyOf/0").levels.is_empty());
        assert!(way("s#/a", "t#/a/anyOf/0").levels.is_empty());
    }
}

//! What is settled, what is left, and that the exact validator agrees.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map as Object, Value as Json, json};
use value::{Value, json as go_json};

use super::super::{check, check_exactly};
use super::*;

fn is_settled(schema: &str, values: &str) -> bool {
    let values = go_json::from_slice(values.as_bytes()).unwrap();
    matches!(look(schema.as_bytes(), values.as_map().unwrap(), &Limits::default()), Found::Fits)
}

/// What is left of a schema.
fn rest(schema: &Json, values: &str) -> Json {
    let values = go_json::from_slice(values.as_bytes()).unwrap();
    match look(schema.to_string().as_bytes(), values.as_map().unwrap(), &Limits::default()) {
        Found::Rest(rest) => rest,
        _ => panic!("{schema} is settled"),
    }
}

#[test]
fn values_that_fit_common_schemas_are_settled() {
    let schema = r##"{
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "t", "default": {"x": [1e3, null]},
        "definitions": {"port": {"type": ["integer", "null"], "minimum": 1, "maximum": 65535}},
        "type": "object", "required": ["a", "port"], "additionalProperties": false,
        "properties": {
            "a": {"type": "string", "pattern": "^[a-z]+(-[\\w]+)*$", "maxLength": 9, "enum": ["a-b", "c"]},
            "port": {"$ref": "#/definitions/port"},
            "list": {"items": {"oneOf": [{"type": "string"}, {"type": "number"}]}, "uniqueItems": true},
            "pair": {"items": [{"type": "string"}, {"pattern": "^(µ?s)$"}]},
            "map": {"patternProperties": {"^x": {"type": "boolean"}}, "additionalProperties": {"const": 1.0}},
            "if": {"if": {"required": ["x"]}, "then": {"required": ["y"]}, "else": {"maxProperties": 0}}
        }
    }"##;
    for values in [
        r#"{"a": "a-b", "port": 80}"#,
        r#"{"a": "c", "port": null, "list": ["x", 1.5, 2], "map": {"xa": true, "b": 1}}"#,
        r#"{"a": "c", "port": 1, "if": {"x": 1, "y": 2}}"#,
        r#"{"a": "c", "port": 1, "if": {}}"#,
        r#"{"a": "c", "port": 1, "pair": ["a", "s", 1]}"#,
    ] {
        assert!(is_settled(schema, values), "{values}");
    }
    for values in [
        "{}",
        r#"{"a": "A", "port": 80}"#,
        r#"{"a": "c", "port": 1.5}"#,
        r#"{"a": "c", "port": 65536}"#,
        r#"{"a": "c", "port": 1, "list": [1, 1.0]}"#,
        r#"{"a": "c", "port": 1, "map": {"b": 2}}"#,
        r#"{"a": "c", "port": 1, "map": {"x": 1}}"#,
        r#"{"a": "c", "port": 1, "if": {"x": 1}}"#,
        r#"{"a": "c", "port": 1, "pair": ["a", "x"]}"#,
        r#"{"a": "c", "port": 1, "z": 1}"#,
    ] {
        assert!(!is_settled(schema, values), "{values}");
    }
}

#[test]
fn what_stands_beside_a_reference_counts_from_draft_2019_on() {
    let schema = |draft: &str| {
        let reference = r##"{"$ref": "#/definitions/a", "type": "array"}"##;
        format!(
            r#"{{"$schema": "{draft}", "definitions": {{"a": true}}, "properties": {{"a": {reference}}}}}"#
        )
    };
    assert!(is_settled(&schema("http://json-schema.org/draft-07/schema#"), r#"{"a": 1}"#));
    assert!(!is_settled(&schema("https://json-schema.org/draft/2019-09/schema"), r#"{"a": 1}"#));
}

#[test]
fn a_root_may_have_an_address() {
    let id = r##""$id": "https://www.example.com/a/b.schema.json""##;
    assert!(is_settled(
        &format!(r##"{{{id}, "items": true, "properties": {{"a": {{"$ref": "#/items"}}}}}}"##),
        "{}"
    ));
}

#[test]
fn a_schema_may_have_its_place_for_an_address() {
    let schema = |draft: &str| {
        format!(r##"{{"$schema": "{draft}", "properties": {{"a": {{"$id": "#/properties/a"}}}}}}"##)
    };
    assert!(is_settled(&schema("http://json-schema.org/draft-07/schema#"), "{}"));
    assert!(!is_settled(&schema("https://json-schema.org/draft/2019-09/schema"), "{}"));
}

#[test]
fn references_may_lead_where_no_schemas_are_expected() {
    let schema = r##"{
        "definitions": {"config": {"duration": {"type": "string"}, "x": {"y": {"$ref": "#/definitions/config/z"}}, "z": {}}},
        "properties": {"a": {"$ref": "#/definitions/config/duration"}, "b": {"$ref": "#/definitions/config/x/y"}}
    }"##;
    assert!(is_settled(schema, r#"{"a": "1s", "b": 1}"#));
    assert!(!is_settled(schema, r#"{"a": 1}"#));
}

#[test]
fn old_drafts_lack_keywords() {
    let schema = |draft: &str, keyword: &str| {
        format!(
            r##"{{"$schema": "http://json-schema.org/{draft}/schema#", "properties": {{"a": {{{keyword}}}}}}}"##
        )
    };
    for (keyword, in_draft_4, in_draft_6) in [
        (r#""type": ["integer"], "additionalProperties": false"#, true, true),
        (r#""const": 1"#, false, true),
        (r#""exclusiveMinimum": 1"#, false, true),
        (r#""items": true"#, false, true),
        (r#""required": []"#, false, true),
        (r#""items": [{"type": "string"}]"#, true, true),
        (r#""items": []"#, false, false),
        (r#""items": [true]"#, false, true),
        (r#""if": {}"#, false, false),
    ] {
        assert_eq!(is_settled(&schema("draft-04", keyword), "{}"), in_draft_4, "{keyword}");
        assert_eq!(is_settled(&schema("draft-06", keyword), "{}"), in_draft_6, "{keyword}");
    }
}

#[test]
fn a_document_outside_is_named_where_it_is_sure_to_be_asked_for() {
    let address = |schema: &str| match look(schema.as_bytes(), &Map::new(), &Limits::default()) {
        Found::RefersTo(address) => Some(address),
        _ => None,
    };
    let reference = r##"{"a": {"$ref": "https://a.org/b.json#/definitions/c"}}"##;
    assert_eq!(address(&format!(r#"{{"properties": {reference}}}"#)).unwrap(), "https://a.org/b.json");
    for schema in [
        format!(r#"{{"definitions": {reference}}}"#),
        format!(r#"{{"type": "text", "properties": {reference}}}"#),
        format!(r#"{{"$id": "https://a.org/b.json", "properties": {reference}}}"#),
        r#"{"properties": {"a": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}}"#.to_owned(),
        r#"{"properties": {"a": {"$ref": "https://a.org/../b"}}}"#.to_owned(),
        r#"{"properties": {"a": {"$ref": "https://a.org/b c"}}}"#.to_owned(),
    ] {
        assert_eq!(address(&schema), None, "{schema}");
    }
}

#[test]
fn what_fits_and_what_is_unused_is_left_out_of_the_rest() {
    let used = json!({"required": ["x"]});
    let by_reference = json!({"$ref": "#/definitions/used"});
    let strict = |members: Json| json!({"additionalProperties": false, "properties": members});
    let schema = json!({
        "definitions": {"used": used, "unused": {"type": "string"}},
        "properties": {
            "fits": {"type": "string"},
            "absent": {"type": "string"},
            "object": strict(json!({"fits": {"type": "number"}, "fails": by_reference})),
            "list": {"items": {"type": "string"}},
        },
    });
    let values = r#"{"fits": "a", "object": {"fits": 1, "fails": {}}, "list": [1]}"#;
    let want = json!({
        "definitions": {"used": used},
        "properties": {
            "object": strict(json!({"fits": {}, "fails": by_reference})),
            "list": {"items": {"type": "string"}},
        },
    });
    assert_eq!(rest(&schema, values), want);
}

#[test]
fn a_schema_with_unusual_references_is_left_as_it_is() {
    let schema = json!({"properties": {"a": {"type": "string"}, "b": {"$ref": "#/properties/a"}}});
    assert_eq!(rest(&schema, r#"{"b": 1}"#), schema);
}

#[test]
fn what_may_be_no_schema_is_left() {
    for schema in [
        "",
        "1",
        "{} {}",
        r#"{"type": "text"}"#,
        r#"{"type": []}"#,
        r#"{"type": ["null", "null"]}"#,
        r#"{"title": 1}"#,
        r#"{"properties": {"a": 1}}"#,
        r#"{"properties": {"a": true, "a": 1}}"#,
        r#"{"allOf": []}"#,
        r#"{"required": ["a", "a"]}"#,
        r#"{"minLength": -1}"#,
        r#"{"multipleOf": 0}"#,
        r#"{"pattern": "(?=x)"}"#,
        r#"{"default": 1e999}"#,
        r#"{"default": "\ud800"}"#,
        r##"{"$ref": "#/definitions/a"}"##,
        r##"{"$defs": {"a": {"$ref": "#/$defs/b"}}}"##,
        r#"{"$schema": "http://json-schema.org/draft-07/schema#", "enum": []}"#,
        r#"{"$schema": "https://example.com/schema"}"#,
    ] {
        assert!(!is_settled(schema, "{}"), "{schema}");
    }
    let deep = format!("{{\"default\": {}{}}}", "[".repeat(130), "]".repeat(130));
    assert!(!is_settled(&deep, "{}"));
}

#[test]
fn what_only_the_exact_validator_knows_is_left() {
    for (schema, values) in [
        (r#"{"$id": "urn:a"}"#, "{}"),
        (r#"{"$id": "https://1.2.3.999/a"}"#, "{}"),
        (r#"{"properties": {"a": {"$id": "https://example.com/a"}}}"#, "{}"),
        (r#"{"unevaluatedProperties": false}"#, "{}"),
        (r#"{"dependentRequired": {}}"#, "{}"),
        (r#"{"const": {}}"#, "{}"),
        (r##"{"$ref": "#"}"##, "{}"),
        (
            r#"{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"format": "date"}}}"#,
            r#"{"a": "x"}"#,
        ),
        (r#"{"properties": {"a": {"pattern": "a"}}}"#, r#"{"a": "ä"}"#),
        (r#"{"properties": {"a": {"pattern": "\\bx"}}}"#, "{}"),
        (r#"{"properties": {"a": {"pattern": "(?i)x"}}}"#, "{}"),
        (r#"{"properties": {"a": {"pattern": "[µ]"}}}"#, "{}"),
    ] {
        assert!(!is_settled(schema, values), "{schema}");
    }
    let deep = format!("{}1{}", r#"{"a":"#.repeat(120), "}".repeat(120));
    assert!(!is_settled("{}", &deep));
    let infinite: Map = [("a", Value::Float(f64::INFINITY))].into_iter().collect();
    assert!(matches!(look(b"{}", &infinite, &Limits::default()), Found::Nothing));
}

#[test]
fn bounds_on_schemas_are_asked() {
    let values = Map::new();
    let schema = br##"{"anyOf": [{"$ref": "#/$defs/a"}, true], "$defs": {"a": {"type": "object"}}}"##;
    let fits = |limits: Limits| matches!(look(schema, &values, &limits), Found::Fits);
    let usual = Limits::default();
    assert!(fits(usual));
    assert!(fits(Limits { schema_objects: 5, schema_references: 1, ..usual }));
    assert!(!fits(Limits { schema_objects: 4, ..usual }));
    assert!(!fits(Limits { schema_references: 0, ..usual }));
}

/// Values of few kinds, so that many fit.
fn any_value() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        select(["0", "1", "-1", "2.0", "2.5", "0.1", "1e300", "-0.0", "9007199254740993"]),
        prop::sample::select(vec!["", "a", "ab", "b-1", "1", "ä", "\t"]).prop_map(Json::from),
    ];
    let nested = |inner: BoxedStrategy<Json>| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            btree_map(any_name(), inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
        .boxed()
    };
    leaf.prop_recursive(3, 12, 4, move |inner| nested(inner.boxed())).boxed()
}

fn select<const N: usize>(numbers: [&'static str; N]) -> impl Strategy<Value = Json> {
    prop::sample::select(numbers.to_vec()).prop_map(|number| serde_json::from_str(number).unwrap())
}

fn any_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "ab", "x-1"]).prop_map(str::to_owned)
}

/// A keyword with what it may hold, now and then with what it may not.
fn any_keyword(inner: BoxedStrategy<Json>) -> BoxedStrategy<(&'static str, Json)> {
    let strategies: Vec<BoxedStrategy<(&'static str, Json)>> = vec![
        keyword(&["type"], any_type().boxed()),
        keyword(&["const", "default", "x-unknown"], any_value()),
        keyword(&["enum"], vec(any_value(), 0..4).prop_map(Json::from).boxed()),
        keyword(&["required"], vec(any_name(), 0..3).prop_map(Json::from).boxed()),
        keyword(
            &["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"],
            select(["0", "1", "2", "3", "2.0", "-1"]).boxed(),
        ),
        keyword(
            &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
            select(["0", "1", "2", "2.5", "0.1", "-1"]).boxed(),
        ),
        keyword(&["uniqueItems", "deprecated"], any::<bool>().prop_map(Json::from).boxed()),
        keyword(&["title", "format"], text(&["date", "uri", "int32", "x"])),
        keyword(&["pattern"], any_pattern()),
        keyword(
            &["$id"],
            text(&["https://example.com/a", "http://a.b/", "https://a", "a", "#a", "#/a", "https://a..b/"]),
        ),
        keyword(&["$schema"], text(&["http://json-schema.org/draft-04/schema#", "https://example.com/a"])),
        keyword(
            &["$ref", "$ref", "$ref"],
            text(&[
                "#",
                "#/$defs/a",
                "#/definitions/a",
                "#/definitions/ab",
                "#/properties/a",
                "#/items",
                "#/x",
                "#/a",
                "#/definitions/a/x",
                "#/x/properties/b",
                "#a",
                "https://example.com/a",
                "https://example.com/a#/b",
            ]),
        ),
        keyword(
            &["properties", "properties", "definitions", "$defs", "dependentSchemas"],
            members(any_name().boxed(), inner.clone()),
        ),
        keyword(&["patternProperties"], members(any_pattern().prop_map(unquoted).boxed(), inner.clone())),
        keyword(&["allOf", "anyOf", "oneOf"], vec(inner.clone(), 0..3).prop_map(Json::from).boxed()),
        keyword(
            &["not", "if", "then", "else", "items", "additionalProperties", "propertyNames", "contains"],
            inner.clone(),
        ),
        keyword(&["x", "additionalItems"], inner.clone()),
        keyword(&["items"], vec(inner, 0..3).prop_map(Json::from).boxed()),
    ];
    prop::strategy::Union::new(strategies).boxed()
}

fn keyword(names: &[&'static str], content: BoxedStrategy<Json>) -> BoxedStrategy<(&'static str, Json)> {
    (prop::sample::select(names.to_vec()), content).boxed()
}

fn text(texts: &[&'static str]) -> BoxedStrategy<Json> {
    prop::sample::select(texts.to_vec()).prop_map(Json::from).boxed()
}

fn unquoted(text: Json) -> String {
    text.as_str().unwrap_or_default().to_owned()
}

fn members(names: BoxedStrategy<String>, inner: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    btree_map(names, inner, 0..3).prop_map(|map| Json::Object(map.into_iter().collect())).boxed()
}

fn any_type() -> impl Strategy<Value = Json> {
    const TYPES: [&str; 7] = ["null", "boolean", "number", "integer", "string", "array", "object"];
    let one = || prop::sample::select(TYPES.to_vec());
    prop_oneof![one().prop_map(Json::from), vec(one(), 0..4).prop_map(Json::from)]
}

fn any_pattern() -> BoxedStrategy<Json> {
    let pieces = ["a", "[a-z]", r"\w", r"\W", r"\d", r"[^\s]", r"\S+", ".", "^", "$", "*", "+", "?", "{2}"];
    let more = ["(", ")", "(?:", "|", "-", r"\-", "[^a]", "[a-]", r"[\w-]", "--*", "[[:alpha:]]", "(?i)"];
    let piece = prop::sample::select([pieces.as_slice(), more.as_slice()].concat());
    vec(piece, 0..4).prop_map(|pieces| Json::from(pieces.concat())).boxed()
}

fn any_schema() -> BoxedStrategy<Json> {
    let object = |inner: BoxedStrategy<Json>| {
        vec(any_keyword(inner), 0..4).prop_map(|keywords| {
            let keywords = keywords.into_iter().map(|(name, content)| (name.to_owned(), content));
            Json::Object(keywords.collect::<Object<_, _>>())
        })
    };
    let leaf =
        prop_oneof![any::<bool>().prop_map(Json::from), Just(json!({"type": "string"})), Just(json!({}))];
    leaf.prop_recursive(4, 24, 4, move |inner| object(inner.boxed())).boxed()
}

fn with_draft(schema: Json, draft: &str) -> Json {
    match schema {
        Json::Object(mut fields) if !draft.is_empty() => {
            fields.insert("$schema".into(), draft.into());
            Json::Object(fields)
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_settled_or_left_out_the_exact_validator_says_the_same(
        schema in any_schema(),
        draft in prop::sample::select(vec![
            "",
            "http://json-schema.org/schema#",
            "http://json-schema.org/draft-07/schema",
            "https://json-schema.org/draft/2019-09/schema",
            "http://json-schema.org/draft-06/schema#",
            "http://json-schema.org/draft-04/schema#",
        ]),
        values in members(any_name().boxed(), any_value()),
    ) {
        let schema = with_draft(schema, draft).to_string();
        let values = go_json::from_slice(values.to_string().as_bytes()).unwrap();
        let (values, limits) = (values.as_map().unwrap(), Limits::default());
        let exactly = check_exactly(schema.as_bytes(), values, &limits);
        prop_assert_eq!(check(schema.as_bytes(), values, &limits), exactly, "{}", schema);
    }
}

use value::{List, Map, Value, format};

use std::sync::Arc;

use super::{EncodeError, from_toml, to_toml};
use crate::testing::FixedHost;

fn read(text: &str) -> String {
    match from_toml(text.as_bytes(), &FixedHost) {
        Ok(map) => format::to_text(&map.into()).to_string(),
        Err(error) => error.to_string(),
    }
}

fn printed(value: impl Into<Value>) -> String {
    match to_toml(&value.into()) {
        Ok(text) => String::from_utf8(text).unwrap(),
        Err(error) => error.to_string(),
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    entries.into_iter().collect::<Map>().into()
}

fn list<const N: usize>(items: [Value; N]) -> Value {
    List::new(items.into()).into()
}

#[test]
fn documents_become_maps_with_gos_kinds() {
    assert_eq!(
        read("a = 1\nb=\"x\"\n[c]\nd=1.5\ne=2020-01-01"),
        "map[a:1 b:x c:map[d:1.5 e:2020-01-01 00:00:00 +0000 date-local]]"
    );
    assert_eq!(
        read("a.b = [1, {c = 2}]\n[[t]]\nx = 0x1F\n[[t]]\n"),
        "map[a:map[b:[1 map[c:2]]] t:[map[x:31] map[]]]"
    );
    let types = from_toml(b"i = 1\n[[t]]\n[[t]]\nl = [{}]", &FixedHost).unwrap();
    assert_eq!(types.get("i").unwrap().type_name(), "int64");
    assert_eq!(types.get("t").unwrap().type_name(), "[]map[string]interface {}");
}

#[test]
fn errors_name_the_line_and_the_last_key() {
    let cases = [
        ("a", "toml: line 1: unexpected EOF; expected key separator '='"),
        ("a = \n", "toml: line 1 (last key \"a\"): expected value but found '\\n' instead"),
        ("a = 1\na = 2", "toml: line 2 (last key \"a\"): Key 'a' has already been defined."),
        (
            "[t]\nb = [1 2]",
            "toml: line 2 (last key \"t.b\"): expected a comma (',') or array terminator (']'), but got '2'",
        ),
        (
            "a = 1_",
            "toml: line 1 (last key \"a\"): Invalid integer \"1_\": underscores must be surrounded by digits",
        ),
        ("a = 012", "toml: line 1 (last key \"a\"): Invalid integer \"012\": cannot have leading zeroes"),
        ("a = 2020-13-01", "toml: line 1 (last key \"a\"): invalid datetime: \"2020-13-01\""),
        ("a = \"\\q\"", "toml: line 1 (last key \"a\"): invalid escape in string '\\q'"),
        ("a = \"x\ny\"", "toml: line 1 (last key \"a\"): strings cannot contain newlines"),
        (
            "a = 99999999999999999999",
            "toml: line 1 (last key \"a\"): 99999999999999999999 is out of range for int64",
        ),
        ("\u{1}", "toml: line 1: TOML files cannot contain control characters: '0x01'"),
    ];
    for (text, error) in cases {
        assert_eq!(read(text), error, "{text:?}");
    }
}

#[test]
fn strings_keep_what_their_quotes_say() {
    assert_eq!(read("a = '''\n x\\n'''"), "map[a: x\\n]");
    assert_eq!(read("a = \"\"\"one \\\n   two\"\"\"\"\""), "map[a:one two\"\"]");
    assert_eq!(read("a = \"\\x41\\u00e9\\U0001F600\""), "map[a:Aé😀]");
}

#[test]
fn what_nests_too_deep_is_an_error() {
    assert!(
        read(&"a=".chars().chain("[".repeat(100_000).chars()).collect::<String>()).contains("nest more than")
    );
    assert!(read(&format!("{}b = 1", "a.".repeat(100_000))).contains("nest more than"));
    assert!(read(&"a={".repeat(100_000)).contains("nest more than"));
}

#[test]
fn values_come_before_tables() {
    let tables = list([map([("n", Value::int(1))]), map([])]);
    let value = map([("a", map([("b", map([])), ("c", 1.0.into())])), ("t", tables), ("z", true.into())]);
    assert_eq!(printed(value), "z = true\n\n[a]\n  c = 1.0\n  [a.b]\n\n[[t]]\n  n = 1\n\n[[t]]\n");
}

#[test]
fn inline_tables_leave_nil_out_and_keep_the_comma() {
    let table = map([("w", Value::int(1)), ("x", Value::Nil)]);
    assert_eq!(printed(map([("a", list([table, Value::int(1)]))])), "a = [{w = 1, }, 1]\n");
}

#[test]
fn inline_tables_hold_values_before_tables() {
    let table = map([("a", map([])), ("b", Value::int(1))]);
    assert_eq!(printed(list([table, Value::int(1)])), "[{b = 1, a = {}}, 1]");
}

#[test]
fn keys_and_strings_are_quoted_where_they_must_be() {
    let value = map([("a b", "x\ny\"".into()), ("", "\u{7f}é".into()), ("c.d", map([("é", map([]))]))]);
    assert_eq!(
        printed(value),
        "\"\" = \"\\u007fé\"\n\"a b\" = \"x\\ny\\\"\"\n\n[\"c.d\"]\n  [\"c.d\".\"é\"]\n"
    );
    let broken = Value::Str(vec![b'a', 0xFF].into());
    assert_eq!(to_toml(&broken), Ok(vec![b'"', b'a', 0xFF, b'"']));
}

#[test]
fn dates_print_as_they_were_written() {
    let text = "a = 2020-01-01\nb = 10:00:00.5\nc = 2020-01-01T10:00:00\nd = 2020-01-01T10:00:00+02:00\n";
    assert_eq!(printed(from_toml(text.as_bytes(), &FixedHost).unwrap()), text);
}

#[test]
fn floats_have_a_point_or_an_exponent() {
    let floats = [1.0, 1e21, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.1];
    assert_eq!(printed(list(floats.map(Value::from))), "[1.0, 1e+21, inf, -inf, nan, 0.1]");
}

#[test]
fn values_without_a_form_are_errors() {
    assert_eq!(to_toml(&Value::Nil), Err(EncodeError::Nil));
    assert_eq!(to_toml(&list([list([Value::Nil])])), Err(EncodeError::NilElement));
    assert_eq!(to_toml(&list([map([])])), Err(EncodeError::RootIsNoTable));
    assert_eq!(printed(map([("a", Value::Complex(1.0, 0.0))])), "unsupported type: complex128");
    assert_eq!(printed(Value::Bytes(Arc::from([1, 2]))), "[1, 2]");
}

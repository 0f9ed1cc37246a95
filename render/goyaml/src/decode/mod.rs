//! From nodes to values: tags, aliases, merge keys, duplicate keys, and the way through JSON.

mod aliases;
mod decoder;
mod entries;
mod frames;
mod scalars;
mod wanted;

use value::Value;

use crate::compose;
use crate::error::Error;
use crate::limits::Limits;
use crate::skim;
use decoder::Decoder;
pub(crate) use scalars::{Scalars, has_text, is_merge, resolve};
pub use wanted::Wanted;

/// What becomes of integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Every number is a `float64`, as Go's JSON decoder gives it to an `interface{}`.
    #[default]
    Float64,
    /// Integers stay `int64` (or `uint64` where they don't fit): what the YAML library itself gives, and what
    /// `sigs.k8s.io/yaml` goes by when a string is wanted (see [`as_string`](crate::as_string)).
    AsWritten,
}

/// How to read a document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether a key that occurs twice is an error (Go's `UnmarshalStrict`). Default: the last one wins.
    pub strict: bool,
    /// What becomes of integers.
    pub numbers: Numbers,
    /// How much the document may cost.
    pub limits: Limits,
}

/// Reads the first document of a text as `sigs.k8s.io/yaml.Unmarshal` into an `interface{}` does.
///
/// Maps are `map[string]interface {}`, lists `[]interface {}`, numbers `float64`; no document at all is nil.
///
/// # Errors
/// Where the text is no YAML, or not to be had as JSON (a null key, an infinity), or exceeds the default [`Limits`].
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    parse_with(text, &Options::default())
}

/// As [`parse`], by the options given.
///
/// # Errors
/// As [`parse`]; in strict mode also where a key occurs twice.
pub fn parse_with(text: &[u8], options: &Options) -> Result<Value, Error> {
    parse_part(text, options, Wanted::All)
}

/// As [`parse_with`], but what is not wanted of the document may be missing. An error anywhere in it is one still.
///
/// # Errors
/// As [`parse_with`].
pub fn parse_part(text: &[u8], options: &Options, wanted: Wanted) -> Result<Value, Error> {
    match skim::part(text, options, wanted) {
        Some(value) => Ok(value),
        None => parse_exactly(text, options, wanted),
    }
}

/// As [`parse_part`], by way of all the nodes of the document.
pub(crate) fn parse_exactly(text: &[u8], options: &Options, wanted: Wanted) -> Result<Value, Error> {
    let input = compose::input(text, options.limits)?;
    let nodes = compose::compose(&input, options.limits)?;
    // To notice a duplicate, all keys are needed.
    let wanted = if options.strict { Wanted::All } else { wanted };
    match Decoder::new(&nodes, options).document(wanted)? {
        Some(value) => Ok(value),
        None => Ok(Decoder::new(&nodes, options).document(Wanted::All)?.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        match parse(text.as_bytes()) {
            Ok(value) => value::json::to_string(&value).unwrap(),
            Err(error) => error.problem().to_string(),
        }
    }

    #[test]
    fn keys_become_strings_and_the_last_of_two_wins() {
        assert_eq!(json("1: a\ny: b\n1.50: c\n"), r#"{"1":"a","1.5":"c","true":"b"}"#);
        assert_eq!(json("a: 1\na: 2\n"), r#"{"a":2}"#);
        assert_eq!(json("~: x\n"), "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"x\"");
    }

    #[test]
    fn of_several_unsupported_keys_the_first_is_told() {
        assert!(json("z: {~: 1}\na: {~: 2}\n~: 3\n").ends_with("value: 1"));
        assert!(json("~: {b: {~: 1}}\n").ends_with(
            "value: map[interface {}]interface {}{\"b\":map[interface {}]interface {}{interface {}(nil):1}}"
        ));
    }

    #[test]
    fn a_template_left_in_a_document_is_an_invalid_key() {
        assert_eq!(
            json("a: {{ b }}\n"),
            "yaml: invalid map key: map[interface {}]interface {}{\"b\":interface {}(nil)}"
        );
    }

    #[test]
    fn merges_keep_the_order_of_the_document() {
        assert_eq!(json("a: 1\n<<: {a: 2, b: 3}\nb: 4\n"), r#"{"a":2,"b":4}"#);
        assert_eq!(json("<<: [{a: 1}, {a: 2, b: 2}]\n"), r#"{"a":1,"b":2}"#);
        assert_eq!(json("<<: x\n"), "yaml: map merge requires map or sequence of maps as the value");
    }

    #[test]
    fn strict_reading_names_the_line_of_the_second_value() {
        let strict = Options { strict: true, ..Options::default() };
        let error = parse_with(b"a: 1\nb: 2\na: 3\n1: x\n'1': y\n", &strict).unwrap_err();
        assert_eq!(
            error.problem().to_string(),
            "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map"
        );
    }

    #[test]
    fn a_billion_laughs_are_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert_eq!(json(&text), "yaml: document contains excessive aliasing");
        assert_eq!(json("a: &a [*a]\n"), "yaml: anchor 'a' value contains itself");
    }

    #[test]
    fn nesting_ends_at_ten_thousand_levels() {
        assert_eq!(json(&"[".repeat(10_001)), "yaml: exceeded max depth of 10000");
        assert!(parse(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).as_bytes()).is_ok());
    }

    const PART: Wanted = Wanted::Fields(&[("a", Wanted::All), ("b", Wanted::Fields(&[("c", Wanted::All)]))]);

    #[test]
    fn a_part_holds_what_is_wanted_of_maps_and_all_of_the_rest() {
        for (text, wanted) in [
            ("a: {x: 1}\nb: {c: [2], d: 3}\nc: 4\nA: 5\n", r#"{"A":5,"a":{"x":1},"b":{"c":[2]}}"#),
            ("b: [{d: 1}]\n", r#"{"b":[{"d":1}]}"#),
            ("x: &x {c: 1, d: 2}\n<<: {a: 3, e: *x}\nb: *x\n", r#"{"a":3,"b":{"c":1}}"#),
            ("b: {~: 1}\na: 2\nb: 3\n", r#"{"a":2,"b":3}"#),
            ("[b, {d: 1}]\n", r#"["b",{"d":1}]"#),
        ] {
            let part = parse_part(text.as_bytes(), &Options::default(), PART).unwrap();
            assert_eq!(value::json::to_string(&part).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn a_part_is_refused_where_the_whole_is() {
        for text in
            ["z: .inf", "z: {~: 1}", "z: !!int x", "z: {[a]: 1}", "z: &z [*z]", "b: {x: -.inf}", "z: {<<: 1}"]
        {
            let part = parse_part(text.as_bytes(), &Options::default(), PART);
            assert_eq!(part.unwrap_err(), parse(text.as_bytes()).unwrap_err(), "{text}");
        }
    }

    #[test]
    fn infinities_are_no_json() {
        assert_eq!(json("a: .inf\n"), "json: unsupported value: +Inf");
        assert_eq!(json("a: .inf\na: 1\n"), r#"{"a":1}"#);
    }
}

//! Texts that look alike, of which some are no YAML.

use super::{is_settled, nested, options};
use crate::parse_with;

/// What the exact way refuses, the quick look must not settle.
fn assert_refused(texts: &[&str]) {
    for text in texts {
        assert!(parse_with(text.as_bytes(), &options()).is_err(), "{text:?}");
        assert!(!is_settled(text), "{text:?}");
        // There it may be sound, but has to be for both ways.
        is_settled(nested(text));
    }
}

fn assert_settled(texts: &[&str]) {
    for text in texts {
        assert!(is_settled(text), "{text:?}");
        assert!(is_settled(nested(text)), "{text:?}");
    }
}

#[test]
fn indentation_goes_back_to_open_collections_only() {
    // Go reads no further here; whether it should is not looked into.
    assert!(!is_settled("  a: b\nc: d"));
    assert_settled(&[
        "a:\n  b:\n    c: d\ne: f",
        "a:\n- b\nc: d",
        "a:\n  - b\nc: d",
        "a:\n-\n  b: c\n-\n- d\ne:",
        "a:\n- b: c\n  d: e\n- f:\n  - g\n- h:\n- i",
        "a:\n-   - b\n    - c\n- d",
        "  a: b\n  c: d",
        "a:\n# c\n  b: c\n # c\nd:\n",
    ]);
    assert_refused(&[
        "a:\n    b: c\n  d: e",
        "a:\n    b: c\n  d",
        "a: b\n  c: d",
        "a:\n  - b\n c: d",
        "a:\n  - b\n  c: d",
        "a:\n- b\n - c: d\n- \"e\"\n  f: g",
        "a: \"b\"\n  c: d",
        "a: b\n- c",
        "a:\n  b: c\n  - d",
        "a:\n  b\n  c: d",
        "a: - b",
        "a: -\n",
    ]);
}

#[test]
fn plain_scalars_go_on_in_lines_further_in() {
    assert_settled(&[
        "x:\n  a: b\n   c\n\n    - d\n   ? e\n   \"f\n  b: c",
        "a:\n- b\n  c\n- d #e\n- f#g\n   h",
        "x:\n  a:\n    b\n    c\n  d: e:f",
        "x:\n  a: b\n    c # d\n  e: f",
    ]);
    assert_refused(&[
        "a: b\nc\nd: e",
        "a: b\n  c: d",
        "a: b # c\n  d",
        "a: b\n# c\n  d",
        "a:\n  b: c\n d",
        "a:\n- b\n c: d",
        "a: b: c",
        "a: b:",
        "a: b\n c:\n",
    ]);
}

#[test]
fn quotes_close_and_nothing_stands_behind_them() {
    assert_settled(&[
        r#"a: "b \" \\ \n: c" # d"#,
        "a: 'b '' \" \\ # c'",
        "x:\n  'a ''b': c\n  \"d\\\"\": e",
        "a: \"b\n\n c: d\n# e\"\nf: 'g\nh'",
        "a:\n- \"b: c\": d\n  e: f",
        "a: \"\"\nb: ''",
    ]);
    assert_refused(&[
        "a: \"b",
        "a: 'b''",
        "a: \"b\"c",
        "a: \"b\" \"c\"",
        "a: 'b': c",
        "a: \"\\q\"",
        "a: \"b\n---\nc\"",
        "'a\nb': c",
        "\"a\"b: c",
        "a: 'b'\n  c",
    ]);
}

#[test]
fn block_scalars_end_where_their_indentation_does() {
    assert_settled(&[
        "a: |\n  b: [\n   \t c\n\n  # d\n \n# e\nf: >-\n  g\nh: |+\n\n\ni: >\nj: k",
        "a:\n- |\n  b\n- >-  # c\n    d\n- e",
        "a:\n  |\n   b\nc: d",
        "a: |\n",
        "a: |\n  ",
        "a:\n  b: |\n  c: d",
        "a:\n- |\n- b",
    ]);
    assert_refused(&[
        "a: |\n    b\n  c\n",
        "a: | b\n  c",
        "a: |0\n  b",
        "a: |\n   \n  b: c",
        "a: |\n\t\n  b",
        "a: |\n  b\n \tc: d",
        "a:\n  b: |\n   c\n d: e",
    ]);
}

#[test]
fn flow_collections_are_closed_as_they_were_opened() {
    assert_settled(&[
        "a: [ b , \"c\",'d',-e,/f:g] # h",
        "a: { b: c, \"d\":e,'f': {}}",
        "a: [[[], {}], {b: [c]}]",
        "a:\n- [b]\n- {c: d}\n- []",
    ]);
    assert_refused(&[
        "a: [b",
        "a: [b}",
        "a: {b: c]",
        "a: [b]]",
        "a: [b] c",
        "a: [b c: d e: f]",
        "a: {b: c d: e}",
        "a: [\"b\" c]",
        "a: [[]: b]",
        "a: {b: .inf}",
        "a: {~: b}",
        "a: [*b]",
        "a: {\"b\" c}",
        "a: [b]: c",
        "a: {{ b }}",
    ]);
}

#[test]
fn keys_and_numbers_that_json_has_not_are_refused() {
    assert_settled(&[
        "1: a\n1.5: b\ntrue: c\nnil: d\nnulls: e\n\"null\": f",
        "a: [1, -1, 1e400]\nb: -.info\nc: ~",
    ]);
    assert_refused(&[
        "null: a",
        "Null: a",
        "NULL: a",
        "~: a",
        "18446744073709551615: a",
        "a: .inf",
        "a: -.Inf",
        "a: +.INF",
        "a: .nan",
        "kind: .inf",
        "a:\n- .NaN",
        "a:\n- ~: b",
        "<<: a",
    ]);
}

#[test]
fn keys_longer_than_a_simple_key_are_refused() {
    let key = |length: usize| format!("b: c\n{}: d", "a".repeat(length));
    assert!(is_settled(key(1024)));
    assert!(!is_settled(key(1025)));
    assert!(!is_settled(format!("b: c\na{}: d", " ".repeat(1024))));
    assert!(!is_settled(format!("'{}': d", "a".repeat(1023))));
    assert!(!is_settled(format!("a: {{{}: d}}", "a".repeat(1025))));
}

#[test]
fn characters_that_yaml_forbids_are_refused_wherever_they_stand() {
    for unusual in ["\0", "\x07", "\x0c", "\x1b", "\x7f", "\u{80}", "\u{9f}", "\u{fffe}", "\u{ffff}"] {
        for text in ["# {}\na: b", "a: \"{}\"", "a: |\n  {}\n", "a: b {}", "{}: a", "a: [\"ä{}\"]"] {
            assert_refused(&[&text.replace("{}", unusual)]);
        }
    }
    assert!(!is_settled(b"a: \"\xff\""));
    assert!(!is_settled(b"a: \"\xe2\x82"));
    assert_settled(&[
        "# \u{a0}\u{20ac}\na: b \u{201c}ä\u{201d}\nb: \"\u{10ffff}\u{fffd}\"\nc: |\n  \u{ad}\n",
    ]);
}

#[test]
fn nesting_is_followed_so_far() {
    let nested = |levels: usize| {
        let lines = (0..levels).map(|level| format!("{}a:\n", " ".repeat(level)));
        lines.collect::<String>()
    };
    assert!(is_settled(nested(64)));
    assert!(!is_settled(nested(65)));
    let flow = |levels: usize| format!("a: {}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(is_settled(flow(32)));
    assert!(!is_settled(flow(33)));
}

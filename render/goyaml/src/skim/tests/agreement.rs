//! Texts made of what YAML is made of, in any order: what is settled is what the exact way gives.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{is_settled, nested};

const KEYS: &[&str] = &[
    "a: ",
    "a: ",
    "b: ",
    "kind: ",
    "metadata: ",
    "metadata: ",
    "name: ",
    "annotations: ",
    "\"q\": ",
    "'s': ",
    "KIND: ",
    "a b: ",
    "a : ",
    "b:",
    "1: ",
    "null: ",
    "<<: ",
    "? ",
    ": ",
    "é: ",
    "a:\t",
    "a#b: ",
    "-a: ",
    "a",
    "",
];

const VALUES: &[&str] = &[
    "",
    "b",
    "b c",
    "b #c",
    "b#c",
    "b:c",
    "\"q\"",
    "\"q\\n\\\"\"",
    "'s'",
    "'it''s'",
    "{}",
    "[]",
    "[a, \"b\"]",
    "{a: b}",
    "|",
    "|-",
    ">",
    "> # c",
    "|+",
    ">-",
    "1",
    "1.5",
    "~",
    "null",
    "-x",
    "# c",
    ".5",
    "é",
    "{\"a\":1}",
    "{a: [b, {c: d}]}",
    "b: c",
    "\"open",
    "close\"",
    "'open",
    "close'",
    "\"\\",
    "|2",
    "|+1",
    "[a",
    "]",
    "}",
    ",",
    ".inf",
    "-.inf",
    "+.nan",
    "- x",
    "--",
    "---",
    "...",
    "&a b",
    "*a",
    "!t b",
    "@x",
    "`",
    "%",
    "%YAML 1.1",
    "\t",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    ":x",
    ": ",
    "=",
    "[]x",
    "{} x",
    "[a b]",
    "[a,]",
    "{a}",
    "{a:1}",
    "[? a]",
    "[.inf]",
    "{~: a}",
    "\0",
    "\"a\" b",
];

const ENDS: &[&str] = &[
    "\n", "\n", "\n", "\n", "\n", " \n", "\n\n", "\n   \n", "\n# c\n", " # c\n", "", "\r\n", "\t\n", "\n\t\n",
];

fn any_line() -> impl Strategy<Value = String> {
    let indentation = select(vec![0, 0, 2, 2, 4, 4, 6, 1, 3]);
    let dashes = select(vec!["", "", "", "", "- ", "- ", "- - ", "-   ", "-", "-\n"]);
    // The first of each are the usual ones.
    let key = prop_oneof![4 => select(&KEYS[..11]), 1 => select(KEYS)];
    let value = prop_oneof![4 => select(&VALUES[..30]), 1 => select(VALUES)];
    let end = prop_oneof![4 => select(&ENDS[..8]), 1 => select(ENDS)];
    (indentation, dashes, key, value, end).prop_map(|(indentation, dashes, key, value, end)| {
        [&" ".repeat(indentation), dashes, key, value, end].concat()
    })
}

/// Lines that mostly make a document: a line is further in than the one before only behind a dash, an empty value, or the
/// head of a block scalar.
fn any_document() -> impl Strategy<Value = String> {
    let value = prop_oneof![1 => Just(""), 2 => select(&VALUES[..30])];
    let lines = vec((0..4_usize, select(&KEYS[..11]), value, select(&ENDS[..8])), 1..9);
    (any::<[bool; 4]>(), lines).prop_map(|(has_items, lines)| {
        let mut text = String::new();
        let mut deepest = 0;
        for (depth, key, value, end) in lines {
            let depth = depth.min(deepest);
            let is_item = depth > 0 && has_items[depth];
            let holds_more = is_item || value.is_empty() || value.starts_with(['|', '>']);
            deepest = if holds_more { depth + 1 } else { depth };
            let dash = if is_item { "- " } else { "" };
            text += &format!("{}{dash}{key}{value}{end}", "  ".repeat(depth));
        }
        text
    })
}

fn any_text() -> impl Strategy<Value = String> {
    let start = prop_oneof![8 => Just(""), 1 => Just("---\n"), 1 => Just("# c\n--- # c\n")];
    let rest = prop_oneof![1 => vec(any_line(), 1..8).prop_map(|lines| lines.concat()), 3 => any_document()];
    (start, rest).prop_map(|(start, rest)| start.to_owned() + &rest)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_settled_is_what_the_exact_way_gives(
        text in any_text(),
        changes in vec((any::<prop::sample::Index>(), 0..3_usize, select([KEYS, VALUES, ENDS].concat())), 0..3),
    ) {
        let mut text = text;
        for (place, removed, piece) in changes {
            let mut start = place.index(text.len() + 1);
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            let end = text[start..].char_indices().nth(removed).map_or(text.len(), |(length, _)| start + length);
            text.replace_range(start..end, piece);
        }
        is_settled(&text);
        is_settled(nested(&text));
    }
}

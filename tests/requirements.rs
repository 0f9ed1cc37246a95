//! Every requirement of the operators that pintle takes the place of is named by a test, or by a line of their guides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

/// The numbers in use.
const NUMBERS: [(&str, &[RangeInclusive<u32>]); 4] = [
    (
        "OCTO",
        &[
            1..=7,
            10..=16,
            20..=24,
            30..=47,
            50..=54,
            60..=67,
            70..=75,
            80..=82,
            85..=92,
            95..=95,
            100..=103,
            110..=113,
            120..=121,
            130..=138,
        ],
    ),
    ("HUB", &[1..=8, 10..=28, 30..=31]),
    ("KRY", &[1..=51, 60..=76, 80..=83]),
    ("T", &[1..=20]),
];

/// The texts of all sources and of the guides.
fn texts() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    let mut directories = vec![root.join("src"), root.join("tests"), root.join("xtask/src")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => directories.push(path),
                false if path.ends_with(file!()) => {}
                false if path.extension().is_some_and(|ending| ending == "rs") => {
                    text.push_str(&std::fs::read_to_string(path).unwrap());
                }
                false => {}
            }
        }
    }
    for guide in ["docs/octo.md", "docs/krypton.md"] {
        text.push_str(&std::fs::read_to_string(root.join(guide)).unwrap());
    }
    text
}

/// The numbers behind a prefix: `KRY-5`, `OCTO-50..53`, `KRY-46 to KRY-51`.
fn named(text: &str, prefix: &str) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    let marker = format!("{prefix}-");
    for (at, _) in text.match_indices(&marker) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let (first, rest) = number(&text[at + marker.len()..]);
        let Some(first) = first else { continue };
        let rest = rest.strip_prefix("..").or_else(|| rest.strip_prefix(" to ")).unwrap_or_default();
        let last = number(rest.strip_prefix(&marker).unwrap_or(rest)).0.unwrap_or(first);
        numbers.extend(first..=last);
    }
    numbers
}

fn number(text: &str) -> (Option<u32>, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].parse().ok(), &text[end..])
}

#[test]
fn each_number_is_named_by_a_test_or_a_guide() {
    let text = texts();
    for (prefix, ranges) in NUMBERS {
        let found = named(&text, prefix);
        let missing: Vec<u32> =
            ranges.iter().cloned().flatten().filter(|number| !found.contains(number)).collect();
        assert!(missing.is_empty(), "nothing names {prefix}-{missing:?}");
    }
}

#[test]
fn ranges_name_all_their_numbers() {
    let text = "OCTO-1, OCTO-50..52, OCTO-7 to OCTO-9; FOCTO-3";
    assert_eq!(named(text, "OCTO").into_iter().collect::<Vec<_>>(), [1, 7, 8, 9, 50, 51, 52]);
}

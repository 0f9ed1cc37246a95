//! `--set` with indexes and depths that would take all memory or stack.

use crate::attempt::Attempt;

#[test]
fn indexes_and_depths_are_bounded() {
    let attempt = Attempt::template("a: 1");
    let names = format!("{}=1", vec!["a"; 5000].join("."));
    let lists = format!("a{}=1", "[0]".repeat(30_000));
    for (assignment, reason) in [
        ("a[99999999]=1", "greater than maximum supported index of 65536"),
        ("a[-1]=1", "negative -1 index not allowed"),
        (names.as_str(), "nested level of 30"),
        (lists.as_str(), "lists nest deeper than 300 levels"),
    ] {
        let refusal = attempt.refused(&["--set", assignment]);
        assert!(refusal.contains(reason), "{refusal}");
    }
}

#[test]
fn braces_without_end_are_refused_or_read() {
    let attempt = Attempt::template("a: 1");
    for flag in ["--set", "--set-string", "--set-json", "--set-literal"] {
        let output = attempt.run(&[flag, &format!("a={}", "{".repeat(50_000))]);
        assert!(output.status.code().is_some_and(|code| code < 2), "{flag}: {output:?}");
    }
    let refusal = attempt.refused(&["--set-json", &format!("a={}", "[".repeat(50_000))]);
    assert!(refusal.contains("failed parsing --set-json"), "{refusal}");
}

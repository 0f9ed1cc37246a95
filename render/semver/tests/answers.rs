//! The answers of Go's library to cases of ours, in `fixtures/answers.txt`.

use gosemver::{Constraint, Version};

/// What stands in the fixture, and what comes of it now: the inputs with the answers below them.
fn answered(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        out.push_str(line);
        out.push('\n');
        if let Some((constraint, version)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
            out.push_str(&format!("    {}\n", check(constraint, version)));
        } else if let Some(version) = line.strip_prefix('<').and_then(|line| line.strip_suffix('>')) {
            for read in [Version::parse, Version::parse_strict] {
                let answer = read(version)
                    .map_or_else(|error| format!("error: {error}"), |version| version.to_string());
                out.push_str(&format!("    {answer}\n"));
            }
        }
    }
    out
}

fn check(constraint: &str, version: &str) -> String {
    let constraint = match Constraint::parse(constraint) {
        Ok(constraint) => constraint,
        Err(error) => return format!("error: {error}"),
    };
    let version = match Version::parse(version) {
        Ok(version) => version,
        Err(error) => return format!("error: {error}"),
    };
    match constraint.validate(&version) {
        Ok(()) => {
            assert!(constraint.check(&version));
            "yes".to_owned()
        }
        Err(violations) => {
            assert!(!constraint.check(&version));
            let reasons: Vec<String> = violations.iter().map(ToString::to_string).collect();
            format!("no: {}", reasons.join("; "))
        }
    }
}

#[test]
fn answers_are_those_of_gos_library() {
    let fixture = include_str!("../fixtures/answers.txt");
    for (want, got) in fixture.lines().zip(answered(fixture).lines()) {
        assert_eq!(got, want);
    }
}

#[test]
fn successors_keep_the_leading_v() {
    let version = Version::parse("v1.2.3-rc.1+b").unwrap();
    let successors = [version.increment_patch(), version.increment_minor(), version.increment_major()];
    assert_eq!(successors.map(|next| next.unwrap().original().to_owned()), ["v1.2.3", "v1.3.0", "v2.0.0"]);
    assert!(Version::parse("18446744073709551615").unwrap().increment_major().is_none());
}

#[test]
fn prereleases_come_in_the_order_of_their_parts() {
    let order =
        ["1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.0.1"];
    let versions = order.map(|text| Version::parse(text).unwrap());
    assert!(versions.is_sorted_by(|one, other| one < other));
}

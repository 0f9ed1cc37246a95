//! What Go's regexp answers on patterns that Rust's regex reads otherwise.

use goregex::Regex;

fn all(pattern: &str, text: &str) -> Result<Vec<String>, String> {
    let regex = Regex::new(pattern.as_bytes()).map_err(|error| error.to_string())?;
    let found = regex.find_all(text.as_bytes(), -1).unwrap_or_default();
    Ok(found.into_iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect())
}

fn assert_matches(cases: &[(&str, &str, &[&str])]) {
    for (pattern, text, want) in cases {
        let got = all(pattern, text);
        assert_eq!(
            got.as_ref().map(|found| found.iter().map(String::as_str).collect()),
            Ok(want.to_vec()),
            "{pattern}"
        );
    }
}

fn assert_refused(cases: &[(&str, &str)]) {
    for (pattern, want) in cases {
        assert_eq!(all(pattern, ""), Err(format!("error parsing regexp: {want}")), "{pattern}");
    }
}

#[test]
fn perl_classes_are_ascii() {
    assert_matches(&[
        (r"\d+", "٢7", &["7"]),
        (r"\w+", "é_b1", &["_b1"]),
        (r"\s", "\u{a0} \u{b}", &[" "]),
        (r"\bb", "éb", &["b"]),
        ("[[:alpha:]]+", "éab", &["ab"]),
    ]);
}

#[test]
fn brackets_know_no_set_operators() {
    assert_matches(&[
        ("[b&&c]+", "b&c", &["b&c"]),
        ("[~~]", "~", &["~"]),
        ("[[b]]", "b]", &["b]"]),
        ("[]b]+", "b]", &["b]"]),
        (r"[\d-z]+", "1-z", &["1-z"]),
    ]);
}

#[test]
fn braces_that_count_nothing_stand_for_themselves() {
    assert_matches(&[("b{,3}", "b{,3}", &["b{,3}"]), ("{", "{", &["{"]), ("b{01}", "b{01}", &["b{01}"])]);
}

#[test]
fn letters_fold_as_unicode_says() {
    assert_matches(&[("(?i)k", "K\u{212a}", &["K", "\u{212a}"]), (r"(?i)[^\x{17f}]", "sSt", &["t"])]);
}

#[test]
fn empty_matches_do_not_follow_a_match() {
    assert_matches(&[("x*", "axb", &["", "x", ""]), ("(|a)*", "aa", &["", "", ""]), ("^*", "日", &["", ""])]);
}

#[test]
fn a_surrogate_matches_nothing() {
    assert_matches(&[(r"\x{D800}", "\u{FFFD}", &[])]);
}

#[test]
fn what_go_refuses_is_refused_in_its_words() {
    assert_refused(&[
        ("((c)", "missing closing ): `((c)`"),
        ("c)", "unexpected ): `c)`"),
        ("[c", "missing closing ]: `[c`"),
        ("[z-c]", "invalid character class range: `z-c`"),
        ("[[:no:]]", "invalid character class range: `[:no:]`"),
        (r"\p{Grek}", r"invalid character class range: `\p{Grek}`"),
        ("c**", "invalid nested repetition operator: `**`"),
        ("c+?{2}", "invalid nested repetition operator: `+?{2}`"),
        ("|*", "missing argument to repetition operator: `*`"),
        ("c{1001}", "invalid repeat count: `{1001}`"),
        ("(c{500}){3}", "invalid repeat count: `{3}`"),
        ("(?=c)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<n-1>c)", "invalid named capture: `(?<n-1>`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
        (r"c\", "trailing backslash at end of expression: ``"),
    ]);
}

#[test]
fn nesting_ends_where_go_ends_it() {
    let nested = |depth: usize| format!("{}c{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(all(&nested(999), "c"), Ok(vec!["c".to_owned()]));
    let refused = all(&nested(1000), "c").unwrap_err();
    assert!(refused.starts_with("error parsing regexp: expression nests too deeply"));
    assert!(all(&nested(200_000), "c").is_err());
}

#[test]
fn an_expression_of_too_many_instructions_is_refused() {
    let refused = all(&format!("({}){{1000}}", "abcd".repeat(1000)), "").unwrap_err();
    assert!(refused.starts_with("error parsing regexp: expression too large"));
}

#[test]
fn replacing_expands_groups() {
    let replaced = |pattern: &str, text: &str, template: &str| {
        let regex = Regex::new(pattern.as_bytes()).unwrap();
        String::from_utf8(regex.replace_all(text.as_bytes(), template.as_bytes(), 100).unwrap()).unwrap()
    };
    assert_eq!(replaced(r"(\w)(?P<rest>\w*)", "ab cd", "${rest}$1"), "ba dc");
    assert_eq!(replaced(r"(\w)", "ab", "$1x"), "");
    assert_eq!(replaced("x*", "abc", "-"), "-a-b-c-");
}

#[test]
fn splitting_keeps_go_s_edges() {
    let split = |pattern: &str, text: &'static str, limit| {
        Regex::new(pattern.as_bytes()).unwrap().split(text.as_bytes(), limit).map(|pieces| pieces.len())
    };
    assert_eq!(split("a", "banana", -1), Some(4));
    assert_eq!(split("a", "banana", 2), Some(2));
    assert_eq!(split("a", "", -1), Some(1));
    assert_eq!(split("", "", -1), Some(0));
    assert_eq!(split("a", "banana", 0), None);
}

#[test]
fn an_invalid_byte_is_one_letter() {
    let regex = Regex::new(b"a.b").unwrap();
    assert_eq!(regex.find(b"-a\xffb-"), Some(b"a\xffb".as_slice()));
    assert_eq!(regex.replace_all_literal(b"a\xc3b\xc3", b"!", 9).unwrap(), b"!\xc3");
}

#[test]
fn a_replacement_that_grows_beyond_the_limit_is_refused() {
    let regex = Regex::new(b".").unwrap();
    assert_eq!(regex.replace_all(b"abc", b"$0$0", 5), None);
    assert_eq!(regex.replace_all(b"abc", b"$0$0", 6).unwrap(), b"aabbcc");
}

//! The functions as templates call them: what Go's sprig 3.3 answers, error texts included.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use gotemplate::{Execution, FunctionMap, Limits, Templates};
use jiff::tz::TimeZone;
use sprig::Host;
use value::{Map, Value};

/// A host whose clock stands still, in a zone with summer time, and whose chance is no chance.
struct FixedHost;

impl Host for FixedHost {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_720_000_000)
    }

    fn local_zone(&self) -> TimeZone {
        jiff::tz::TimeZoneDatabase::bundled().get("Europe/Vienna").unwrap_or(TimeZone::UTC)
    }

    fn local_zone_name(&self) -> String {
        "Europe/Vienna".to_owned()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = (index * 37 + 11) as u8;
        }
    }
}

fn functions() -> FunctionMap {
    let host: Arc<dyn Host> = Arc::new(FixedHost);
    let mut functions = sprig::functions(&host);
    let durations = sprig::helm4_functions();
    functions.extend(durations.names().filter_map(|name| Some((name, durations.get(name)?.clone()))));
    functions
}

/// What `{{ expression }}` prints, or the error's text after the place.
fn answer(expression: &str) -> Result<String, String> {
    let host: Arc<dyn Host> = Arc::new(FixedHost);
    let mut templates = Templates::new("set").with_functions(functions()).with_methods(sprig::methods(&host));
    templates.parse("t", format!("{{{{ {expression} }}}}")).map_err(|error| error.to_string())?;
    let limits = Limits { steps: 20_000_000, ..Limits::default() };
    match Execution::new(&templates).limits(limits).execute("t", Value::Map(Map::new())) {
        Ok(output) => Ok(String::from_utf8_lossy(&output).into_owned()),
        Err(error) => Err(error.to_string().rsplit(">: ").next().unwrap_or_default().to_owned()),
    }
}

fn assert_prints(cases: &[(&str, &str)]) {
    for (expression, want) in cases {
        assert_eq!(answer(expression), Ok((*want).to_owned()), "{expression}");
    }
}

fn assert_fails(cases: &[(&str, &str)]) {
    for (expression, want) in cases {
        assert_eq!(answer(expression), Err(format!("error calling {want}")), "{expression}");
    }
}

#[test]
fn every_function_of_the_table_has_a_name_of_its_own() {
    let host: Arc<dyn Host> = Arc::new(FixedHost);
    assert_eq!(sprig::functions(&host).names().count(), 209);
    assert_eq!(sprig::helm4_functions().names().count(), 11);
}

#[test]
fn strings_are_cut_by_bytes() {
    assert_prints(&[
        (r#"trunc 5 "hello world""#, "hello"),
        (r#"trunc -5 "hello world""#, "world"),
        (r#"substr -1 3 "hello""#, "hel"),
        (r#"abbrev 8 "hello world""#, "hello..."),
        (r#"wrapWith 5 "|" "hello dear world""#, "hello|dear|world"),
        (r#"replace "" "-" "ab""#, "-a-b-"),
        (r#"splitn "," 2 "a,b,c""#, "map[_0:a _1:b,c]"),
        (r#"nindent 2 "a\n""#, "\n  a\n  "),
        (r#"cat "a" nil 1.5 (list 1)"#, "a 1.5 [1]"),
        (r#"quote "é\x01" nil 1"#, r#""é\x01" "1""#),
        (r#"trimAll "-é" "é-a-é""#, "a"),
    ]);
    assert_fails(&[
        (r#"substr 5 2 "hello""#, "substr: runtime error: slice bounds out of range [5:2]"),
        (r#"substr -1 9 "hello""#, "substr: runtime error: slice bounds out of range [:9] with length 5"),
        (r#"repeat -1 "x""#, "repeat: strings: negative Repeat count"),
        (r#"fail "no""#, "fail: no"),
    ]);
}

#[test]
fn numbers_are_cast_as_go_does() {
    assert_prints(&[
        (r#"add 1 2.9 "3""#, "6"),
        ("addf 0.1 0.2", "0.3"),
        ("round 2.5 0", "3"),
        ("mod -7 3", "-1"),
        ("seq 5 -2 0", "5 3 1"),
        ("untilStep 0 10 0", "[]"),
        ("until -2", "[0 -1]"),
        (r#"int "0x1F""#, "31"),
        (r#"toDecimal "0777""#, "511"),
        ("max 1 2.9", "2"),
    ]);
    assert_fails(&[
        ("div 1 0", "div: runtime error: integer divide by zero"),
        ("divf 1 0", "divf: decimal division by 0"),
    ]);
}

#[test]
fn lists_keep_go_s_edges() {
    assert_prints(&[
        ("uniq (list 1 1.0 1)", "[1 1]"),
        ("has 1 (list 1.0)", "false"),
        ("chunk 2 (list 1 2 3)", "[[1 2] [3]]"),
        ("slice (append (list 1 2) 3) 1 4", "[2 3 <nil>]"),
        (r#"sortAlpha (list "b" nil 1)"#, "[1 b]"),
        ("concat (list 1) (list)", "[1]"),
        ("without (list 1 2 1) 1", "[2]"),
    ]);
    assert_fails(&[
        (r#"first "x""#, "first: Cannot find first on type string"),
        ("append nil 1", "append: runtime error: invalid memory address or nil pointer dereference"),
        ("slice (list 1) 0 2", "slice: reflect.Value.Slice: slice index out of bounds"),
        ("chunk 0 (list 1)", "chunk: runtime error: makeslice: len out of range"),
        ("concat 1", "concat: Cannot concat type int as list"),
    ]);
}

#[test]
fn dicts_are_shared_and_walked() {
    assert_prints(&[
        (r#"dict "a" 1 "b""#, "map[a:1 b:]"),
        (r#"dig "a" "b" "d" (dict "a" (dict "b" 1))"#, "1"),
        (r#"merge (dict "a" false) (dict "a" 1 "b" 2)"#, "map[a:1 b:2]"),
        (r#"pick (dict "a" 1 "b" 2) "b" "c""#, "map[b:2]"),
        (r#"get (dict) "a""#, ""),
    ]);
    assert_fails(&[
        (r#"set nil "a" 1"#, "set: assignment to entry in nil map"),
        (r#"dig "a" "d" 1"#, "dig: interface conversion: interface {} is int, not map[string]interface {}"),
        ("dig 1", "dig: dig needs at least three arguments"),
        ("deepCopy nil", "deepCopy: reflect: call of reflect.Value.Type on zero Value"),
    ]);
}

#[test]
fn bad_patterns_are_reported_with_or_without_the_pattern() {
    assert_prints(&[(r#"regexMatch "(" "a""#, "false"), (r#"regexReplaceAll "x*" "abc" "-""#, "-a-b-c-")]);
    assert_fails(&[
        (
            r#"regexFind "(" "a""#,
            "regexFind: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`",
        ),
        (r#"mustRegexFind "(" "a""#, "mustRegexFind: error parsing regexp: missing closing ): `(`"),
    ]);
}

#[test]
fn urls_are_parsed_and_joined() {
    assert_prints(&[
        (r#"(urlParse "HTTP://u:p@h:80/a%20b?q#f").path"#, "/a b"),
        (r#"urlJoin (urlParse "x://h/a b?q=1#f g")"#, "x://h/a%20b?q=1#f%20g"),
        (r#"urlJoin (dict "path" "a:b")"#, "./a:b"),
    ]);
    assert_fails(&[
        (r#"urlParse "://x""#, r#"urlParse: unable to parse url: parse "://x": missing protocol scheme"#),
        (
            r#"urlJoin (dict "host" 1)"#,
            "urlJoin: unable to parse host key, must be of type string, but int found",
        ),
    ]);
}

#[test]
fn dates_follow_zones_and_layouts() {
    assert_prints(&[
        (r#"date "2006-01-02 15:04 MST" 1720000000"#, "2024-07-03 11:46 CEST"),
        (r#"dateInZone "Mon _2 Jan 15:04:05.000 Z07:00" 0 "Nowhere""#, "Thu  1 Jan 00:00:00.000 Z"),
        (r#"toDate "2006-01-02" "2024-02-30""#, "0001-01-01 00:00:00 +0000 UTC"),
        (r#"(toDate "2006-01-02" "2024-02-29").AddDate 1 0 0"#, "2025-03-01 00:00:00 +0100 CET"),
        (r#"(toDate "2006-01-02" "2024-02-29").Weekday"#, "Thursday"),
        (r#"ago 1719999000"#, "16m40s"),
        (r#"duration "95""#, "1m35s"),
        (r#"durationRound "2400h""#, "3mo"),
        (r#"durationRoundTo "2h13m" "30m""#, "2h0m0s"),
        (r#"htmlDate 9223372036854775807"#, "292277026596-12-04"),
    ]);
    assert_fails(&[
        (
            r#"mustToDate "2006-01-02" "x""#,
            r#"mustToDate: parsing time "x" as "2006-01-02": cannot parse "x" as "2006""#,
        ),
        (
            r#"mustToDate "2006-01-02" "2024-13-02""#,
            r#"mustToDate: parsing time "2024-13-02": month out of range"#,
        ),
        (r#"mustToDuration "x""#, r#"mustToDuration: could not parse duration "x""#),
    ]);
}

#[test]
fn versions_have_methods() {
    assert_prints(&[
        (r#"(semver "v1.29.0-gke.1").Prerelease"#, "gke.1"),
        (r#"(semver "1.2").IncMinor"#, "1.3.0"),
        (r#"semver "1.2.3" | (semver "1.10.0").Compare"#, "1"),
        (r#"semverCompare "^1.2" "1.9""#, "true"),
    ]);
    assert_fails(&[(r#"semver "x""#, "semver: invalid semantic version")]);
}

#[test]
fn secrets_come_from_the_host() {
    assert_prints(&[
        (r#"derivePassword 1 "long" "password" "user" "example.com""#, "ZedaFaxcZaso9*"),
        (r#"encryptAES "key" "text" | decryptAES "key""#, "text"),
        (r#"htpasswd "a:b" "c""#, "invalid username: a:b"),
        (r#"htpasswd "a" "b" | trunc 9"#, "a:$2a$10$"),
        ("uuidv4", "0b30557a-9fc4-490e-b358-7da2c7ec1136"),
        ("randNumeric 0", ""),
        (r#"genPrivateKey "no""#, "Unknown type no"),
    ]);
    assert_fails(&[
        (
            r#"decryptAES "k" "YQ==""#,
            "decryptAES: runtime error: slice bounds out of range [:16] with capacity 3",
        ),
        ("randInt 5 5", "randInt: invalid argument to Intn"),
        (r#"genCAWithKey "ca" 1 "x""#, "genCAWithKey: parsing private key: no PEM data in input"),
    ]);
}

#[test]
fn certificates_are_signed_by_the_key_of_their_authority() {
    let signed = r#"$key := genPrivateKey "ecdsa" }}{{ $ca := genCAWithKey "ca" 10 $key }}"#;
    assert_prints(&[
        (
            &format!(
                "{signed}{{{{ (genSignedCertWithKey \"x\" nil (list \"a.b\") 5 $ca $key).Key | trunc 30"
            ),
            "-----BEGIN EC PRIVATE KEY-----",
        ),
        (
            &format!("{signed}{{{{ typeOf (buildCustomCert ($ca.Cert | b64enc) ($ca.Key | b64enc))"),
            "sprig.certificate",
        ),
    ]);
    assert_fails(&[(
        &format!("{signed}{{{{ genSignedCertWithKey \"x\" (list 1) nil 5 $ca $key"),
        "genSignedCertWithKey: error parsing ip: 1 is not a string",
    )]);
}

#[test]
fn what_would_take_all_memory_is_refused() {
    for expression in [
        r#"repeat 9999999999 "x""#,
        "until 9999999999",
        "seq 9999999999",
        r#"indent 999999999 "x""#,
        "randAlphaNum 9999999999",
        r#"regexReplaceAll "" (repeat 99999 "x") (repeat 99999 "x")"#,
        r#"replace "" (repeat 99999 "x") (repeat 99999 "x")"#,
    ] {
        assert!(answer(expression).is_err(), "{expression}");
    }
}

//! What is settled, what is left to the exact way, and that both agree.

mod agreement;
mod traps;

use super::part;
use crate::decode::parse_exactly;
use crate::{Limits, Numbers, Options, Wanted};

/// What the head of a manifest is made of.
const HEAD: Wanted = Wanted::Fields(&[
    ("apiversion", Wanted::All),
    ("kind", Wanted::All),
    ("metadata", Wanted::Fields(&[("name", Wanted::All), ("annotations", Wanted::All)])),
]);

fn options() -> Options {
    Options { numbers: Numbers::AsWritten, ..Options::default() }
}

/// Whether the quick look settles the head of a text; then the exact way has to agree. So it has where the look settles
/// the whole.
fn is_settled(text: impl AsRef<[u8]>) -> bool {
    let text = text.as_ref();
    agrees(text, &Options::default(), Wanted::All);
    agrees(text, &options(), HEAD)
}

/// Whether the quick look settles what is wanted of a text; then the exact way has to agree.
fn agrees(text: &[u8], options: &Options, wanted: Wanted) -> bool {
    let Some(quick) = part(text, options, wanted) else { return false };
    let exact = parse_exactly(text, options, wanted);
    assert_eq!(
        format!("{:?}", Ok::<_, crate::Error>(quick)),
        format!("{exact:?}"),
        "{}",
        text.escape_ascii()
    );
    true
}

/// The same lines within a mapping of which nothing is wanted.
fn nested(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| format!("  {line}"));
    format!("x:\n{}", lines.collect::<String>())
}

/// What is given of a text, as JSON.
fn json(text: &str) -> Option<String> {
    assert!(is_settled(text), "{text}");
    part(text.as_bytes(), &options(), HEAD).map(|value| value::json::to_string(&value).unwrap())
}

#[test]
fn usual_manifests_are_settled() {
    let text = r##"# Source: c/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app.kubernetes.io/name: web, "tier":"a"}
  annotations:
    checksum/config: 0a1b
    "example.com/enabled": "true"   # why
spec:
  replicas: 1
  selector:
    matchLabels:
      app: web

  template:
    spec:
      containers:
      - name: web
        image: "registry.example.com/web:1.0"
        args: ["--port", '80', -v, a:b, [x, {y: 1}]]
        command:
          - sh
          - -c
          - |
            # not a comment
            exec web --flag: "$(X)"

        ports:
        - {}
        -
          containerPort: 80
        resources:
          {}
      tolerations: []
      nested:
      - - a
        - b: c
      description: goes on
        over: no, here- and
        there
      quoted: "over
        lines \
        too"
"##;
    assert!(!is_settled(text), "`over: no` is an error");
    let text = text.replace("over: no", "over:no");
    let head = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{"checksum/config":"0a1b","example.com/enabled":"true"},"name":"web"}}"#;
    assert_eq!(json(&text).unwrap(), head);
}

#[test]
fn what_is_wanted_is_resolved_as_ever() {
    for (text, wanted) in [
        ("", "null"),
        ("# nothing\n\n  \n  # more", "null"),
        ("# nothing\n--- # more\n", "null"),
        ("---\n# a\nkind: a", r#"{"kind":"a"}"#),
        ("{kind: [], b: c}\n# d\n", r#"{"kind":[]}"#),
        ("kind: yes\napiVersion: 0x1F\nx: y", r#"{"apiVersion":31,"kind":true}"#),
        ("kind:\napiVersion: 1.50 # c", r#"{"apiVersion":1.5,"kind":null}"#),
        ("KIND: a\nkind: b\nkind: 'c'\n", r#"{"KIND":"a","kind":"c"}"#),
        ("metadata: {}", r#"{"metadata":{}}"#),
        ("metadata:\n  {}", r#"{"metadata":{}}"#),
        ("metadata:\n  name:\n    a b\n", r#"{"metadata":{"name":"a b"}}"#),
        (
            "metadata:\n  annotations:\n    1: a\n    no: b\n    c:\n",
            r#"{"metadata":{"annotations":{"1":"a","c":null,"false":"b"}}}"#,
        ),
        ("metadata:\n  annotations:\n    a:\n      b: 'ä'\nmetadata: x", r#"{"metadata":"x"}"#),
        ("kind: \"a\\n\\\"\\e\"\napiVersion: 'it''s'", r#"{"apiVersion":"it's","kind":"a\n\"\u001b"}"#),
        (
            "kind: [a, {b: 'c'}]\napiVersion:\n- d\n-\n- - e",
            r#"{"apiVersion":["d",null,["e"]],"kind":["a",{"b":"c"}]}"#,
        ),
        ("metadata: {name: a, b: [c], annotations: {}}", r#"{"metadata":{"annotations":{},"name":"a"}}"#),
        (
            "kind: |\n  a\n\n   b\n\n\napiVersion: >-\n a\n b\n\n c\n  d\n",
            r#"{"apiVersion":"a b\nc\n d","kind":"a\n\n b\n"}"#,
        ),
        ("  metadata : a\n  kind:   b  ", r#"{"kind":"b","metadata":"a"}"#),
    ] {
        assert_eq!(json(text).unwrap(), wanted, "{text}");
    }
}

#[test]
fn what_takes_more_than_a_look_is_left() {
    for text in [
        "---\n---\na: b",
        "a: b\n---\n",
        "a: b\n...\n",
        "--- a",
        "%YAML 1.1\n---\n",
        "a: &x b",
        "a: *x",
        "a: !!str b",
        "? a\n: b",
        "<<: {a: b}",
        "a: {<<: {b: c}}",
        "\ta: b",
        "a:\tb",
        "a: b\t",
        "a: b\r\n",
        "a\u{85}b: c",
        "\u{feff}a: b",
        "a: \"\u{2028}\"",
        "a: |2\n   b",
        "kind: \"\\x41\"",
        "kind: a\n b",
        "kind: \"a\n b\"",
        "a: [b,\n c]",
        "a: [b, ]",
        "a\nb",
        "{}\na: b",
        "|\n# a",
        "a: \"\\x41\"",
        "a: ? b",
        "a: {b}",
        "a: [b: c]",
        "é: a",
    ] {
        assert!(!is_settled(text), "{text:?}");
    }
}

#[test]
fn whole_documents_are_settled() {
    let text = "a:\n- b: 1\n  c: [2.5, {d: e}]\n- |+\n  e\n\nf: {}\ng:\n";
    assert!(agrees(text.as_bytes(), &Options::default(), Wanted::All));
    for text in ["a: b\n c", "a: \"b\n c\""] {
        assert!(!agrees(text.as_bytes(), &Options::default(), Wanted::All), "{text:?}");
    }
}

#[test]
fn strict_reading_is_left() {
    let text = b"kind: a\n";
    assert!(part(text, &options(), HEAD).is_some());
    assert!(part(text, &Options { strict: true, ..options() }, HEAD).is_none());
}

#[test]
fn what_may_exceed_a_limit_is_left() {
    let text = b"kind: a\n";
    let usual = Limits::default();
    let settles = |limits| part(text, &Options { limits, ..options() }, HEAD).is_some();
    assert!(settles(Limits { bytes: text.len(), nodes: 100, depth: 100 }));
    assert!(!settles(Limits { bytes: text.len() - 1, ..usual }));
    assert!(!settles(Limits { nodes: text.len(), ..usual }));
    assert!(!settles(Limits { depth: 50, ..usual }));
}

//! Schemas that read files, call servers, or never end.

use std::net::TcpListener;

use crate::attempt::Attempt;

fn schema(text: &str) -> Attempt {
    Attempt::with(&[("values.schema.json", text), ("values.yaml", "a: 1\n"), ("templates/a.yaml", "a: 1\n")])
}

#[test]
fn references_never_leave_the_chart() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let url = format!("http://{}/x.json", server.local_addr().unwrap());
    for reference in ["file:///dev/zero", "file:///etc/passwd", "other.json", &url] {
        let refusal = schema(&format!(r#"{{"$ref": "{reference}"}}"#)).refused(&[]);
        assert!(refusal.contains("references outside the chart are not followed"), "{refusal}");
    }
    assert!(server.accept().is_err(), "nobody called");
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    schema(r##"{"$ref": "#"}"##).refused(&[]);
}

#[test]
fn long_chains_of_references_end() {
    let links: Vec<String> =
        (0..20_000).map(|at| format!(r##""d{at}": {{"$ref": "#/definitions/d{}"}}"##, at + 1)).collect();
    let definitions = links.join(",");
    let text = format!(
        r##"{{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {{{definitions}, "d20000": {{}}}}, "properties": {{"a": {{"$ref": "#/definitions/d0"}}}}}}"##
    );
    let output = schema(&text).run(&["--limit", "schema-references=1000"]);
    let refusal = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(refusal.contains("too many references"), "{refusal}");
}

#[test]
fn deep_and_large_schemas_are_refused() {
    let deep = format!("{}{{}}{}", r#"{"not":"#.repeat(20_000), "}".repeat(20_000));
    let refusal = schema(&deep).refused(&[]);
    assert!(refusal.contains("128 levels") || refusal.contains("exceeded max depth"), "{refusal}");
    let large = format!(r#"{{"description": "{}"}}"#, "x".repeat(20 << 20));
    let refusal = schema(&large).refused(&[]);
    assert!(refusal.contains("more than 16777216 bytes"), "{refusal}");
}

#[test]
fn schemas_of_very_many_schemas_are_refused() {
    let properties: Vec<String> = (0..100_000).map(|at| format!(r#""p{at}": {{}}"#)).collect();
    let refusal = schema(&format!(r#"{{"properties": {{{}}}}}"#, properties.join(","))).refused(&[]);
    assert!(refusal.contains("more than 20000 schemas in it"), "{refusal}");
}

#[test]
fn patterns_take_time_in_step_with_the_text() {
    let text = r#"{"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}"#;
    let value = format!("a={}!", "a".repeat(50_000));
    let refusal = schema(text).refused(&["--set", &value]);
    assert!(refusal.contains("does not match pattern"), "{refusal}");
}

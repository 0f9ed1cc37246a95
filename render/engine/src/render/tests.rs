use super::Options;
use crate::testing;

fn render(template: &str) -> String {
    testing::render(template, &Options::default())
}

/// A template that includes itself so often, each time from within parentheses.
fn nested(levels: u32) -> String {
    let body = r#"{{ if . }}{{ (include "nested" (substr 1 -1 .)) }}{{ else }}end{{ end }}"#;
    format!(r#"{{{{ define "nested" }}}}{body}{{{{ end }}}}{{{{ include "nested" (repeat {levels} "x") }}}}"#)
}

#[test]
fn a_name_includes_itself_a_thousand_times_as_in_helm() {
    assert_eq!(render(&nested(1000)), "end");
    let refused = "rendering template has a nested reference name: nested: unable to execute template";
    let error = render(&nested(1001));
    assert!(error.ends_with(refused), "{error}");
}

#[test]
fn names_that_include_one_another_without_end_meet_the_limit() {
    let define =
        |from: u32, to: u32| format!(r#"{{{{ define "{from}" }}}}{{{{ include "{to}" . }}}}{{{{ end }}}}"#);
    let names: String = (0..4).map(|name| define(name, (name + 1) % 4)).collect();
    let error = render(&(names + r#"{{ include "0" . }}"#));
    assert!(error.starts_with("exceeded the limit of 2500 templates executed within one another"), "{error}");
}

#[test]
fn arguments_of_a_field_that_is_none_are_not_looked_at() {
    let error = render(r#"{{ .Capabilities.Nothing (fail "not reached") }}"#);
    assert_eq!(error, "can't evaluate field Nothing in type interface {}");
}

#[test]
fn a_struct_prints_what_templates_cannot_reach() {
    assert!(render("{{ .Capabilities }}").starts_with("{{v1.37.0 v1.37.0 1 37} [v1 "));
    assert_eq!(
        render("{{ toJson .Capabilities.KubeVersion }}"),
        r#"{"Version":"v1.37.0","Major":"1","Minor":"37"}"#
    );
}

//! Templates that never end, or take all memory. The bounds are lowered where the usual ones would take long to meet.

use crate::attempt::Attempt;

fn refused(template: &str, limits: &str) -> String {
    Attempt::template(template).refused(&["--limit", limits])
}

#[test]
fn tpl_within_itself_ends() {
    let refusal = refused("{{ tpl .Values.x . }}", "nesting=2500");
    assert!(refusal.contains("a.yaml:1:"), "{refusal}");
    let attempt = Attempt::with(&[
        ("values.yaml", "x: '{{ tpl .Values.x . }}'\n"),
        ("templates/a.yaml", "{{ tpl .Values.x . }}"),
    ]);
    let refusal = attempt.refused(&[]);
    assert!(
        refusal.contains("exceeded the limit of 2500 templates executed within one another"),
        "{refusal}"
    );
}

#[test]
fn include_and_template_within_themselves_end() {
    let refusal =
        refused("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", "steps=50Mi");
    assert!(refusal.contains("rendering template has a nested reference name: a"), "{refusal}");
    let refusal =
        refused("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}", "steps=50Mi");
    assert!(refusal.contains("exceeded maximum template depth (100000)"), "{refusal}");
}

#[test]
fn a_text_that_doubles_ends() {
    let refusal =
        refused("{{ $s := \"x\" }}{{ range until 100 }}{{ $s = print $s $s }}{{ end }}", "steps=100000");
    assert!(refusal.contains("c/templates/a.yaml:1:"), "{refusal}");
}

#[test]
fn a_list_that_doubles_ends() {
    let refusal =
        refused("{{ $l := list 1 2 }}{{ range until 100 }}{{ $l = concat $l $l }}{{ end }}", "steps=50Mi");
    assert!(refusal.contains("concat would give"), "{refusal}");
}

#[test]
fn what_is_kept_is_bounded_in_sum() {
    let texts = "{{ $l := list }}{{ range until 1000 }}{{ $l = append $l (repeat 1000000 \"x\") }}{{ end }}";
    let refusal = refused(texts, "memory-bytes=100Mi");
    assert!(refusal.contains("exceeded the limit of 104857600 bytes that functions make"), "{refusal}");
    let lists = "{{ $l := list }}{{ range until 1000 }}{{ $l = append $l (until 100000) }}{{ end }}";
    let refusal = refused(lists, "memory-bytes=100Mi");
    assert!(refusal.contains("exceeded the limit of 104857600 bytes that functions make"), "{refusal}");
}

#[test]
fn loops_without_end_are_ended() {
    let refusal = refused("{{ range $i := 9223372036854775807 }}{{ end }}", "steps=100000");
    assert!(refusal.contains("exceeded the limit of 100000 template steps"), "{refusal}");
    let refusal = refused("{{ range until 100000000 }}{{ end }}", "steps=100000");
    assert!(refusal.contains("until would give 100000000 items"), "{refusal}");
}

#[test]
fn long_texts_are_refused_before_they_are_made() {
    let refusal = refused("{{ repeat 500000000 \"x\" }}", "steps=50Mi");
    assert!(refusal.contains("repeat would give 500000000 bytes"), "{refusal}");
    let refusal = refused("{{ randAlphaNum 200000000 }}", "steps=50Mi");
    assert!(refusal.contains("randAlphaNum would give 200000000 bytes"), "{refusal}");
}

#[test]
fn maps_that_contain_themselves_end() {
    let cycle = "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}";
    let refusal = refused(&format!("{cycle}{{{{ deepCopy $d }}}}"), "steps=50Mi");
    assert!(refusal.contains("deepCopy of a value that nests deeper"), "{refusal}");
    let printed = Attempt::template(&format!("{cycle}a: {{{{ toJson $d | quote }}}}")).printed(&[]);
    assert!(printed.ends_with("a: \"\"\n"), "{printed}");
    let printed = Attempt::template(&format!("{cycle}a: {{{{ toYaml $d | quote }}}}")).printed(&[]);
    assert!(printed.ends_with("a: \"\"\n"), "{printed}");
}

#[test]
fn the_bounds_hold_for_all_templates_together() {
    let loops = "{{ range until 1000 }}{{ end }}";
    let names: Vec<String> = (0..20).map(|at| format!("templates/{at}.yaml")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), loops)).collect();
    let refusal = Attempt::with(&files).refused(&["--limit", "steps=10000"]);
    assert!(refusal.contains("exceeded the limit of 10000 template steps"), "{refusal}");
    let texts = "a: {{ repeat 1000 \"x\" }}";
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), texts)).collect();
    let refusal = Attempt::with(&files).refused(&["--limit", "output-bytes=10000"]);
    assert!(refusal.contains("exceeded the limit of 10000 bytes of template output"), "{refusal}");
}

#[test]
fn a_render_that_takes_too_long_is_ended() {
    let refusal = refused("{{ range $i := 9223372036854775807 }}{{ end }}", "seconds=0,steps=1000Gi");
    assert!(refusal.contains("exceeded the limit of 0 seconds"), "{refusal}");
}

#[test]
fn keys_are_not_made_without_end() {
    let refusal = refused("{{ range until 1000 }}{{ $k := genPrivateKey \"rsa\" }}{{ end }}", "steps=1000");
    assert!(refusal.contains("exceeded the limit of 1000 template steps"), "{refusal}");
}

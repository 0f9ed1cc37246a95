//! YAML that is no chart, grows when it is read, or nests without end.

use crate::attempt::Attempt;

fn with_metadata(more: &str) -> String {
    Attempt::with(&[("Chart.yaml", &format!("apiVersion: v2\nname: c\nversion: 1.0.0\n{more}\n"))])
        .refused(&[])
}

/// Nine lists, each nine times within the next.
fn bomb() -> String {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, inner) in ('b'..='i').zip('a'..) {
        let items = vec![format!("*{inner}"); 9].join(", ");
        text += &format!("{name}: &{name} [{items}]\n");
    }
    text
}

#[test]
fn null_where_there_should_be_entries_is_an_error() {
    for (metadata, reason) in [
        ("dependencies: [null]", "dependencies must not contain empty or null nodes"),
        ("maintainers: [null]", "maintainers must not contain empty or null nodes"),
        ("name: [1]", "cannot unmarshal array"),
    ] {
        let refusal = with_metadata(metadata);
        assert!(refusal.contains(reason), "{metadata}: {refusal}");
    }
    let refusal = Attempt::with(&[("Chart.yaml", "")]).refused(&[]);
    assert!(refusal.contains("apiVersion") || refusal.contains("name"), "{refusal}");
}

#[test]
fn an_import_of_nothing_does_no_harm() {
    let metadata = "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: s, version: 1.x, import-values: [null]}]\n";
    let subchart = "apiVersion: v2\nname: s\nversion: 1.0.0\n";
    let attempt = Attempt::with(&[("Chart.yaml", metadata), ("charts/s/Chart.yaml", subchart)]);
    assert!(attempt.run(&[]).status.code().is_some_and(|code| code < 2));
}

#[test]
fn aliases_do_not_multiply() {
    for attempt in [
        Attempt::with(&[("values.yaml", &bomb())]),
        Attempt::with(&[("Chart.yaml", &format!("apiVersion: v2\nname: c\nversion: 1.0.0\n{}", bomb()))]),
        Attempt::template(&bomb()),
    ] {
        let refusal = attempt.refused(&[]);
        assert!(refusal.contains("document contains excessive aliasing"), "{refusal}");
    }
    let attempt = Attempt::template("a: {{ (.Files.Get \"bomb\" | fromYaml).Error | quote }}");
    attempt.write("c/bomb", &bomb());
    assert!(attempt.printed(&[]).contains("document contains excessive aliasing"));
}

#[test]
fn documents_do_not_nest_without_end() {
    let deep = format!("a: {}{}", "[".repeat(100_000), "]".repeat(100_000));
    for attempt in [
        Attempt::with(&[("values.yaml", &deep)]),
        Attempt::with(&[("Chart.yaml", &deep)]),
        Attempt::template(&deep),
    ] {
        let refusal = attempt.refused(&[]);
        assert!(refusal.contains("exceeded max depth"), "{refusal}");
    }
}

#[test]
fn a_flood_of_nodes_is_refused() {
    let flood = format!("a: [{}]\n", "1,".repeat(100_000));
    let refusal = Attempt::with(&[("values.yaml", &flood)]).refused(&["--limit", "yaml-nodes=50000"]);
    assert!(refusal.contains("more than 50000 nodes"), "{refusal}");
    let refusal = Attempt::with(&[("values.yaml", &flood)]).refused(&["--limit", "yaml-bytes=1Ki"]);
    assert!(refusal.contains("more than 1024 bytes"), "{refusal}");
}

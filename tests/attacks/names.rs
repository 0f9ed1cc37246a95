//! Names and versions that would become paths.

use crate::attempt::Attempt;

#[test]
fn names_of_charts_are_no_paths() {
    for name in ["..", ".", "../../x", "a/b"] {
        let metadata = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let refusal = Attempt::with(&[("Chart.yaml", &metadata)]).refused(&[]);
        assert!(refusal.contains("chart.metadata.name"), "{name}: {refusal}");
        let refusal = Attempt::with(&[("charts/s/Chart.yaml", &metadata)]).refused(&[]);
        assert!(refusal.contains("chart.metadata.name"), "{name}: {refusal}");
    }
}

#[test]
fn versions_of_charts_are_no_paths() {
    let metadata = "apiVersion: v2\nname: c\nversion: ../1.0.0\n";
    let refusal = Attempt::with(&[("Chart.yaml", metadata)]).refused(&[]);
    assert!(refusal.contains("chart.metadata.version \"../1.0.0\" is invalid"), "{refusal}");
}

#[test]
fn aliases_of_dependencies_are_no_paths() {
    for alias in ["../x", "a/b", "a\\nb", "."] {
        let metadata = format!(
            "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{{name: s, version: 1.x, alias: \"{alias}\"}}]\n"
        );
        let refusal = Attempt::with(&[("Chart.yaml", &metadata)]).refused(&[]);
        assert!(refusal.contains("disallowed characters in the alias"), "{alias}: {refusal}");
    }
}

#[test]
fn what_is_written_stays_in_its_folder() {
    let attempt = Attempt::template("a: 1");
    attempt.printed(&["--output-dir", "out"]);
    assert!(attempt.path("out/c/templates/a.yaml").is_file());
}

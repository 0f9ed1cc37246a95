//! Templates that would tell the world, or ask it.

use crate::attempt::Attempt;

#[test]
fn no_name_is_asked_of_dns() {
    let attempt = Attempt::template("a: {{ getHostByName \"localhost\" | quote }}");
    assert!(attempt.printed(&[]).ends_with("a: \"\"\n"));
}

#[test]
fn lookup_finds_nothing_without_a_cluster() {
    let attempt =
        Attempt::template("a: {{ lookup \"v1\" \"Secret\" \"kube-system\" \"\" | toJson | quote }}");
    assert!(attempt.printed(&[]).ends_with("a: \"{}\"\n"));
}

#[test]
fn the_environment_is_not_to_be_had() {
    for function in ["env", "expandenv"] {
        let refusal = Attempt::template(&format!("a: {{{{ {function} \"HOME\" }}}}")).refused(&[]);
        assert!(refusal.contains(&format!("function \"{function}\" not defined")), "{refusal}");
    }
}

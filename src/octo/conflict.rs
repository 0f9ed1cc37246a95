//! Conflicts of field managers, explained to whoever reads the status of a workload.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::names::FIELD_MANAGER;
use crate::deploy::FieldConflict;

/// Managers that are ours, whatever they wrote.
const OURS: [&str; 2] = ["helm", "helm-controller"];
/// How many fields are named.
const MOST_FIELDS: usize = 10;

/// What is wrong, why waiting doesn't help, and the two ways out. `None` where all fields are our own managers'.
pub(super) fn explained(release: &str, namespace: &str, conflicts: &[FieldConflict]) -> Option<String> {
    let foreign: Vec<&FieldConflict> =
        conflicts.iter().filter(|conflict| !OURS.contains(&conflict.manager.as_str())).collect();
    if foreign.is_empty() {
        return None;
    }
    let managers: BTreeSet<&str> = foreign.iter().map(|conflict| conflict.manager.as_str()).collect();
    let named: Vec<String> = managers.iter().map(|manager| described(manager)).collect();
    let mut text = format!(
        "The release {release} in the namespace {namespace} can't be applied: fields that its chart sets belong to {}.",
        named.join(", ")
    );
    let fields: BTreeSet<String> = foreign
        .iter()
        .map(|conflict| format!("{} {}", conflict.object, conflict.field.trim_end_matches(['.', ',', ';'])))
        .collect();
    text.push_str("\nContested fields:");
    for field in fields.iter().take(MOST_FIELDS) {
        let _ = write!(text, "\n  {field}");
    }
    if fields.len() > MOST_FIELDS {
        let _ = write!(text, "\n  and {} more", fields.len() - MOST_FIELDS);
    }
    text.push_str(
        "\nThis does not pass by itself. Either delete the Deployment, so that it is created anew with all fields ours, \
         or enable ForceConflicts (OPERATOR__HELM__FORCECONFLICTS=true), which takes the fields over.",
    );
    Some(text)
}

/// Who wrote, as far as the name tells.
fn described(manager: &str) -> String {
    match manager {
        FIELD_MANAGER => format!("{manager:?} (the operator, when it scaled the workload)"),
        "unknown" => format!("{manager:?} (a program that gave no name)"),
        _ if manager.starts_with("kubectl-") => format!("{manager:?} (a change by hand)"),
        _ => format!("{manager:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conflict(manager: &str, field: &str) -> FieldConflict {
        FieldConflict { object: "Deployment/octo/web".into(), field: field.into(), manager: manager.into() }
    }

    /// OCTO-90: release, namespace, managers and fields are named, and both remedies.
    #[test]
    fn a_conflict_is_explained_with_its_remedies() {
        let conflicts = [
            conflict("octo-communication-operator", ".spec.replicas"),
            conflict("unknown", ".spec.replicas,"),
            conflict("kubectl-edit", ".spec.template;"),
            conflict("helm", ".spec.paused"),
        ];
        let text = explained("rel", "octo", &conflicts).unwrap();
        for part in [
            "rel",
            "octo",
            "the operator, when it scaled",
            "gave no name",
            "a change by hand",
            "Deployment/octo/web .spec.replicas",
            "does not pass by itself",
            "delete the Deployment",
            "ForceConflicts",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("paused") && !text.contains("template;"));
    }

    /// OCTO-90: our own managers never count as others, and ten fields are enough.
    #[test]
    fn own_managers_are_no_conflict_and_fields_are_bounded() {
        assert_eq!(explained("r", "n", &[conflict("helm", ".a"), conflict("helm-controller", ".b")]), None);
        let many: Vec<FieldConflict> =
            (0..12).map(|at| conflict("kubectl-scale", &format!(".spec.f{at:02}"))).collect();
        let text = explained("r", "n", &many).unwrap();
        assert!(text.contains("and 2 more") && !text.contains(".f11"));
    }
}

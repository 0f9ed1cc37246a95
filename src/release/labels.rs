//! Names and labels of the objects that hold records. Helm: `pkg/storage`, H-105 and H-107 of its behaviour.

use std::collections::BTreeMap;

use super::{Record, StorageError};

/// Labels that are Helm's own; a user may not set them.
pub const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// The selector that every record matches.
pub(super) const OWNER: &str = "owner=helm";

/// The name of the object that holds a revision: `sh.helm.release.v1.web.v3`.
pub fn object_name(release: &str, revision: i64) -> String {
    format!("sh.helm.release.v1.{release}.v{revision}")
}

/// Release and revision of such a name.
pub(super) fn parse_object_name(name: &str) -> Option<(&str, i64)> {
    let (release, revision) = name.strip_prefix("sh.helm.release.v1.")?.rsplit_once(".v")?;
    Some((release, revision.parse().ok()?))
}

/// Refuses labels of the user that are the system's.
pub(crate) fn check_user_labels(labels: &BTreeMap<String, String>) -> Result<(), StorageError> {
    match labels.keys().any(|label| SYSTEM_LABELS.contains(&label.as_str())) {
        true => Err(StorageError::SystemLabel),
        false => Ok(()),
    }
}

/// The user's among the labels of a storing object.
pub(super) fn user_labels(mut labels: BTreeMap<String, String>) -> BTreeMap<String, String> {
    labels.retain(|label, _| !SYSTEM_LABELS.contains(&label.as_str()));
    labels
}

/// What a storing object is labelled with: the user's labels, what the record says, and when it was written. As with
/// Helm a record that was replaced does not tell any more when it was created.
pub(super) fn object_labels(record: &Record, written: (&str, i64)) -> BTreeMap<String, String> {
    let mut labels = record.labels.clone();
    labels.insert(written.0.to_owned(), written.1.to_string());
    labels.insert("name".into(), record.name.clone());
    labels.insert("owner".into(), "helm".into());
    labels.insert("status".into(), record.info.status.as_str().to_owned());
    labels.insert("version".into(), record.revision.to_string());
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_names_are_read_back_even_with_dots_in_the_release() {
        assert_eq!(parse_object_name(&object_name("a.v1.b", 12)), Some(("a.v1.b", 12)));
        assert_eq!(parse_object_name("sh.helm.release.v1.a.vx"), None);
    }

    #[test]
    fn labels_of_the_system_are_refused() {
        let labels = [("owner".to_owned(), "me".to_owned())].into();
        let text = check_user_labels(&labels).unwrap_err().to_string();
        assert!(text.ends_with("[name owner status version createdAt modifiedAt]"));
    }
}

//! Whose a release is: written on its record, so that nobody takes another's.

use std::collections::BTreeMap;
use std::fmt;

use crate::source::Digest;

const KIND: &str = "pintle.dev/owner-kind";
const NAMESPACE: &str = "pintle.dev/owner-namespace";
const NAME: &str = "pintle.dev/owner-name";

/// The resource that a release is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::operator) struct Owner {
    pub(in crate::operator) kind: &'static str,
    pub(in crate::operator) namespace: String,
    pub(in crate::operator) name: String,
}

impl Owner {
    /// The labels of a record.
    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        let pairs = [
            (KIND, self.kind.to_owned()),
            (NAMESPACE, label_value(&self.namespace)),
            (NAME, label_value(&self.name)),
        ];
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Whether a record with these labels is this one's, or nobody's; whose it is otherwise.
    pub(super) fn check(&self, labels: &BTreeMap<String, String>) -> Result<(), String> {
        let found =
            [KIND, NAMESPACE, NAME].map(|key| labels.get(key).map(String::as_str).unwrap_or_default());
        let ours = self.labels();
        let is_ours = [KIND, NAMESPACE, NAME]
            .iter()
            .zip(found)
            .all(|(key, value)| ours.get(*key).is_some_and(|ours| ours == value));
        if is_ours || found == ["", "", ""] {
            return Ok(());
        }
        let [kind, namespace, name] = found;
        Err(format!("{kind} {namespace}/{name}"))
    }
}

impl fmt::Display for Owner {
    /// `Tenant team-a/shop`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// A name as a label's value: as it is where it fits, else its beginning and a digest.
fn label_value(name: &str) -> String {
    shortened(name, 63)
}

/// A name of at most `longest` characters: as it is where it fits, else its beginning and eight digits of its digest.
pub(in crate::operator) fn shortened(name: &str, longest: usize) -> String {
    if name.len() <= longest {
        return name.to_owned();
    }
    let digest: String = Digest::of(name.as_bytes()).hex().chars().take(8).collect();
    let beginning: String = name.chars().take(longest.saturating_sub(digest.len() + 1)).collect();
    format!("{}-{digest}", beginning.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Owner {
        Owner { kind: "Tenant", namespace: "a".into(), name: name.into() }
    }

    /// T-14: the one that comes second is told whose the release is.
    #[test]
    fn a_release_of_another_is_not_taken_and_nobodys_is() {
        assert_eq!(owner("x").check(&owner("x").labels()), Ok(()));
        assert_eq!(owner("x").check(&BTreeMap::new()), Ok(()));
        assert_eq!(owner("x").check(&owner("y").labels()), Err("Tenant a/y".into()));
    }

    #[test]
    fn long_names_are_told_apart_by_a_digest() {
        let (one, two) = (format!("{}1", "n".repeat(80)), format!("{}2", "n".repeat(80)));
        assert_ne!(label_value(&one), label_value(&two));
        assert!(label_value(&one).len() <= 63);
        assert_eq!(owner(&one).check(&owner(&one).labels()), Ok(()));
        assert!(owner(&one).check(&owner(&two).labels()).is_err());
        assert_eq!(shortened("aaaa.bbbbbbbbbbbbbb", 14).get(..5), Some("aaaa-"));
    }
}

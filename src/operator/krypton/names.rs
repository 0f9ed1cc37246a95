//! Names as the krypton operator makes them, so that what it installed is taken over.

use crate::operator::placement::shortened;

/// The longest name Helm takes for a release.
const RELEASE: usize = 53;
/// The longest name of an annotation behind its prefix.
const ANNOTATION: usize = 63;

/// What annotations of tenants with fingerprints begin with.
pub(in crate::operator) const FINGERPRINT: &str = "mesh.openkcm.io/fingerprint-";

/// The release of a tenant on a cluster.
pub(super) fn tenant_release(tenant: &str, cluster: &str) -> String {
    shortened(&format!("tenant-{tenant}-{cluster}"), RELEASE)
}

/// The release of a `KryptonDeployment`.
pub(super) fn deployment_release(name: &str) -> String {
    shortened(&format!("ced-{name}"), RELEASE)
}

/// The annotation of a tenant with the fingerprint of its release on a cluster.
pub(super) fn fingerprint_annotation(cluster: &str) -> String {
    let (domain, name) = FINGERPRINT.split_once('/').unwrap_or_default();
    format!("{domain}/{}", shortened(&format!("{name}{cluster}"), ANNOTATION))
}

/// Whether a text is the name of a namespace: lower-case letters, digits and hyphens, at most 63.
pub(super) fn is_namespace(name: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    (1..=63).contains(&name.len()) && name.chars().all(fits) && !name.starts_with('-') && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// KRY-65, KRY-29: the names of the reference, and where those would not fit, others that stay apart.
    #[test]
    fn releases_are_named_as_the_reference_names_them() {
        assert_eq!(tenant_release("acme", "edge01"), "tenant-acme-edge01");
        assert_eq!(deployment_release("acme"), "ced-acme");
        let long = "n".repeat(60);
        assert!(deployment_release(&long).len() <= 53);
        assert_ne!(deployment_release(&long), deployment_release(&format!("{long}x")));
        assert_ne!(tenant_release(&long, "a"), tenant_release(&long, "b"));
        assert!(crate::deploy::is_valid_name(&tenant_release(&"a.b".repeat(30), "edge01")));
    }

    /// KRY-66
    #[test]
    fn the_annotations_name_fits_whatever_the_clusters_name() {
        assert_eq!(fingerprint_annotation("edge01"), "mesh.openkcm.io/fingerprint-edge01");
        assert!(fingerprint_annotation(&"c".repeat(200)).len() <= "mesh.openkcm.io/".len() + 63);
    }

    #[test]
    fn namespaces_are_single_labels() {
        assert!(is_namespace("acme-1"));
        for name in ["", "a.b", "-a", "a-", "A", &"a".repeat(64)] {
            assert!(!is_namespace(name), "{name}");
        }
    }
}

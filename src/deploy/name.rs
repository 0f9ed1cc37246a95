//! Names of releases. Helm: `chartutil.ValidateReleaseName`.

use chart::Flavour;

use super::DeployError;

/// Longer names would not fit into the names Kubernetes derives from them.
const LONGEST: usize = 53;

/// Whether a release may have that name: lower-case letters, digits, `-` and `.`, at most 53 of them.
pub fn is_valid_name(name: &str) -> bool {
    name.len() <= LONGEST && name.split('.').all(is_label)
}

fn is_label(part: &str) -> bool {
    let inner = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    inner && !part.is_empty() && !part.starts_with('-') && !part.ends_with('-')
}

/// Whether an install may have that name; Helm's words on one that can't be. Helm 4 says which step failed.
pub(super) fn check_install_name(name: &str, flavour: Flavour) -> Result<(), DeployError> {
    let checked = check_name(name);
    match flavour {
        Flavour::V3 => checked,
        Flavour::V4 => checked.map_err(|error| error.at("release name check failed")),
    }
}

/// Helm's words on a name that can't be.
pub(super) fn check_name(name: &str) -> Result<(), DeployError> {
    if name.is_empty() {
        return Err(DeployError::Refused(format!("release name {name:?}: no name provided")));
    }
    if is_valid_name(name) {
        return Ok(());
    }
    Err(DeployError::Refused(format!(
        "release name {name:?}: invalid release name, must match regex \
         ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_subdomains_of_at_most_53_bytes() {
        for good in ["a", "a-1.b", "0", &"a".repeat(53)] {
            assert!(is_valid_name(good), "{good}");
        }
        for bad in ["", "A", "a_b", "-a", "a-", "a..b", ".a", &"a".repeat(54), "ä"] {
            assert!(!is_valid_name(bad), "{bad}");
        }
    }
}

//! Names of releases. Helm: `chartutil.ValidateReleaseName`.

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

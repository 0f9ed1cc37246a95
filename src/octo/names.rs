//! Names and labels as the upstream operator makes them, so that what it made is found again.

use std::collections::BTreeMap;

use super::event::{Dialect, SiteId, WorkloadId};

/// The longest name Helm takes for a release.
const LONGEST_NAME: usize = 53;
/// The longest value Kubernetes takes for a label.
const LONGEST_LABEL: usize = 63;

/// The label that names the tenant.
pub(super) const TENANT: &str = "octo-mesh.meshmakers.io/tenant";
/// The label that names the workload.
pub(super) const WORKLOAD: &str = "octo-mesh.meshmakers.io/workload-rt-id";
/// The label that says whose an object is.
pub(super) const MANAGED_BY: &str = "octo-mesh.meshmakers.io/managed-by";
/// Its value.
pub(super) const MANAGER: &str = "communication-operator";
/// The annotation that keeps the workload's display name.
pub(super) const WORKLOAD_NAME: &str = "octo-mesh.meshmakers.io/workload-name";
/// Whose fields ours are outside of releases.
pub(super) const FIELD_MANAGER: &str = "octo-communication-operator";

/// Nothing of a name is left that Kubernetes would take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no name can be made of {0:?}: it has neither an ASCII letter nor a digit")]
pub(super) struct NoName(String);

/// A release's name from the ids it stands for: lower case, everything but letters and digits a single `-`, at most 53
/// characters. Long tenant ids cut the second id off; nothing is added to tell such names apart.
pub(super) fn dns_name(parts: &[&str]) -> Result<String, NoName> {
    let joined = parts.join("-");
    let mut name = String::with_capacity(joined.len());
    for letter in joined.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => name.push(letter),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.truncate(LONGEST_NAME);
    let name = name.trim_end_matches('-');
    if name.is_empty() { Err(NoName(joined)) } else { Ok(name.to_owned()) }
}

/// A text as the value of a label. Upstream keeps letters of all scripts, which the API server refuses; here only ASCII
/// stays.
pub(super) fn label_value(text: &str) -> String {
    let kept = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => letter,
        _ => '-',
    };
    let edge = ['-', '_', '.'];
    let whole: String = text.chars().map(kept).collect();
    let mut value = whole.trim_matches(edge).to_owned();
    value.truncate(LONGEST_LABEL);
    let value = value.trim_end_matches(edge);
    if value.is_empty() { "unknown".to_owned() } else { value.to_owned() }
}

/// The Secret of a release's secret values.
pub(super) fn values_secret(release: &str) -> String {
    format!("{release}-octo-secrets")
}

/// Where the secret values of the revision before lie while a deployment is under way.
pub(super) fn previous_values_secret(release: &str) -> String {
    format!("{release}-octo-secrets-previous")
}

/// The Secret of the broker's login for a site.
pub(super) fn broker_secret(site: &str) -> String {
    format!("{site}-octo-mesh-connection")
}

/// The labels of a site's objects.
pub(super) fn site_labels(dialect: Dialect, site: &SiteId) -> BTreeMap<String, String> {
    [
        (TENANT, label_value(&site.tenant)),
        (dialect.site_label(), site.rt_id.clone()),
        (MANAGED_BY, MANAGER.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The labels of a workload's Secret and of the records of its release.
pub(super) fn workload_labels(
    dialect: Dialect,
    site: &SiteId,
    workload: &WorkloadId,
) -> BTreeMap<String, String> {
    let mut labels = site_labels(dialect, site);
    labels.insert(WORKLOAD.to_owned(), label_value(&workload.rt_id));
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    const RT: &str = "65d5c447b420da3fb12381a1";

    /// OCTO-14, OCTO-100, OCTO-101, OCTO-103, T-6: the names of releases and resources, to the letter, at 28 and 29
    /// characters of tenant too; the display name has no part in them.
    #[test]
    fn names_are_upstreams() {
        let two = "670000000000000000000002";
        let (a28, a29, a40, b29) = ("a".repeat(28), "a".repeat(29), "a".repeat(40), "b".repeat(29));
        let cases = [
            ("meshtest", RT, "meshtest-65d5c447b420da3fb12381a1".to_owned()),
            ("Acme_Energy", RT, "acme-energy-65d5c447b420da3fb12381a1".to_owned()),
            ("tenant.with.dots", two, "tenant-with-dots-670000000000000000000002".to_owned()),
            ("--x--", two, "x-670000000000000000000002".to_owned()),
            ("M\u{fc}ller AG", two, "m-ller-ag-670000000000000000000002".to_owned()),
            (a28.as_str(), RT, format!("{a28}-{RT}")),
            (a29.as_str(), RT, format!("{a29}-65d5c447b420da3fb12381a")),
            (a40.as_str(), RT, format!("{a40}-65d5c447b420")),
            (b29.as_str(), two, format!("{b29}-67000000000000000000000")),
        ];
        for (tenant, rt_id, name) in cases {
            assert_eq!(dns_name(&[tenant, rt_id]), Ok(name), "{tenant}");
        }
        assert_eq!(dns_name(&[&"b".repeat(52), RT]), Ok("b".repeat(52)));
        assert!(dns_name(&["___", "___"]).is_err());
        assert_eq!(values_secret("a").len(), 1 + 13);
    }

    /// OCTO-102: the values of labels, all of which the API server takes.
    #[test]
    fn label_values_are_upstreams_where_kubernetes_takes_them() {
        let long = format!("{}-b", "a".repeat(62));
        let cases = [
            ("Communication Pool", "Communication-Pool".to_owned()),
            ("__x__", "x".to_owned()),
            ("", "unknown".to_owned()),
            ("...", "unknown".to_owned()),
            ("v1.2_3", "v1.2_3".to_owned()),
            (&"a".repeat(70), "a".repeat(63)),
            (&long, "a".repeat(62)),
            ("\u{e9} tenant", "tenant".to_owned()),
        ];
        for (text, value) in cases {
            assert_eq!(label_value(text), value, "{text}");
        }
    }

    /// OCTO-15, OCTO-53, T-8: labels of sites and workloads, in both generations; ids of digits alone stay text.
    #[test]
    fn labels_name_tenant_site_and_workload() {
        let site = SiteId { tenant: "Acme AG".into(), rt_id: RT.into() };
        let workload = WorkloadId { tenant: "Acme AG".into(), rt_id: "670000000000000000000002".into() };
        let labels = workload_labels(Dialect::Pool, &site, &workload);
        assert_eq!(labels["octo-mesh.meshmakers.io/tenant"], "Acme-AG");
        assert_eq!(labels["octo-mesh.meshmakers.io/pool-rt-id"], RT);
        assert_eq!(labels["octo-mesh.meshmakers.io/workload-rt-id"], "670000000000000000000002");
        assert_eq!(labels["octo-mesh.meshmakers.io/managed-by"], "communication-operator");
        assert_eq!(site_labels(Dialect::Site, &site)["octo-mesh.meshmakers.io/deployment-site-rt-id"], RT);
    }
}

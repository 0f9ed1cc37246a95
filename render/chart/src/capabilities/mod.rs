//! What a cluster and the engine can do, as charts ask for it: plain data.

mod api_versions;
mod kube_version;

use thiserror::Error;

use crate::{Chart, Flavour};

pub use api_versions::DEFAULT_API_VERSIONS;
pub use kube_version::{KubeVersion, KubeVersionError};

/// What charts see as `.Capabilities`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The cluster's version.
    pub kube_version: KubeVersion,
    /// `group/version` of all served APIs; with a cluster also `group/version/Kind`.
    pub api_versions: Vec<String>,
    /// The Helm that the engine stands in for.
    pub helm_version: HelmVersion,
}

impl Capabilities {
    /// Those of Helm without a cluster: Kubernetes 1.37 and the APIs known to its client library.
    pub fn offline(flavour: Flavour) -> Self {
        Self {
            kube_version: KubeVersion::default(),
            api_versions: DEFAULT_API_VERSIONS.iter().map(|version| (*version).to_owned()).collect(),
            helm_version: HelmVersion::of(flavour),
        }
    }
}

/// What charts see as `.Capabilities.HelmVersion`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelmVersion {
    /// `v4.3`: Helm's modules know their minor version; the patch is stamped on when a release of Helm is built.
    pub version: String,
    /// The commit that was built, in hexadecimal.
    pub git_commit: String,
    /// `clean`, or empty as in builds that don't say.
    pub git_tree_state: String,
    /// `go1.26.8`
    pub go_version: String,
    /// `v1.37`: the client library's Kubernetes (Helm 4).
    pub kube_client_version: String,
}

impl HelmVersion {
    /// What a Helm says of itself that is built from its published modules, with which the engine was measured.
    pub fn of(flavour: Flavour) -> Self {
        let (version, kube_client_version) = match flavour {
            Flavour::V3 => ("v3.22", ""),
            Flavour::V4 => ("v4.3", "v1.37"),
        };
        Self {
            version: version.to_owned(),
            git_tree_state: String::new(),
            go_version: "go1.26.8".to_owned(),
            kube_client_version: kube_client_version.to_owned(),
            git_commit: String::new(),
        }
    }
}

/// The cluster is not one of those that the chart is made for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {found}")]
pub struct IncompatibleKubeVersion {
    /// The chart's constraint.
    pub wanted: String,
    /// The cluster's version.
    pub found: String,
}

/// Checks the `kubeVersion` of a chart; that of its subcharts is not asked, as in Helm.
///
/// # Errors
/// Where the version doesn't satisfy the constraint, or the constraint can't be read.
pub fn check_kube_version(chart: &Chart, version: &KubeVersion) -> Result<(), IncompatibleKubeVersion> {
    let wanted = &chart.metadata().kube_version;
    let found = version.to_string();
    if wanted.is_empty() || semver::is_compatible(wanted, &found) {
        return Ok(());
    }
    Err(IncompatibleKubeVersion { wanted: wanted.clone(), found })
}

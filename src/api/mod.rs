//! The resources that users write: types, their schemas and the printed definitions.
//!
//! Only shapes and what can be said about them without a cluster; the operator gives them meaning.

mod chart;
mod cluster_selector;
mod condition;
mod definitions;
mod drift;
mod duration;
mod krypton_deployment;
mod options;
mod patches;
mod placement;
mod release;
mod release_set;
mod schema;
mod site;
mod status;
mod tenant;
mod values;

pub use self::chart::{ChartSource, KeyReference, OciSource, RepositorySource, SecretReference};
pub use self::cluster_selector::{ClusterSelector, InvalidSelector, SelectorOperator, SelectorRequirement};
pub use self::condition::{Condition, ConditionStatus};
pub use self::definitions::{DefinitionError, definitions};
pub use self::drift::{DriftDetection, DriftMode, IgnoredFields};
pub use self::duration::{InvalidDuration, parse_duration};
pub use self::krypton_deployment::{
    Account, KryptonDeployment, KryptonDeploymentSpec, KubeconfigReference, KubeconfigSecret, Region,
};
pub use self::options::{InstallOptions, UninstallOptions, UpgradeOptions};
pub use self::patches::{ObjectSelector, PatchSpec};
pub use self::placement::{Phase, PlacementStatus, ReleaseContent};
pub use self::release::{Release, ReleaseSpec};
pub use self::release_set::{
    ClusterState, ClusterStatus, ClusterValue, MaxUnavailable, ReleaseSet, ReleaseSetSpec, ReleaseSetStatus,
    ReleaseTemplate, Wave,
};
pub use self::site::{
    CommunicationPool, CommunicationPoolSpec, DeploymentSite, DeploymentSiteSpec, SiteStatus,
};
pub use self::status::{ChartStatus, HistoryEntry, LastAttempt, ReleaseStatus};
pub use self::tenant::{ClusterReference, Tenant, TenantSpec};
pub use self::values::{Override, ValueFrom, ValueSource, ValueSourceKind, ValuesSpec};

/// The group of our resources.
pub const GROUP: &str = "pintle.dev";

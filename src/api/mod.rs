//! The resources that users write: types, their schemas and the printed definitions.
//!
//! Only shapes and what can be said about them without a cluster; the operator gives them meaning.

mod chart;
mod definitions;
mod duration;
mod options;
mod release;
mod schema;
mod site;
mod status;
mod values;

pub use self::chart::{ChartSource, KeyReference, OciSource, RepositorySource, SecretReference};
pub use self::definitions::{DefinitionError, definitions};
pub use self::duration::{InvalidDuration, parse_duration};
pub use self::options::{InstallOptions, UninstallOptions, UpgradeOptions};
pub use self::release::{Release, ReleaseSpec};
pub use self::site::{
    CommunicationPool, CommunicationPoolSpec, DeploymentSite, DeploymentSiteSpec, SiteStatus,
};
pub use self::status::{ChartStatus, Condition, ConditionStatus, HistoryEntry, LastAttempt, ReleaseStatus};
pub use self::values::{Override, ValueFrom, ValueSource, ValueSourceKind, ValuesSpec};

/// The group of our resources.
pub const GROUP: &str = "pintle.dev";

//! What a release revision is, as Helm stores it.

use std::collections::{BTreeMap, BTreeSet};

use kube::core::ObjectMeta;
use serde_json::value::RawValue;
use value::Map;

use super::members::Members;
use super::{Status, StoredChart, Time};

/// One revision of a release. Helm: `pkg/release/v1`.
///
/// Members of the stored JSON that are unknown here are kept and written again.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The release's name.
    pub name: String,
    /// The namespace of the release, where the record lies too.
    pub namespace: String,
    /// The number of the revision, from 1; the JSON's `version`.
    pub revision: i64,
    /// Status, times, description and notes.
    pub info: Info,
    /// The chart as it was released.
    pub chart: StoredChart,
    /// The user's values only.
    pub config: Map,
    /// All objects but hooks, each with its `# Source` line.
    pub manifest: String,
    /// The hooks, in install order by kind.
    pub hooks: Vec<StoredHook>,
    /// How objects were applied; empty in records of Helm 3, and means client-side there.
    pub apply_method: ApplyMethod,
    /// Which charts have to be ready before others (HIP-0025): by the path of a chart, for its own objects, the paths of
    /// the charts that come before with all below them. A member of pintle's, `sequence`, that is there where a chart
    /// asks for it; Helm passes over it.
    pub sequence: BTreeMap<String, BTreeSet<String>>,
    /// The user's labels, without the system's. They are labels of the storing object and not in the JSON.
    pub labels: BTreeMap<String, String>,
    /// Who works on a pending revision, if it is one of ours; `None` for records of Helm. An annotation of the storing
    /// object and not in the JSON.
    pub holder: Option<String>,
    /// The object this was read from or last written to; `None` before the first write.
    pub stored: Option<Box<Stored>>,
    pub(crate) unknown: Members,
}

/// The object that holds a record, as it was when we last saw it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its metadata: labels of the system and all that others put there.
    pub metadata: ObjectMeta,
    /// SHA-256 of the text it held, to tell a change of the record from one of the metadata.
    pub(super) digest: [u8; 32],
}

/// What is known about a revision beside its content.
#[derive(Clone, Debug)]
pub struct Info {
    /// When the first revision was deployed.
    pub first_deployed: Option<Time>,
    /// When this revision was deployed.
    pub last_deployed: Option<Time>,
    /// When it was uninstalled.
    pub deleted: Option<Time>,
    /// A sentence for the log of the release.
    pub description: String,
    /// The revision's status.
    pub status: Status,
    /// The revision this one went back to; 0 where it is no rollback.
    pub rollback_revision: i64,
    /// `NOTES.txt` as rendered.
    pub notes: String,
    pub(crate) unknown: Members,
}

impl Default for Info {
    fn default() -> Self {
        Self {
            first_deployed: None,
            last_deployed: None,
            deleted: None,
            description: String::new(),
            status: Status::Unknown,
            rollback_revision: 0,
            notes: String::new(),
            unknown: Members::default(),
        }
    }
}

/// A hook, and how its last run went.
#[derive(Clone, Debug, Default)]
pub struct StoredHook {
    /// `metadata.name`
    pub name: String,
    /// `kind`
    pub kind: String,
    /// The template's full name.
    pub path: String,
    /// The document as rendered.
    pub manifest: String,
    /// When it runs: `pre-install` and so on.
    pub events: Vec<String>,
    /// The last run.
    pub last_run: HookRun,
    /// Lower weights run first.
    pub weight: i64,
    /// `before-hook-creation`, `hook-succeeded`, `hook-failed`.
    pub delete_policies: Vec<String>,
    /// `hook-succeeded`, `hook-failed`.
    pub output_log_policies: Vec<String>,
    pub(crate) unknown: Members,
}

/// One run of a hook.
#[derive(Clone, Debug, Default)]
pub struct HookRun {
    /// When the hook was applied.
    pub started_at: Option<Time>,
    /// When it ended.
    pub completed_at: Option<Time>,
    /// How it went.
    pub phase: HookPhase,
    pub(crate) unknown: Members,
}

/// How a run of a hook went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HookPhase {
    /// It never ran.
    #[default]
    None,
    /// Nobody recorded the end.
    Unknown,
    /// It runs.
    Running,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// A word Helm does not know; kept as it is.
    Other(String),
}

impl HookPhase {
    /// Helm's word; empty for a hook that never ran.
    pub fn as_str(&self) -> &str {
        match self {
            HookPhase::None => "",
            HookPhase::Unknown => "Unknown",
            HookPhase::Running => "Running",
            HookPhase::Succeeded => "Succeeded",
            HookPhase::Failed => "Failed",
            HookPhase::Other(word) => word,
        }
    }
}

impl From<String> for HookPhase {
    fn from(word: String) -> Self {
        match word.as_str() {
            "" => HookPhase::None,
            "Unknown" => HookPhase::Unknown,
            "Running" => HookPhase::Running,
            "Succeeded" => HookPhase::Succeeded,
            "Failed" => HookPhase::Failed,
            _ => HookPhase::Other(word),
        }
    }
}

/// How the objects of a revision were applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ApplyMethod {
    /// Not said: Helm 3, client-side.
    #[default]
    Unset,
    /// `csa`
    ClientSide,
    /// `ssa`
    ServerSide,
    /// A word Helm does not know; kept as it is.
    Other(String),
}

impl ApplyMethod {
    /// Helm's word; empty where nothing is said.
    pub fn as_str(&self) -> &str {
        match self {
            ApplyMethod::Unset => "",
            ApplyMethod::ClientSide => "csa",
            ApplyMethod::ServerSide => "ssa",
            ApplyMethod::Other(word) => word,
        }
    }

    /// Whether objects of that revision have server-side apply's managed fields.
    pub fn is_server_side(&self) -> bool {
        *self == ApplyMethod::ServerSide
    }
}

impl From<String> for ApplyMethod {
    fn from(word: String) -> Self {
        match word.as_str() {
            "" => ApplyMethod::Unset,
            "csa" => ApplyMethod::ClientSide,
            "ssa" => ApplyMethod::ServerSide,
            _ => ApplyMethod::Other(word),
        }
    }
}

impl Stored {
    /// The digest of the record's text in hexadecimal digits: the same for the same record.
    pub fn digest_text(&self) -> String {
        self.digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Info {
    /// Adds the release's live objects, by `version/Kind`: Helm shows them in `status`, and never stores them.
    ///
    /// # Errors
    /// Where the text is no JSON.
    pub fn show_resources(&mut self, json: String) -> Result<(), serde_json::Error> {
        self.unknown.push("resources", RawValue::from_string(json)?);
        Ok(())
    }
}

impl Record {
    /// Sets status and description together, as every step of an action does.
    pub fn set_status(&mut self, status: Status, description: impl Into<String>) {
        self.info.status = status;
        self.info.description = description.into();
    }

    /// Signs a pending revision with the name of whoever works on it; others are nobody's.
    pub(super) fn set_holder(&mut self, holder: Option<&str>) {
        self.holder = holder.filter(|_| self.info.status.is_pending()).map(str::to_owned);
    }
}

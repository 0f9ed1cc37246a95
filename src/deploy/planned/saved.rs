//! A plan in a file: what was rendered and what it was compared with, so that exactly that is applied later, or nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Prepared;
use super::effect::stripped;
use crate::cluster::ObjectKey;
use crate::deploy::plan::{Change, Plan};
use crate::deploy::{Action, Definitions, DeployError, Deployer, Desired, Options};
use crate::release::{Record, RecordError, Status, Time, codec};

/// The version of the file's form.
const VERSION: u32 = 2;

/// A plan that can be applied later. It holds what was rendered, Secrets included.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedPlan {
    pintle_plan: u32,
    action: String,
    release: String,
    namespace: String,
    last: Option<Base>,
    current: Option<Base>,
    /// The revision to be made, as records are stored.
    record: String,
    labels: std::collections::BTreeMap<String, String>,
    definitions: Vec<String>,
    /// What the plan was made from; nothing for a rollback.
    inputs: Option<InputDigests>,
    steps: Vec<SavedStep>,
    how: How,
}

/// What somebody wants released, as digests: to tell whether it is what a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InputDigests {
    chart: String,
    values: String,
}

/// A record that a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Base {
    revision: i64,
    status: String,
    digest: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedStep {
    object: String,
    change: String,
    /// The digest of the object as it was; `None` where there was none.
    before: Option<String>,
}

/// The options that decide what is done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct How {
    force_conflicts: bool,
    force_replace: bool,
    take_ownership: bool,
    recreate_immutable: bool,
    create_namespace: bool,
    validate_fields: bool,
    hooks: bool,
    crds: Option<Definitions>,
}

/// Why a saved plan can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// The text is no plan.
    #[error("not a plan of pintle: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It was saved by another version.
    #[error("the plan has form {found}, and this version of pintle reads form {VERSION}; plan again")]
    Version {
        /// The form of the file.
        found: u32,
    },
    /// Its record can't be read.
    #[error("the plan's record can't be read: {0}")]
    Record(#[from] RecordError),
    /// The plan is for something else.
    #[error(
        "the plan is to {action} release {release:?} in namespace {namespace:?}, which is not what was asked for"
    )]
    Other {
        /// What it does.
        action: String,
        /// The release.
        release: String,
        /// Its namespace.
        namespace: String,
    },
    /// It was made from something else than what is named beside it.
    #[error("the plan was made from {0} than what is named beside it; leave that out, or plan again")]
    OtherInput(&'static str),
    /// Things have changed since.
    #[error("the plan no longer holds, nothing was changed; plan again. Since then:{}", moved(.0))]
    Moved(Vec<String>),
}

fn moved(reasons: &[String]) -> String {
    reasons.iter().map(|reason| format!("\n  {reason}")).collect()
}

impl Base {
    pub(super) fn of(record: &Record) -> Self {
        let digest = record.stored.as_ref().map(|stored| stored.digest_text());
        Self { revision: record.revision, status: record.info.status.to_string(), digest }
    }
}

impl InputDigests {
    pub(super) fn of(desired: &Desired) -> Self {
        let mut files: Vec<_> = desired.chart.raw().iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let mut chart = Sha256::new();
        for file in files {
            for part in [file.name.as_bytes(), &file.data] {
                chart.update((part.len() as u64).to_be_bytes());
                chart.update(part);
            }
        }
        // OK because values that JSON can't hold are refused when the record is encoded.
        let values = value::json::to_string(&desired.values.clone().into()).unwrap_or_default();
        Self { chart: hex(chart.finalize().into()), values: hex(Sha256::digest(values).into()) }
    }
}

fn hex(digest: [u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl SavedPlan {
    pub(super) fn new(prepared: Prepared, options: &Options) -> Self {
        let Prepared { action, current, last, next, plan, definitions, inputs, .. } = prepared;
        Self {
            pintle_plan: VERSION,
            action: action.to_owned(),
            release: next.name.clone(),
            namespace: next.namespace.clone(),
            last,
            current: current.as_ref().map(Base::of),
            // OK because what was rendered was encoded before: an empty text is refused when it is read.
            record: codec::encode(&next).unwrap_or_default(),
            labels: next.labels,
            definitions: definitions.texts,
            inputs,
            steps: steps(&plan),
            how: How {
                force_conflicts: options.force_conflicts,
                force_replace: options.force_replace,
                take_ownership: options.take_ownership,
                recreate_immutable: options.recreate_immutable,
                create_namespace: options.create_namespace,
                validate_fields: options.validate_fields,
                hooks: options.hooks,
                crds: options.crds,
            },
        }
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// Where the text is no plan, or one of another version.
    pub fn from_json(text: &[u8]) -> Result<Self, SavedPlanError> {
        let form: Value = serde_json::from_slice(text)?;
        let found = form.get("pintlePlan").and_then(Value::as_u64).unwrap_or_default();
        if found != u64::from(VERSION) {
            return Err(SavedPlanError::Version { found: u32::try_from(found).unwrap_or(u32::MAX) });
        }
        Ok(serde_json::from_value(form)?)
    }

    /// The plan as text.
    pub fn to_json(&self) -> String {
        json!(self).to_string()
    }

    /// Makes sure that the plan is for that action on that release.
    ///
    /// # Errors
    /// Names what the plan is for.
    pub fn check_is_for(&self, action: &str, release: &str, namespace: &str) -> Result<(), SavedPlanError> {
        if self.action == action && self.release == release && self.namespace == namespace {
            return Ok(());
        }
        Err(SavedPlanError::Other {
            action: self.action.clone(),
            release: self.release.clone(),
            namespace: self.namespace.clone(),
        })
    }

    /// Makes sure that the plan was made from that chart and, if `with_values`, from those values.
    ///
    /// # Errors
    /// Says which of them is another one.
    pub fn check_is_from(&self, desired: &Desired, with_values: bool) -> Result<(), SavedPlanError> {
        let Some(inputs) = &self.inputs else { return Ok(()) };
        let given = InputDigests::of(desired);
        if inputs.chart != given.chart {
            return Err(SavedPlanError::OtherInput("another chart"));
        }
        if with_values && inputs.values != given.values {
            return Err(SavedPlanError::OtherInput("other values"));
        }
        Ok(())
    }

    /// The revision that a plan to roll back goes back to.
    ///
    /// # Errors
    /// Where the plan's record can't be read.
    pub fn target(&self) -> Result<i64, SavedPlanError> {
        Ok(self.next()?.info.rollback_revision)
    }

    fn next(&self) -> Result<Record, SavedPlanError> {
        let mut next = codec::decode(self.record.as_bytes())?;
        next.labels.clone_from(&self.labels);
        next.info.last_deployed = Some(Time::now());
        if self.action == "install" {
            next.info.first_deployed = next.info.last_deployed;
        }
        Ok(next)
    }

    fn options(&self, options: &Options) -> Options {
        Options {
            force_conflicts: self.how.force_conflicts,
            force_replace: self.how.force_replace,
            take_ownership: self.how.take_ownership,
            recreate_immutable: self.how.recreate_immutable,
            create_namespace: self.how.create_namespace,
            validate_fields: self.how.validate_fields,
            hooks: self.how.hooks,
            crds: self.how.crds,
            ..options.clone()
        }
    }

    /// Whether records and objects are as they were.
    fn check(
        &self,
        last: Option<&Record>,
        current: Option<&Record>,
        plan: &Plan,
    ) -> Result<(), SavedPlanError> {
        let mut reasons = Vec::new();
        if last.map(Base::of) != self.last || current.map(Base::of) != self.current {
            let now = last.map_or_else(
                || "there is no such release any more".to_owned(),
                |last| format!("the last revision is {} ({})", last.revision, last.info.status),
            );
            reasons.push(format!("release {}: {now}", self.release));
        }
        let now = steps(plan);
        let changed = now.iter().filter(|step| !self.steps.contains(step));
        reasons.extend(changed.map(|step| format!("{} changed", step.object)));
        let gone = self.steps.iter().filter(|step| !now.iter().any(|other| other.object == step.object));
        reasons.extend(gone.map(|step| format!("{} is no longer concerned", step.object)));
        if reasons.is_empty() { Ok(()) } else { Err(SavedPlanError::Moved(reasons)) }
    }
}

fn steps(plan: &Plan) -> Vec<SavedStep> {
    let step = |step: &crate::deploy::Step| SavedStep {
        object: name(&step.object.key()),
        change: match step.change {
            Change::Create => "create",
            Change::Update => "update",
            Change::Delete => "delete",
            Change::Keep => "keep",
        }
        .to_owned(),
        before: step.live.as_ref().map(|live| hex(Sha256::digest(stripped(live).to_string()).into())),
    };
    plan.steps.iter().map(step).collect()
}

/// `Deployment.apps/default/web`
fn name(key: &ObjectKey) -> String {
    let separator = if key.group.is_empty() { "" } else { "." };
    format!("{}{separator}{}/{}/{}", key.kind, key.group, key.namespace, key.name)
}

impl Deployer {
    /// Does exactly what a saved plan says.
    ///
    /// # Errors
    /// [`SavedPlanError::Moved`] where the release or the cluster is no longer as it was when the plan was made; nothing
    /// is changed then. Otherwise as the action itself.
    pub async fn apply_plan(&self, saved: &SavedPlan, options: &Options) -> Result<Record, DeployError> {
        let options = saved.options(options);
        self.cluster.version().await?;
        let held = self.hold(&saved.release, options.lock_timeout).await?;
        let deployer = held.deployer();
        held.run(deployer.apply_held_plan(saved, &options)).await
    }

    async fn apply_held_plan(&self, saved: &SavedPlan, options: &Options) -> Result<Record, DeployError> {
        // Everything was looked at whole, and so it is again.
        let looking = Options { dry_run: crate::deploy::DryRun::Server, ..options.clone() };
        let (looking, action) = (self.action(&looking), self.action(options));
        let last = crate::deploy::action::last(&self.storage, &saved.release).await?;
        let next = saved.next()?;
        let brought = action.read_definitions(saved.definitions.clone()).await?.brought();
        match saved.action.as_str() {
            "install" => {
                let plan = looking.plan_install(&next, last.as_ref(), &brought).await?;
                saved.check(last.as_ref(), None, &plan)?;
                action.create_definitions(&saved.definitions).await?;
                self.begin_install(next, last, &plan, options).await
            }
            "upgrade" => {
                let current = looking.current_of(last.clone(), &saved.release).await?;
                let plan = looking.plan_upgrade(&current, &next, &brought).await?;
                saved.check(last.as_ref(), Some(&current), &plan)?;
                action.create_definitions(&saved.definitions).await?;
                self.begin_upgrade(current, next, &plan, options).await
            }
            _ => {
                let revision = next.info.rollback_revision;
                let (current, next) = action.prepare_rollback(&saved.release, revision).await?;
                let plan = looking.plan_rollback(&current, &next).await?;
                saved.check(last.as_ref(), Some(&current), &plan)?;
                self.begin_rollback(current, next, Ok(plan), options).await
            }
        }
    }
}

impl Action<'_> {
    async fn current_of(&self, last: Option<Record>, name: &str) -> Result<Record, DeployError> {
        let missing = || crate::release::StorageError::NoDeployed(name.to_owned());
        let last = last.ok_or_else(missing)?;
        match last.info.status {
            Status::PendingInstall | Status::PendingUpgrade | Status::PendingRollback => {
                Err(DeployError::Busy { release: name.to_owned(), holder: last.holder })
            }
            _ => self.current(last).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plan_is_refused() {
        let error = |text: &str| SavedPlan::from_json(text.as_bytes()).unwrap_err().to_string();
        assert!(error("hello").starts_with("not a plan of pintle: "));
        assert!(error("{}").contains("form 0"));
        assert!(error(r#"{"pintlePlan": 3}"#).contains("form 3"));
    }
}

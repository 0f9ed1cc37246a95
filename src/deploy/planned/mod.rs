//! What an action would do, asked of the server without doing it.
//!
//! The action is prepared as it always is; then each step of its plan is sent as a dry run, and what the server says the
//! object would be is held against what it is. Defaults, webhooks and field owners have their say, as they will.

mod definitions;
mod effect;
mod look;
mod saved;

use futures::StreamExt as _;
use pintle_render::HookEvent;
use serde_json::{Value, json};

use super::apply::AT_ONCE;
use super::ownership::Owner;
use super::plan::Plan;
use super::{Action, DeployError, Deployer, Desired, DryRun, Options};
use crate::cluster::ObjectKey;
use crate::release::Record;

use definitions::Planning;
pub use effect::Effect;
use effect::stripped;
pub use saved::{SavedPlan, SavedPlanError};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub enum Intent<'a> {
    /// Install a chart.
    Install(&'a Desired),
    /// Upgrade a release.
    Upgrade(&'a Desired),
    /// Go back to a revision; 0 stands for the one before the last.
    Rollback {
        /// The release.
        name: &'a str,
        /// The revision.
        revision: i64,
    },
}

/// What would become of one object. Contents of Secrets are hidden.
#[derive(Clone, Debug)]
pub struct PlannedChange {
    /// The object.
    pub object: ObjectKey,
    /// What would be done.
    pub effect: Effect,
    /// The object as it is, without what the server keeps for itself; `None` where there is none.
    pub before: Option<Value>,
    /// The object as it would be; `None` where it goes.
    pub after: Option<Value>,
}

/// What an action would do.
#[derive(Debug)]
pub struct Planned {
    /// `install`, `upgrade` or `rollback`.
    pub action: &'static str,
    /// The release.
    pub release: String,
    /// Its namespace.
    pub namespace: String,
    /// The revision that the action starts from; `None` for an install.
    pub from: Option<i64>,
    /// The revision that it would make.
    pub revision: i64,
    /// What would become of each object, in the order of the action.
    pub changes: Vec<PlannedChange>,
    /// The hooks that would run: event, kind and name.
    pub hooks: Vec<(HookEvent, String, String)>,
    saved: SavedPlan,
}

impl Planned {
    /// Whether an object would be different afterwards.
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|change| change.effect.is_change())
    }

    /// How many objects would have that effect.
    pub fn count(&self, effect: Effect) -> usize {
        self.changes.iter().filter(|change| change.effect == effect).count()
    }

    /// What [`Deployer::apply_plan`] takes.
    pub fn saved(&self) -> &SavedPlan {
        &self.saved
    }

    /// The plan for programs.
    pub fn to_json(&self) -> Value {
        let object = |key: &ObjectKey| json!({"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name});
        let change = |change: &PlannedChange| {
            json!({
                "object": object(&change.object), "effect": change.effect.as_str(),
                "before": change.before, "after": change.after,
            })
        };
        let hook = |(event, kind, name): &(HookEvent, String, String)| json!({"event": event.name(), "kind": kind, "name": name});
        let summary: serde_json::Map<String, Value> = Effect::ALL
            .iter()
            .map(|effect| (effect.as_str().to_owned(), self.count(*effect).into()))
            .collect();
        json!({
            "action": self.action, "release": self.release, "namespace": self.namespace,
            "from": self.from, "revision": self.revision, "summary": summary,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "hooks": self.hooks.iter().map(hook).collect::<Vec<_>>(),
        })
    }
}

/// An action that is ready to begin.
struct Prepared {
    action: &'static str,
    current: Option<Record>,
    /// The revision number, the status and the digest of the last record.
    last: Option<saved::Base>,
    next: Record,
    plan: Plan,
    migrate: bool,
    events: [HookEvent; 2],
    definitions: Planning,
    /// What the plan was made from; nothing for a rollback.
    inputs: Option<saved::InputDigests>,
}

impl Deployer {
    /// Says what an action would do. Nothing is written.
    ///
    /// # Errors
    /// Whatever would keep the action from beginning, and what the server has against its objects.
    pub async fn plan(&self, intent: Intent<'_>, options: &Options) -> Result<Planned, DeployError> {
        let options = Options { dry_run: DryRun::Server, hide_secrets: false, ..options.clone() };
        let action = self.action(&options);
        action.check_options()?;
        self.cluster.version().await?;
        let prepared = action.prepare(intent).await?;
        let method = action.method(&prepared.next, prepared.migrate);
        let owner = Owner { name: &prepared.next.name, namespace: &prepared.next.namespace };
        let dry = self.cluster.dry_run();
        let looks: Vec<_> =
            prepared.plan.steps.iter().map(|step| action.look_at(&dry, step, owner, method)).collect();
        let mut changes = action.look_at_definitions(&dry, &prepared.definitions).await?;
        let mut errors = Vec::new();
        for look in futures::stream::iter(looks).buffered(AT_ONCE).collect::<Vec<_>>().await {
            match look {
                Ok(change) => changes.push(change),
                Err(error) => errors.push(error),
            }
        }
        DeployError::collect(errors)?;
        Ok(prepared.planned(changes, &options))
    }
}

impl Action<'_> {
    async fn prepare(&self, intent: Intent<'_>) -> Result<Prepared, DeployError> {
        match intent {
            Intent::Install(desired) => {
                let previous = self.check_name_is_free(&desired.name).await?;
                let next = self.new_release(desired, previous.as_ref()).await?;
                let definitions = self.plan_definitions(desired).await?;
                let plan = self.plan_install(&next, previous.as_ref(), &definitions.brought()).await?;
                Ok(Prepared {
                    action: "install",
                    last: previous.as_ref().map(saved::Base::of),
                    current: None,
                    next,
                    plan,
                    migrate: true,
                    events: [HookEvent::PreInstall, HookEvent::PostInstall],
                    definitions,
                    inputs: Some(saved::InputDigests::of(desired)),
                })
            }
            Intent::Upgrade(desired) => {
                let last = self.storage().last(&desired.name).await.ok();
                let (current, next) = self.prepare_upgrade(desired).await?;
                let definitions = match self.options.crds {
                    Some(_) => self.plan_definitions(desired).await?,
                    None => Planning::default(),
                };
                let plan = self.plan_upgrade(&current, &next, &definitions.brought()).await?;
                Ok(Prepared {
                    action: "upgrade",
                    last: last.as_ref().map(saved::Base::of),
                    migrate: !current.apply_method.is_server_side(),
                    current: Some(current),
                    next,
                    plan,
                    events: [HookEvent::PreUpgrade, HookEvent::PostUpgrade],
                    definitions,
                    inputs: Some(saved::InputDigests::of(desired)),
                })
            }
            Intent::Rollback { name, revision } => {
                let (current, next) = self.prepare_rollback(name, revision).await?;
                let plan = self.plan_rollback(&current, &next).await?;
                Ok(Prepared {
                    action: "rollback",
                    last: Some(saved::Base::of(&current)),
                    current: Some(current),
                    next,
                    plan,
                    migrate: true,
                    events: [HookEvent::PreRollback, HookEvent::PostRollback],
                    definitions: Planning::default(),
                    inputs: None,
                })
            }
        }
    }
}

impl Prepared {
    fn planned(self, changes: Vec<PlannedChange>, options: &Options) -> Planned {
        let mut hooks = Vec::new();
        for event in self.events.into_iter().filter(|_| options.hooks) {
            let mine =
                self.next.hooks.iter().filter(|hook| hook.events.iter().any(|word| word == event.name()));
            hooks.extend(mine.map(|hook| (event, hook.kind.clone(), hook.name.clone())));
        }
        Planned {
            action: self.action,
            release: self.next.name.clone(),
            namespace: self.next.namespace.clone(),
            from: self.current.as_ref().map(|current| current.revision),
            revision: self.next.revision,
            changes,
            hooks,
            saved: SavedPlan::new(self, options),
        }
    }
}

//! Going back to an earlier revision. Helm: `pkg/action/rollback.go`, H-98 of its behaviour.

use pintle_render::HookEvent;

use super::action::{apply_method, is_server_side};
use super::name::is_valid_name;
use super::ownership::Owner;
use super::plan::{Inputs, Plan};
use super::{Action, DeployError, Deployer, DryRun, Options};
use crate::cluster::Propagation;
use crate::release::{Record, Status, Time};

const LONGEST_DESCRIPTION: usize = 256;

impl Deployer {
    /// Makes a new revision that is a copy of an earlier one; 0 stands for the one before the last. Nothing is rendered
    /// again.
    ///
    /// # Errors
    /// Where there is no such revision, or its objects can't be applied.
    pub async fn rollback(
        &self,
        name: &str,
        revision: i64,
        options: &Options,
    ) -> Result<Record, DeployError> {
        self.action(options).check_options()?;
        let length = options.description.chars().count();
        if length > LONGEST_DESCRIPTION {
            let problem =
                format!("description must be {LONGEST_DESCRIPTION} characters or less, got {length}");
            return Err(DeployError::Refused(problem));
        }
        self.cluster.version().await?;
        if options.dry_run != DryRun::No {
            return self.prepare_and_roll_back(name, revision, options).await;
        }
        let held = self.hold(name, options.lock_timeout).await?;
        let deployer = held.deployer();
        held.run(Box::pin(deployer.prepare_and_roll_back(name, revision, options))).await
    }

    async fn prepare_and_roll_back(
        &self,
        name: &str,
        revision: i64,
        options: &Options,
    ) -> Result<Record, DeployError> {
        let action = self.action(options);
        let (current, next) = action.prepare_rollback(name, revision).await?;
        if action.is_dry_run() {
            return Ok(next);
        }
        let plan = action.plan_rollback(&current, &next).await;
        self.begin_rollback(current, next, plan, options).await
    }

    /// Does what was prepared, after a look at whether we may. Where it can't be planned Helm records that, too.
    pub(super) async fn begin_rollback(
        &self,
        mut current: Record,
        mut next: Record,
        plan: Result<Plan, DeployError>,
        options: &Options,
    ) -> Result<Record, DeployError> {
        let action = self.action(options);
        let name = next.name.clone();
        if let Ok(plan) = &plan {
            let events = [HookEvent::PreRollback, HookEvent::PostRollback];
            action.check_permissions(plan, &next, &events, action.method(&next, true)).await?;
        }
        action.create_record(&mut next).await?;
        let performed = async { action.perform_rollback(&mut current, &mut next, &plan?).await };
        let result = self.unless_cancelled(performed).await;
        if let Err(error) = result {
            if !matches!(next.info.status, Status::Failed) {
                next.set_status(Status::Failed, format!("Rollback {name:?} failed: {error}"));
                action.try_update_record(&mut next).await;
            }
            return Err(error);
        }
        action.update_record(&mut next).await?;
        Ok(next)
    }
}

impl Action<'_> {
    /// The revision that objects are compared with, and the one to be made.
    pub(super) async fn prepare_rollback(
        &self,
        name: &str,
        revision: i64,
    ) -> Result<(Record, Record), DeployError> {
        if !is_valid_name(name) {
            return Err(DeployError::Refused(format!("prepareRollback: Release name is invalid: {name}")));
        }
        if revision < 0 {
            return Err(DeployError::Refused("invalid release revision".into()));
        }
        let current = self.storage().last(name).await?;
        // Helm goes back from a pending revision too: that is its way out of one.
        let current = if current.holder.is_some() { self.settle(current).await? } else { current };
        let wanted = if revision == 0 { current.revision - 1 } else { revision };
        let heads = self.storage().release_heads(name).await?;
        if !heads.iter().any(|head| head.revision == wanted) {
            return Err(DeployError::Refused(format!("release has no {wanted} version")));
        }
        let target = self.storage().get(name, wanted).await?;
        let server_side = is_server_side(self.options.server_side, &target.apply_method);
        let mut next = Record {
            name: name.to_owned(),
            namespace: current.namespace.clone(),
            revision: current.revision + 1,
            chart: target.chart,
            config: target.config,
            manifest: target.manifest,
            hooks: target.hooks,
            sequence: target.sequence,
            labels: target.labels,
            apply_method: apply_method(server_side),
            ..Record::default()
        };
        next.info.first_deployed = current.info.first_deployed;
        next.info.last_deployed = Some(Time::now());
        next.info.notes = target.info.notes;
        next.info.rollback_revision = wanted;
        next.set_status(
            Status::PendingRollback,
            self.options.description_or(format!("Rollback to {wanted}")),
        );
        Ok((current, next))
    }

    async fn perform_rollback(
        &self,
        current: &mut Record,
        next: &mut Record,
        plan: &Plan,
    ) -> Result<(), DeployError> {
        let server_side = next.apply_method.is_server_side();
        if self.options.hooks {
            self.run_hooks(next, HookEvent::PreRollback, server_side).await?;
        }
        let (applied, result) = self.carry_out(plan, self.method(next, true)).await;
        if let Err(error) = result {
            current.info.status = Status::Superseded;
            self.try_update_record(current).await;
            next.set_status(Status::Failed, format!("Rollback {:?} failed: {error}", next.name));
            self.try_update_record(next).await;
            if self.options.cleanup_on_fail {
                let _ = self.delete_all(&applied.created, Propagation::Background).await;
            }
            return Err(error);
        }
        if self.options.recreate_pods {
            self.renew_pods(plan).await;
        }
        if let Err(error) = self.wait(&plan.targets()).await {
            let name = next.name.clone();
            next.set_status(Status::Failed, format!("Release {name:?} failed: {error}"));
            self.try_update_record(next).await;
            return Err(error.at(format!("release {name} failed")));
        }
        if self.options.hooks {
            self.run_hooks(next, HookEvent::PostRollback, server_side).await?;
        }
        self.supersede(&next.name, next.revision).await?;
        next.info.status = Status::Deployed;
        Ok(())
    }

    /// Objects that changed hands since are taken back: they are those of an earlier revision of this release.
    pub(super) async fn plan_rollback(&self, current: &Record, next: &Record) -> Result<Plan, DeployError> {
        let owner = Owner { name: &next.name, namespace: &next.namespace };
        let before = self.build_current(current).await?;
        let target = self
            .build_placed(&next.manifest, &next.namespace, &[])
            .await
            .map_err(|error| error.at("unable to build kubernetes objects from new release manifest"))?;
        let abandoned = self.abandoned_before(next.revision, current).await?;
        let live = self
            .live(
                before.iter().chain(&abandoned).chain(target.iter().map(|placed| &placed.object)),
                self.view(next),
            )
            .await?;
        Plan::new(Inputs {
            current: &before,
            abandoned: &abandoned,
            target,
            before: next.sequence.clone(),
            live,
            owner,
            take_ownership: true,
            restores: true,
        })
        .map_err(DeployError::Refused)
    }
}

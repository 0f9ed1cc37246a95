//! Upgrading a release. Helm: `pkg/action/upgrade.go`, H-94 and H-95 of its behaviour.

use std::collections::BTreeMap;

use pintle_render::{HookEvent, Release};

use super::action::{apply_method, is_server_side, last};
use super::content::Rendering;
use super::name::is_valid_name;
use super::ownership::Owner;
use super::plan::{Inputs, Plan};
use super::{Action, DeployError, Deployer, Desired, DryRun, Options, values};
use crate::cluster::{Object, Propagation, Resource};
use crate::release::{Record, Status, StorageError, Time};

impl Deployer {
    /// Upgrades a release to a chart and values.
    ///
    /// # Errors
    /// Before the new revision is stored nothing is changed; afterwards it is recorded as failed and the one before
    /// stays deployed, or is gone back to with `rollback_on_failure`.
    pub async fn upgrade(&self, desired: &Desired, options: &Options) -> Result<Record, DeployError> {
        self.action(options).check_options()?;
        self.cluster.version().await?;
        if !is_valid_name(&desired.name) {
            return Err(DeployError::Refused(format!("release name is invalid: {}", desired.name)));
        }
        if options.dry_run != DryRun::No {
            return Box::pin(self.prepare_and_upgrade(desired, options)).await;
        }
        let held = self.hold(&desired.name, options.lock_timeout).await?;
        let deployer = held.deployer();
        // Boxed: the future is large, and nested in others.
        held.run(Box::pin(deployer.prepare_and_upgrade(desired, options))).await
    }

    async fn prepare_and_upgrade(&self, desired: &Desired, options: &Options) -> Result<Record, DeployError> {
        let action = self.action(options);
        action.upgrade_definitions(desired).await?;
        let (current, mut next) = action.prepare_upgrade(desired).await?;
        let plan = action.plan_upgrade(&current, &next, &[]).await?;
        if action.is_dry_run() {
            action.rehearse(&plan, action.method(&next, !current.apply_method.is_server_side())).await?;
            next.info.description = options.description_or("Dry run complete");
            return Ok(next);
        }
        self.begin_upgrade(current, next, &plan, options).await
    }

    /// Does what was prepared, after a look at whether we may.
    pub(super) async fn begin_upgrade(
        &self,
        mut current: Record,
        mut next: Record,
        plan: &Plan,
        options: &Options,
    ) -> Result<Record, DeployError> {
        let action = self.action(options);
        let events = [HookEvent::PreUpgrade, HookEvent::PostUpgrade];
        action
            .check_permissions(
                plan,
                &next,
                &events,
                action.method(&next, !current.apply_method.is_server_side()),
            )
            .await?;
        action.create_record(&mut next).await?;
        let mut created = Vec::new();
        let performed = action.perform_upgrade(&mut current, &mut next, plan, &mut created);
        match self.unless_cancelled(performed).await {
            Ok(()) => {
                action.update_record(&mut next).await?;
                Ok(next)
            }
            Err(error) => Err(action.fail_upgrade(next, &created, error).await),
        }
    }

    /// Whether `upgrade --install` has to install: there is no such release, or it was uninstalled.
    ///
    /// # Errors
    /// Where the records can't be read.
    pub async fn needs_install(&self, name: &str) -> Result<Option<bool>, DeployError> {
        let heads = self.storage.release_heads(name).await?;
        let last = heads.iter().max_by_key(|head| head.revision);
        Ok(match last {
            None => Some(false),
            Some(head) if head.status == Status::Uninstalled => Some(true),
            Some(_) => None,
        })
    }
}

impl Action<'_> {
    /// The revision that objects are compared with, and the one to be made.
    pub(super) async fn prepare_upgrade(&self, desired: &Desired) -> Result<(Record, Record), DeployError> {
        let name = &desired.name;
        let last = last(self.storage(), name).await?.ok_or_else(|| StorageError::NoDeployed(name.clone()))?;
        let last = self.settle(last).await?;
        let (last_revision, last_labels) = (last.revision, last.labels.clone());
        let server_side = is_server_side(self.options.server_side, &last.apply_method);
        let current = self.current(last).await?;
        let flavour = self.deployer.engine.flavour();
        let inputs =
            values::reuse(self.options.reuse_values, &desired.chart, &desired.values, &current, flavour)?;
        let mut next = Record {
            name: name.clone(),
            namespace: current.namespace.clone(),
            revision: last_revision + 1,
            config: inputs.values.clone(),
            labels: merged_labels(last_labels, &self.options.labels),
            apply_method: apply_method(server_side),
            ..Record::default()
        };
        next.info.first_deployed = current.info.first_deployed;
        next.info.last_deployed = Some(Time::now());
        next.set_status(Status::PendingUpgrade, "Preparing upgrade");
        let release = Release {
            name: name.clone(),
            namespace: next.namespace.clone(),
            revision: next.revision,
            is_install: false,
            is_upgrade: true,
        };
        let rendering = Rendering { chart: inputs.chart, values: inputs.values, release };
        self.render(rendering).await?.into_record(&mut next);
        Ok((current, next))
    }

    /// The revision whose objects are on the cluster: the deployed one, else the last if it failed or was superseded.
    pub(super) async fn current(&self, last: Record) -> Result<Record, DeployError> {
        if last.info.status == Status::Deployed {
            return Ok(last);
        }
        match self.storage().deployed(&last.name).await {
            Err(StorageError::NoDeployed(_))
                if matches!(last.info.status, Status::Failed | Status::Superseded) =>
            {
                Ok(last)
            }
            found => found.map_err(DeployError::from),
        }
    }

    /// `brought` are kinds that come with definitions before the objects do.
    pub(super) async fn plan_upgrade(
        &self,
        current: &Record,
        next: &Record,
        brought: &[Resource],
    ) -> Result<Plan, DeployError> {
        let owner = Owner { name: &next.name, namespace: &next.namespace };
        let before = self.build_current(current).await?;
        let target = self.build_placed(&next.manifest, &next.namespace, brought).await?;
        let continues = |error: DeployError| error.at("unable to continue with update");
        let abandoned = self.abandoned_before(next.revision, current).await?;
        let objects = before.iter().chain(&abandoned).chain(target.iter().map(|placed| &placed.object));
        let live = self.live(objects, self.view(next)).await.map_err(continues)?;
        let take_ownership = self.options.take_ownership;
        Plan::new(Inputs {
            current: &before,
            abandoned: &abandoned,
            target,
            before: next.sequence.clone(),
            live,
            owner,
            take_ownership,
            restores: false,
        })
        .map_err(|problem| continues(DeployError::Refused(problem)))
    }

    async fn perform_upgrade(
        &self,
        current: &mut Record,
        next: &mut Record,
        plan: &Plan,
        created: &mut Vec<Object>,
    ) -> Result<(), DeployError> {
        let server_side = next.apply_method.is_server_side();
        if self.options.hooks {
            self.run_hooks(next, HookEvent::PreUpgrade, server_side)
                .await
                .map_err(|error| error.at("pre-upgrade hooks failed"))?;
        }
        let (applied, result) =
            self.carry_out(plan, self.method(next, !current.apply_method.is_server_side())).await;
        *created = applied.created;
        result?;
        self.wait(&plan.targets()).await?;
        if self.options.hooks {
            self.run_hooks(next, HookEvent::PostUpgrade, server_side)
                .await
                .map_err(|error| error.at("post-upgrade hooks failed"))?;
        }
        current.info.status = Status::Superseded;
        self.try_update_record(current).await;
        next.set_status(Status::Deployed, self.options.description_or("Upgrade complete"));
        Ok(())
    }

    async fn fail_upgrade(&self, mut next: Record, created: &[Object], error: DeployError) -> DeployError {
        let name = next.name.clone();
        next.set_status(Status::Failed, format!("Upgrade {name:?} failed: {error}"));
        self.try_update_record(&mut next).await;
        if self.options.cleanup_on_fail && !created.is_empty() {
            let errors = self.delete_all(created, Propagation::Background).await;
            if let Some(second) = errors.into_iter().next() {
                let second = DeployError::Api(second).at("unable to cleanup resources");
                return error
                    .and("an error occurred while cleaning up resources. original upgrade error", second);
            }
        }
        if self.options.rollback_on_failure { self.roll_back_failed(&name, error).await } else { error }
    }

    async fn roll_back_failed(&self, name: &str, error: DeployError) -> DeployError {
        let heads = match self.storage().release_heads(name).await {
            Ok(heads) => heads,
            Err(second) => {
                let context =
                    "an error occurred while finding last successful release. original upgrade error";
                return error.and(context, second);
            }
        };
        let good = heads.iter().filter(|head| matches!(head.status, Status::Superseded | Status::Deployed));
        let Some(target) = good.map(|head| head.revision).max() else {
            return error.at(
                "unable to find a previously successful release when attempting to rollback. original upgrade error",
            );
        };
        let options = Options {
            description: String::new(),
            rollback_on_failure: false,
            wait: self.options.effective_wait(),
            ..self.options.clone()
        };
        match Box::pin(self.deployer.rollback(name, target, &options)).await {
            Ok(_) => error.at(format!(
                "release {name} failed, and has been rolled back due to {} being set",
                self.rollback_flag()
            )),
            Err(second) => {
                error.and("an error occurred while rolling back the release. original upgrade error", second)
            }
        }
    }
}

/// Old labels under new ones; the word `null` removes a label.
fn merged_labels(old: BTreeMap<String, String>, new: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut labels = old;
    labels.extend(new.clone());
    labels.retain(|_, text| text != "null");
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_null_removes_a_label() {
        let labels = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        let merged = merged_labels(labels(&[("a", "1"), ("b", "2")]), &labels(&[("a", "null"), ("c", "3")]));
        assert_eq!(merged, labels(&[("b", "2"), ("c", "3")]));
    }
}

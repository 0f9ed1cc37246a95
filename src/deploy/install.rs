//! Installing a release. Helm: `pkg/action/install.go`, H-93 of its behaviour.

use std::sync::Arc;

use chart::Flavour;
use chart::capabilities::Capabilities;
use pintle_render::{HookEvent, Options as EngineOptions, Release};
use serde_json::json;

use super::action::{apply_method, last};
use super::apply::Method;
use super::content::{Content, Rendering, render};
use super::definitions::is_already_there;
use super::interrupted::was_interrupted;
use super::name::check_install_name;
use super::ownership::Owner;
use super::plan::{Inputs, Plan};
use super::{Action, DeployError, Deployer, Desired, DryRun, Options, ServerSide, UninstallOptions};
use crate::cluster::{Object, Resource};
use crate::release::{Record, Status, Time};

/// `<base>-<unix seconds>`: the base is the chart's last path element up to its first point.
pub fn generated_name(chart: &str) -> String {
    let last = chart.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let base = last.split('.').next().filter(|base| !base.is_empty()).unwrap_or("chart");
    format!("{base}-{}", jiff::Timestamp::now().as_second())
}

impl Deployer {
    /// Installs a chart as a new release.
    ///
    /// # Errors
    /// Before the first record is written nothing is changed but definitions; afterwards the release is recorded as
    /// failed, or taken away again with `rollback_on_failure`.
    pub async fn install(&self, desired: &Desired, options: &Options) -> Result<Record, DeployError> {
        self.action(options).check_options()?;
        check_install_name(&desired.name, self.engine.flavour())?;
        self.cluster
            .version()
            .await
            .map_err(|error| DeployError::from(error).at("cluster reachability check failed"))?;
        if options.dry_run != DryRun::No {
            return Box::pin(self.prepare_and_install(desired, options)).await;
        }
        let held = self.hold(&desired.name, options.lock_timeout).await?;
        let deployer = held.deployer();
        // Boxed here and below: these futures are large, and nested.
        held.run(Box::pin(deployer.prepare_and_install(desired, options))).await
    }

    async fn prepare_and_install(&self, desired: &Desired, options: &Options) -> Result<Record, DeployError> {
        let action = self.action(options);
        let previous = action.check_available(&desired.name).await?;
        action.install_definitions(desired).await?;
        let mut record = action.new_release(desired, previous.as_ref()).await?;
        let plan = action.plan_install(&record, previous.as_ref(), &[]).await?;
        if action.is_dry_run() {
            action.rehearse(&plan, action.install_method(&record, &plan)).await?;
            record.info.description = options.description_or("Dry run complete");
            return Ok(record);
        }
        self.begin_install(record, previous, &plan, options).await
    }

    /// Does what was prepared, after a look at whether we may.
    pub(super) async fn begin_install(
        &self,
        record: Record,
        previous: Option<Record>,
        plan: &Plan,
        options: &Options,
    ) -> Result<Record, DeployError> {
        let action = self.action(options);
        action.sized_storage().check_size(&record)?;
        let events = [HookEvent::PreInstall, HookEvent::PostInstall];
        action.check_permissions(plan, &record, &events, action.install_method(&record, plan)).await?;
        if options.create_namespace {
            action.create_namespace(&record.namespace).await?;
        }
        if let Some(previous) = previous {
            action.replace(previous).await?;
        }
        // Before the namespace there was nothing to hold.
        let held = self.hold(&record.name, options.lock_timeout).await?;
        let deployer = held.deployer();
        held.run(Box::pin(deployer.record_and_install(record, plan, options))).await
    }

    async fn record_and_install(
        &self,
        mut record: Record,
        plan: &Plan,
        options: &Options,
    ) -> Result<Record, DeployError> {
        let action = self.action(options);
        action.create_record(&mut record).await?;
        let performed = self.unless_cancelled(action.perform_install(&mut record, plan)).await;
        match performed {
            Ok(()) => Ok(record),
            Err(error) => Err(action.fail_install(record, error).await),
        }
    }

    /// What an install would make, without a cluster: `--dry-run=client`.
    ///
    /// # Errors
    /// Where the name is none or the chart can't be rendered.
    pub fn install_offline(
        engine: &pintle_render::Engine,
        desired: &Desired,
        options: &Options,
        capabilities: &Capabilities,
    ) -> Result<(Record, Vec<String>), DeployError> {
        check_install_name(&desired.name, engine.flavour())?;
        let rendering = Rendering::of(desired, 1, options.is_upgrade);
        let rendered = render(engine, &rendering, capabilities, &EngineOptions::default(), options)?;
        let warnings = rendered.warnings.clone();
        let mut record = pending(desired, options, 1);
        Content::of(rendered, engine.flavour())?.into_record(&mut record);
        record.info.description = options.description_or("Dry run complete");
        Ok((record, warnings))
    }
}

impl Rendering {
    pub(super) fn of(desired: &Desired, revision: i64, is_upgrade: bool) -> Self {
        Self {
            chart: Arc::clone(&desired.chart),
            values: desired.values.clone(),
            release: Release {
                name: desired.name.clone(),
                namespace: desired.namespace.clone(),
                revision,
                is_install: !is_upgrade,
                is_upgrade,
            },
        }
    }
}

/// The record of a release whose install begins.
pub(super) fn pending(desired: &Desired, options: &Options, revision: i64) -> Record {
    let now = Time::now();
    let mut record = Record {
        name: desired.name.clone(),
        namespace: desired.namespace.clone(),
        revision,
        config: desired.values.clone(),
        labels: options.labels.clone(),
        apply_method: apply_method(options.server_side != ServerSide::Never),
        ..Record::default()
    };
    record.info.first_deployed = Some(now);
    record.info.last_deployed = Some(now);
    record.set_status(Status::PendingInstall, "Initial install underway");
    record
}

impl Action<'_> {
    /// Whether the name is free. Gives the last revision where it is to be replaced.
    async fn check_available(&self, name: &str) -> Result<Option<Record>, DeployError> {
        if self.is_dry_run() { Ok(None) } else { self.check_name_is_free(name).await }
    }

    /// As [`Action::check_available`], and in earnest where nothing is done.
    pub(super) async fn check_name_is_free(&self, name: &str) -> Result<Option<Record>, DeployError> {
        let Some(last) = last(self.storage(), name).await? else { return Ok(None) };
        let last = self.settle(last).await?;
        let replaceable = matches!(last.info.status, Status::Uninstalled | Status::Failed);
        match self.options.replace && replaceable || was_interrupted(&last) {
            true => Ok(Some(last)),
            false => Err(match self.deployer.engine.flavour() {
                Flavour::V3 => DeployError::Refused("cannot re-use a name that is still in use".into()),
                Flavour::V4 => DeployError::Refused("cannot reuse a name that is still in use".into())
                    .at("release name check failed"),
            }),
        }
    }

    pub(super) async fn new_release(
        &self,
        desired: &Desired,
        previous: Option<&Record>,
    ) -> Result<Record, DeployError> {
        // Templates see revision 1 even where the record gets another one: so Helm does.
        let content: Content = self.render(Rendering::of(desired, 1, self.options.is_upgrade)).await?;
        let revision = previous.map_or(1, |previous| previous.revision + 1);
        let mut record = pending(desired, self.options, revision);
        content.into_record(&mut record);
        Ok(record)
    }

    /// `brought` are kinds that come with definitions before the objects do.
    pub(super) async fn plan_install(
        &self,
        record: &Record,
        previous: Option<&Record>,
        brought: &[Resource],
    ) -> Result<Plan, DeployError> {
        let owner = Owner { name: &record.name, namespace: &record.namespace };
        let target = self
            .build_placed(&record.manifest, &record.namespace, brought)
            .await
            .map_err(|error| error.at("unable to build kubernetes objects from release manifest"))?;
        let step = match self.deployer.engine.flavour() {
            Flavour::V3 => "Unable to continue with install",
            Flavour::V4 => "unable to continue with install",
        };
        let continues = |error: DeployError| error.at(step);
        let view = self.view(record);
        let mut abandoned = Vec::new();
        if let Some(previous) = previous.filter(|previous| was_interrupted(previous)) {
            abandoned = self.abandoned(previous).await?;
            abandoned.extend(self.build(&previous.manifest, &previous.namespace).await?);
        }
        let live = self
            .live(target.iter().map(|placed| &placed.object).chain(&abandoned), view)
            .await
            .map_err(continues)?;
        let take_ownership = self.options.take_ownership;
        Plan::new(Inputs {
            current: &[],
            abandoned: &abandoned,
            target,
            before: record.sequence.clone(),
            live,
            owner,
            take_ownership,
            restores: false,
        })
        .map_err(|problem| continues(DeployError::Refused(problem)))
    }

    async fn replace(&self, mut previous: Record) -> Result<(), DeployError> {
        if previous.info.status != Status::Failed {
            previous.set_status(Status::Superseded, "superseded by new release");
            self.update_record(&mut previous).await?;
        }
        Ok(())
    }

    async fn perform_install(&self, record: &mut Record, plan: &Plan) -> Result<(), DeployError> {
        let server_side = record.apply_method.is_server_side();
        if self.options.hooks {
            self.run_hooks(record, HookEvent::PreInstall, server_side)
                .await
                .map_err(|error| error.at("failed pre-install"))?;
        }
        let method = self.install_method(record, plan);
        self.carry_out(plan, method).await.1?;
        self.wait(&plan.targets()).await?;
        if self.options.hooks {
            self.run_hooks(record, HookEvent::PostInstall, server_side)
                .await
                .map_err(|error| error.at("failed post-install"))?;
        }
        record.set_status(Status::Deployed, self.options.description_or("Install complete"));
        self.try_update_record(record).await;
        Ok(())
    }

    fn install_method(&self, record: &Record, plan: &Plan) -> Method {
        Method { updates: plan.changes_something(), ..self.method(record, true) }
    }

    async fn fail_install(&self, mut record: Record, error: DeployError) -> DeployError {
        let name = record.name.clone();
        record.set_status(Status::Failed, format!("Release {name:?} failed: {error}"));
        if !self.options.rollback_on_failure {
            self.try_update_record(&mut record).await;
            return error;
        }
        let options = UninstallOptions {
            hooks: self.options.hooks,
            timeout: self.options.timeout,
            wait: true,
            ..UninstallOptions::default()
        };
        // Boxed: uninstalling is an action of its own and as large as this one.
        let uninstalled = Box::pin(self.deployer.uninstall(&name, &options)).await;
        match uninstalled {
            Ok(_) => error.at(format!(
                "release {name} failed, and has been uninstalled due to {} being set",
                self.rollback_flag()
            )),
            Err(second) => {
                error.and("an error occurred while uninstalling the release. original install error", second)
            }
        }
    }

    /// What the flag is called in the Helm that we are.
    pub(super) fn rollback_flag(&self) -> &'static str {
        match self.deployer.engine.flavour() {
            Flavour::V3 => "atomic",
            Flavour::V4 => "rollback-on-failure",
        }
    }

    async fn create_namespace(&self, namespace: &str) -> Result<(), DeployError> {
        let resource = Resource {
            group: String::new(),
            version: "v1".into(),
            kind: "Namespace".into(),
            plural: "namespaces".into(),
            namespaced: false,
        };
        let body = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "name": namespace, "labels": { "name": namespace } },
        });
        let object = Object { resource, namespace: String::new(), name: namespace.to_owned(), body };
        match self.create(&object, Method::plain(self.options.server_side != ServerSide::Never)).await {
            Err(error) if is_already_there(&error) => Ok(()),
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_names_come_from_the_chart() {
        for (chart, base) in
            [("./charts/web", "web"), ("oci://r/a/db.tgz", "db"), ("web-1.2.0.tgz", "web-1"), ("", "chart")]
        {
            let name = generated_name(chart);
            assert_eq!(name.rsplit_once('-').unwrap().0, base, "{chart}");
        }
    }
}

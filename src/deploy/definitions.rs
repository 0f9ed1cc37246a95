//! The definitions of a chart's `crds/`. Helm creates them with an install, and never touches them again; with `--crds`
//! pintle creates what is missing or replaces what is there, if that loses nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::apply::Method;
use super::content::definitions;
use super::live::View;
use super::objects::defined_by;
use super::{Action, DeployError, Desired, DryRun, Progress, ServerSide};
use crate::cluster::{Object, Resource, Rules, Waiter};

/// How long new definitions may take to be served.
const ESTABLISH_TIMEOUT: Duration = Duration::from_secs(60);

/// `--crds`: what becomes of a chart's definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Definitions {
    /// Those that are missing are created.
    Create,
    /// Those that are missing are created, and the others replaced, if nothing that is in use would be lost.
    CreateReplace,
    /// None is touched.
    Skip,
}

/// Definitions that an action has seen to.
#[derive(Default)]
struct Installed {
    objects: Vec<Object>,
    /// What those of them define that were written.
    kinds: Vec<Resource>,
}

impl Action<'_> {
    /// Installs the definitions of the chart's `crds/` and waits until they are served.
    pub(super) async fn install_definitions(&self, desired: &Desired) -> Result<(), DeployError> {
        if self.options.skip_crds || self.options.crds == Some(Definitions::Skip) {
            return Ok(());
        }
        let found = definitions(&desired.chart, &desired.values, self.deployer.engine.flavour())?;
        if found.is_empty() {
            return Ok(());
        }
        if matches!(self.options.dry_run, DryRun::Server | DryRun::Rehearse) {
            self.warn("This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies.");
            return Ok(());
        }
        let mut installed = Installed::default();
        for definition in &found {
            let text = String::from_utf8_lossy(&definition.file.data);
            self.install_definition(&text, &mut installed)
                .await
                .map_err(|error| error.at(format!("failed to install CRD {}", definition.file.name)))?;
        }
        self.until_served(&installed).await
    }

    /// The same for an upgrade, where Helm leaves definitions alone.
    pub(super) async fn upgrade_definitions(&self, desired: &Desired) -> Result<(), DeployError> {
        match self.options.crds {
            Some(_) => self.install_definitions(desired).await,
            None => Ok(()),
        }
    }

    /// How definitions are created.
    pub(super) fn definition_method(&self) -> Method {
        let server_side = self.options.server_side != ServerSide::Never;
        Method { force_conflicts: self.options.force_conflicts, ..Method::plain(server_side) }
    }

    /// The texts of the definitions that an install would see to.
    pub(super) fn definition_texts(&self, desired: &Desired) -> Result<Vec<String>, DeployError> {
        if self.options.skip_crds || self.options.crds == Some(Definitions::Skip) {
            return Ok(Vec::new());
        }
        let found = definitions(&desired.chart, &desired.values, self.deployer.engine.flavour())?;
        Ok(found.iter().map(|found| String::from_utf8_lossy(&found.file.data).into_owned()).collect())
    }

    /// Installs definitions that a plan kept, and waits until they are served.
    pub(super) async fn create_definitions(&self, texts: &[String]) -> Result<(), DeployError> {
        let mut installed = Installed::default();
        for text in texts {
            self.install_definition(text, &mut installed).await?;
        }
        if installed.objects.is_empty() { Ok(()) } else { self.until_served(&installed).await }
    }

    async fn until_served(&self, installed: &Installed) -> Result<(), DeployError> {
        let waiter = Waiter::new(self.cluster(), ESTABLISH_TIMEOUT);
        waiter.ready(&installed.objects, Rules::Objects).await?;
        Ok(waiter.discovered(&installed.kinds).await?)
    }

    async fn install_definition(&self, text: &str, installed: &mut Installed) -> Result<(), DeployError> {
        let objects = self.build(text, "").await?;
        if objects.is_empty() {
            return Err(DeployError::Refused("resources are empty".into()));
        }
        let method = self.definition_method();
        for object in objects {
            let is_written = match self.options.crds {
                Some(policy) => self.see_to(&object, policy, method).await?,
                None => match self.create(&object, method).await {
                    Err(error) if is_already_there(&error) => false,
                    result => result.map(|()| true)?,
                },
            };
            if is_written {
                installed.kinds.extend(defined_by(&object.body));
            }
            installed.objects.push(object);
        }
        Ok(())
    }

    /// Creates a definition that is missing; one that is there is replaced if that was asked for and is safe. Tells
    /// whether it was written.
    async fn see_to(
        &self,
        object: &Object,
        policy: Definitions,
        method: Method,
    ) -> Result<bool, DeployError> {
        let live = self.live([object].into_iter(), View::Whole).await?.remove(&object.key());
        match (live, policy) {
            (None, _) => self.create(object, method).await?,
            (Some(live), Definitions::CreateReplace) => {
                self.check_definition(object, &live).await?;
                self.tell(&Progress::Note(&format!("replacing definition {}", object.name)));
                self.migrate(object, &live).await?;
                self.apply(object, Method { server_side: true, ..method }).await?;
            }
            (Some(_), _) => return Ok(false),
        }
        Ok(true)
    }
}

/// Creating client-side, an object that exists is taken as it is.
pub(super) fn is_already_there(error: &DeployError) -> bool {
    match error {
        DeployError::Api(error) => error.is_already_exists(),
        DeployError::Step { source, .. } => is_already_there(source),
        _ => false,
    }
}

//! What an install would apply, as documents: for whoever only wants to see it. Nothing is changed or recorded.

use std::sync::Arc;

use chart::Flavour;
use chart::capabilities::Capabilities;
use pintle_render::{Engine, Options as EngineOptions, Rendered, Witness};

use super::content::{Asked, Rendering, render};
use super::install::pending;
use super::name::check_install_name;
use super::{DeployError, Deployer, Desired, Options};

impl Deployer {
    /// Renders a chart without a cluster.
    ///
    /// # Errors
    /// Where the name is none or the chart can't be rendered.
    pub fn preview_offline(
        engine: &Engine,
        desired: &Desired,
        options: &Options,
        capabilities: &Capabilities,
        engine_options: &EngineOptions,
    ) -> Result<Rendered, DeployError> {
        check_install_name(&desired.name, engine.flavour())?;
        let rendering = Rendering::of(desired, 1, options.is_upgrade);
        render(engine, &rendering, capabilities, engine_options, options)
    }

    /// Renders a chart with the cluster's abilities and answers, and holds what comes out against the cluster: whether
    /// it serves the kinds, and, unless this is to be an upgrade, whether objects of others are in the way. Where the
    /// cluster is asked for nothing but `lookup`, it is not held against it.
    ///
    /// # Errors
    /// As an install fails before it changes anything. `options` have a dry run.
    pub async fn preview(
        &self,
        desired: &Desired,
        options: &Options,
        asked: &Asked,
        witness: Option<Arc<Witness>>,
    ) -> Result<Rendered, DeployError> {
        let action = self.action(options);
        let rendering = Rendering::of(desired, 1, options.is_upgrade);
        if matches!(asked, Asked::LookupAlone(_)) {
            return action.render_live(rendering, asked, witness).await;
        }
        self.cluster.version().await.map_err(|error| match self.engine.flavour() {
            Flavour::V3 => error.into(),
            Flavour::V4 => DeployError::from(error).at("cluster reachability check failed"),
        })?;
        check_install_name(&desired.name, self.engine.flavour())?;
        action.install_definitions(desired).await?;
        let rendered = action.render_live(rendering, asked, witness).await?;
        let mut record = pending(desired, options, 1);
        record.manifest = rendered.manifest_text();
        match options.is_upgrade {
            false => drop(action.plan_install(&record, None, &[]).await?),
            true => {
                let built = action.build(&record.manifest, &record.namespace).await;
                built
                    .map_err(|error| error.at("unable to build kubernetes objects from release manifest"))?;
            }
        }
        Ok(rendered)
    }
}

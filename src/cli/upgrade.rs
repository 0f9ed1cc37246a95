//! `pintle upgrade`: a release gets another chart or other values.

use std::sync::Arc;

use chart::values::UserValues;
use clap::{Args, ValueEnum};

use super::chart_flags::ChartFlags;
use super::deploy_flags::DeployFlags;
use super::deploy_format::DeployFormat;
use super::error_help::explained;
use super::global::GlobalFlags;
use super::post_render_flags::PostRenderFlags;
use super::progress::observed;
use super::release_text::{Shown, print};
use super::session::Session;
use super::values::{ValuesFlags, assemble};
use super::{CliError, output};
use crate::deploy::{Deployer, Desired, Intent, Options, Planned, ReuseValues, ServerSide};
use crate::release::Record;

/// `--server-side`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ServerSideWord {
    /// As the previous revision did
    #[default]
    Auto,
    /// On the server
    True,
    /// In the client
    False,
}

impl ServerSideWord {
    pub(super) fn server_side(self) -> ServerSide {
        match self {
            ServerSideWord::Auto => ServerSide::Auto,
            ServerSideWord::True => ServerSide::Always,
            ServerSideWord::False => ServerSide::Never,
        }
    }
}

/// Upgrade a release.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The release
    #[arg(value_name = "RELEASE")]
    name: String,
    /// The chart: a path, a URL, repo/name, oci://…
    #[arg(value_name = "CHART", required_unless_present = "use_plan")]
    reference: Option<String>,
    /// If a release by this name doesn't already exist, run an install
    #[arg(short, long)]
    install: bool,
    #[command(flatten)]
    chart: ChartFlags,
    #[command(flatten)]
    values: ValuesFlags,
    #[command(flatten)]
    deploy: DeployFlags,
    #[command(flatten)]
    post_render: PostRenderFlags,
    /// Reset the values to the ones built into the chart
    #[arg(long)]
    reset_values: bool,
    /// Reuse the last release's values and merge in any overrides
    #[arg(long)]
    reuse_values: bool,
    /// Reset the values to the chart's, apply the last release's and merge in any overrides
    #[arg(long)]
    reset_then_reuse_values: bool,
    /// Object updates run in the server instead of the client
    #[arg(long, value_enum, default_value_t)]
    server_side: ServerSideWord,
    /// Allow deletion of new resources created in this upgrade when upgrade fails
    #[arg(long)]
    cleanup_on_fail: bool,
    /// Limit the maximum number of revisions saved per release; 0 for no limit
    #[arg(long, env = "HELM_MAX_HISTORY", hide_env = true, default_value_t = 10)]
    history_max: usize,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: DeployFormat,
}

const EXAMPLES: &str = "\
Examples:
  pintle upgrade web ./chart --set replicas=5 --wait
  pintle upgrade --install web ./chart -f values.yaml --rollback-on-failure";

/// Upgrades and prints the release.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    if arguments.deploy.plan.is_wanted() {
        return plan(arguments, arguments.install, global);
    }
    let record = global.block_on(arguments.upgrade(global))?;
    let shown = Shown { hide_notes: arguments.deploy.hide_notes, ..Shown::default() };
    let text = print(&record, shown, arguments.output.of_release(), global.flavour())?;
    output::print(arguments.output.last(text))
}

/// Plans an upgrade, with `install` also an install where there is no release yet, and shows the plan.
pub(super) fn plan(arguments: &Arguments, install: bool, global: &GlobalFlags) -> Result<(), CliError> {
    if arguments.deploy.plan.is_used() {
        return Err(CliError::message("a saved plan is carried out by install, upgrade or rollback"));
    }
    let planned = global.block_on(arguments.planned(install, global));
    let planned = planned.map_err(|error| error.at("PLANNING FAILED"))?;
    arguments.deploy.plan.finish(&planned, arguments.output)
}

impl Arguments {
    async fn upgrade(&self, global: &GlobalFlags) -> Result<Record, CliError> {
        let session = Session::reach(global).await?;
        let deployer = observed(session.deployer(global, &self.name, self.history_max), self.output);
        if let Some(record) = self.use_plan(&deployer, global).await? {
            return Ok(record);
        }
        let missing = if self.install { deployer.needs_install(&self.name).await? } else { None };
        let is_table = self.output == DeployFormat::Table;
        if is_table && missing.is_some() {
            output::print(format!("Release {:?} does not exist. Installing it now.\n", self.name))?;
        }
        let (desired, user) = tokio::task::block_in_place(|| self.desired(global))?;
        let explained = |error| explained(error, &desired.chart, &desired.values, &user, global);
        if let Some(replace) = missing {
            let options = Options { replace, ..self.options()? };
            let installed = deployer.install(&desired, &options).await;
            return installed.map_err(|error| explained(error.into()));
        }
        let options = Options { create_namespace: false, ..self.options()? };
        let record = deployer.upgrade(&desired, &options).await;
        let record = record.map_err(|error| explained(CliError::from(error).at("UPGRADE FAILED")))?;
        if is_table {
            output::print(format!("Release {:?} has been upgraded. Happy Helming!\n", self.name))?;
        }
        Ok(record)
    }

    /// Carries out a saved plan, if one is given: of an upgrade, or of the install that it would be.
    async fn use_plan(&self, deployer: &Deployer, global: &GlobalFlags) -> Result<Option<Record>, CliError> {
        let namespace = global.namespace_or_default();
        let saved = self.deploy.plan.used("upgrade", &self.name, &namespace);
        let saved =
            saved.or_else(|error| match self.deploy.plan.used("install", &self.name, &namespace) {
                Ok(saved) => Ok(saved),
                Err(_) => Err(error),
            })?;
        let Some(saved) = saved else { return Ok(None) };
        if self.reference.is_some() {
            let (desired, _) = tokio::task::block_in_place(|| self.desired(global))?;
            let checked = saved.check_is_from(&desired, self.values.is_given());
            checked.map_err(|error| self.deploy.plan.failed(&error))?;
        }
        let record = deployer.apply_plan(&saved, &self.options()?).await;
        record.map(Some).map_err(|error| CliError::from(error).at("UPGRADE FAILED"))
    }

    async fn planned(&self, install: bool, global: &GlobalFlags) -> Result<Planned, CliError> {
        let session = Session::reach(global).await?;
        let deployer = session.deployer(global, &self.name, self.history_max);
        let missing = if install { deployer.needs_install(&self.name).await? } else { None };
        let (desired, user) = tokio::task::block_in_place(|| self.desired(global))?;
        let options = Options { replace: missing.unwrap_or_default(), ..self.options()? };
        let intent = if missing.is_some() { Intent::Install(&desired) } else { Intent::Upgrade(&desired) };
        let planned = deployer.plan(intent, &options).await;
        planned.map_err(|error| explained(error.into(), &desired.chart, &desired.values, &user, global))
    }

    fn desired(&self, global: &GlobalFlags) -> Result<(Desired, UserValues), CliError> {
        let user = self.values.read(global)?;
        let values = assemble(&user, global)?;
        let update = self.deploy.dependency_update;
        let reference = self.reference.as_deref().unwrap_or_default();
        let chart = Arc::new(self.chart.load_installable(reference, update, global)?);
        let desired =
            Desired { name: self.name.clone(), namespace: global.namespace_or_default(), chart, values };
        Ok((desired, user))
    }

    fn options(&self) -> Result<Options, CliError> {
        let reuse_values = match (self.reset_values, self.reuse_values, self.reset_then_reuse_values) {
            (true, ..) => ReuseValues::Never,
            (_, true, _) => ReuseValues::WithOldDefaults,
            (.., true) => ReuseValues::OverNewDefaults,
            _ => ReuseValues::WhereNoneGiven,
        };
        Ok(Options {
            server_side: self.server_side.server_side(),
            cleanup_on_fail: self.cleanup_on_fail,
            reuse_values,
            post_render: self.post_render.read()?,
            ..self.deploy.options()
        })
    }
}

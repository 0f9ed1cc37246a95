//! `pintle install`: a chart becomes a release.

use std::sync::Arc;

use chart::capabilities::Capabilities;
use chart::values::UserValues;
use clap::Args;

use super::chart_flags::ChartFlags;
use super::deploy_flags::DeployFlags;
use super::deploy_format::DeployFormat;
use super::error_help::explained;
use super::global::GlobalFlags;
use super::name_and_chart::NameAndChart;
use super::post_render_flags::PostRenderFlags;
use super::progress::observed;
use super::release_text::{Shown, print};
use super::session::Session;
use super::values::{ValuesFlags, assemble};
use super::{CliError, output};
use crate::deploy::{Deployer, Desired, DryRun, Intent, Options, ServerSide};
use crate::release::Record;

/// Install a chart.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    name_and_chart: NameAndChart,
    #[command(flatten)]
    chart: ChartFlags,
    #[command(flatten)]
    values: ValuesFlags,
    #[command(flatten)]
    deploy: DeployFlags,
    #[command(flatten)]
    post_render: PostRenderFlags,
    /// Reuse the given name, only if that name is a deleted release which remains in the history
    #[arg(long)]
    replace: bool,
    /// Object updates run in the server instead of the client
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true")]
    server_side: bool,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: DeployFormat,
}

const EXAMPLES: &str = "\
Examples:
  pintle install web ./chart -f values.yaml --set replicas=3 --wait
  pintle install web oci://registry.example.com/charts/web --version '^1.2'
  pintle install ./chart --generate-name --dry-run=server";

/// Installs and prints the release.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    if arguments.deploy.plan.is_wanted() {
        return arguments.plan(global);
    }
    let installed = arguments.install(global);
    let record = installed.map_err(|error| error.at("INSTALLATION FAILED"))?;
    let shown = Shown { hide_notes: arguments.deploy.hide_notes, ..Shown::default() };
    let text = print(&record, shown, arguments.output.of_release(), global.flavour())?;
    output::print(arguments.output.last(text))
}

impl Arguments {
    fn install(&self, global: &GlobalFlags) -> Result<Record, CliError> {
        let options = self.options()?;
        if self.deploy.plan.is_used() {
            return self.use_plan(&options, global);
        }
        let (name, reference) = self.name_and_chart.resolve(None)?;
        let (desired, user) = self.desired(name, &reference, global)?;
        let installed = match options.dry_run {
            DryRun::Client => offline(&desired, &options, global),
            _ => global.block_on(install(&desired, &options, self.output, global)),
        };
        installed.map_err(|error| explained(error, &desired.chart, &desired.values, &user, global))
    }

    /// Carries out a saved plan. The chart may be left out; one that is named has to be the plan's.
    fn use_plan(&self, options: &Options, global: &GlobalFlags) -> Result<Record, CliError> {
        let (name, reference) = self.name_and_chart.resolve_for_plan()?;
        let saved = self.deploy.plan.used("install", &name, &global.namespace_or_default())?;
        let saved = saved.ok_or_else(|| CliError::message("expected a plan"))?;
        if let Some(reference) = reference {
            let (desired, _) = self.desired(name.clone(), &reference, global)?;
            let checked = saved.check_is_from(&desired, self.values.is_given());
            checked.map_err(|error| self.deploy.plan.failed(&error))?;
        }
        global.block_on(async {
            let session = Session::open(global).await?;
            let deployer = observed(session.deployer(global, &name, 0), self.output);
            deployer.apply_plan(&saved, options).await.map_err(CliError::from)
        })
    }

    fn plan(&self, global: &GlobalFlags) -> Result<(), CliError> {
        let (name, reference) = self.name_and_chart.resolve(None)?;
        let ((desired, user), options) = (self.desired(name, &reference, global)?, self.options()?);
        let planned = global.block_on(async {
            let session = Session::open(global).await?;
            let deployer = session.deployer(global, &desired.name, 0);
            deployer.plan(Intent::Install(&desired), &options).await.map_err(CliError::from)
        });
        let planned = planned.map_err(|error| {
            explained(error, &desired.chart, &desired.values, &user, global).at("PLANNING FAILED")
        })?;
        self.deploy.plan.finish(&planned, self.output)
    }

    fn desired(
        &self,
        name: String,
        reference: &str,
        global: &GlobalFlags,
    ) -> Result<(Desired, UserValues), CliError> {
        let user = self.values.read(global)?;
        let values = assemble(&user, global)?;
        let update = self.deploy.dependency_update;
        let chart = Arc::new(self.chart.load_installable(reference, update, global)?);
        Ok((Desired { name, namespace: global.namespace_or_default(), chart, values }, user))
    }

    fn options(&self) -> Result<Options, CliError> {
        let server_side = if self.server_side { ServerSide::Always } else { ServerSide::Never };
        let post_render = self.post_render.read()?;
        Ok(Options { server_side, replace: self.replace, post_render, ..self.deploy.options() })
    }
}

fn offline(desired: &Desired, options: &Options, global: &GlobalFlags) -> Result<Record, CliError> {
    let capabilities = Capabilities::offline(global.flavour());
    let (record, warnings) = Deployer::install_offline(&global.engine(), desired, options, &capabilities)?;
    warnings.iter().for_each(|warning| output::warn(warning));
    Ok(record)
}

/// Installs on the cluster.
pub(super) async fn install(
    desired: &Desired,
    options: &Options,
    format: DeployFormat,
    global: &GlobalFlags,
) -> Result<Record, CliError> {
    let session = Session::open(global).await?;
    let deployer = observed(session.deployer(global, &desired.name, 0), format);
    Ok(deployer.install(desired, options).await?)
}

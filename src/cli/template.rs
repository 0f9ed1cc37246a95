//! `pintle template`: renders a chart and prints it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chart::Flavour;
use chart::capabilities::{Capabilities, KubeVersion};
use clap::Args;
use pintle_render::{Hook, HookEvent, Options as EngineOptions, RenderError, Rendered, Witness};

use super::chart_flags::ChartFlags;
use super::deploy_flags::DeployFlags;
use super::error_help::explained;
use super::global::GlobalFlags;
use super::name_and_chart::NameAndChart;
use super::plain_words::Place;
use super::post_render_flags::PostRenderFlags;
use super::session::Session;
use super::values::{ValuesFlags, assemble};
use super::{CliError, output, rendered_output, unused_report};
use crate::deploy::{Asked, DeployError, Deployer, Desired, DryRun, Options, PostRenderError};

/// Render chart templates locally and display the output.
///
/// Any values that would normally be looked up in a cluster are faked, unless --dry-run=server asks one.
#[derive(Args, Debug, Default)]
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
    /// Only show manifests rendered from these templates
    #[arg(short, long, value_name = "TEMPLATE", value_delimiter = ',')]
    show_only: Vec<String>,
    /// Include the chart's custom resource definitions
    #[arg(long)]
    include_crds: bool,
    /// Leave out the chart's tests
    #[arg(long)]
    skip_tests: bool,
    /// Kubernetes version used for Capabilities.KubeVersion
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
    /// Kubernetes API versions used for Capabilities.APIVersions
    #[arg(short, long, value_name = "VERSION", value_delimiter = ',')]
    api_versions: Vec<String>,
    /// Set .Release.IsUpgrade instead of .Release.IsInstall
    #[arg(long)]
    is_upgrade: bool,
    /// Write the templates to files in this folder instead of standard output
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<PathBuf>,
    /// Use the release name in the output folder's path
    #[arg(long)]
    release_name: bool,
    /// Ask the cluster what it can do, and whether it serves what is rendered
    #[arg(long)]
    validate: bool,
    /// Tell which of the given values no template read, and what was meant instead
    #[arg(long)]
    report_unused: bool,
    /// Without effect, as in Helm
    #[arg(long, hide = true)]
    replace: bool,
    /// Without effect, as in Helm
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    server_side: Option<bool>,
}

const EXAMPLES: &str = "\
Examples:
  pintle template web ./chart -f values.yaml --set image.tag=1.2
  pintle template ./chart --show-only templates/deployment.yaml
  pintle template web web --repo https://charts.example.com --version '^1.2'
  pintle template web ./chart -f values.yaml --report-unused
  pintle template web ./chart --patch patches.yaml --dry-run=server";

/// Renders and prints.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let capabilities = arguments.capabilities(global)?;
    let (name, reference) = arguments.name_and_chart.resolve(Some("release-name"))?;
    let options = arguments.options(global.flavour())?;
    let user = arguments.values.read(global)?;
    let values = assemble(&user, global)?;
    let update = arguments.deploy.dependency_update;
    let chart = Arc::new(arguments.chart.load_installable(&reference, update, global)?);
    let namespace = global.namespace_or_default();
    let desired = Desired { name, namespace, chart: Arc::clone(&chart), values };
    let witness = arguments.report_unused.then(Witness::of_reads);
    let rendered = match arguments.asked(&capabilities, global.flavour())? {
        Some(asked) => global.block_on(preview(&desired, &options, &asked, witness.clone(), global)),
        None => {
            let engine = EngineOptions { witness: witness.clone(), ..EngineOptions::default() };
            Deployer::preview_offline(&global.engine(), &desired, &options, &capabilities, &engine)
                .inspect(warn)
                .map_err(CliError::from)
        }
    };
    match rendered {
        Ok(rendered) => {
            arguments.print(&rendered, &desired.name, global)?;
            let ended = match witness {
                Some(witness) => unused_report::print(&desired, &rendered, &witness, &user, global),
                None => Ok(()),
            };
            // The process is at its end: the system takes all memory back at once, faster than piece by piece.
            std::mem::forget((rendered, desired, chart));
            ended
        }
        Err(error) => {
            Err(failure(error, |error| explained(error, &chart, &desired.values, &user, global), global))
        }
    }
}

async fn preview(
    desired: &Desired,
    options: &Options,
    asked: &Asked,
    witness: Option<Arc<Witness>>,
    global: &GlobalFlags,
) -> Result<Rendered, CliError> {
    let session = Session::open(global).await?;
    let deployer = session.deployer(global, &desired.name, 0);
    Ok(deployer.preview(desired, options, asked, witness).await?)
}

fn warn(rendered: &Rendered) {
    for warning in &rendered.warnings {
        output::note(&format!("warning: {warning}"));
    }
}

impl Arguments {
    /// The release's name, if it is given, and the chart.
    pub(super) fn positionals(&mut self) -> &mut Vec<String> {
        &mut self.name_and_chart.name_and_chart
    }

    /// Where a plain flag's value goes.
    pub(super) fn place(&mut self, flag: &str) -> Option<Place<'_>> {
        Some(match flag {
            "s" | "show-only" => Place::Separated(&mut self.show_only),
            "a" | "api-versions" => Place::Separated(&mut self.api_versions),
            "kube-version" => Place::Text(&mut self.kube_version),
            "include-crds" => Place::Switch(&mut self.include_crds),
            "skip-tests" => Place::Switch(&mut self.skip_tests),
            "is-upgrade" => Place::Switch(&mut self.is_upgrade),
            _ => return self.values.place(flag).or_else(|| self.deploy.place(flag)),
        })
    }

    fn capabilities(&self, global: &GlobalFlags) -> Result<Capabilities, CliError> {
        let mut capabilities = Capabilities::offline(global.flavour());
        if let Some(version) = &self.kube_version {
            capabilities.kube_version = KubeVersion::parse(version, global.flavour())
                .map_err(|error| CliError::message(format!("invalid kube version '{version}': {error}")))?;
        }
        capabilities.api_versions.extend(self.api_versions.iter().cloned());
        Ok(capabilities)
    }

    fn options(&self, flavour: Flavour) -> Result<Options, CliError> {
        let mut post_render = self.post_render.read()?;
        post_render.with_definitions =
            flavour == Flavour::V3 && self.include_crds && self.output_dir.is_none();
        let dry_run = if self.deploy.dry_run() == DryRun::Server || self.validate {
            DryRun::Server
        } else {
            DryRun::Client
        };
        Ok(Options { dry_run, is_upgrade: self.is_upgrade, post_render, ..self.deploy.options() })
    }

    /// What the cluster is asked; `None` where it is not. Helm 3 asks it for `lookup` and for what it can do by two
    /// flags, Helm 4 by one.
    fn asked(&self, capabilities: &Capabilities, flavour: Flavour) -> Result<Option<Asked>, CliError> {
        if self.deploy.is_no_dry_run() && flavour == Flavour::V4 {
            let text = "invalid dry-run value (\"none\"). Must be \"server\" or \"client\"";
            return Err(CliError::message(text));
        }
        let is_server = self.deploy.dry_run() == DryRun::Server;
        if self.validate && self.deploy.is_dry_run_given() && flavour == Flavour::V4 {
            let text = "if any flags in the group [validate dry-run] are set none of the others can be; [dry-run validate] \
                        were all set";
            return Err(CliError::message(text));
        }
        Ok(match (flavour, self.validate, is_server) {
            (_, false, false) => None,
            (Flavour::V4, ..) | (Flavour::V3, true, true) => Some(Asked::Everything),
            (Flavour::V3, true, false) => Some(Asked::AllButLookup),
            (Flavour::V3, false, true) => Some(Asked::LookupAlone(Box::new(capabilities.clone()))),
        })
    }

    fn print(&self, rendered: &Rendered, name: &str, global: &GlobalFlags) -> Result<(), CliError> {
        if let Some(folder) = &self.output_dir {
            return self.write_files(rendered, folder, name);
        }
        let shows = |hook: &Hook| self.shows(hook);
        if self.show_only.is_empty() {
            return output::write(|out| rendered_output::write(out, rendered, self.include_crds, shows));
        }
        let mut text = Vec::new();
        rendered_output::write(&mut text, rendered, self.include_crds, shows).map_err(CliError::Output)?;
        output::print(rendered_output::select(&text, &self.show_only, global.flavour())?)
    }

    fn shows(&self, hook: &Hook) -> bool {
        let skipped = self.skip_tests && hook.runs_at(HookEvent::Test);
        self.deploy.runs_hooks() && !skipped
    }

    fn write_files(&self, rendered: &Rendered, folder: &Path, name: &str) -> Result<(), CliError> {
        // Helm leaves the definitions beside the release's folder.
        let mut definitions = rendered_output::Folder::new(folder);
        if self.include_crds {
            for definition in &rendered.custom_resource_definitions {
                definitions.add(&definition.path, &String::from_utf8_lossy(&definition.file.data))?;
            }
        }
        let folder = if self.release_name { folder.join(name) } else { folder.to_owned() };
        let mut files = rendered_output::Folder::new(&folder);
        for manifest in &rendered.manifests {
            files.add(&manifest.path, &manifest.content)?;
        }
        for hook in rendered.hooks.iter().filter(|hook| self.shows(hook)) {
            files.add(&hook.path, &hook.manifest)?;
        }
        output::print(format!("{}\n", rendered.post_rendered.as_deref().unwrap_or_default().trim()))
    }
}

/// Helm points to `--debug` where there is text to be seen; with it, prints what there is.
fn failure(error: CliError, explained: impl FnOnce(CliError) -> CliError, global: &GlobalFlags) -> CliError {
    let render = match &error {
        CliError::Deploy(DeployError::Render(error)) => error,
        CliError::Deploy(
            DeployError::KubeVersion(_)
            | DeployError::PostRender(PostRenderError::Program(_) | PostRenderError::Output(_)),
        ) if !global.debug => return debug_hint(&error),
        _ => return error,
    };
    let has_text = matches!(
        render,
        RenderError::Manifest(_) | RenderError::Parse { .. } | RenderError::Execution { .. }
    );
    match (render, global.debug) {
        (RenderError::Manifest(broken), true) => {
            output::print(format!("{}\n", broken.rendered.trim())).err().unwrap_or(error)
        }
        (_, false) if has_text => match explained(error) {
            CliError::Explained { source, help } => {
                CliError::Explained { source: Box::new(debug_hint(&source)), help }
            }
            error => debug_hint(&error),
        },
        _ => explained(error),
    }
}

fn debug_hint(error: &CliError) -> CliError {
    CliError::Message(format!("{error}\n\nUse --debug flag to render out invalid YAML"))
}

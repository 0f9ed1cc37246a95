//! `pintle template`: renders a chart and prints it.

use std::path::PathBuf;

use chart::capabilities::{Capabilities, KubeVersion};
use clap::Args;
use pintle_render::{Options, Release, RenderError, Rendered, Request, append_document};

use super::chart_flags::{ChartFlags, check_installable};
use super::global::GlobalFlags;
use super::values::ValuesFlags;
use super::{CliError, output, rendered_output, template_name};

/// Render chart templates locally and display the output.
///
/// Any values that would normally be looked up in a cluster are faked, unless --dry-run=server or --validate asks one.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The release's name, if two are given, and the chart: a path, a URL, repo/name, oci://…
    #[arg(value_name = "[NAME] CHART", required = true, num_args = 1..=2)]
    name_and_chart: Vec<String>,
    #[command(flatten)]
    chart: ChartFlags,
    #[command(flatten)]
    values: ValuesFlags,
    /// Only show manifests rendered from these templates
    #[arg(short, long, value_name = "TEMPLATE", value_delimiter = ',')]
    show_only: Vec<String>,
    /// Include the chart's custom resource definitions
    #[arg(long)]
    include_crds: bool,
    /// Leave out the chart's tests
    #[arg(long)]
    skip_tests: bool,
    /// Leave out hooks
    #[arg(long)]
    no_hooks: bool,
    /// Generate the name (and omit the NAME parameter)
    #[arg(short, long)]
    generate_name: bool,
    /// A template for the release's name
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,
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
    /// Render the notes of subcharts along with the parent's
    #[arg(long)]
    render_subchart_notes: bool,
    /// Don't hold the values against the charts' JSON schemas
    #[arg(long)]
    skip_schema_validation: bool,
}

const EXAMPLES: &str = "\
Examples:
  pintle template web ./chart -f values.yaml --set image.tag=1.2
  pintle template ./chart --show-only templates/deployment.yaml
  pintle template web web --repo https://charts.example.com --version '^1.2'";

/// Renders and prints.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let capabilities = arguments.capabilities(global)?;
    let (name, chart) = arguments.name_and_chart()?;
    let values = arguments.values.merged(global)?;
    let chart = arguments.chart.load(&chart, global)?;
    check_installable(&chart, global)?;
    let release = Release {
        name,
        namespace: global.namespace_or_default(),
        revision: 1,
        is_install: !arguments.is_upgrade,
        is_upgrade: arguments.is_upgrade,
    };
    let request = Request {
        values: &values,
        release: &release,
        capabilities: &capabilities,
        skip_schema_validation: arguments.skip_schema_validation,
        subchart_notes: arguments.render_subchart_notes,
    };
    let rendered = global.engine().render(&chart, &request, &Options::default());
    match rendered {
        Ok(rendered) => arguments.print(&rendered, &release.name, global),
        Err(error) => Err(arguments.failure(error, global)),
    }
}

impl Arguments {
    fn capabilities(&self, global: &GlobalFlags) -> Result<Capabilities, CliError> {
        let mut capabilities = Capabilities::offline(global.flavour());
        if let Some(version) = &self.kube_version {
            capabilities.kube_version = KubeVersion::parse(version, global.flavour())
                .map_err(|error| CliError::message(format!("invalid kube version '{version}': {error}")))?;
        }
        capabilities.api_versions.extend(self.api_versions.iter().cloned());
        Ok(capabilities)
    }

    fn name_and_chart(&self) -> Result<(String, String), CliError> {
        match &self.name_and_chart[..] {
            [_, _] if self.generate_name => {
                Err(CliError::message("cannot set --generate-name and also specify a name"))
            }
            [_, _] if self.name_template.is_some() => {
                Err(CliError::message("cannot set --name-template and also specify a name"))
            }
            [name, chart] => Ok((name.clone(), chart.clone())),
            [chart] => match &self.name_template {
                Some(template) => Ok((template_name::execute(template)?, chart.clone())),
                None => Ok(("release-name".to_owned(), chart.clone())),
            },
            _ => Err(CliError::message("expected a chart")),
        }
    }

    fn print(&self, rendered: &Rendered, name: &str, global: &GlobalFlags) -> Result<(), CliError> {
        for warning in &rendered.warnings {
            output::note(&format!("warning: {warning}"));
        }
        if let Some(folder) = &self.output_dir {
            let folder = if self.release_name { folder.join(name) } else { folder.clone() };
            return self.write_files(rendered, &folder);
        }
        let text = rendered_output::text(rendered, self.include_crds, |hook| self.shows(hook));
        if self.show_only.is_empty() {
            return output::print(text);
        }
        output::print(rendered_output::select(&text, &self.show_only, global.flavour())?)
    }

    fn shows(&self, hook: &pintle_render::Hook) -> bool {
        let skipped = self.skip_tests && hook.runs_at(pintle_render::HookEvent::Test);
        !self.no_hooks && !skipped
    }

    fn write_files(&self, rendered: &Rendered, folder: &std::path::Path) -> Result<(), CliError> {
        let mut files = rendered_output::Folder::new(folder);
        if self.include_crds {
            for definition in &rendered.custom_resource_definitions {
                files.add(&definition.path, &String::from_utf8_lossy(&definition.file.data))?;
            }
        }
        for manifest in &rendered.manifests {
            files.add(&manifest.path, &manifest.content)?;
        }
        for hook in rendered.hooks.iter().filter(|hook| self.shows(hook)) {
            files.add(&hook.path, &hook.manifest)?;
        }
        output::print("\n")
    }

    /// Helm points to `--debug` where there is text to be seen; with it, prints what there is.
    fn failure(&self, error: RenderError, global: &GlobalFlags) -> CliError {
        let has_text = matches!(
            error,
            RenderError::Manifest(_)
                | RenderError::Parse { .. }
                | RenderError::Execution { .. }
                | RenderError::KubeVersion(_)
        );
        match (&error, global.debug) {
            (RenderError::Manifest(broken), true) => {
                let mut text = String::new();
                append_document(&mut text, &broken.path, &broken.content);
                output::print(text).err().unwrap_or_else(|| error.into())
            }
            (_, false) if has_text => {
                CliError::Message(format!("{error}\n\nUse --debug flag to render out invalid YAML"))
            }
            _ => error.into(),
        }
    }
}

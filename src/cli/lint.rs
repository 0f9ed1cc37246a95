//! `pintle lint`: examines charts for possible issues.

use std::path::{Path, PathBuf};

use chart::capabilities::{Capabilities, KubeVersion};
use chart::{Flavour, Limits};
use clap::Args;
use pintle_render::lint::{self, Message, Severity};
use pintle_render::{Engine, Options};
use value::Map;

use super::chart_flags::folder_files;
use super::global::GlobalFlags;
use super::values::ValuesFlags;
use super::{CliError, output};

/// Examine charts for possible issues.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Charts: folders or archives
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    values: ValuesFlags,
    /// Fail on warnings
    #[arg(long)]
    strict: bool,
    /// Lint dependent charts
    #[arg(long)]
    with_subcharts: bool,
    /// Print only warnings and errors
    #[arg(long)]
    quiet: bool,
    /// Don't hold the values against the charts' JSON schemas
    #[arg(long)]
    skip_schema_validation: bool,
    /// Kubernetes version used for capabilities and deprecation checks
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  pintle lint ./chart --strict
  pintle lint ./chart -f values.yaml --with-subcharts --kube-version 1.33";

/// Lints every chart and prints what was found; fails where a chart failed.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let values = arguments.values.merged(global)?;
    let mut capabilities = Capabilities::offline(global.flavour());
    if let Some(version) = &arguments.kube_version {
        capabilities.kube_version = KubeVersion::parse(version, global.flavour())
            .map_err(|error| CliError::message(format!("invalid kube version '{version}': {error}")))?;
    }
    let linter = Linter { arguments, values, capabilities, engine: global.engine(), global };
    let mut failed = 0;
    let mut noteworthy = 0;
    let paths = linter.paths();
    for path in &paths {
        let report = linter.lint(path);
        noteworthy += usize::from(report.is_noteworthy());
        failed += usize::from(report.failed(arguments.strict));
        if !arguments.quiet || report.is_noteworthy() {
            output::print(report.text(path, arguments.quiet))?;
        }
    }
    let summary = format!("{} chart(s) linted, {failed} chart(s) failed", paths.len());
    if failed > 0 {
        return Err(CliError::Message(summary));
    }
    if !arguments.quiet || noteworthy > 0 {
        output::print(format!("{summary}\n"))?;
    }
    Ok(())
}

struct Linter<'a> {
    arguments: &'a Arguments,
    values: Map,
    capabilities: Capabilities,
    engine: Engine,
    global: &'a GlobalFlags,
}

/// What was found in one chart, or why it could not be looked at.
struct Report(Result<Vec<Message>, String>);

impl Report {
    fn is_noteworthy(&self) -> bool {
        self.0
            .as_ref()
            .map_or(true, |messages| messages.iter().any(|message| message.severity > Severity::Info))
    }

    fn failed(&self, strict: bool) -> bool {
        let least = if strict { Severity::Warning } else { Severity::Error };
        self.0.as_ref().map_or(true, |messages| messages.iter().any(|message| message.severity >= least))
    }

    fn text(&self, path: &str, quiet: bool) -> String {
        let mut text = format!("==> Linting {path}\n");
        match &self.0 {
            Ok(messages) => {
                let shown = messages.iter().filter(|message| !quiet || message.severity > Severity::Info);
                text.extend(shown.map(|message| format!("{message}\n")));
            }
            Err(error) => text.push_str(&format!("Error {error}\n")),
        }
        text.push('\n');
        text
    }
}

impl Linter<'_> {
    /// The charts named, and what lies unpacked or packed in their `charts/`.
    fn paths(&self) -> Vec<String> {
        let mut paths = self.arguments.paths.clone();
        if self.arguments.with_subcharts {
            for path in &self.arguments.paths {
                add_subcharts(&Path::new(path).join("charts"), &mut paths);
            }
        }
        paths
    }

    fn lint(&self, path: &str) -> Report {
        let limits = self.global.limits().chart;
        let files = match files(path, &limits, self.global.flavour()) {
            Ok(files) => files,
            Err(error) => return Report(Err(error)),
        };
        let namespace = self.global.namespace_or_default();
        let folder = std::path::absolute(path).unwrap_or_else(|_| path.into());
        let folder = folder.components().collect::<PathBuf>().display().to_string();
        let has_templates = Path::new(path).join("templates").is_dir()
            || files.iter().any(|(name, _)| name.starts_with("templates/"));
        let request = lint::Request {
            folder: &folder,
            files: &files,
            has_templates,
            values: &self.values,
            namespace: &namespace,
            capabilities: &self.capabilities,
            skip_schema_validation: self.arguments.skip_schema_validation,
            limits: &limits,
        };
        Report(Ok(lint::lint(&request, &self.engine, &Options::default())))
    }
}

fn files(path: &str, limits: &Limits, flavour: Flavour) -> Result<Vec<(String, Vec<u8>)>, String> {
    let files = if path.ends_with(".tgz") || path.ends_with(".tar.gz") {
        let archive = std::fs::read(path).map_err(|error| format!("unable to open tarball: {error}"))?;
        chart::load::archive_files(&archive, limits, flavour)
            .map_err(|error| format!("unable to extract tarball: {error}"))?
    } else {
        let metadata = Path::new(path).join("Chart.yaml");
        if !metadata.exists() {
            let metadata = metadata.display();
            return Err(format!(
                "unable to check Chart.yaml file in chart: stat {metadata}: no such file or directory"
            ));
        }
        folder_files(Path::new(path)).map_err(|error| error.to_string())?
    };
    Ok(files)
}

fn add_subcharts(folder: &Path, paths: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.join("Chart.yaml").exists() {
            paths.push(path.display().to_string());
            add_subcharts(&path.join("charts"), paths);
        } else if path.extension().is_some_and(|extension| extension == "tgz") {
            paths.push(path.display().to_string());
        }
    }
}

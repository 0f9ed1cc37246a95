//! `pintle dependency`: the charts that a chart is made of.

use std::path::{Path, PathBuf};

use chart::{Chart, Dependency};
use clap::{Args, Subcommand};

use super::chart_flags::load_folder;
use super::format::table;
use super::global::GlobalFlags;
use super::verify_flags::VerifyFlags;
use super::{CliError, output};
use crate::source::Dependent;

/// Manage a chart's dependencies.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  pintle dependency update ./chart
  pintle dependency build ./chart
  pintle dependency list ./chart";

#[derive(Subcommand, Debug)]
enum Action {
    /// Fetch into charts/ what Chart.lock says
    Build(Fetch),
    /// List the dependencies and what there is of them
    #[command(alias = "ls")]
    List(Of),
    /// Fetch into charts/ the newest versions that Chart.yaml allows, and lock them
    #[command(alias = "up")]
    Update(Fetch),
}

#[derive(Args, Debug)]
struct Of {
    /// The chart: a folder
    #[arg(value_name = "CHART", default_value = ".")]
    folder: PathBuf,
}

#[derive(Args, Debug)]
struct Fetch {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    verify: VerifyFlags,
    /// Don't fetch the indexes of the added repositories first
    #[arg(long)]
    skip_refresh: bool,
}

/// Does what is asked for.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    match &arguments.action {
        Action::Build(fetch) => fetch.run(false, global),
        Action::Update(fetch) => fetch.run(true, global),
        Action::List(of) => list(&of.folder, global),
    }
}

impl Fetch {
    fn run(&self, is_update: bool, global: &GlobalFlags) -> Result<(), CliError> {
        let folder = &self.of.folder;
        if !folder.exists() {
            let folder = folder.display();
            let text = format!("could not find {folder}: stat {folder}: no such file or directory");
            return Err(CliError::message(text));
        }
        if !folder.is_dir() {
            return Err(CliError::message("only unpacked charts can be updated"));
        }
        fetch(folder, is_update, !self.skip_refresh, self.verify.keyring(global), global)
    }
}

/// Fetches the dependencies of an unpacked chart; with a keyring, only those that it vouches for.
pub(super) fn fetch(
    folder: &Path,
    is_update: bool,
    refresh: bool,
    keyring: Option<PathBuf>,
    global: &GlobalFlags,
) -> Result<(), CliError> {
    let limits = global.limits().chart;
    let chart = load_folder(folder, &limits, global)?;
    let flavour = global.flavour();
    let dependent = Dependent { folder, chart: &chart, flavour, limits: &limits, refresh, keyring };
    let sources = global.sources();
    let mut failed = None;
    let mut tell = |line: &str| failed = output::print(format!("{line}\n")).err();
    global.block_on(async {
        match is_update {
            true => sources.update_dependencies(&dependent, &mut tell).await,
            false => sources.build_dependencies(&dependent, &mut tell).await,
        }
    })?;
    failed.map_or(Ok(()), Err)
}

fn list(folder: &Path, global: &GlobalFlags) -> Result<(), CliError> {
    let chart = load_folder(folder, &global.limits().chart, global)?;
    let Some(declared) = &chart.metadata().dependencies else {
        let charts = folder.join("charts").components().collect::<PathBuf>();
        return output::print(format!("WARNING: no dependencies at {}\n", charts.display()));
    };
    let headers = ["NAME", "VERSION", "REPOSITORY", "STATUS"].map(str::to_owned).to_vec();
    let rows = declared.iter().map(|dependency| {
        let Dependency { name, version, repository, .. } = dependency;
        vec![name.clone(), version.clone(), repository.clone(), status(folder, dependency, &chart, global)]
    });
    let mut text = table(&std::iter::once(headers).chain(rows).collect::<Vec<_>>());
    text.push('\n');
    text.push_str(&missing(folder, declared));
    output::print(text)
}

/// What there is of a dependency, in Helm's words.
fn status(folder: &Path, dependency: &Dependency, chart: &Chart, global: &GlobalFlags) -> String {
    let archives = archives(folder, &dependency.name);
    let found = match &archives[..] {
        [] => None,
        [path] => Some(path),
        _ => return "too many matches".to_owned(),
    };
    if let Some(path) = found {
        let archive = std::fs::read(path).unwrap_or_default();
        let Ok(found) = Chart::load_archive(&archive, &global.limits().chart, global.flavour()) else {
            return "corrupt".to_owned();
        };
        if found.name() != dependency.name {
            return "misnamed".to_owned();
        }
        return if satisfies(&found, dependency) { "ok" } else { "wrong version" }.to_owned();
    }
    let unpacked = chart.dependencies().iter().find(|subchart| subchart.name() == dependency.name);
    match unpacked {
        None => "missing".to_owned(),
        Some(subchart) if satisfies(subchart, dependency) => "unpacked".to_owned(),
        Some(_) => "wrong version".to_owned(),
    }
}

fn satisfies(chart: &Chart, dependency: &Dependency) -> bool {
    if dependency.version.is_empty() || dependency.version == chart.metadata().version {
        return true;
    }
    let version = semver::Version::parse(&chart.metadata().version);
    let range = semver::Constraint::parse(&dependency.version);
    matches!((version, range), (Ok(version), Ok(range)) if range.check(&version))
}

/// The archives in `charts/` that are called after a dependency, with a version behind the name.
fn archives(folder: &Path, name: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("charts")).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let version =
                file.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".tgz"));
            version.is_some_and(|version| {
                version.starts_with(|letter: char| letter.is_ascii_digit() || letter == 'v')
            })
        })
        .collect();
    found.sort();
    found
}

/// Helm warns of what lies in `charts/` undeclared.
fn missing(folder: &Path, declared: &[Dependency]) -> String {
    let entries = std::fs::read_dir(folder.join("charts")).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let mut text = String::new();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_chart = path.is_dir() || file.ends_with(".tgz");
        let is_declared = |dependency: &Dependency| {
            file == dependency.name
                || file.starts_with(&format!("{}-", dependency.name)) && file.ends_with(".tgz")
        };
        if is_chart && !declared.iter().any(is_declared) {
            text.push_str(&format!("WARNING: {:?} is not in Chart.yaml.\n", path.display().to_string()));
        }
    }
    text
}

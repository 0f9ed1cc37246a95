//! `pintle create`: a new chart, from a starter of ours or of the user's.

mod starter;

use std::path::{Path, PathBuf};

use chart::{Chart, Metadata};
use clap::Args;

use super::chart_flags::load_folder;
use super::global::GlobalFlags;
use super::pull::write;
use super::{CliError, format, output, package};
use crate::source::{self, plain};

/// Create a new chart with the given name.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The chart's name, or its path
    #[arg(value_name = "NAME")]
    path: String,
    /// A starter in Helm's folder for them, or the path from the root to one
    #[arg(short = 'p', long, value_name = "STARTER", default_value = "", hide_default_value = true)]
    starter: String,
    /// The chart's apiVersion
    #[arg(long, hide = true, default_value = "v2")]
    chart_api_version: String,
}

const EXAMPLES: &str = "\
Examples:
  pintle create web
  pintle create charts/web --starter /usr/share/starters/service";

/// What stands for the chart's name in a starter.
const NAME: &str = "<CHARTNAME>";
/// The longest name. Helm's.
const MAX_NAME_BYTES: usize = 250;

/// Writes the chart.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    output::print(format!("Creating {}\n", arguments.path))?;
    match arguments.chart_api_version.as_str() {
        "" | "v2" => {}
        other => {
            let text = format!("unsupported chart API version: {other} (supported: v2)");
            return Err(CliError::message(text));
        }
    }
    let path = std::path::absolute(&arguments.path)
        .map_err(|source| CliError::Read { path: PathBuf::from(&arguments.path), source })?;
    let path = source::cleaned(&path);
    let name = Path::new(&arguments.path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    if arguments.starter.is_empty() {
        return from_ours(&path, &name);
    }
    let starter = global.sources().home().starters.join(&arguments.starter);
    check_name(&name)?;
    from_starter(&starter, &path, &name, global)
}

fn check_name(name: &str) -> Result<(), CliError> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        let text = format!("chart name must be between 1 and {MAX_NAME_BYTES} characters");
        return Err(CliError::message(text));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
        return Err(CliError::message("chart name must match the regular expression \"^[a-zA-Z0-9._-]+$\""));
    }
    Ok(())
}

/// A chart from our own starter.
fn from_ours(path: &Path, name: &str) -> Result<(), CliError> {
    check_name(name)?;
    let parent = path.parent().unwrap_or(path);
    match std::fs::metadata(parent) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(CliError::message(format!("no such directory {}", parent.display()))),
        Err(source) => return Err(stat_failed(parent, &source)),
    }
    check_folder(path)?;
    for (file, text) in starter::FILES {
        let file = path.join(file);
        if file.exists() {
            let file = file.display();
            output::print(format!("WARNING: File \"{file}\" already exists. Overwriting.\n"))?;
        }
        write(&file, text.replace(NAME, name).as_bytes())?;
    }
    let charts = path.join("charts");
    std::fs::create_dir_all(&charts).map_err(|source| CliError::Write { path: charts, source })
}

fn check_folder(path: &Path) -> Result<(), CliError> {
    if path.exists() && !path.is_dir() {
        let path = path.display();
        return Err(CliError::message(format!("file {path} already exists and is not a directory")));
    }
    Ok(())
}

fn stat_failed(path: &Path, source: &std::io::Error) -> CliError {
    CliError::message(format!("stat {}: {}", path.display(), plain(source)))
}

/// A chart from one of the user's. Helm: `CreateFrom`, `SaveDir`.
fn from_starter(starter: &Path, path: &Path, name: &str, global: &GlobalFlags) -> Result<(), CliError> {
    let loaded = load(starter, global);
    let chart = loaded
        .map_err(|error| CliError::message(format!("could not load {}: {error}", starter.display())))?;
    check_folder(path)?;
    write(&path.join("Chart.yaml"), metadata(name)?.as_bytes())?;
    for values in chart.raw().iter().filter(|file| file.name == "values.yaml") {
        write(&path.join(&values.name), &named(&values.data, name))?;
    }
    if let Some(schema) = chart.schema() {
        write(&path.join("values.schema.json"), schema)?;
    }
    for template in chart.templates() {
        write(&path.join(&template.name), &named(&template.data, name))?;
    }
    for file in chart.files() {
        write(&path.join(&file.name), &file.data)?;
    }
    for subchart in chart.dependencies() {
        let archive = subchart.package(package::modified());
        let archive = archive.map_err(|error| CliError::message(error.to_string()))?;
        write(&path.join("charts").join(subchart.archive_name()), &archive)?;
    }
    Ok(())
}

fn load(starter: &Path, global: &GlobalFlags) -> Result<Chart, CliError> {
    let limits = global.limits().chart;
    let found = std::fs::metadata(starter).map_err(|source| stat_failed(starter, &source))?;
    if found.is_dir() {
        return load_folder(starter, &limits, global);
    }
    let archive = source::read_archive(starter)?;
    Ok(Chart::load_archive(&archive, &limits, global.flavour())?)
}

/// The `Chart.yaml` of every chart that is made from a user's starter, whose own is left out.
fn metadata(name: &str) -> Result<String, CliError> {
    let metadata = Metadata {
        name: name.to_owned(),
        description: "A Helm chart for Kubernetes".to_owned(),
        chart_type: "application".to_owned(),
        version: "0.1.0".to_owned(),
        app_version: "0.1.0".to_owned(),
        api_version: "v2".to_owned(),
        ..Metadata::default()
    };
    format::structured(&metadata.to_json(), format::Format::Yaml)
}

/// A text with the chart's name.
fn named(text: &[u8], name: &str) -> Vec<u8> {
    match std::str::from_utf8(text) {
        Ok(text) => text.replace(NAME, name).into_bytes(),
        Err(_) => text.to_vec(),
    }
}

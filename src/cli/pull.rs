//! `pintle pull`: fetches a chart's archive, and unpacks it if asked to.

use std::path::{Component, Path, PathBuf};

use chart::Chart;
use clap::Args;

use super::chart_flags::ChartFlags;
use super::global::GlobalFlags;
use super::{CliError, output};
use crate::source::ChartReference;

/// Download a chart from a repository and (optionally) unpack it in a local folder.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The charts: a URL, repo/name, oci://…
    #[arg(value_name = "CHART", required = true)]
    references: Vec<String>,
    #[command(flatten)]
    chart: ChartFlags,
    /// Where to write the chart; --untardir is appended to it
    #[arg(short, long, value_name = "FOLDER", default_value = ".")]
    destination: PathBuf,
    /// Unpack the chart after downloading it
    #[arg(long)]
    untar: bool,
    /// With --untar, the folder that the chart is unpacked in
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    untardir: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  pintle pull stable/web --version '^1.2' --untar
  pintle pull web --repo https://charts.example.com --destination charts
  pintle pull oci://registry.example.com/charts/web";

/// Fetches and writes every chart.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    arguments.references.iter().try_for_each(|reference| arguments.pull(reference, global))
}

impl Arguments {
    fn pull(&self, reference: &str, global: &GlobalFlags) -> Result<(), CliError> {
        let (located, fetched) = self.chart.fetch(reference, global)?;
        let limits = global.limits().chart;
        let chart = Chart::load_archive(&fetched.archive, &limits, global.flavour())?;
        if matches!(located, ChartReference::Oci(_)) {
            let version = chart.metadata().version.replace('+', "_");
            let origin = fetched.origin.trim_start_matches("oci://");
            let name = origin.split(['@']).next().unwrap_or(origin);
            let name =
                name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(name, |(name, _)| name);
            output::print(format!("Pulled: {name}:{version}\nDigest: {}\n", fetched.digest))?;
        }
        if !self.untar {
            let name = file_name(&located, &fetched.origin).unwrap_or_else(|| chart.archive_name());
            return write(&self.destination.join(name), &fetched.archive);
        }
        let folder = self.destination.join(&self.untardir);
        let parts = folder.components().filter(|part| *part != Component::CurDir);
        let folder = parts.collect::<PathBuf>();
        let files = chart::load::archive_files(&fetched.archive, &limits, global.flavour());
        let files = files.map_err(|error| CliError::message(error.to_string()))?;
        unpack(&folder.join(chart.name()), &files)
    }
}

/// The last part of the URL that the archive came from, as Helm calls the file.
fn file_name(located: &ChartReference, origin: &str) -> Option<String> {
    let is_url = !matches!(located, ChartReference::Oci(_));
    let name = origin.rsplit('/').next().filter(|name| is_url && name.ends_with(".tgz"))?;
    Some(name.to_owned())
}

/// Writes a file, and makes its folder if need be.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}

/// Writes the files of a chart into a folder that is not there yet. Loading has refused names that lead out of it.
fn unpack(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), CliError> {
    if folder.exists() {
        let folder = folder.display();
        return Err(CliError::message(format!(
            "failed to untar: a file or directory with the name {folder} already exists"
        )));
    }
    files.iter().try_for_each(|(name, data)| write(&folder.join(name), data))
}

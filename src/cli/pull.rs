//! `pintle pull`: fetches a chart's archive, and unpacks it if asked to.

use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use chart::Chart;
use clap::Args;

use super::chart_flags::ChartFlags;
use super::global::GlobalFlags;
use super::verify_flags::text;
use super::{CliError, output, registry};
use crate::source::{ChartReference, Fetched, Signed, SourceError, Verified};

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
    /// Fetch the provenance file, but don't perform verification
    #[arg(long)]
    prov: bool,
}

const EXAMPLES: &str = "\
Examples:
  pintle pull stable/web --version '^1.2' --untar
  pintle pull web --repo https://charts.example.com --destination charts
  pintle pull oci://registry.example.com/charts/web
  pintle pull stable/web --verify --keyring publishers.gpg";

/// Fetches and writes every chart.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    arguments.references.iter().try_for_each(|reference| arguments.pull(reference, global))
}

impl Arguments {
    fn pull(&self, reference: &str, global: &GlobalFlags) -> Result<(), CliError> {
        let located = self.chart.remote(reference)?;
        let pulled = self.fetch(reference, &located, global)?;
        let limits = global.limits().chart;
        let chart = Chart::load_archive(&pulled.fetched.archive, &limits, global.flavour())?;
        output::print(&pulled.report)?;
        if !self.untar {
            let name = Some(pulled.fetched.file_name()).filter(|name| name.ends_with(".tgz"));
            let name = name.unwrap_or_else(|| chart.archive_name());
            let path = self.destination.join(&name);
            write(&path, &pulled.fetched.archive)?;
            return match &pulled.provenance {
                Some(provenance) => write(&self.destination.join(format!("{name}.prov")), provenance),
                None => Ok(()),
            };
        }
        let folder = self.destination.join(&self.untardir);
        let parts = folder.components().filter(|part| *part != Component::CurDir);
        let folder = parts.collect::<PathBuf>();
        let files = chart::load::archive_files(&pulled.fetched.archive, &limits, global.flavour());
        let files = files.map_err(|error| CliError::message(error.to_string()))?;
        unpack(&folder.join(chart.name()), &files)
    }

    /// Fetches the archive and, where it is wanted, its provenance. What is to be verified is, before anything is written.
    fn fetch(
        &self,
        reference: &str,
        located: &ChartReference,
        global: &GlobalFlags,
    ) -> Result<Pulled, CliError> {
        let keyring = self.chart.keyring(global);
        if keyring.is_none() && !self.prov {
            let fetched = self.chart.fetch(located, global)?;
            tell(&fetched, 1, global)?;
            return Ok(Pulled { fetched, provenance: None, report: String::new() });
        }
        let signed = self.chart.fetch_signed(located, global)?;
        tell(&signed.fetched, if signed.provenance.is_ok() { 2 } else { 1 }, global)?;
        if let Some(keyring) = keyring {
            let Verified { fetched, provenance, verification } =
                signed.verified(&keyring, global.flavour())?;
            return Ok(Pulled { fetched, provenance: Some(provenance), report: text(&verification) });
        }
        let Signed { fetched, provenance } = signed;
        let warning = |error: &SourceError| {
            let named = if self.chart.has_repository() { &fetched.origin } else { reference };
            format!("WARNING: Verification not found for {named}: {error}\n")
        };
        let report = provenance.as_ref().err().map(warning).unwrap_or_default();
        Ok(Pulled { fetched, provenance: provenance.ok(), report })
    }
}

/// What was fetched of a chart.
struct Pulled {
    fetched: Fetched,
    provenance: Option<Bytes>,
    /// What there is to say of the provenance.
    report: String,
}

/// Says of what came from a registry what Helm says of each thing that it pulls.
fn tell(fetched: &Fetched, times: usize, global: &GlobalFlags) -> Result<(), CliError> {
    let Some(manifest) = fetched.manifest else { return Ok(()) };
    let origin = fetched.origin.trim_start_matches("oci://");
    let text = registry::moved("Pulled", origin, manifest, origin.contains('_'));
    (0..times).try_for_each(|_| registry::tell(&text, global))
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

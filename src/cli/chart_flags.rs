//! Which chart, and how to get at it.

use std::path::{Path, PathBuf};

use chart::ignore::IgnoreRules;
use chart::{Chart, Flavour, Limits};
use clap::Args;

use super::access_flags::AccessFlags;
use super::global::GlobalFlags;
use super::verify_flags::VerifyFlags;
use super::{CliError, dependency, output};
use crate::source::provenance::verify_file;
use crate::source::{self, Access, ChartReference, Fetched, Signed};

/// Where a chart comes from, for commands that take `CHART`.
#[derive(Args, Debug, Default)]
pub(super) struct ChartFlags {
    /// Chart repository URL where to locate the requested chart
    #[arg(long, value_name = "URL")]
    repo: Option<String>,
    /// A version or range of versions; the newest when absent
    #[arg(long, value_name = "VERSION", default_value = "", hide_default_value = true)]
    version: String,
    /// Use development versions, too; equals --version '>0.0.0-0'
    #[arg(long)]
    devel: bool,
    /// Pass credentials to all domains
    #[arg(long)]
    pass_credentials: bool,
    #[command(flatten)]
    access: AccessFlags,
    #[command(flatten)]
    verify: VerifyFlags,
}

impl ChartFlags {
    /// Loads a chart from where the user says it is.
    pub(super) fn load(&self, chart: &str, global: &GlobalFlags) -> Result<Chart, CliError> {
        let limits = global.limits().chart;
        let keyring = self.verify.keyring(global);
        let archive = match (self.reference(chart)?, &keyring) {
            (ChartReference::Directory(path), None) => return load_folder(&path, &limits, global),
            (ChartReference::Directory(path) | ChartReference::File(path), Some(keyring)) => {
                let path = source::absolute(&path);
                let (archive, _) = verify_file(&path, keyring, global.flavour())?;
                source::ensure_archive(&path, &archive)?;
                archive
            }
            (ChartReference::File(path), None) => source::read_archive(&path)?,
            (remote, None) => self.fetch(&remote, global)?.archive,
            (remote, Some(keyring)) => {
                self.fetch_signed(&remote, global)?.verified(keyring, global.flavour())?.fetched.archive
            }
        };
        Ok(Chart::load_archive(&archive, &limits, global.flavour())?)
    }

    /// Loads a chart that is to be installed. With `update`, dependencies that are missing are fetched into its folder.
    pub(super) fn load_installable(
        &self,
        chart: &str,
        update: bool,
        global: &GlobalFlags,
    ) -> Result<Chart, CliError> {
        let loaded = self.load(chart, global)?;
        check_type(&loaded)?;
        let checked = check_dependencies(&loaded, global);
        if checked.is_ok() || !update {
            return checked.map(|()| loaded);
        }
        let ChartReference::Directory(folder) = self.reference(chart)? else {
            return checked.map(|()| loaded);
        };
        dependency::fetch(&folder, true, true, None, global)?;
        let loaded = self.load(chart, global)?;
        check_dependencies(&loaded, global).map(|()| loaded)
    }

    /// Where a chart is that is fetched, whatever lies in the present folder.
    pub(super) fn remote(&self, chart: &str) -> Result<ChartReference, CliError> {
        match self.has_repository() {
            true => self.reference(chart),
            false => Ok(ChartReference::remote(chart, self.wanted_version())?),
        }
    }

    /// Fetches a chart's archive.
    pub(super) fn fetch(
        &self,
        reference: &ChartReference,
        global: &GlobalFlags,
    ) -> Result<Fetched, CliError> {
        global.block_on(global.sources().fetch(reference, &self.access()?))
    }

    /// Fetches a chart's archive and its provenance.
    pub(super) fn fetch_signed(
        &self,
        reference: &ChartReference,
        global: &GlobalFlags,
    ) -> Result<Signed, CliError> {
        global.block_on(global.sources().fetch_signed(reference, &self.access()?))
    }

    /// The keyring by which charts are verified, where they are.
    pub(super) fn keyring(&self, global: &GlobalFlags) -> Option<PathBuf> {
        self.verify.keyring(global)
    }

    fn reference(&self, chart: &str) -> Result<ChartReference, CliError> {
        Ok(ChartReference::parse(chart, self.wanted_version(), self.repo.as_deref())?)
    }

    fn wanted_version(&self) -> &str {
        if self.devel && self.version.is_empty() { ">0.0.0-0" } else { &self.version }
    }

    /// Whether the chart is named in a repository.
    pub(super) fn has_repository(&self) -> bool {
        self.repo.as_ref().is_some_and(|url| !url.is_empty())
    }

    fn access(&self) -> Result<Access, CliError> {
        Ok(Access { pass_credentials_all: self.pass_credentials, ..self.access.access()? })
    }
}

/// Loads an unpacked chart.
pub(super) fn load_folder(path: &Path, limits: &Limits, global: &GlobalFlags) -> Result<Chart, CliError> {
    if global.flavour() == Flavour::V4 {
        detect_metadata(path)?;
    }
    Ok(Chart::load_files(folder_files(path)?, limits, global.flavour())?)
}

/// Helm 4 looks into `Chart.yaml` for the kind of chart before it reads the others, and says of it where it looked.
fn detect_metadata(path: &Path) -> Result<(), CliError> {
    let file = std::path::absolute(path).unwrap_or_else(|_| path.into()).join("Chart.yaml");
    if file.exists() {
        return Ok(());
    }
    let file = file.display();
    Err(CliError::message(format!(
        "unable to detect chart at {file}: open {file}: no such file or directory"
    )))
}

/// The files of an unpacked chart, without those its `.helmignore` names.
pub(super) fn folder_files(path: &Path) -> Result<Vec<(String, Vec<u8>)>, CliError> {
    let rules = match std::fs::read(path.join(".helmignore")) {
        Ok(text) => IgnoreRules::parse(&text).map_err(|error| CliError::message(error.to_string()))?,
        Err(_) => IgnoreRules::default(),
    };
    Ok(source::directory::read(path, |path, is_directory| !rules.ignores(path, is_directory))?)
}

/// Refuses charts that are for other charts only.
fn check_type(chart: &Chart) -> Result<(), CliError> {
    let metadata = chart.metadata();
    match metadata.chart_type.as_str() {
        "" | "application" => {}
        other => return Err(CliError::message(format!("{other} charts are not installable"))),
    }
    if metadata.deprecated {
        output::warn("This chart is deprecated");
    }
    Ok(())
}

/// Refuses charts that lack their dependencies.
pub(super) fn check_dependencies(chart: &Chart, global: &GlobalFlags) -> Result<(), CliError> {
    let checked = chart::check_dependencies(chart, global.flavour());
    checked.map_err(|error| CliError::message(error.to_string()))
}

//! `pintle package`: a chart folder becomes an archive.

use std::path::{Path, PathBuf};

use clap::Args;

use super::chart_flags::load_folder;
use super::global::GlobalFlags;
use super::sign_flags::SignFlags;
use super::{CliError, dependency, output};

/// Package a chart folder into a chart archive.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Charts: folders
    #[arg(value_name = "CHART", required = true)]
    folders: Vec<PathBuf>,
    /// Where to write the archive
    #[arg(short, long, value_name = "FOLDER", default_value = ".")]
    destination: PathBuf,
    /// Set the version of the chart
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Set the appVersion of the chart
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,
    /// Update dependencies from Chart.yaml to charts/ before packaging
    #[arg(short = 'u', long)]
    dependency_update: bool,
    #[command(flatten)]
    sign: SignFlags,
}

const EXAMPLES: &str = "\
Examples:
  pintle package ./chart --destination dist
  pintle package ./chart --version 1.2.3 --app-version 4.5
  pintle package ./chart --sign --key publisher@example.com --keyring secret.gpg --passphrase-file -";

/// Packages every chart.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let mut signer = arguments.sign.signer(global)?;
    for folder in &arguments.folders {
        if arguments.dependency_update {
            dependency::fetch(folder, true, true, None, global)?;
        }
        if !folder.exists() {
            let text = format!("stat {}: no such file or directory", folder.display());
            return Err(CliError::message(text));
        }
        let mut chart = load_folder(folder, &global.limits().chart, global)?;
        if let Some(version) = &arguments.version {
            semver::Version::parse_strict(version).map_err(|error| CliError::message(error.to_string()))?;
            chart = chart.with_version(version);
        }
        if let Some(version) = &arguments.app_version {
            chart = chart.with_app_version(version);
        }
        super::chart_flags::check_dependencies(&chart, global)?;
        let archive = chart.package(modified()).map_err(|error| CliError::message(error.to_string()))?;
        let path = arguments.destination.join(chart.archive_name());
        let provenance = signer.as_mut().map(|signer| signer.sign(&chart, &archive)).transpose()?;
        write(&path, &archive)?;
        if let Some(provenance) = provenance {
            let name = format!("{}.prov", chart.archive_name());
            write(&arguments.destination.join(name), provenance.as_bytes())?;
        }
        // Helm's own default is the path of the present folder.
        let shown = match arguments.destination.as_os_str() == "." {
            true => std::path::absolute(&path).unwrap_or_else(|_| path.clone()),
            false => path.clone(),
        };
        let shown = shown.components().collect::<PathBuf>();
        output::print(format!("Successfully packaged chart and saved it to: {}\n", shown.display()))?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}

/// When the files were changed: now, unless builds that repeat say otherwise.
pub(super) fn modified() -> u64 {
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    epoch.unwrap_or_else(|| u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default())
}

//! `pintle push`: uploads a chart's archive to a registry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chart::{Chart, Maintainer, Metadata};
use clap::Args;
use jiff::Timestamp;

use super::access_flags::AccessFlags;
use super::global::GlobalFlags;
use super::{CliError, registry};
use crate::release::Time;
use crate::source::oci::Artifact;
use crate::source::provenance::beside;
use crate::source::{self, OciReference, SourceError};

/// Push a chart to a registry.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The chart's archive; a provenance file beside it goes with it
    #[arg(value_name = "CHART")]
    archive: PathBuf,
    /// Where to: oci://…, without the chart's name
    #[arg(value_name = "REMOTE")]
    remote: String,
    /// What Helm takes, too, and doesn't look at
    #[arg(hide = true)]
    rest: Vec<String>,
    #[command(flatten)]
    access: AccessFlags,
}

const EXAMPLES: &str = "\
Examples:
  pintle push web-1.2.3.tgz oci://registry.example.com/charts";

/// Pushes.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let path = registry_path(&arguments.remote)?;
    let metadata = check(&arguments.archive)?;
    let archive = read(&arguments.archive)?;
    let chart = Chart::load_archive(&archive, &global.limits().chart, global.flavour())?;
    let reference = reference(path, chart.metadata())?;
    let artifact = Artifact {
        config: chart.metadata().to_json().into(),
        archive,
        provenance: provenance(&arguments.archive)?,
        annotations: annotations(chart.metadata(), &modified(&metadata)),
    };
    let pushed = global.ask(global.sources().push(&reference, &artifact, &arguments.access.access()?))?;
    let is_changed = reference.tag().is_some_and(|tag| tag.contains('_'));
    registry::tell(&registry::moved("Pushed", &pushed.reference, pushed.digest, is_changed), global)
}

/// What follows `oci://`. Helm: `ChartUploader.UploadTo`.
fn registry_path(remote: &str) -> Result<&str, CliError> {
    let is_scheme = |text: &str| {
        let mut bytes = text.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    match remote.split_once(':') {
        Some(("oci", rest)) => Ok(rest.strip_prefix("//").unwrap_or(rest)),
        Some((scheme, _)) if is_scheme(scheme) => {
            Err(CliError::message(format!("scheme {scheme:?} not supported")))
        }
        Some((first, _)) if !first.contains('/') => {
            Err(CliError::message(format!("invalid chart URL format: {remote}")))
        }
        _ => Err(CliError::message("scheme prefix missing from remote (e.g. \"oci://\")")),
    }
}

fn check(archive: &Path) -> Result<std::fs::Metadata, CliError> {
    match std::fs::metadata(archive) {
        Ok(metadata) if metadata.is_dir() => {
            Err(CliError::message("cannot push directory, must provide chart archive (.tgz)"))
        }
        Ok(metadata) => Ok(metadata),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(CliError::message(format!("{}: no such file", archive.display())))
        }
        Err(source) => Err(CliError::Read { path: archive.to_owned(), source }),
    }
}

/// The archive's bytes. What is none is told by the path that was given, as Helm does here.
fn read(archive: &Path) -> Result<Bytes, SourceError> {
    source::read_archive(archive).map_err(|error| match error {
        SourceError::YamlFile(_) => SourceError::YamlFile(archive.to_owned()),
        SourceError::NotGzipped { content_type, .. } => {
            SourceError::NotGzipped { path: archive.to_owned(), content_type }
        }
        other => other,
    })
}

/// The chart's place below the path, under the tag of its version.
fn reference(path: &str, metadata: &Metadata) -> Result<OciReference, CliError> {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let (path, name) = (parts.join("/"), &metadata.name);
    Ok(OciReference::parse(&format!("oci://{path}/{name}"), "")?.with_version(&metadata.version)?)
}

fn provenance(archive: &Path) -> Result<Option<Bytes>, CliError> {
    let path = beside(archive);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CliError::Read { path, source }),
    }
}

/// When the archive was written, which is when the chart was made.
fn modified(metadata: &std::fs::Metadata) -> String {
    let at = metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
    Time::local(at.unwrap_or_else(Timestamp::now)).rfc3339()
}

/// The manifest's annotations: what the metadata say, and the chart's own. Helm: `generateOCIAnnotations`.
fn annotations(metadata: &Metadata, created: &str) -> BTreeMap<String, String> {
    const IMAGE: &str = "org.opencontainers.image.";
    let authors: Vec<String> = metadata.maintainers.iter().map(author).collect();
    let told = [
        ("description", metadata.description.as_str()),
        ("title", &metadata.name),
        ("version", &metadata.version),
        ("url", &metadata.home),
        ("created", created),
        ("source", metadata.sources.first().map_or("", |source| source)),
        ("authors", &authors.join(", ")),
    ];
    let mut annotations: BTreeMap<String, String> = told
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(name, text)| (format!("{IMAGE}{name}"), text.to_owned()))
        .collect();
    let fixed = ["title", "version"].map(|name| format!("{IMAGE}{name}"));
    let own = metadata.annotations.iter().filter(|(name, _)| !fixed.contains(name));
    annotations.extend(own.map(|(name, text)| (name.clone(), text.clone())));
    annotations
}

fn author(maintainer: &Maintainer) -> String {
    match maintainer.email.as_str() {
        "" => maintainer.name.clone(),
        email => format!("{} ({email})", maintainer.name),
    }
}

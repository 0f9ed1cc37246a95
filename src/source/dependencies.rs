//! The subcharts that a chart declares, fetched into its `charts/`, and the lock that says which versions they are.
//!
//! Helm: `downloader.Manager`. Everything is fetched before anything in the chart changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chart::metadata::{Lock, dependency_digest};
use chart::{Chart, Dependency, Flavour, Limits};

use super::repository::configured::ConfiguredRepository;
use super::version::Wanted;
use super::{Access, ChartReference, OciReference, Signed, SourceError, Sources, directory};

/// An unpacked chart whose dependencies are to be fetched.
pub struct Dependent<'a> {
    /// Where it lies.
    pub folder: &'a Path,
    /// What it holds.
    pub chart: &'a Chart,
    /// As whom to load charts.
    pub flavour: Flavour,
    /// Bounds on what is fetched.
    pub limits: &'a Limits,
    /// Whether the indexes of all added repositories are fetched first.
    pub refresh: bool,
    /// The keyring that has to vouch for what is fetched, if any.
    pub keyring: Option<PathBuf>,
}

/// What to do about a dependency without provenance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unsigned {
    Warn,
    Refuse,
}

/// A dependency's archive, or none where it lies unpacked in `charts/`.
struct Fetched {
    locked: Dependency,
    archive: Option<(String, Bytes)>,
}

impl Sources {
    /// Fetches the newest versions that the chart allows, and writes them to `Chart.lock`. `tell` hears what goes on.
    ///
    /// # Errors
    /// Where a dependency can't be had, or the keyring does not vouch for it; then nothing is changed.
    pub async fn update_dependencies(
        &self,
        dependent: &Dependent<'_>,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(), SourceError> {
        let Some(declared) = &dependent.chart.metadata().dependencies else { return Ok(()) };
        let declared = &self.resolved(declared)?;
        let fetched = self.fetch_all(dependent, declared, Unsigned::Refuse, tell).await?;
        save(dependent, &fetched, tell)?;
        let locked: Vec<Dependency> = fetched.into_iter().map(|fetched| fetched.locked).collect();
        let digest = dependency_digest(declared, &locked);
        if dependent.chart.lock().is_some_and(|lock| lock.digest == digest) {
            return Ok(());
        }
        let lock = Lock { generated: jiff::Timestamp::now().to_string(), digest, dependencies: Some(locked) };
        write_lock(dependent, &lock)
    }

    /// Fetches what `Chart.lock` says; without one, as [`Self::update_dependencies`]. A dependency that nobody has signed
    /// is told, as Helm does it here.
    ///
    /// # Errors
    /// As there, and where the lock is not that of the declared dependencies.
    pub async fn build_dependencies(
        &self,
        dependent: &Dependent<'_>,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(), SourceError> {
        let declared = dependent.chart.metadata().dependencies.as_deref().unwrap_or_default();
        let declared = self.resolved(declared)?;
        let Some(lock) = dependent.chart.lock() else {
            return self.update_dependencies(dependent, tell).await;
        };
        let locked = lock.dependencies.clone().unwrap_or_default();
        if dependency_digest(&declared, &locked) != lock.digest {
            let (lock, file) = match dependent.chart.metadata().api_version.as_str() {
                "v1" => ("requirements.lock", "requirements.yaml"),
                _ => ("Chart.lock", "Chart.yaml"),
            };
            let how = match dependent.flavour {
                Flavour::V3 => "",
                Flavour::V4 => " with 'helm dependency update'",
            };
            return Err(SourceError::Chart(format!(
                "the lock file ({lock}) is out of sync with the dependencies file ({file}). Please update the \
                 dependencies{how}"
            )));
        }
        let fetched = self.fetch_all(dependent, &locked, Unsigned::Warn, tell).await?;
        save(dependent, &fetched, tell)
    }

    async fn fetch_all(
        &self,
        dependent: &Dependent<'_>,
        wanted: &[Dependency],
        unsigned: Unsigned,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Fetched>, SourceError> {
        let repositories = self.repositories()?;
        if dependent.refresh && !repositories.is_empty() {
            self.refresh(&repositories, tell).await;
        }
        tell(&format!("Saving {} charts", wanted.len()));
        let mut fetched = Vec::with_capacity(wanted.len());
        for dependency in wanted {
            fetched.push(self.fetch_one(dependent, dependency, &repositories, unsigned, tell).await?);
        }
        Ok(fetched)
    }

    /// Fetches the indexes of all repositories; one that can't be had is told, and ends nothing.
    async fn refresh(&self, repositories: &[ConfiguredRepository], tell: &mut dyn FnMut(&str)) {
        tell("Hang tight while we grab the latest from your chart repositories...");
        for repository in repositories {
            let ConfiguredRepository { name, url, .. } = repository;
            tell(&match self.update_index(repository).await {
                Ok(()) => format!("...Successfully got an update from the {name:?} chart repository"),
                Err(error) => format!(
                    "...Unable to get an update from the {name:?} chart repository ({url}):\n\t{error}"
                ),
            });
        }
        tell("Update Complete. ⎈Happy Helming!⎈");
    }

    /// The dependencies with the URLs of the repositories that they name: so locks have them.
    fn resolved(&self, declared: &[Dependency]) -> Result<Vec<Dependency>, SourceError> {
        let repositories = self.repositories()?;
        let resolve = |dependency: &Dependency| {
            let alias =
                dependency.repository.strip_prefix('@').or(dependency.repository.strip_prefix("alias:"));
            let Some(alias) = alias else { return Ok(dependency.clone()) };
            let owner = repositories.iter().find(|repository| repository.name == alias);
            let owner = owner.ok_or_else(|| SourceError::UnknownRepository(alias.to_owned()))?;
            Ok(Dependency { repository: owner.url.clone(), ..dependency.clone() })
        };
        declared.iter().map(resolve).collect()
    }

    async fn fetch_one(
        &self,
        dependent: &Dependent<'_>,
        dependency: &Dependency,
        repositories: &[ConfiguredRepository],
        unsigned: Unsigned,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Fetched, SourceError> {
        let Dependency { name, repository, .. } = dependency;
        let locked = |version: String| Dependency {
            name: name.clone(),
            version,
            repository: repository.clone(),
            ..Dependency::default()
        };
        if repository.is_empty() {
            tell(&format!(
                "Dependency {name} did not declare a repository. Assuming it exists in the charts directory"
            ));
            check_present(dependent, dependency)?;
            return Ok(Fetched { locked: locked(dependency.version.clone()), archive: None });
        }
        if let Some(path) = repository.strip_prefix("file://") {
            tell(&format!("Archiving {name} from repo {repository}"));
            let (chart, archive) = packed(dependent, path)?;
            check_version(dependency, &chart.metadata().version)?;
            let version = chart.metadata().version.clone();
            return Ok(Fetched {
                locked: locked(version),
                archive: Some((chart.archive_name(), archive.into())),
            });
        }
        tell(&format!("Downloading {name} from repo {repository}"));
        let (reference, access) = located(dependency, repositories)?;
        let archive = match &dependent.keyring {
            None => self.fetch(&reference, &access).await?.archive,
            Some(keyring) => {
                let signed = self.fetch_signed(&reference, &access).await?;
                let origin = match &reference {
                    ChartReference::Oci(chart) => format!("oci://{}/{}", chart.registry, chart.repository),
                    _ => signed.fetched.origin.clone(),
                };
                verified(signed, origin, keyring, dependent.flavour, unsigned, tell)?
            }
        };
        let chart = load(&archive, dependent)?;
        let version = chart.metadata().version.clone();
        Ok(Fetched { locked: locked(version), archive: Some((chart.archive_name(), archive)) })
    }
}

/// The archive, if the keyring vouches for it.
fn verified(
    signed: Signed,
    origin: String,
    keyring: &Path,
    flavour: Flavour,
    unsigned: Unsigned,
    tell: &mut dyn FnMut(&str),
) -> Result<Bytes, SourceError> {
    if let (Err(error), Unsigned::Warn) = (&signed.provenance, unsigned) {
        tell(&format!("WARNING: Verification not found for {origin}: {error}"));
        return Ok(signed.fetched.archive);
    }
    let verified = signed.verified(keyring, flavour);
    let refused = |source| SourceError::Dependency { origin, source: Box::new(source) };
    let verified = verified.map_err(refused).inspect_err(|error| {
        tell(&format!("Save error occurred:  {error}"));
    })?;
    Ok(verified.fetched.archive)
}

/// Where a dependency is fetched from, and as whom: a repository that the user has added knows a login.
fn located(
    dependency: &Dependency,
    repositories: &[ConfiguredRepository],
) -> Result<(ChartReference, Access), SourceError> {
    let Dependency { name, version, repository, .. } = dependency;
    if repository.starts_with("oci://") {
        let reference = format!("{}/{name}", repository.trim_end_matches('/'));
        return Ok((ChartReference::Oci(OciReference::parse(&reference, version)?), Access::default()));
    }
    let same = |configured: &&ConfiguredRepository| {
        configured.url.trim_end_matches('/') == repository.trim_end_matches('/')
    };
    let access =
        repositories.iter().find(same).map_or_else(|| Ok(Access::default()), ConfiguredRepository::access)?;
    let url = super::repository::parse(repository)?;
    Ok((ChartReference::Repository { url, name: name.clone(), version: version.clone() }, access))
}

fn check_present(dependent: &Dependent<'_>, dependency: &Dependency) -> Result<(), SourceError> {
    let name = &dependency.name;
    let present = dependent.chart.dependencies().iter().find(|chart| chart.name() == name);
    match present {
        Some(chart) => check_version(dependency, &chart.metadata().version),
        None => Err(SourceError::Chart(format!(
            "directory {} not found",
            dependent.folder.join("charts").join(name).display()
        ))),
    }
}

fn check_version(dependency: &Dependency, version: &str) -> Result<(), SourceError> {
    let Dependency { name, version: wanted, .. } = dependency;
    match Wanted::parse(wanted) {
        Some(range) if range.accepts(version) => Ok(()),
        Some(_) => Err(SourceError::Chart(format!(
            "can't get a valid version for dependency {name}: {version} does not satisfy {wanted}"
        ))),
        None => Err(SourceError::Chart(format!(
            "dependency {name:?} has an invalid version/constraint format: {wanted}"
        ))),
    }
}

/// A chart beside the one that depends on it, as an archive.
fn packed(dependent: &Dependent<'_>, path: &str) -> Result<(Chart, Vec<u8>), SourceError> {
    let folder =
        if Path::new(path).is_absolute() { PathBuf::from(path) } else { dependent.folder.join(path) };
    if !folder.is_dir() {
        return Err(SourceError::Chart(format!("directory {} not found", folder.display())));
    }
    let files = directory::read(&folder, |_, _| true)?;
    let wrong = |problem: String| SourceError::Chart(problem);
    let chart = Chart::load_files(files, dependent.limits, dependent.flavour);
    let chart = chart.map_err(|error| wrong(error.to_string()))?;
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default();
    let archive = chart.package(now).map_err(|error| wrong(error.to_string()))?;
    Ok((chart, archive))
}

fn load(archive: &[u8], dependent: &Dependent<'_>) -> Result<Chart, SourceError> {
    let chart = Chart::load_archive(archive, dependent.limits, dependent.flavour);
    chart.map_err(|error| SourceError::Chart(error.to_string()))
}

/// Writes the archives into `charts/`, and takes away those of other versions.
fn save(
    dependent: &Dependent<'_>,
    fetched: &[Fetched],
    tell: &mut dyn FnMut(&str),
) -> Result<(), SourceError> {
    let folder = dependent.folder.join("charts");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SourceError::Write { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
    let mut saved = BTreeSet::new();
    for (name, archive) in fetched.iter().filter_map(|fetched| fetched.archive.as_ref()) {
        let path = folder.join(name);
        let temporary = folder.join(format!(".{name}.{}", std::process::id()));
        std::fs::write(&temporary, archive).map_err(failed(&temporary))?;
        std::fs::rename(&temporary, &path).map_err(failed(&path))?;
        saved.insert(path);
    }
    tell("Deleting outdated charts");
    let names: BTreeSet<&str> = fetched.iter().map(|fetched| fetched.locked.name.as_str()).collect();
    for entry in std::fs::read_dir(&folder).map_err(failed(&folder))?.flatten() {
        let path = entry.path();
        let is_archive = path.extension().is_some_and(|extension| extension == "tgz");
        if !is_archive || saved.contains(&path) {
            continue;
        }
        let archive = std::fs::read(&path).unwrap_or_default();
        // What is no chart is not ours to take away.
        if load(&archive, dependent).is_ok_and(|chart| names.contains(chart.name())) {
            std::fs::remove_file(&path).map_err(failed(&path))?;
        }
    }
    Ok(())
}

fn write_lock(dependent: &Dependent<'_>, lock: &Lock) -> Result<(), SourceError> {
    let name =
        if dependent.chart.metadata().api_version == "v1" { "requirements.lock" } else { "Chart.lock" };
    let path = dependent.folder.join(name);
    let wrong = |problem: String| SourceError::Chart(problem);
    let value =
        value::json::from_slice(lock.to_json().as_bytes()).map_err(|error| wrong(error.to_string()))?;
    let text = goyaml::to_yaml(&value).map_err(|error| wrong(error.to_string()))?;
    std::fs::write(&path, text).map_err(|source| SourceError::Write { path, source })
}

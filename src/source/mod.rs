//! Charts from outside: a reference becomes an archive's bytes and its digest, verified.
//!
//! The first step of the one way through. It fetches, from directories, files, repositories and registries, and does
//! not look into what it fetched: the chart crate does.

mod archive_file;
mod cache;
mod credentials;
mod dependencies;
mod digest;
pub mod directory;
mod error;
mod home;
mod http;
pub mod oci;
pub mod provenance;
mod reference;
mod remote_archive;
mod replacement;
pub mod repository;
mod signed;
mod version;

use bytes::Bytes;

pub(crate) use self::archive_file::{absolute, cleaned, ensure_archive, read_archive};
pub use self::cache::Cache;
pub use self::credentials::{Access, Credentials};
pub use self::dependencies::Dependent;
pub use self::digest::Digest;
pub use self::error::SourceError;
pub(crate) use self::error::{plain, shown};
pub use self::home::HelmHome;
pub use self::http::{Http, TlsOptions};
pub(crate) use self::http::{causes, tls, trust};
pub use self::oci::OciReference;
pub use self::reference::ChartReference;
pub(crate) use self::replacement::Replacement;
pub use self::signed::{Signed, Verified};

use self::remote_archive::RemoteArchive;
use self::repository::configured::{self, ConfiguredRepository};

/// Where charts come from: Helm's files and HTTP clients. Cloning is cheap and shares the clients.
#[derive(Clone)]
pub struct Sources {
    home: HelmHome,
    http: Http,
}

/// A chart's archive, as it came.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// A gzipped tar archive.
    pub archive: Bytes,
    /// The archive's digest.
    pub digest: Digest,
    /// Where it came from, fit to be shown: no credentials, no query.
    pub origin: String,
    /// The digest of the manifest that it was found by, where it came from a registry.
    pub manifest: Option<Digest>,
}

impl Fetched {
    pub(crate) fn archive(archive: Bytes, digest: Digest, origin: String) -> Self {
        Self { archive, digest, origin, manifest: None }
    }

    /// What the file is called where it comes from: one name, whatever the address has in it. Helm:
    /// `ChartDownloader.DownloadTo`.
    pub fn file_name(&self) -> String {
        let address = credentials::decoded(&self.address());
        let name = address.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once(':').filter(|_| self.manifest.is_some()) {
            Some((name, version)) => format!("{name}-{version}.tgz"),
            None => name.to_owned(),
        }
    }

    /// Where it came from, with the version in the place of a registry's tag.
    fn address(&self) -> String {
        match self.origin.rsplit_once(':').filter(|_| self.manifest.is_some()) {
            Some((repository, tag)) => format!("{repository}:{}", oci::version_of(tag)),
            None => self.origin.clone(),
        }
    }
}

impl Sources {
    /// Sources that use these files for repositories and logins.
    pub fn new(home: HelmHome) -> Self {
        Self { home, http: Http::default() }
    }

    /// Helm's files.
    pub fn home(&self) -> &HelmHome {
        &self.home
    }

    /// The HTTP clients.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Fetches a chart's archive and checks it against the digest that its index or manifest promises.
    ///
    /// # Errors
    /// Fails when there is no such chart, when nobody answers, and when what came is not what was promised. A
    /// directory has no archive: see [`directory::read`].
    pub async fn fetch(&self, reference: &ChartReference, access: &Access) -> Result<Fetched, SourceError> {
        match reference {
            ChartReference::Directory(path) => {
                Err(SourceError::Chart(format!("{} is a directory", path.display())))
            }
            ChartReference::File(path) => {
                let archive = read_archive(path)?;
                let digest = Digest::of(&archive);
                Ok(Fetched::archive(archive, digest, path.display().to_string()))
            }
            ChartReference::Inline(bytes) => {
                Ok(Fetched::archive(bytes.clone(), Digest::of(bytes), "inline".to_owned()))
            }
            ChartReference::Oci(reference) => {
                oci::Pull::begin(&self.http, &self.home, reference, access).await?.archive().await
            }
            remote => self.locate(remote, access).await?.fetch(&self.http).await,
        }
    }

    /// Fetches a chart's archive, as [`Sources::fetch`] does, and its provenance.
    ///
    /// # Errors
    /// As there; that there is no provenance is told beside the archive.
    pub async fn fetch_signed(
        &self,
        reference: &ChartReference,
        access: &Access,
    ) -> Result<Signed, SourceError> {
        if let ChartReference::Oci(reference) = reference {
            let pull = oci::Pull::begin(&self.http, &self.home, reference, access).await?;
            return Ok(Signed { fetched: pull.archive().await?, provenance: pull.provenance().await });
        }
        let remote = self.locate(reference, access).await?;
        let fetched = remote.fetch(&self.http).await?;
        Ok(Signed { fetched, provenance: remote.fetch_provenance(&self.http).await })
    }

    /// Where an archive is that is fetched by HTTP.
    async fn locate(
        &self,
        reference: &ChartReference,
        access: &Access,
    ) -> Result<RemoteArchive, SourceError> {
        match reference {
            ChartReference::Url(url) => self.locate_url(url, access),
            ChartReference::Repository { url, name, version } => {
                repository::find(&self.http, url, access, name, version).await
            }
            ChartReference::Configured { repository, name, version } => {
                let configured = self.configured(repository)?;
                let index = self.home.cached_index(repository);
                repository::find_cached(&configured, &index, name, version)
            }
            _ => Err(SourceError::Chart("what is on this machine is not fetched".to_owned())),
        }
    }

    /// Tries a login at a registry, and keeps it in Helm's file where the registry takes it.
    ///
    /// # Errors
    /// Fails when the registry refuses the login or can't be asked, and when the file can't be written.
    pub async fn login(&self, registry: &str, access: &Access) -> Result<(), SourceError> {
        oci::login(&self.http, &self.home, registry, access).await
    }

    /// Takes the login for a registry out of Helm's file, if there is one.
    ///
    /// # Errors
    /// Fails when the file can't be read or written.
    pub fn logout(&self, registry: &str) -> Result<(), SourceError> {
        oci::logout(&self.home, registry)
    }

    /// Pushes a chart to a registry, under the reference's tag.
    ///
    /// # Errors
    /// Fails when nobody answers, or the registry refuses.
    pub async fn push(
        &self,
        reference: &OciReference,
        artifact: &oci::Artifact,
        access: &Access,
    ) -> Result<oci::Pushed, SourceError> {
        oci::push(&self.http, &self.home, reference, artifact, access).await
    }

    /// A direct URL. Helm looks for a configured repository that the URL lies in, for its login and certificates.
    fn locate_url(&self, url: &url::Url, access: &Access) -> Result<RemoteArchive, SourceError> {
        if access.credentials.is_none() && access.tls == TlsOptions::default() {
            let repositories = configured::load(&self.home.repository_config)?;
            let inside = |repository: &&ConfiguredRepository| {
                url.as_str().starts_with(&format!("{}/", repository.url.trim_end_matches('/')))
            };
            if let Some(owner) = repositories.iter().find(inside) {
                let home = repository::parse(&owner.url)?;
                return RemoteArchive::new(url.clone(), home, owner.access()?, None);
            }
        }
        RemoteArchive::new(url.clone(), url.clone(), access.clone(), None)
    }

    fn configured(&self, name: &str) -> Result<ConfiguredRepository, SourceError> {
        let repositories = configured::load(&self.home.repository_config)?;
        let found = repositories.into_iter().find(|repository| repository.name == name);
        found.ok_or_else(|| SourceError::UnknownRepository(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;

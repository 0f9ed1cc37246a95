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
mod reference;
mod replacement;
pub mod repository;
mod version;

use bytes::Bytes;

pub(crate) use self::archive_file::read_archive;
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
}

impl Fetched {
    pub(crate) fn archive(archive: Bytes, digest: Digest, origin: String) -> Self {
        Self { archive, digest, origin }
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
            ChartReference::Url(url) => self.fetch_url(url, access).await,
            ChartReference::Repository { url, name, version } => {
                repository::fetch(&self.http, url, access, name, version).await
            }
            ChartReference::Configured { repository, name, version } => {
                let configured = self.configured(repository)?;
                let index = self.home.cached_index(repository);
                repository::fetch_cached(&self.http, &configured, &index, name, version).await
            }
            ChartReference::Oci(reference) => oci::fetch(&self.http, &self.home, reference, access).await,
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
    async fn fetch_url(&self, url: &url::Url, access: &Access) -> Result<Fetched, SourceError> {
        if access.credentials.is_none() && access.tls == TlsOptions::default() {
            let repositories = configured::load(&self.home.repository_config)?;
            let inside = |repository: &&ConfiguredRepository| {
                url.as_str().starts_with(&format!("{}/", repository.url.trim_end_matches('/')))
            };
            if let Some(owner) = repositories.iter().find(inside) {
                let home = repository::parse(&owner.url)?;
                return repository::fetch_archive(&self.http, &home, url, &owner.access()?, None).await;
            }
        }
        repository::fetch_archive(&self.http, url, url, access, None).await
    }

    fn configured(&self, name: &str) -> Result<ConfiguredRepository, SourceError> {
        let repositories = configured::load(&self.home.repository_config)?;
        let found = repositories.into_iter().find(|repository| repository.name == name);
        found.ok_or_else(|| SourceError::UnknownRepository(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;

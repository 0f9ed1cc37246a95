//! An archive behind HTTP, and the provenance beside it.

use bytes::Bytes;
use url::Url;

use super::directory::MAX_CHART_BYTES;
use super::error::shown;
use super::http::{Get, Http, download};
use super::provenance::MAX_PROVENANCE_BYTES;
use super::{Access, Digest, Fetched, SourceError};

/// What Helm 4 asks for when it wants an archive.
const ARCHIVE: &str = "application/gzip,application/octet-stream";

/// Where an archive is, and as whom to ask for it.
pub(crate) struct RemoteArchive {
    url: Url,
    /// Whom the credentials are for.
    home: Url,
    access: Access,
    promised: Option<Digest>,
}

impl RemoteArchive {
    /// An archive of this digest, where one was promised.
    pub(crate) fn new(
        url: Url,
        home: Url,
        access: Access,
        promised: Option<Digest>,
    ) -> Result<Self, SourceError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SourceError::Scheme(url.scheme().to_owned()));
        }
        Ok(Self { url, home, access, promised })
    }

    /// Downloads the archive.
    pub(crate) async fn fetch(&self, http: &Http) -> Result<Fetched, SourceError> {
        let (archive, actual) = self.download(http, &self.url, MAX_CHART_BYTES).await?;
        match self.promised {
            Some(expected) if expected != actual => Err(SourceError::DigestMismatch {
                what: shown(&self.url),
                actual,
                expected,
                promised_by: "the repository's index",
            }),
            _ => Ok(Fetched::archive(archive, actual, shown(&self.url))),
        }
    }

    /// Downloads the provenance. It lies beside the archive; a query stays behind the name of the file.
    pub(crate) async fn fetch_provenance(&self, http: &Http) -> Result<Bytes, SourceError> {
        let mut url = self.url.clone();
        url.set_path(&format!("{}.prov", self.url.path()));
        self.download(http, &url, MAX_PROVENANCE_BYTES).await.map(|(provenance, _)| provenance)
    }

    async fn download(&self, http: &Http, url: &Url, limit: u64) -> Result<(Bytes, Digest), SourceError> {
        let authorization = self.access.authorization(&self.home, url);
        download(http, &Get { url, accept: Some(ARCHIVE), authorization, tls: &self.access.tls }, limit).await
    }
}

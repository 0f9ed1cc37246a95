//! Chart repositories: a directory of archives behind HTTP with an `index.yaml`.

pub mod configured;
mod index;
mod split;
mod store;

use std::io::Read as _;
use std::path::Path;

use url::Url;

pub(crate) use index::{ChartFinder, IndexReader};
pub use index::{IndexEntry, IndexError, versions};

use super::error::shown;
use super::http::{Get, Http, each_chunk};
use super::remote_archive::RemoteArchive;
use super::{Access, SourceError};

/// The largest index we read. It streams by: this bounds time and traffic, not memory.
const MAX_INDEX_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Finds a chart in the repository at `repository`.
pub(crate) async fn find(
    http: &Http,
    repository: &Url,
    access: &Access,
    name: &str,
    version: &str,
) -> Result<RemoteArchive, SourceError> {
    let wrap = |error: SourceError| SourceError::Repository {
        repository: shown(repository),
        source: Box::new(error),
    };
    let mut finder = ChartFinder::new(name);
    stream_index(http, repository, access, finder.reader(), |_| Ok(())).await.map_err(wrap)?;
    let entry = finder.pick(version, &shown(repository))?;
    archive_of(repository, access.clone(), name, &entry)
}

/// Finds a chart in an index on disk.
pub(crate) fn find_cached(
    repository: &configured::ConfiguredRepository,
    index: &Path,
    name: &str,
    version: &str,
) -> Result<RemoteArchive, SourceError> {
    let mut finder = ChartFinder::new(name);
    read_index(index, finder.reader())?;
    let entry = finder.pick(version, &repository.name)?;
    archive_of(&parse(&repository.url)?, repository.access()?, name, &entry)
}

/// Hands an index from the network to `reader`, and every chunk to `copy` as well.
pub(crate) async fn stream_index(
    http: &Http,
    repository: &Url,
    access: &Access,
    mut reader: IndexReader<'_>,
    mut copy: impl FnMut(&[u8]) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let url = index_url(repository)?;
    let authorization = access.authorization(repository, &url);
    let get = Get { url: &url, accept: None, authorization, tls: &access.tls };
    let response = http.get(&get).await?;
    let taken = each_chunk(response, &url, MAX_INDEX_BYTES, |chunk| {
        reader.push(chunk)?;
        copy(chunk)
    });
    match taken.await {
        Ok(()) => Ok(reader.finish()?),
        Err(super::http::Failed::Final(error)) => Err(error),
        Err(super::http::Failed::Passing(problem)) => {
            Err(SourceError::Unreachable { url: shown(&url), attempts: 1, problem })
        }
    }
}

/// Hands all entries of an index on disk on, chart by chart, as they are written.
pub(crate) fn read_entries(
    path: &Path,
    each: impl FnMut(&str, Vec<value::Map>) + Send,
) -> Result<(), SourceError> {
    read_index(path, IndexReader::of_maps(each))
}

/// Hands an index on disk to `reader`.
pub(crate) fn read_index(path: &Path, mut reader: IndexReader<'_>) -> Result<(), SourceError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => SourceError::NoCachedIndex(path.into()),
        _ => SourceError::Read { path: path.into(), source },
    };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            return Ok(reader.finish()?);
        }
        reader.push(buffer.get(..count).unwrap_or_default())?;
    }
}

fn archive_of(
    repository: &Url,
    access: Access,
    name: &str,
    entry: &IndexEntry,
) -> Result<RemoteArchive, SourceError> {
    let reference = entry.urls.first().ok_or_else(|| SourceError::NoUrls(name.to_owned()))?;
    let url = index::resolve(repository, reference)?;
    RemoteArchive::new(url, repository.clone(), access, entry.digest()?)
}

/// `<repository>/index.yaml`, the query kept. Helm: `DownloadIndexFile`.
fn index_url(repository: &Url) -> Result<Url, SourceError> {
    if !matches!(repository.scheme(), "http" | "https") {
        return Err(SourceError::Scheme(repository.scheme().to_owned()));
    }
    let mut url = repository.clone();
    url.set_path(&format!("{}/index.yaml", repository.path().trim_end_matches('/')));
    Ok(url)
}

/// Reads a URL.
pub(crate) fn parse(url: &str) -> Result<Url, SourceError> {
    Url::parse(url).map_err(|_| SourceError::InvalidUrl(url.to_owned()))
}

//! The repositories that a user has added: their list, and the copies of their indexes. Helm's files.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::configured::{self, ConfiguredRepository};
use super::{ChartFinder, parse, read_entries, stream_index};
use crate::source::replacement::Replacement;
use crate::source::{SourceError, Sources};

/// How long to wait for somebody else who changes the list. Helm's.
const LOCK_DEADLINE: Duration = Duration::from_secs(30);
const LOCK_PAUSE: Duration = Duration::from_millis(100);

impl Sources {
    /// The repositories that were added.
    ///
    /// # Errors
    /// Where the list can't be read.
    pub fn repositories(&self) -> Result<Vec<ConfiguredRepository>, SourceError> {
        configured::load(&self.home().repository_config)
    }

    /// Hands all entries of a repository's copied index on, chart by chart, as they are written.
    ///
    /// # Errors
    /// Where there is no copy, or it can't be read up to its end.
    pub fn index_entries(
        &self,
        repository: &str,
        each: impl FnMut(&str, Vec<value::Map>) + Send,
    ) -> Result<(), SourceError> {
        read_entries(&self.home().cached_index(repository), each)
    }

    /// Adds a repository, or replaces the one of its name, once its index has come. Whether it is new or changed.
    ///
    /// # Errors
    /// Where another repository has the name and is not to be replaced, the index can't be had, or a file not written.
    pub async fn add_repository(
        &self,
        added: ConfiguredRepository,
        replace: bool,
    ) -> Result<bool, SourceError> {
        let config = &self.home().repository_config;
        let _lock = lock(config).await?;
        let mut repositories = configured::load(config)?;
        let existing = repositories.iter().position(|repository| repository.name == added.name);
        if let Some(existing) = existing.and_then(|at| repositories.get(at)).filter(|_| !replace) {
            return if *existing == added {
                Ok(false)
            } else {
                Err(SourceError::RepositoryExists(added.name))
            };
        }
        let repository = super::shown(&parse(&added.url)?);
        let updated = self.update_index(&added).await;
        updated.map_err(|source| SourceError::Repository { repository, source: Box::new(source) })?;
        match existing.and_then(|at| repositories.get_mut(at)) {
            Some(place) => *place = added,
            None => repositories.push(added),
        }
        write_list(config, &repositories)?;
        Ok(true)
    }

    /// Takes a repository off the list, and the copies of its index away. Whether there was one.
    ///
    /// # Errors
    /// Where the list can't be read or written.
    pub async fn remove_repository(&self, name: &str) -> Result<bool, SourceError> {
        let config = &self.home().repository_config;
        let _lock = lock(config).await?;
        let mut repositories = configured::load(config)?;
        let before = repositories.len();
        repositories.retain(|repository| repository.name != name);
        if repositories.len() == before {
            return Ok(false);
        }
        write_list(config, &repositories)?;
        for file in [self.home().cached_names(name), self.home().cached_index(name)] {
            match std::fs::remove_file(&file) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(SourceError::Write { path: file, source });
                }
                _ => {}
            }
        }
        Ok(true)
    }

    /// Fetches a repository's index and keeps a copy, with a list of the charts' names beside it.
    ///
    /// # Errors
    /// Where the index can't be had, or the copy not be written; then the copy before it stays.
    pub async fn update_index(&self, repository: &ConfiguredRepository) -> Result<(), SourceError> {
        let url = parse(&repository.url)?;
        let index = self.home().cached_index(&repository.name);
        let mut copy = Replacement::of(&index)?;
        let mut finder = ChartFinder::new("");
        let keep = |chunk: &[u8]| copy.write(chunk);
        stream_index(self.http(), &url, &repository.access()?, finder.reader(), keep).await?;
        copy.finish()?;
        let mut names = Replacement::of(&self.home().cached_names(&repository.name))?;
        for name in finder.names() {
            names.write(format!("{name}\n").as_bytes())?;
        }
        names.finish()
    }
}

fn write_list(path: &Path, repositories: &[ConfiguredRepository]) -> Result<(), SourceError> {
    let text = configured::print(repositories, &jiff::Zoned::now().timestamp().to_string())?;
    let mut file = Replacement::private(path)?;
    file.write(text.as_bytes())?;
    file.finish()
}

/// Helm's lock on the list: a file beside it.
async fn lock(config: &Path) -> Result<File, SourceError> {
    let path = config.with_extension("lock");
    let failed = |source| SourceError::Write { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(&path).map_err(failed)?;
    let deadline = Instant::now() + LOCK_DEADLINE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                tokio::time::sleep(LOCK_PAUSE).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(failed(std::io::Error::other("somebody else has held it for 30s")));
            }
        }
    }
}

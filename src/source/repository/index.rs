//! What a repository's index says of a chart.

use url::Url;
use value::{Map, Value};

use super::split::Splitter;
use crate::source::version::Wanted;
use crate::source::{Digest, SourceError, version};

/// Why an index can't be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Helm: `ErrEmptyIndexYaml`.
    #[error("empty index.yaml file")]
    Empty,
    /// Helm: `ErrNoAPIVersion`.
    #[error("no API version specified")]
    NoApiVersion,
    /// `entries` is written in a way that can't be cut into charts.
    #[error(
        "the entries of the index are neither block-style YAML nor JSON; 'helm repo index' writes the former"
    )]
    Style,
    /// More than we keep in memory.
    #[error("the index is too large: more than {0} bytes in JSON or for one chart")]
    TooLarge(usize),
    /// Which of the two counts would depend on the reader.
    #[error("the index lists the chart {0} twice")]
    Twice(String),
    /// Not YAML, or not of the right types.
    #[error("error loading index: {0}")]
    Syntax(String),
    /// A digest of another kind than SHA-256.
    #[error("invalid digest in the index for version {version}: {digest:?}")]
    Digest {
        /// The chart's version.
        version: String,
        /// What the index has.
        digest: String,
    },
}

/// One version of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexEntry {
    /// The chart's version, as written.
    pub version: String,
    /// The version of what the chart installs; may be empty.
    pub app_version: String,
    /// One line; may be empty.
    pub description: String,
    /// Words to find the chart by.
    pub keywords: Vec<String>,
    /// Where the archive is, absolute or relative to the repository.
    pub urls: Vec<String>,
    /// The archive's SHA-256 in hexadecimal digits; empty where the repository gives none.
    pub digest: String,
}

impl IndexEntry {
    /// The archive's digest, if the repository gives one.
    ///
    /// # Errors
    /// Fails for something that is not SHA-256.
    pub fn digest(&self) -> Result<Option<Digest>, IndexError> {
        let wrong = || IndexError::Digest { version: self.version.clone(), digest: self.digest.clone() };
        match self.digest.as_str() {
            "" => Ok(None),
            digest => Digest::parse(digest).map(Some).ok_or_else(wrong),
        }
    }
}

/// Takes an index piece by piece and keeps the versions of one chart.
pub(crate) struct ChartFinder {
    name: String,
    /// The versions of the chart, newest first; `None` if there is no such chart.
    pub(crate) versions: Option<Vec<IndexEntry>>,
    names: Vec<String>,
}

/// How many names of charts are kept for suggestions.
const NAMES: usize = 50_000;

impl ChartFinder {
    /// Reads a whole index through `feed`, which pushes its chunks.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), versions: None, names: Vec::new() }
    }

    /// Something that takes the index's chunks.
    pub(crate) fn reader(&mut self) -> IndexReader<'_> {
        let Self { name, versions, names } = self;
        let wanted = move |candidate: &str| {
            if names.len() < NAMES {
                names.push(candidate.to_owned());
            }
            candidate == name
        };
        let found = move |name: &str, text: &[u8]| match versions.replace(entries(text)?) {
            Some(_) => Err(IndexError::Twice(name.to_owned())),
            None => Ok(()),
        };
        IndexReader::of(wanted, found)
    }

    /// The names of the index's charts, sorted.
    pub(crate) fn names(mut self) -> Vec<String> {
        self.names.sort();
        self.names
    }

    /// The version that Helm's `IndexFile.Get` picks: exactly what was asked for, else the newest that satisfies it.
    pub(crate) fn pick(self, version: &str, repository: &str) -> Result<IndexEntry, SourceError> {
        let not_found = |near| SourceError::ChartNotFound {
            chart: self.name.clone(),
            version: version.to_owned(),
            repository: repository.to_owned(),
            near,
        };
        let Some(versions) = &self.versions else {
            return Err(not_found(version::near(&self.name, &self.names)));
        };
        let wanted = Wanted::parse(version).ok_or_else(|| not_found(Vec::new()))?;
        let exact = versions.iter().find(|entry| !version.is_empty() && entry.version == version);
        let newest = || versions.iter().find(|entry| wanted.accepts(&entry.version));
        let picked = exact.or_else(newest).cloned();
        picked.ok_or_else(|| not_found(versions.iter().take(5).map(|entry| entry.version.clone()).collect()))
    }
}

/// The versions that an index has of a chart, newest first; the index comes in chunks and is kept no longer than each.
///
/// # Errors
/// Where the index can't be read up to its end.
pub fn versions<'index>(
    name: &str,
    index: impl IntoIterator<Item = &'index [u8]>,
) -> Result<Vec<IndexEntry>, IndexError> {
    let mut finder = ChartFinder::new(name);
    let mut reader = finder.reader();
    for chunk in index {
        reader.push(chunk)?;
    }
    reader.finish()?;
    Ok(finder.versions.unwrap_or_default())
}

type Found<'a> = Box<dyn FnMut(&str, &[u8]) -> Result<(), IndexError> + Send + 'a>;
type WantedName<'a> = Box<dyn FnMut(&str) -> bool + Send + 'a>;

/// Takes the chunks of an index.
pub(crate) struct IndexReader<'a>(Splitter<Found<'a>, WantedName<'a>>);

impl<'a> IndexReader<'a> {
    /// Hands the entries of every chart on, as they are written.
    pub(crate) fn of_maps(mut each: impl FnMut(&str, Vec<Map>) + Send + 'a) -> Self {
        Self::of(
            |_| true,
            move |name, text| {
                each(name, maps(text)?);
                Ok(())
            },
        )
    }

    fn of(
        wanted: impl FnMut(&str) -> bool + Send + 'a,
        found: impl FnMut(&str, &[u8]) -> Result<(), IndexError> + Send + 'a,
    ) -> Self {
        Self(Splitter::new(Box::new(wanted), Box::new(found)))
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), IndexError> {
        self.0.push(chunk)
    }

    /// Takes the end.
    pub(crate) fn finish(self) -> Result<(), IndexError> {
        self.0.finish()
    }
}

/// The versions in a document `name: [versions]`, newest first. What has no usable version is left out, as in Helm.
fn entries(text: &[u8]) -> Result<Vec<IndexEntry>, IndexError> {
    let list = maps(text)?.iter().filter_map(entry).collect();
    Ok(version::newest_first(list, |entry: &IndexEntry| &entry.version))
}

/// The entries in a document `name: [entries]`.
fn maps(text: &[u8]) -> Result<Vec<Map>, IndexError> {
    let document = goyaml::parse(text).map_err(|error| IndexError::Syntax(error.to_string()))?;
    let versions = document.as_map().and_then(|map| map.entries().into_iter().next()).map(|(_, value)| value);
    Ok(match &versions {
        Some(Value::List(list)) => list.iter().filter_map(|item| item.as_map().cloned()).collect(),
        _ => Vec::new(),
    })
}

fn entry(map: &Map) -> Option<IndexEntry> {
    let version = text(map, "version");
    (!version.is_empty()).then(|| IndexEntry {
        version,
        app_version: text(map, "appVersion"),
        description: text(map, "description"),
        keywords: texts(map, "keywords"),
        urls: texts(map, "urls"),
        digest: text(map, "digest"),
    })
}

fn text(map: &Map, key: &str) -> String {
    let text = map.get(key).and_then(|scalar| goyaml::as_string(&scalar));
    text.map_or_else(String::new, |text| text.to_string())
}

fn texts(map: &Map, key: &str) -> Vec<String> {
    match map.get(key) {
        Some(Value::List(list)) => {
            list.iter().filter_map(|item| item.as_string().map(ToString::to_string)).collect()
        }
        _ => Vec::new(),
    }
}

/// The absolute URL of an archive. Helm: `ResolveReferenceURL` keeps the repository's query.
pub(crate) fn resolve(repository: &Url, reference: &str) -> Result<Url, SourceError> {
    if let Ok(absolute) = Url::parse(reference) {
        return Ok(absolute);
    }
    let mut base = repository.clone();
    base.set_path(&format!("{}/", base.path().strip_suffix('/').unwrap_or(base.path())));
    let mut url = base.join(reference).map_err(|_| SourceError::InvalidUrl(reference.to_owned()))?;
    url.set_query(repository.query());
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"apiVersion: v1
entries:
  web:
  - version: 1.2.0
    appVersion: "3"
    digest: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    urls: [web-1.2.0.tgz]
  - version: 2.0.0-rc.1
    urls: [web-2.0.0-rc.1.tgz]
  - version: 1.10.0
    urls: [https://elsewhere.example/web-1.10.0.tgz]
  web-extras: []
"#;

    fn pick(name: &str, version: &str) -> Result<IndexEntry, SourceError> {
        let mut finder = ChartFinder::new(name);
        let mut reader = finder.reader();
        reader.push(INDEX.as_bytes())?;
        reader.finish()?;
        finder.pick(version, "https://charts.example")
    }

    #[test]
    fn the_newest_stable_version_is_the_default() {
        assert_eq!(pick("web", "").unwrap().version, "1.10.0");
    }

    #[test]
    fn an_exact_version_wins_even_if_it_is_a_prerelease() {
        assert_eq!(pick("web", "2.0.0-rc.1").unwrap().version, "2.0.0-rc.1");
        assert_eq!(pick("web", "~1.2").unwrap().version, "1.2.0");
        assert_eq!(pick("web", ">0.0.0-0").unwrap().version, "2.0.0-rc.1");
    }

    #[test]
    fn what_is_missing_is_told_with_what_there_is() {
        let error = pick("web", "9.0.0").unwrap_err().to_string();
        let versions = "(there is 2.0.0-rc.1, 1.10.0, 1.2.0)";
        assert!(error.ends_with(versions), "{error}");
        let error = pick("wbe", "").unwrap_err().to_string();
        assert_eq!(error, r#"chart "wbe" not found in https://charts.example repository (there is web)"#);
    }

    #[test]
    fn archives_are_found_relative_to_the_repository() {
        let repository: Url = "https://charts.example/stable?key=1".parse().unwrap();
        let url = resolve(&repository, "web-1.2.0.tgz").unwrap();
        assert_eq!(url.as_str(), "https://charts.example/stable/web-1.2.0.tgz?key=1");
        assert_eq!(resolve(&repository, "https://b.example/x").unwrap().as_str(), "https://b.example/x");
    }

    #[test]
    fn a_digest_of_another_kind_is_an_error() {
        let entry = IndexEntry { digest: "abc".into(), ..IndexEntry::default() };
        assert!(entry.digest().is_err());
        assert!(pick("web", "1.2.0").unwrap().digest().unwrap().is_some());
    }
}

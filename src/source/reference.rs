//! How a chart is named.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use url::Url;

use super::{OciReference, SourceError, repository};

/// Where a chart is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartReference {
    /// An unpacked chart.
    Directory(PathBuf),
    /// An archive on disk.
    File(PathBuf),
    /// An archive that came with the request.
    Inline(Bytes),
    /// An archive behind `http` or `https`.
    Url(Url),
    /// A chart of a repository.
    Repository {
        /// The repository; its index is at `<url>/index.yaml`.
        url: Url,
        /// The chart's name.
        name: String,
        /// A version or range; empty for the newest.
        version: String,
    },
    /// A chart of a repository in `repositories.yaml`, looked up in its cached index.
    Configured {
        /// The repository's name.
        repository: String,
        /// The chart's name.
        name: String,
        /// A version or range; empty for the newest.
        version: String,
    },
    /// A chart in a registry.
    Oci(OciReference),
}

impl ChartReference {
    /// Reads what a user typed, in the order Helm tries it: a path that exists, with `repository` a name in it, then
    /// `oci://…`, a URL, and `repository/name`. Helm: `LocateChart`.
    ///
    /// # Errors
    /// Fails for paths that don't exist and for what is none of these.
    pub fn parse(chart: &str, version: &str, repository: Option<&str>) -> Result<Self, SourceError> {
        let (chart, version) = (chart.trim(), version.trim());
        if let Some(repository) = repository.filter(|url| !url.is_empty()) {
            let url = repository::parse(repository)?;
            return Ok(Self::Repository { url, name: chart.to_owned(), version: version.to_owned() });
        }
        if let Ok(metadata) = std::fs::metadata(chart) {
            let path = PathBuf::from(chart);
            return Ok(if metadata.is_dir() { Self::Directory(path) } else { Self::File(path) });
        }
        if Path::new(chart).is_absolute() || chart.starts_with('.') {
            return Err(SourceError::PathNotFound(chart.into()));
        }
        Self::remote(chart, version)
    }

    /// Reads a reference to something that is not on this machine.
    ///
    /// # Errors
    /// Fails for what is neither a URL nor `repository/name`.
    pub fn remote(chart: &str, version: &str) -> Result<Self, SourceError> {
        if chart.starts_with("oci://") {
            return OciReference::parse(chart, version).map(Self::Oci);
        }
        match Url::parse(chart) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => return Ok(Self::Url(url)),
            Ok(url) if url.has_host() => return Err(SourceError::Scheme(url.scheme().to_owned())),
            _ => {}
        }
        match chart.split_once('/') {
            Some((repository, name)) if !repository.is_empty() && !name.is_empty() => Ok(Self::Configured {
                repository: repository.to_owned(),
                name: name.to_owned(),
                version: version.to_owned(),
            }),
            _ => Err(SourceError::NotAReference(chart.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_apart() {
        let parse = |chart| ChartReference::parse(chart, "1.0.0", None).unwrap();
        assert!(matches!(parse("/"), ChartReference::Directory(_)));
        assert!(matches!(parse("https://a.example/x.tgz"), ChartReference::Url(_)));
        assert!(matches!(parse("oci://a.example/x"), ChartReference::Oci(_)));
        assert!(matches!(parse("stable/x"), ChartReference::Configured { .. }));
        let repository = ChartReference::parse("x", "", Some("https://a.example")).unwrap();
        assert!(matches!(repository, ChartReference::Repository { .. }));
    }

    #[test]
    fn what_is_not_there_is_said_as_helm_says_it() {
        let error = |chart| ChartReference::parse(chart, "", None).unwrap_err().to_string();
        assert_eq!(error("./nope"), r#"path "./nope" not found"#);
        let text = "non-absolute URLs should be in form of repo_name/path_to_chart, got: nope";
        assert_eq!(error("nope"), text);
        assert_eq!(error("ftp://a.example/x"), r#"scheme "ftp" not supported"#);
    }
}

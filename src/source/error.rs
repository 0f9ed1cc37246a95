//! What can go wrong on the way to a chart.

use std::path::PathBuf;

use url::Url;

use super::Digest;
use super::provenance::ProvenanceError;

/// Why a chart could not be had. Texts are Helm's where Helm has one. URLs are printed without user, password or query.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A path that must exist does not.
    #[error("path {0:?} not found")]
    PathNotFound(PathBuf),
    /// Reading a file or directory failed.
    #[error("failed to read {path}: {source}")]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Writing a file failed.
    #[error("failed to write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `repo add` of a name that another repository has.
    #[error("repository name ({0}) already exists, please specify a different name")]
    RepositoryExists(String),
    /// A chart directory holds something that is neither file nor directory.
    #[error("cannot load irregular file {0} as it has file mode type bits set")]
    IrregularFile(PathBuf),
    /// A symbolic link of a chart directory leads out of it.
    #[error(
        "symbolic link {link} leads to {target}, outside of the chart; put a copy of the file into the chart"
    )]
    LinkLeavesChart {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A values file where a chart's archive is expected.
    #[error("file '{}' seems to be a YAML file, but expected a gzipped archive", .0.display())]
    YamlFile(PathBuf),
    /// A file that is no archive.
    #[error("file '{}' does not appear to be a gzipped archive; got '{content_type}'", .path.display())]
    NotGzipped {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        content_type: &'static str,
    },
    /// More bytes than we take.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// A path or URL.
        what: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Neither a path, nor a URL, nor `repository/name`.
    #[error("non-absolute URLs should be in form of repo_name/path_to_chart, got: {0}")]
    NotAReference(String),
    /// A URL that can't be read, or whose scheme nobody serves.
    #[error("invalid chart URL format: {}", without_login(.0))]
    InvalidUrl(String),
    /// A scheme other than `http`, `https` or `oci`.
    #[error("scheme {0:?} not supported")]
    Scheme(String),
    /// `repo/name` where repositories.yaml has no such repository.
    #[error("repo {0} not found")]
    UnknownRepository(String),
    /// repositories.yaml, or a registry's config.json, can't be understood.
    #[error("couldn't load {path}: {problem}")]
    Configuration {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A configured repository that was never updated.
    #[error("no cached repo found. (try 'pintle repo update'): open {0}: no such file or directory")]
    NoCachedIndex(PathBuf),
    /// The repository at that URL has no such chart or version.
    #[error("{} not found in {repository} repository{}", Wanted(.chart, .version), Near(.near))]
    ChartNotFound {
        /// The chart's name.
        chart: String,
        /// The version or range asked for; empty for the newest.
        version: String,
        /// The repository's URL or name.
        repository: String,
        /// What comes nearest: other versions of the chart, or charts of a similar name.
        near: Vec<String>,
    },
    /// The index names the chart but no place to get it.
    #[error("chart {0:?} has no downloadable URLs")]
    NoUrls(String),
    /// A repository's index can't be had or understood.
    #[error("looks like {repository:?} is not a valid chart repository or cannot be reached: {source}")]
    Repository {
        /// The repository's URL.
        repository: String,
        /// Why.
        source: Box<SourceError>,
    },
    /// An index that is not one.
    #[error("{0}")]
    Index(#[from] super::repository::IndexError),
    /// A server answered, but not with what was asked for.
    #[error("failed to fetch {url} : {status}{hint}")]
    Status {
        /// What was asked for.
        url: String,
        /// Code and reason, such as `404 Not Found`.
        status: http::StatusCode,
        /// What to do about it; empty where we don't know.
        hint: &'static str,
    },
    /// No answer, after all attempts.
    #[error("failed to fetch {url} after {attempts} attempts: {problem}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// How often it was asked for.
        attempts: u32,
        /// The chain of causes.
        problem: String,
    },
    /// Certificates that can't be used.
    #[error("can't create TLS config for client: {0}")]
    Tls(String),
    /// The bytes are not those that were promised.
    #[error("digest of {what} is {actual}, but {expected} was promised by {promised_by}")]
    DigestMismatch {
        /// The URL or reference.
        what: String,
        /// What came.
        actual: Digest,
        /// What was promised.
        expected: Digest,
        /// Who promised.
        promised_by: &'static str,
    },
    /// A reference to a registry that is not well formed.
    #[error("invalid reference: {0}")]
    OciReference(String),
    /// The tag in the reference and the version asked for differ. Helm: `ValidateReference`.
    #[error("chart reference and version mismatch: {version} is not {tag}")]
    OciVersionMismatch {
        /// The version asked for.
        version: String,
        /// The reference's tag.
        tag: String,
    },
    /// The registry lists no tag of that chart.
    #[error("unable to locate any tags in provided repository: {0}")]
    OciNoTags(String),
    /// No tag satisfies the version asked for.
    #[error("could not locate a version matching provided version string {0}{near}", near = Near(.1))]
    OciNoVersion(String, Vec<String>),
    /// The artifact is not a chart.
    #[error("{0}")]
    OciArtifact(String),
    /// The registry wants a login we don't have, or does not take ours. Helm: its client's texts.
    #[error("{method} {url:?}: {problem}")]
    OciAuthentication {
        /// GET, PUT, …
        method: http::Method,
        /// What was asked for.
        url: String,
        /// What failed. Never holds a credential.
        problem: String,
    },
    /// A login is not taken. Helm: `Client.Login`.
    #[error("authenticating to {registry:?}: {source}")]
    OciLogin {
        /// The registry's host.
        registry: String,
        /// Why.
        source: Box<SourceError>,
    },
    /// A chart can't be pushed. Helm: `oras.CopyError`.
    #[error("failed to perform {step:?} on destination: {source}")]
    OciPush {
        /// What its client calls the step.
        step: &'static str,
        /// Why.
        source: Box<SourceError>,
    },
    /// A registry does not do what it is asked for. Helm: `errcode.ErrorResponse` of its client.
    #[error("{method} {url:?}: response status code {}: {problem}", .status.as_u16())]
    OciRefused {
        /// GET, PUT, …
        method: http::Method,
        /// What was asked for.
        url: String,
        /// The answer's status.
        status: http::StatusCode,
        /// What the registry says, or the status in words.
        problem: String,
    },
    /// Nobody vouches for the archive.
    #[error(transparent)]
    Provenance(#[from] ProvenanceError),
    /// A dependency came, but can't be used.
    #[error("could not download {origin}: {source}")]
    Dependency {
        /// Where it came from.
        origin: String,
        /// Why.
        source: Box<SourceError>,
    },
    /// The bytes are no chart.
    #[error("{0}")]
    Chart(String),
}

impl SourceError {
    /// A stable word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::ChartNotFound { .. }
            | Self::OciNoTags(_)
            | Self::OciNoVersion(..)
            | Self::PathNotFound(_)
            | Self::NoUrls(_) => "ChartNotFound",
            Self::Repository { source, .. }
            | Self::OciLogin { source, .. }
            | Self::OciPush { source, .. } => source.reason(),
            Self::Status { status, .. } | Self::OciRefused { status, .. }
                if matches!(status.as_u16(), 401 | 403) =>
            {
                "AccessDenied"
            }
            Self::OciAuthentication { .. } => "AccessDenied",
            Self::Status { .. } | Self::OciRefused { .. } | Self::Unreachable { .. } => {
                "RepositoryUnreachable"
            }
            Self::DigestMismatch { .. } => "DigestMismatch",
            Self::Provenance(_) => "ProvenanceInvalid",
            Self::Dependency { source, .. } => source.reason(),
            Self::Index(_) => "IndexInvalid",
            Self::Chart(_)
            | Self::OciArtifact(_)
            | Self::TooLarge { .. }
            | Self::YamlFile(_)
            | Self::NotGzipped { .. } => "ChartInvalid",
            Self::Tls(_) => "CertificateInvalid",
            _ => "ReferenceInvalid",
        }
    }

    /// What helps beyond the text, on lines of its own: why there is no provenance, where it is not that nobody has signed.
    pub fn advice(&self) -> String {
        match self {
            Self::Provenance(ProvenanceError::NotFetched { source, .. }) => match &**source {
                Self::Status { status, .. } if *status == http::StatusCode::NOT_FOUND => String::new(),
                Self::OciArtifact(_) => String::new(),
                other => format!("{other}\n"),
            },
            Self::Dependency { source, .. } => source.advice(),
            _ => String::new(),
        }
    }

    /// Whether the same question may get another answer later, without anybody changing the reference.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Repository { source, .. }
            | Self::Dependency { source, .. }
            | Self::OciLogin { source, .. }
            | Self::OciPush { source, .. } => source.is_transient(),
            Self::Provenance(ProvenanceError::NotFetched { source, .. }) => source.is_transient(),
            Self::Status { status, .. } | Self::OciRefused { status, .. } => {
                status.is_server_error() || status.as_u16() == 429
            }
            Self::Unreachable { .. } | Self::Read { .. } => true,
            _ => false,
        }
    }
}

/// The system's reason without Rust's error number, as Go prints it.
pub(crate) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A URL as texts may show it: without user, password and query, which may be secret.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for URLs that can't have a user, and those have none to hide.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// A text that is no URL, without what could be a login in it.
fn without_login(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}

struct Wanted<'a>(&'a String, &'a String);

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "chart {:?}", self.0)?;
        if !self.1.is_empty() {
            write!(formatter, " version {:?}", self.1)?;
        }
        Ok(())
    }
}

struct Near<'a>(&'a Vec<String>);

impl std::fmt::Display for Near<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(formatter, " (there is {})", self.0.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_chart_reads_as_helm_says_it_and_lists_what_there_is() {
        let mut error = SourceError::ChartNotFound {
            chart: "web".into(),
            version: "9".into(),
            repository: "https://charts.example".into(),
            near: vec![],
        };
        let text = r#"chart "web" version "9" not found in https://charts.example repository"#;
        assert_eq!(error.to_string(), text);
        if let SourceError::ChartNotFound { near, .. } = &mut error {
            near.push("1.2.0".into());
        }
        assert_eq!(error.to_string(), format!("{text} (there is 1.2.0)"));
    }

    #[test]
    fn shown_urls_hold_no_secrets() {
        let url = Url::parse("https://me:hunter2@charts.example/a?token=hunter2#hunter2").unwrap();
        assert_eq!(shown(&url), "https://charts.example/a");
    }
}

//! `oci://host/path/name[:tag][@sha256:…]`.

use url::Url;

use crate::source::{Digest, SourceError, version};

/// A chart in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OciReference {
    /// Host, with port if there is one.
    pub registry: String,
    /// The path below the host; its last element is the chart's name.
    pub repository: String,
    /// What to take.
    pub selector: Selector,
}

/// Which manifest of a repository is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Exactly this tag.
    Tag(String),
    /// Exactly this manifest, and if a tag is given, only if the tag points to it.
    Digest(Digest, Option<String>),
    /// The newest version that satisfies this range.
    Range(String),
}

impl OciReference {
    /// Reads a reference and the version asked for beside it (empty for the newest). Helm: `ValidateReference`.
    ///
    /// # Errors
    /// Fails for malformed references, and where tag and version contradict each other.
    pub fn parse(text: &str, wanted: &str) -> Result<Self, SourceError> {
        let wrong = SourceError::OciReference;
        let rest = text.strip_prefix("oci://").ok_or_else(|| SourceError::InvalidUrl(text.to_owned()))?;
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (
                rest,
                Some(Digest::parse(digest).ok_or_else(|| wrong(format!("invalid digest {digest:?}")))?),
            ),
            None => (rest, None),
        };
        let parts = rest.split_once('/');
        let (registry, path) = parts.ok_or_else(|| wrong("missing registry or repository".to_owned()))?;
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (path, None),
        };
        let path = path.trim_end_matches('/');
        check(registry)?;
        if !is_repository(path) {
            return Err(wrong(format!("invalid repository {path:?}")));
        }
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(wrong(format!("invalid tag {tag:?}")));
        }
        let selector = select(tag, digest, wanted)?;
        Ok(Self { registry: registry.to_owned(), repository: path.to_owned(), selector })
    }

    /// The chart's name: the path's last element.
    pub fn chart_name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or_default()
    }

    /// The same chart under the tag of that version.
    ///
    /// # Errors
    /// Fails for a version that can't be a tag.
    pub fn with_version(self, version: &str) -> Result<Self, SourceError> {
        let tag = tag_of(version);
        if !is_tag(&tag) {
            return Err(SourceError::OciReference(format!("invalid tag {tag:?}")));
        }
        Ok(Self { selector: Selector::Tag(tag), ..self })
    }

    /// The tag, where that is what selects.
    pub fn tag(&self) -> Option<&str> {
        match &self.selector {
            Selector::Tag(tag) => Some(tag),
            _ => None,
        }
    }

    /// The URL of something in this repository, such as `tags/list`.
    pub(super) fn url(&self, below: &str, plain_http: bool) -> Result<Url, SourceError> {
        let url = format!("{}/v2/{}/{below}", origin(&self.registry, plain_http), self.repository);
        Url::parse(&url).map_err(|_| SourceError::OciReference(self.to_string()))
    }
}

impl std::fmt::Display for OciReference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        match &self.selector {
            Selector::Tag(tag) => write!(formatter, ":{tag}"),
            Selector::Digest(digest, _) => write!(formatter, "@{digest}"),
            Selector::Range(_) => Ok(()),
        }
    }
}

/// Scheme and host of a registry.
pub(super) fn origin(registry: &str, plain_http: bool) -> String {
    let scheme = if plain_http { "http" } else { "https" };
    // Docker's own name for its registry is not the host that serves it.
    let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
    format!("{scheme}://{host}")
}

/// The tag of a version: registries allow no `+`. Helm: `registry.PlusReplacement`.
pub(super) fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

/// The version of a tag.
pub(in crate::source) fn version_of(tag: &str) -> String {
    tag.replace('_', "+")
}

fn select(tag: Option<&str>, digest: Option<Digest>, wanted: &str) -> Result<Selector, SourceError> {
    let mismatch = |tag: &str| SourceError::OciVersionMismatch { version: wanted.into(), tag: tag.into() };
    match (tag, digest) {
        (Some(tag), _) if !wanted.is_empty() && wanted != version_of(tag) => Err(mismatch(tag)),
        (tag, Some(digest)) => {
            let exact = version::is_exact(wanted).then(|| tag_of(wanted));
            Ok(Selector::Digest(digest, tag.map(str::to_owned).or(exact)))
        }
        (Some(tag), None) => Ok(Selector::Tag(tag.to_owned())),
        (None, None) if version::is_exact(wanted) => Ok(Selector::Tag(tag_of(wanted))),
        (None, None) => Ok(Selector::Range(wanted.to_owned())),
    }
}

/// Refuses what is no host.
pub(super) fn check(registry: &str) -> Result<(), SourceError> {
    match is_host(registry) {
        true => Ok(()),
        false => Err(SourceError::OciReference(format!("invalid registry {registry:?}"))),
    }
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

/// The grammar of the distribution specification: lower-case words, joined by `.`, `_`, `__` or hyphens.
fn is_repository(text: &str) -> bool {
    let word = |part: &str| {
        let edge =
            |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        edge(part.bytes().next())
            && edge(part.bytes().last())
            && part.bytes().all(|byte| edge(Some(byte)) || b"._-".contains(&byte))
            && !part.contains("..")
            && !part.contains("___")
    };
    text.len() <= 255 && text.split('/').all(word)
}

fn is_tag(text: &str) -> bool {
    let start = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    start
        && text.len() <= 128
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_and_version_are_one() {
        let reference = OciReference::parse("oci://r.example:5000/charts/web:1.2.0", "").unwrap();
        assert_eq!(reference.registry, "r.example:5000");
        assert_eq!((reference.repository.as_str(), reference.chart_name()), ("charts/web", "web"));
        assert_eq!(reference.selector, Selector::Tag("1.2.0".into()));
        let same = OciReference::parse("oci://r.example:5000/charts/web", "1.2.0").unwrap();
        assert_eq!(same, reference);
        let error = OciReference::parse("oci://r.example/web:1.2.0", "1.3.0").unwrap_err();
        assert_eq!(error.to_string(), "chart reference and version mismatch: 1.3.0 is not 1.2.0");
    }

    #[test]
    fn a_plus_becomes_an_underscore() {
        let reference = OciReference::parse("oci://r.example/web", "1.2.0+build.1").unwrap();
        assert_eq!(reference.selector, Selector::Tag("1.2.0_build.1".into()));
    }

    #[test]
    fn digests_and_ranges_select_too() {
        let digest = Digest::of(b"");
        let reference = OciReference::parse(&format!("oci://r.example/web:1.2.0@{digest}"), "").unwrap();
        assert_eq!(reference.selector, Selector::Digest(digest, Some("1.2.0".into())));
        let reference = OciReference::parse("oci://r.example/web", "^1.2").unwrap();
        assert_eq!(reference.selector, Selector::Range("^1.2".into()));
    }

    #[test]
    fn malformed_references_are_refused() {
        for text in [
            "oci://host",
            "oci://host/../x",
            "oci://host/Upper",
            "oci://ho st/a",
            "oci://h/a:b c",
            "oci://h/a@x",
        ] {
            assert!(OciReference::parse(text, "").is_err(), "{text}");
        }
    }
}

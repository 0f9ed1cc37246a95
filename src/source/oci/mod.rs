//! Charts in OCI registries: tags, manifests and blobs, each checked against its digest.
//!
//! The media types are Helm's (`pkg/registry/constants.go`).

mod client;
mod login;
mod logins;
mod push;
mod reference;
mod refusal;
mod token;

use bytes::Bytes;
use http::header::LINK;
use reqwest::Response;

pub(crate) use login::{login, logout};
pub use logins::credentials_in;
pub(crate) use push::push;
pub use push::{Artifact, Pushed};
pub(super) use reference::version_of;
pub use reference::{OciReference, Selector};

use self::client::Client;
use super::directory::MAX_CHART_BYTES;
use super::http::Http;
use super::provenance::MAX_PROVENANCE_BYTES;
use super::version::{self, Wanted};
use super::{Access, Digest, Fetched, HelmHome, SourceError};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// What Helm wrote before 3.7.
const LEGACY_CHART: &str = "application/tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

const MAX_MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
const MAX_TAG_PAGES: usize = 200;

/// A chart that is being pulled: what its manifest says is known.
pub(crate) struct Pull<'a> {
    registry: Registry<'a>,
    selected: String,
    manifest: Bytes,
}

impl<'a> Pull<'a> {
    /// Finds the chart and reads its manifest.
    pub(crate) async fn begin(
        http: &'a Http,
        home: &HelmHome,
        reference: &'a OciReference,
        access: &'a Access,
    ) -> Result<Self, SourceError> {
        let client = Client::of(http, home, &reference.registry, access)?;
        let registry = Registry { client, reference, access };
        let (selected, pinned) = match &reference.selector {
            Selector::Tag(tag) => (tag.clone(), None),
            Selector::Digest(digest, _) => (digest.to_string(), Some(*digest)),
            Selector::Range(range) => (registry.newest(range).await?, None),
        };
        if let Selector::Digest(digest, Some(tag)) = &reference.selector {
            registry.check_tag(tag, *digest).await?;
        }
        let manifest = registry.manifest(&selected, pinned).await?;
        Ok(Self { registry, selected, manifest })
    }

    /// Fetches the archive.
    pub(crate) async fn archive(&self) -> Result<Fetched, SourceError> {
        let layer = layer(&self.manifest, &[CHART, LEGACY_CHART])?;
        let archive = self.registry.blob(&layer, MAX_CHART_BYTES).await?;
        let OciReference { registry, repository, .. } = self.registry.reference;
        let mark = if matches!(self.registry.reference.selector, Selector::Digest(..)) { '@' } else { ':' };
        let origin = format!("oci://{registry}/{repository}{mark}{}", self.selected);
        let manifest = Some(Digest::of(&self.manifest));
        Ok(Fetched { manifest, ..Fetched::archive(archive, layer.digest, origin) })
    }

    /// Fetches the provenance.
    pub(crate) async fn provenance(&self) -> Result<Bytes, SourceError> {
        let layer = layer(&self.manifest, &[PROVENANCE])?;
        self.registry.blob(&layer, MAX_PROVENANCE_BYTES).await
    }
}

/// One registry during one pull.
struct Registry<'a> {
    client: Client<'a>,
    reference: &'a OciReference,
    access: &'a Access,
}

struct Layer {
    digest: Digest,
    size: u64,
}

impl Registry<'_> {
    /// The tag of the newest version in a range. Helm: `Client.Tags`, `GetTagMatchingVersionOrConstraint`.
    async fn newest(&self, range: &str) -> Result<String, SourceError> {
        let tags = self.tags().await?;
        let versions: Vec<String> = tags.iter().map(|tag| reference::version_of(tag)).collect();
        let strict = versions.into_iter().filter(|version| version::is_exact(version)).collect();
        let versions = version::newest_first(strict, |version: &String| version);
        if versions.is_empty() {
            return Err(SourceError::OciNoTags(self.reference.to_string()));
        }
        let wanted = Wanted::parse(range);
        let found = wanted.and_then(|wanted| versions.iter().find(|version| wanted.accepts(version)));
        found.map(|version| reference::tag_of(version)).ok_or_else(|| {
            SourceError::OciNoVersion(range.to_owned(), versions.into_iter().take(5).collect())
        })
    }

    async fn tags(&self) -> Result<Vec<String>, SourceError> {
        #[derive(serde::Deserialize)]
        struct Page {
            tags: Option<Vec<String>>,
        }
        let mut url = self.reference.url("tags/list", self.access.plain_http)?;
        let mut tags = Vec::new();
        for _ in 0..MAX_TAG_PAGES {
            let response = self.client.get(&url, None).await?;
            let next = next_page(&response).and_then(|next| url.join(&next).ok());
            let body = self.client.body(response, &url, MAX_MANIFEST_BYTES).await?;
            let page: Page = serde_json::from_slice(&body)
                .map_err(|error| SourceError::OciArtifact(format!("unreadable list of tags: {error}")))?;
            tags.extend(page.tags.unwrap_or_default());
            match next {
                // A registry that sends us elsewhere gets no credentials there, so don't go.
                Some(next) if next.origin() == url.origin() && next != url => url = next,
                _ => break,
            }
        }
        Ok(tags)
    }

    async fn check_tag(&self, tag: &str, expected: Digest) -> Result<(), SourceError> {
        let url = self.reference.url(&format!("manifests/{tag}"), self.access.plain_http)?;
        let response = self.client.get(&url, Some(MANIFEST)).await?;
        let actual = Digest::of(&self.client.body(response, &url, MAX_MANIFEST_BYTES).await?);
        if actual == expected {
            return Ok(());
        }
        let what = format!("{}:{tag}", self.reference.repository);
        Err(SourceError::DigestMismatch { what, actual, expected, promised_by: "the reference" })
    }

    async fn manifest(&self, selected: &str, pinned: Option<Digest>) -> Result<Bytes, SourceError> {
        let url = self.reference.url(&format!("manifests/{selected}"), self.access.plain_http)?;
        let response = self.client.get(&url, Some(MANIFEST)).await?;
        let body = self.client.body(response, &url, MAX_MANIFEST_BYTES).await?;
        let actual = Digest::of(&body);
        match pinned {
            Some(expected) if expected != actual => Err(SourceError::DigestMismatch {
                what: format!("{}@{selected}", self.reference.repository),
                actual,
                expected,
                promised_by: "the reference",
            }),
            _ => Ok(body),
        }
    }

    async fn blob(&self, layer: &Layer, limit: u64) -> Result<Bytes, SourceError> {
        if layer.size > limit {
            return Err(SourceError::TooLarge { what: self.reference.to_string(), limit });
        }
        let url = self.reference.url(&format!("blobs/{}", layer.digest), self.access.plain_http)?;
        let response = self.client.get(&url, None).await?;
        let body = self.client.body(response, &url, layer.size).await?;
        let actual = Digest::of(&body);
        if actual == layer.digest {
            return Ok(body);
        }
        let (what, expected) = (self.reference.to_string(), layer.digest);
        Err(SourceError::DigestMismatch { what, actual, expected, promised_by: "the manifest" })
    }
}

/// The layer of the first of these types that there is. Helm: `processChartPull`, which also wants the configuration to be
/// a chart's.
fn layer(manifest: &[u8], types: &[&str]) -> Result<Layer, SourceError> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Descriptor {
        media_type: String,
        digest: String,
        size: u64,
    }
    #[derive(serde::Deserialize)]
    struct Manifest {
        config: Descriptor,
        layers: Vec<Descriptor>,
    }
    let refused = |problem: String| SourceError::OciArtifact(problem);
    let manifest: Manifest = serde_json::from_slice(manifest)
        .map_err(|error| refused(format!("not the manifest of a chart: {error}")))?;
    if manifest.config.media_type != CONFIG {
        return Err(refused(format!("could not load config with mediatype {CONFIG}")));
    }
    let of_type = |wanted: &&str| manifest.layers.iter().find(|layer| layer.media_type == *wanted);
    let layer = types.iter().find_map(of_type).ok_or_else(|| {
        let wanted = types.first().copied().unwrap_or_default();
        refused(format!("manifest does not contain a layer with mediatype {wanted}"))
    })?;
    let digest = Digest::parse(&layer.digest).filter(|_| layer.digest.starts_with("sha256:"));
    let digest =
        digest.ok_or_else(|| refused(format!("the layer's digest is not SHA-256: {:?}", layer.digest)))?;
    Ok(Layer { digest, size: layer.size })
}

/// What `Link: <…>; rel="next"` points to.
fn next_page(response: &Response) -> Option<String> {
    let link = response.headers().get(LINK)?.to_str().ok()?;
    let (target, relation) = link.split_once('>')?;
    relation.contains("next").then(|| target.trim_start().trim_start_matches('<').to_owned())
}

#[cfg(test)]
mod tests;

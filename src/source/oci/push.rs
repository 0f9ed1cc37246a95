//! Pushing a chart: blobs first, those that are there already left out, then the manifest under its tag.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Method, StatusCode};
use reqwest::Response;
use url::Url;
use value::json::append_string;

use super::client::{Client, Question};
use super::reference::{OciReference, Selector};

use super::{CHART, CONFIG, MANIFEST, PROVENANCE};
use crate::source::http::{Attempts, Http};
use crate::source::{Access, Digest, HelmHome, SourceError};

/// What a chart is in a registry.
pub struct Artifact {
    /// The metadata as JSON.
    pub config: Bytes,
    /// The archive.
    pub archive: Bytes,
    /// The provenance file, if there is one.
    pub provenance: Option<Bytes>,
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
}

/// A chart that a registry has now.
pub struct Pushed {
    /// `host/path/name:tag`
    pub reference: String,
    /// The manifest's digest.
    pub digest: Digest,
}

/// Bytes of one media type.
struct Blob<'a> {
    media_type: &'static str,
    bytes: &'a Bytes,
    digest: Digest,
}

/// Pushes a chart under the reference's tag.
pub(crate) async fn push(
    http: &Http,
    home: &HelmHome,
    reference: &OciReference,
    artifact: &Artifact,
    access: &Access,
) -> Result<Pushed, SourceError> {
    let Selector::Tag(tag) = &reference.selector else {
        return Err(SourceError::OciReference(format!("no tag in {:?}", reference.to_string())));
    };
    let scope = format!("repository:{}:pull,push", reference.repository);
    let client = Client::of(http, home, &reference.registry, access)?.with_scope(scope);
    let target = Target { client, reference };
    let config = Blob::new(CONFIG, &artifact.config);
    let layers = artifact.layers();
    let manifest = Bytes::from(artifact.manifest(&config, &layers));
    let manifest = Blob::new(MANIFEST, &manifest);
    if !target.has("manifests", &manifest).await? {
        for blob in layers.iter().chain([&config]) {
            target.blob(blob).await?;
        }
    }
    target.manifest(&manifest, tag).await?;
    Ok(Pushed { reference: reference.to_string(), digest: manifest.digest })
}

fn failed(step: &'static str) -> impl Fn(SourceError) -> SourceError {
    move |source| SourceError::OciPush { step, source: Box::new(source) }
}

impl Artifact {
    /// The layers in the order of their digests, as Helm sorts them.
    fn layers(&self) -> Vec<Blob<'_>> {
        let provenance = self.provenance.iter().map(|bytes| Blob::new(PROVENANCE, bytes));
        let mut layers: Vec<_> = [Blob::new(CHART, &self.archive)].into_iter().chain(provenance).collect();
        layers.sort_by_key(|layer| layer.digest);
        layers
    }

    /// The manifest, to the byte as Helm prints it.
    fn manifest(&self, config: &Blob<'_>, layers: &[Blob<'_>]) -> String {
        let layers: Vec<_> = layers.iter().map(Blob::descriptor).collect();
        let annotation = |(name, text): (&String, &String)| format!("{}:{}", quoted(name), quoted(text));
        let annotations: Vec<_> = self.annotations.iter().map(annotation).collect();
        format!(
            r#"{{"schemaVersion":2,"config":{},"layers":[{}],"annotations":{{{}}}}}"#,
            config.descriptor(),
            layers.join(","),
            annotations.join(",")
        )
    }
}

impl<'a> Blob<'a> {
    fn new(media_type: &'static str, bytes: &'a Bytes) -> Self {
        Self { media_type, bytes, digest: Digest::of(bytes) }
    }

    fn descriptor(&self) -> String {
        let Self { media_type, bytes, digest } = self;
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#, bytes.len())
    }
}

/// A text in JSON as Go prints it.
fn quoted(text: &str) -> String {
    let mut json = Vec::new();
    append_string(&mut json, text.as_bytes(), true);
    String::from_utf8_lossy(&json).into_owned()
}

/// Where a chart is pushed to.
struct Target<'a> {
    client: Client<'a>,
    reference: &'a OciReference,
}

impl Target<'_> {
    fn url(&self, below: &str) -> Result<Url, SourceError> {
        self.reference.url(below, self.client.access.plain_http)
    }

    /// Whether the registry has those bytes.
    async fn has(&self, kind: &str, blob: &Blob<'_>) -> Result<bool, SourceError> {
        let url = self.url(&format!("{kind}/{}", blob.digest))?;
        let question = Question { accept: Some(blob.media_type), ..Question::new(Method::HEAD, &url) };
        let known = self.client.ask(&question, &[StatusCode::OK, StatusCode::NOT_FOUND]).await;
        Ok(known.map_err(failed("Exists"))?.status() == StatusCode::OK)
    }

    /// Uploads a blob, unless the registry has it.
    async fn blob(&self, blob: &Blob<'_>) -> Result<(), SourceError> {
        match self.has("blobs", blob).await? {
            true => Ok(()),
            false => self.upload(blob).await.map_err(failed("Push")),
        }
    }

    async fn upload(&self, blob: &Blob<'_>) -> Result<(), SourceError> {
        let start = self.url("blobs/uploads/")?;
        let mut attempts = Attempts::new(&start);
        loop {
            // An upload that failed can't be taken up again: every attempt begins one.
            let question =
                Question { body: Some((BYTES, Bytes::new())), ..Question::new(Method::POST, &start) };
            let begun = self.client.ask(&question, &[StatusCode::ACCEPTED]).await?;
            let place = upload_place(&begun, &start, blob.digest)?;
            let body = Some((BYTES, blob.bytes.clone()));
            let question = Question { body, ..Question::new(Method::PUT, &place) };
            match self.client.ask_once(&question).await {
                Ok(response) if response.status() == StatusCode::CREATED => return Ok(()),
                Ok(response) => self.client.again(&mut attempts, &question, response).await?,
                Err(failed) => attempts.after_failure(failed).await?,
            }
        }
    }

    async fn manifest(&self, manifest: &Blob<'_>, tag: &str) -> Result<(), SourceError> {
        let url = self.url(&format!("manifests/{tag}"))?;
        let body = Some((manifest.media_type, manifest.bytes.clone()));
        let question = Question { body, ..Question::new(Method::PUT, &url) };
        let put = self.client.ask(&question, &[StatusCode::CREATED]).await;
        put.map(drop).map_err(failed("PushReference"))
    }
}

const BYTES: &str = "application/octet-stream";

/// Where the registry wants the bytes. It may send us elsewhere, but neither our login nor the chart goes there then.
fn upload_place(begun: &Response, start: &Url, digest: Digest) -> Result<Url, SourceError> {
    let location = begun.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let place = location.and_then(|location| start.join(location).ok());
    let place = place.filter(|place| place.origin() == start.origin());
    let mut place = place.ok_or_else(|| {
        SourceError::OciArtifact("the registry names no place of its own to upload to".to_owned())
    })?;
    place.query_pairs_mut().append_pair("digest", &digest.to_string());
    Ok(place)
}

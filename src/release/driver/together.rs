//! Many records in one request: what a listing shows of the releases that are deployed.
//!
//! A release has one deployed revision, so names and that status select just the wanted records. They come as they are
//! stored, compressed, so that compressing the answer would only take time.

use std::borrow::Cow;

use http::HeaderValue;
use http::header::ACCEPT_ENCODING;
use kube::api::ListParams;
use serde::Deserialize;

use super::KubernetesDriver;
use super::kubernetes::{Held, failed};
use crate::cluster::{ApiError, answered};
use crate::release::labels::OWNER;
use crate::release::{Head, RecordError, Status, StorageError, Summary};

/// How many records one request asks for.
pub(in crate::release) const TOGETHER: usize = 32;

/// What a listing shows of a record, by the storing object's namespace and name.
pub(in crate::release) type Named = ((String, String), Result<Summary, RecordError>);

/// The records of an answer. Nothing of them is copied.
#[derive(Deserialize)]
struct Records<'a> {
    #[serde(borrow, default)]
    items: Option<Vec<Item<'a>>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    data: Held<'a>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    namespace: Cow<'a, str>,
}

/// Whether a record can be asked for together with others.
pub(in crate::release) fn is_selectable(head: &Head) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    head.status == Status::Deployed && !head.name.is_empty() && head.name.chars().all(is_plain)
}

impl KubernetesDriver {
    /// What a listing shows of these records. Those that are no longer deployed are left out.
    pub(super) async fn summaries(&self, heads: &[Head]) -> Result<Vec<Named>, StorageError> {
        let names: Vec<&str> = heads.iter().map(|head| head.name.as_str()).collect();
        let selector = format!("{OWNER},status=deployed,name in ({})", names.join(","));
        let text = self.text_of(&ListParams::default().labels(&selector)).await;
        let text = text.map_err(|error| failed("list: failed to list", error))?;
        let records: Records<'_> = serde_json::from_str(&text)
            .map_err(|error| failed("list: failed to list", ApiError::Transport(error.to_string())))?;
        let named = |item: Item<'_>| {
            let key = (item.metadata.namespace.into_owned(), item.metadata.name.into_owned());
            (key, self.read_summary(&item.data))
        };
        Ok(records.items.into_iter().flatten().map(named).collect())
    }

    async fn text_of(&self, list: &ListParams) -> Result<String, ApiError> {
        let (client, resource) = (self.client(), self.request_of_all());
        let build = || {
            let mut request = resource.list(list).map_err(kube::Error::BuildRequest)?;
            request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            Ok::<_, kube::Error>(request)
        };
        let get = || async { client.request_text(build()?).await };
        answered(|| "list releases".to_owned(), get).await
    }
}

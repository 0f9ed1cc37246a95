//! Many records in one request: what a listing shows of the releases that are deployed.
//!
//! A release has one deployed revision, so names and that status select just the wanted records. They come as they are
//! stored, compressed, so that compressing the answer would only take time.

use http::HeaderValue;
use http::header::ACCEPT_ENCODING;
use kube::api::ListParams;

use super::KubernetesDriver;
use super::kubernetes::failed;
use super::list::{self, Object};
use crate::cluster::answered;
use crate::release::labels::OWNER;
use crate::release::{Head, RecordError, Status, StorageError, Summary};

/// How many records one request asks for.
pub(in crate::release) const TOGETHER: usize = 64;

/// What a listing shows of a record, by the storing object's namespace and name.
pub(in crate::release) type Named = ((String, String), Result<Summary, RecordError>);

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
        let list = ListParams::default().labels(&selector);
        let (client, resource) = (self.client(), self.request_of_all());
        let build = || {
            let mut request = resource.list(&list).map_err(kube::Error::BuildRequest)?;
            request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            Ok::<_, kube::Error>(request)
        };
        let get = || async { list::ask(&client, build()?, list::OBJECTS, named).await };
        let page = answered(|| "list releases".to_owned(), get).await;
        Ok(page.map_err(|error| failed("list: failed to list", error))?.items)
    }
}

fn named(object: Object) -> Option<Named> {
    let metadata = object.metadata?;
    let record = object.data.get("release").map_or(&[][..], Vec::as_slice);
    Some(((metadata.namespace, metadata.name), Summary::read(record)))
}

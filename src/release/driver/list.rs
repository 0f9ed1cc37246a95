//! Lists of the objects that hold records, in the encoding that Kubernetes itself speaks: protobuf.
//!
//! It costs the API server a third of what JSON does, a record is not packed into base64 once more, and each object
//! says first how long it is. So a list is read while it comes, and of it no more than one object is in memory.
//!
//! The shapes are those of `k8s.io/apimachinery/pkg/runtime/serializer/protobuf` (the letters `k8s` and a zero before a
//! `runtime.Unknown`) and of the files `generated.proto` of `meta/v1` and `core/v1`.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use futures::TryStreamExt as _;
use http::header::ACCEPT;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use kube::core::Status;
use prost::Message;
use serde::de::Error as _;
use tokio_util::compat::FuturesAsyncReadCompatExt as _;
use tokio_util::io::SyncIoBridge;

use crate::release::head::ItemMetadata;

/// What to ask for to get whole objects.
pub(super) const OBJECTS: &str = "application/vnd.kubernetes.protobuf";
/// What to ask for to get nothing but metadata.
pub(super) const METADATA: &str =
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

const MAGIC: [u8; 4] = *b"k8s\0";
/// The field of the envelope that holds the list.
const RAW: u64 = 2;
/// The fields of a list.
const LIST_METADATA: u64 = 1;
const ITEMS: u64 = 2;
/// What etcd takes is smaller by far.
const MAX_OBJECT_BYTES: u64 = 16 * 1024 * 1024;

/// A Secret, a ConfigMap, or only the metadata of one.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Object {
    #[prost(message, optional, tag = "1")]
    pub(super) metadata: Option<ItemMetadata>,
    /// Of a ConfigMap these are texts, which are encoded likewise.
    #[prost(btree_map = "string, bytes", tag = "2")]
    pub(super) data: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct ListMetadata {
    #[prost(string, tag = "3")]
    token: String,
}

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    /// What was kept of each object.
    pub(super) items: Vec<T>,
    /// What the next page is asked for with; empty on the last one.
    pub(super) token: String,
}

#[derive(Clone, PartialEq, Message)]
struct Unknown {
    #[prost(bytes = "vec", tag = "2")]
    raw: Vec<u8>,
}

/// Why a request was refused.
#[derive(Clone, PartialEq, Message)]
struct Refusal {
    #[prost(string, tag = "3")]
    message: String,
    #[prost(string, tag = "4")]
    reason: String,
}

/// Asks for a list ([`OBJECTS`] or [`METADATA`]), reads it while it comes, and keeps of each object what the function
/// gives.
///
/// # Errors
/// What the server says; where its answer ends too early or is something else than a list.
pub(super) async fn ask<T: Send + 'static>(
    client: &Client,
    mut request: Request<Vec<u8>>,
    accept: &'static str,
    keep: impl FnMut(Object) -> Option<T> + Send + 'static,
) -> Result<Page<T>, kube::Error> {
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
    let response = client.send(request.map(Body::from)).await?;
    if !response.status().is_success() {
        return Err(kube::Error::Api(refusal(response).await?.boxed()));
    }
    let answer = response.into_body().into_data_stream().map_err(io::Error::other).into_async_read();
    let answer = BufReader::new(SyncIoBridge::new(answer.compat()));
    let read = tokio::task::spawn_blocking(move || page(answer, keep)).await;
    match read.map_err(|error| kube::Error::Service(error.into()))? {
        Ok(page) => Ok(page),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Err(kube::Error::SerdeError(serde_json::Error::custom(error)))
        }
        Err(error) => Err(kube::Error::ReadEvents(error)),
    }
}

/// What the server says where it refuses: in the encoding that was asked for, or in words of whatever stands before it.
async fn refusal(response: Response<Body>) -> Result<Status, kube::Error> {
    let code = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    if let Some(refusal) = body.strip_prefix(&MAGIC).and_then(|body| Unknown::decode(body).ok()) {
        let Refusal { message, reason } = Refusal::decode(&*refusal.raw).unwrap_or_default();
        return Ok(Status::failure(&message, &reason).with_code(code));
    }
    let words = || Status::failure(String::from_utf8_lossy(&body).trim(), "").with_code(code);
    Ok(serde_json::from_slice(&body).unwrap_or_else(|_| words()))
}

/// Reads a list in its envelope.
fn page<T>(mut answer: impl BufRead, mut keep: impl FnMut(Object) -> Option<T>) -> io::Result<Page<T>> {
    let mut magic = [0; MAGIC.len()];
    answer.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(nonsense("the answer is not in protobuf"));
    }
    while let Some((field, length)) = next_field(&mut answer)? {
        let mut content = answer.by_ref().take(length);
        if field == RAW {
            let page = list(&mut content, &mut keep)?;
            return if content.limit() == 0 { Ok(page) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
        io::copy(&mut content, &mut io::sink())?;
    }
    Err(ErrorKind::UnexpectedEof.into())
}

fn list<T>(content: &mut impl BufRead, keep: &mut impl FnMut(Object) -> Option<T>) -> io::Result<Page<T>> {
    let (mut page, mut bytes) = (Page { items: Vec::new(), token: String::new() }, Vec::new());
    while let Some((field, length)) = next_field(content)? {
        if length > MAX_OBJECT_BYTES {
            return Err(nonsense("an object is larger than any can be"));
        }
        bytes.clear();
        if content.by_ref().take(length).read_to_end(&mut bytes)? as u64 != length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        match field {
            ITEMS => page.items.extend(keep(decoded(&bytes)?)),
            LIST_METADATA => page.token = decoded::<ListMetadata>(&bytes)?.token,
            _ => {}
        }
    }
    Ok(page)
}

/// The number of the next field and the length of its content, which is all that these messages have; `None` at the end.
fn next_field(reader: &mut impl BufRead) -> io::Result<Option<(u64, u64)>> {
    const LENGTH_DELIMITED: u64 = 2;
    if reader.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let key = varint(reader)?;
    match key & 7 {
        LENGTH_DELIMITED => Ok(Some((key >> 3, varint(reader)?))),
        _ => Err(nonsense("a field of the list is of an unknown kind")),
    }
}

fn varint(reader: &mut impl Read) -> io::Result<u64> {
    let mut value = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let mut byte = [0];
        reader.read_exact(&mut byte)?;
        value |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            return Ok(value);
        }
    }
    Err(nonsense("a number of the list does not end"))
}

fn decoded<M: Message + Default>(bytes: &[u8]) -> io::Result<M> {
    M::decode(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

fn nonsense(problem: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        [bytes, content.to_vec()].concat()
    }

    fn object(name: &str) -> Vec<u8> {
        let metadata = ItemMetadata { name: name.to_owned(), ..ItemMetadata::default() };
        Object { metadata: Some(metadata), data: [("release".to_owned(), vec![7; 300])].into() }
            .encode_to_vec()
    }

    fn answer() -> Vec<u8> {
        let metadata = ListMetadata { token: "next".into() }.encode_to_vec();
        let list = [field(1, &metadata), field(2, &object("a")), field(2, &object("b"))].concat();
        [MAGIC.to_vec(), field(1, b"kind"), field(RAW as u8, &list), field(4, b"")].concat()
    }

    fn names(answer: &[u8]) -> io::Result<Page<String>> {
        page(answer, |object| Some(object.metadata?.name))
    }

    #[test]
    fn of_a_list_each_object_and_the_token_are_read() {
        assert_eq!(
            names(&answer()).unwrap(),
            Page { items: vec!["a".into(), "b".into()], token: "next".into() }
        );
    }

    #[test]
    fn a_list_cut_short_is_no_list() {
        let answer = answer();
        // Two bytes come after the list.
        (0..answer.len() - 2).for_each(|end| assert!(names(&answer[..end]).is_err(), "{end}"));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (bytes, problem) in [
            (&b"{\"kind\":\"List\"}"[..], "the answer is not in protobuf"),
            (b"k8s\0\x08\x01", "a field of the list is of an unknown kind"),
            (b"k8s\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "a number of the list does not end"),
            (b"k8s\0\x12\x7f\x12\xff\xff\xff\xff\x7f", "an object is larger than any can be"),
        ] {
            assert_eq!(names(bytes).unwrap_err().to_string(), problem);
        }
    }
}

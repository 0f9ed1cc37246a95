//! Bodies, with a limit.

use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use reqwest::Response;
use url::Url;

use super::{Attempts, Failed, Get, Http};
use crate::source::error::shown;
use crate::source::{Digest, SourceError};

/// Downloads a whole body, asking again from the start when the connection breaks.
pub(crate) async fn download(http: &Http, get: &Get<'_>, limit: u64) -> Result<(Bytes, Digest), SourceError> {
    let mut attempts = Attempts::new(get.url);
    loop {
        let response = http.get(get).await?;
        match whole_body(response, get.url, limit).await {
            Ok(body) => {
                let digest = Digest::of(&body);
                return Ok((body, digest));
            }
            Err(failed) => attempts.after_failure(failed).await?,
        }
    }
}

/// A whole body, up to `limit` bytes.
pub(crate) async fn whole_body(response: Response, url: &Url, limit: u64) -> Result<Bytes, Failed> {
    let mut body = BytesMut::new();
    let taken = each_chunk(response, url, limit, |chunk| {
        body.extend_from_slice(chunk);
        Ok(())
    });
    taken.await?;
    Ok(body.freeze())
}

/// Hands each piece of a body to `take`, in order, up to `limit` bytes.
pub(crate) async fn each_chunk(
    response: Response,
    url: &Url,
    limit: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), SourceError>,
) -> Result<(), Failed> {
    let mut left = limit;
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Failed::of(&error))?;
        left = left
            .checked_sub(chunk.len() as u64)
            .ok_or_else(|| Failed::Final(SourceError::TooLarge { what: shown(url), limit }))?;
        take(&chunk).map_err(Failed::Final)?;
    }
    Ok(())
}

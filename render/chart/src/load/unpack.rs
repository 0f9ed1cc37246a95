//! What a gzip stream holds, in memory.
//!
//! A chart's archive has hundreds of small files. One pass over the whole stream, and then going through it by place, is
//! several times faster than to pull each of them through the decoder.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use flate2::bufread::MultiGzDecoder;

use super::archive::Budget;

/// A stream as far as it can be read. Reading on, or going beyond, is the error that ended it.
pub(super) struct Unpacked {
    bytes: Cursor<Vec<u8>>,
    failure: Option<io::Error>,
}

impl Unpacked {
    /// Unpacks a stream up to its end, to a mistake in it, or to more bytes than the budget allows.
    pub(super) fn new(packed: &[u8], budget: &Budget<'_>) -> Self {
        let most = budget.stream_bytes(packed.len() as u64);
        let mut bytes = Vec::with_capacity(promised_bytes(packed).min(most) as usize);
        let failure = match MultiGzDecoder::new(packed).take(most).read_to_end(&mut bytes) {
            Ok(count) if count as u64 == most => Some(io::Error::other(budget.too_large())),
            Ok(_) => None,
            Err(error) => Some(error),
        };
        Self { bytes: Cursor::new(bytes), failure }
    }
}

/// What the end of a stream says of its length. It may not be true, but memory that is never written costs nothing.
fn promised_bytes(packed: &[u8]) -> u64 {
    // One byte more lets the end show itself without a larger buffer.
    packed.last_chunk().map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)) + 1)
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(buffer)? {
            0 if !buffer.is_empty() => self.failure.take().map_or(Ok(0), Err),
            count => Ok(count),
        }
    }
}

impl Seek for Unpacked {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = self.bytes.seek(to)?;
        if place <= self.bytes.get_ref().len() as u64 {
            return Ok(place);
        }
        Err(self.failure.take().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()))
    }
}

//! Records: what stands between two record separators.
//!
//! SignalR's hub protocol, JSON encoding: every message ends with the byte 0x1E. A WebSocket message may hold several
//! records, and (for those who read the transport as a stream of bytes, as the .NET client does) a part of one.

use bytes::{Bytes, BytesMut};

use super::HubError;

/// The byte that ends every message.
pub(super) const SEPARATOR: u8 = 0x1e;

/// Cuts incoming bytes into records.
#[derive(Debug)]
pub(super) struct Records {
    limit: usize,
    /// The start of a record whose end has not come yet.
    started: BytesMut,
    /// What has come and is not cut yet.
    rest: Bytes,
}

impl Records {
    /// Records of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, started: BytesMut::new(), rest: Bytes::new() }
    }

    /// Takes the next piece. Everything that was complete must have been taken out before.
    pub(super) fn push(&mut self, piece: Bytes) {
        self.rest = piece;
    }

    /// The next complete record, without its separator.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, HubError> {
        let end = memchr::memchr(SEPARATOR, &self.rest);
        let bytes = self.started.len() + end.unwrap_or(self.rest.len());
        if bytes > self.limit {
            return Err(HubError::TooLarge { bytes, limit: self.limit });
        }
        let Some(end) = end else {
            self.started.extend_from_slice(&self.rest);
            self.rest.clear();
            return Ok(None);
        };
        let mut record = self.rest.split_to(end + 1);
        record.truncate(end);
        if self.started.is_empty() {
            return Ok(Some(record));
        }
        self.started.extend_from_slice(&record);
        Ok(Some(self.started.split().freeze()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(limit: usize, pieces: &[&str]) -> Result<Vec<String>, HubError> {
        let mut records = Records::new(limit);
        let mut found = Vec::new();
        for piece in pieces {
            records.push(Bytes::copy_from_slice(piece.as_bytes()));
            while let Some(record) = records.next()? {
                found.push(String::from_utf8_lossy(&record).into_owned());
            }
        }
        Ok(found)
    }

    #[test]
    fn several_records_come_in_one_piece() {
        assert_eq!(cut(9, &["a\u{1e}bc\u{1e}\u{1e}"]).unwrap(), ["a", "bc", ""]);
    }

    #[test]
    fn one_record_comes_in_several_pieces() {
        assert_eq!(cut(9, &["a", "", "bc", "d\u{1e}e", "\u{1e}"]).unwrap(), ["abcd", "e"]);
    }

    #[test]
    fn a_record_without_end_is_refused_at_the_limit() {
        assert!(matches!(cut(4, &["abc", "de"]), Err(HubError::TooLarge { bytes: 5, limit: 4 })));
        assert!(matches!(cut(4, &["abcde\u{1e}"]), Err(HubError::TooLarge { bytes: 5, limit: 4 })));
        assert_eq!(cut(4, &["abcd\u{1e}"]).unwrap(), ["abcd"]);
    }
}

//! The wrapping of a record: JSON, compressed, as text. Helm: `pkg/storage/driver/util.go`.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU64;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::RecordError;

/// How many bytes of JSON a record may hold. The API server takes a megabyte of compressed text, which can be made
/// to swell a thousandfold; real records swell about tenfold.
pub const MAX_RECORD_BYTES: u64 = 64 * 1024 * 1024;

/// What compressed records begin with.
pub(super) const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];
const UNKNOWN_SYSTEM: u8 = 255;

/// JSON to what the Secret's or ConfigMap's `release` holds. The header is the one Go writes.
pub(super) fn seal(json: &str) -> Result<String, RecordError> {
    let compressed = || {
        let mut writer =
            GzBuilder::new().operating_system(UNKNOWN_SYSTEM).write(Vec::new(), Compression::best());
        writer.write_all(json.as_bytes())?;
        writer.finish()
    };
    compressed().map(|bytes| STANDARD.encode(bytes)).map_err(RecordError::Compression)
}

/// The same, compressed as well as anybody can: that takes a hundred times as long and saves some percent.
pub(super) fn seal_hard(json: &str, rounds: NonZeroU64) -> Result<String, RecordError> {
    let options = zopfli::Options { iteration_count: rounds, ..zopfli::Options::default() };
    let mut bytes = Vec::new();
    zopfli::compress(options, zopfli::Format::Gzip, json.as_bytes(), &mut bytes)
        .map_err(RecordError::Compression)?;
    Ok(STANDARD.encode(bytes))
}

/// The reverse; a text that is base64 but not compressed is from before Helm compressed records.
pub(super) fn open(text: &[u8]) -> Result<Vec<u8>, RecordError> {
    let bytes = STANDARD.decode(text).map_err(RecordError::Base64)?;
    if bytes.get(..3) != Some(&GZIP_MAGIC) {
        return Ok(bytes);
    }
    let mut json = Vec::new();
    let mut reader = GzDecoder::new(bytes.as_slice()).take(MAX_RECORD_BYTES + 1);
    reader.read_to_end(&mut json).map_err(RecordError::Compression)?;
    if json.len() as u64 > MAX_RECORD_BYTES {
        return Err(RecordError::TooLarge { limit: MAX_RECORD_BYTES });
    }
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_record_opens_again_and_has_the_header_go_writes() {
        let sealed = seal(r#"{"name":"a"}"#).unwrap();
        assert!(STANDARD.decode(&sealed).unwrap().starts_with(b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"));
        assert_eq!(open(sealed.as_bytes()).unwrap(), br#"{"name":"a"}"#);
    }

    #[test]
    fn a_record_that_was_sealed_hard_opens_again_and_is_no_larger() {
        let json = format!("{{\"a\":\"{}\"}}", "some text, and more text; ".repeat(200));
        let hard = seal_hard(&json, NonZeroU64::MIN).unwrap();
        assert!(hard.len() <= seal(&json).unwrap().len());
        assert_eq!(open(hard.as_bytes()).unwrap(), json.as_bytes());
    }

    #[test]
    fn an_uncompressed_record_is_taken() {
        assert_eq!(open(STANDARD.encode("{}").as_bytes()).unwrap(), b"{}");
    }

    #[test]
    fn a_record_that_swells_without_end_is_refused() {
        let bomb = seal(&" ".repeat(MAX_RECORD_BYTES as usize + 1)).unwrap();
        assert!(bomb.len() < 1024 * 1024);
        assert!(matches!(open(bomb.as_bytes()), Err(RecordError::TooLarge { .. })));
    }

    #[test]
    fn broken_texts_are_typed_errors() {
        assert!(matches!(open(b"?"), Err(RecordError::Base64(_))));
        let cut = STANDARD.encode([0x1f, 0x8b, 0x08, 0, 0]);
        assert!(matches!(open(cut.as_bytes()), Err(RecordError::Compression(_))));
    }
}

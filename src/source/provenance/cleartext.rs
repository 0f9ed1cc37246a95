//! A clearsigned text (RFC 9580, section 7), and the two YAML documents in it.
//!
//! What is parsed is what was signed: the text without its dash escapes and spaces at the ends of lines.

use std::io::Read as _;

use pgp::armor::Dearmor;
use value::Value;

use super::ProvenanceError;

const BEGIN_MESSAGE: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END_SIGNATURE: &[u8] = b"-----END PGP SIGNATURE-----";
/// What a `Hash` header may name. It is a hint to programs that hash while they read, and nothing depends on it.
const HASHES: [&str; 9] =
    ["MD5", "SHA1", "RIPEMD160", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512"];

/// A clearsigned text.
pub(super) struct CleartextMessage {
    /// The lines of the text, as they were signed.
    lines: Vec<Vec<u8>>,
    /// The packets of the signature; none where it is damaged.
    pub(super) signature: Option<Vec<u8>>,
}

impl CleartextMessage {
    /// Reads the first clearsigned text in `data`; what stands before or behind it is no part of it.
    pub(super) fn decode(data: &[u8]) -> Option<Self> {
        let mut lines =
            data.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        lines.find(|line| line.starts_with(BEGIN_MESSAGE)).filter(|line| *line == BEGIN_MESSAGE)?;
        for header in lines.by_ref().take_while(|line| !line.trim_ascii().is_empty()) {
            check_header(header)?;
        }
        let mut text = Vec::new();
        loop {
            let line = lines.next()?;
            if line == BEGIN_SIGNATURE {
                break;
            }
            let line = line.strip_prefix(b"- ").unwrap_or(line);
            let end = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |at| at + 1);
            text.push(line.get(..end)?.to_vec());
        }
        let armored = armored(lines)?;
        let mut packets = Vec::new();
        let read = Dearmor::new(&armored[..]).read_to_end(&mut packets);
        Some(Self { lines: text, signature: read.is_ok().then_some(packets) })
    }

    /// The text as it was signed: lines end with CR and LF, the last one with neither.
    pub(super) fn signed_text(&self) -> Vec<u8> {
        self.lines.join(&b"\r\n"[..])
    }

    /// The digest, as it is written, that the text promises for a file.
    pub(super) fn promised(&self, file: &str) -> Result<String, ProvenanceError> {
        let text = self.lines.join(&b'\n');
        let digests = second_part(&text).ok_or(ProvenanceError::OnePart)?;
        let document = goyaml::unmarshal_map(digests);
        let document = document.map_err(|error| ProvenanceError::Unreadable(error.to_string()))?;
        let promised = match document.get("files") {
            Some(Value::Map(files)) => files.get(file),
            _ => None,
        };
        match promised {
            Some(Value::Str(promised)) => Ok(promised.to_string()),
            Some(_) => Err(ProvenanceError::Unreadable(format!("the digest of {file:?} is not a text"))),
            None => Err(ProvenanceError::NotListed(file.to_owned())),
        }
    }
}

fn check_header(line: &[u8]) -> Option<()> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, hashes) = line.split_once(':')?;
    let known = |hash: &str| HASHES.iter().any(|known| known.eq_ignore_ascii_case(hash.trim()));
    (name.trim() == "Hash" && hashes.split(',').all(known)).then_some(())
}

/// An armored signature, whose first line was read already.
fn armored<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut armored = BEGIN_SIGNATURE.to_vec();
    for line in lines {
        armored.push(b'\n');
        if line.starts_with(END_SIGNATURE) {
            armored.extend_from_slice(END_SIGNATURE);
            return Some(armored);
        }
        armored.extend_from_slice(line);
    }
    None
}

/// The documents are apart by a line of three dots: what YAML usually has there would need an escape.
fn second_part(text: &[u8]) -> Option<&[u8]> {
    const BETWEEN: &[u8] = b"\n...\n";
    let after = |text: &[u8]| text.windows(BETWEEN.len()).position(|window| window == BETWEEN);
    let second = text.get(after(text)? + BETWEEN.len()..)?;
    second.get(..after(second).unwrap_or(second.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text with a signature that is none.
    fn clearsigned(text: &str) -> String {
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{text}\n-----BEGIN PGP SIGNATURE-----\n\n\
             aGVsbG8gd29ybGQ=\n-----END PGP SIGNATURE-----\n"
        )
    }

    fn decode(text: &str) -> CleartextMessage {
        CleartextMessage::decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_text_is_read_without_escapes_and_spaces_at_the_ends_of_lines() {
        let message = decode(&clearsigned("a: 1 \t\n- - b\r\n\nc"));
        assert_eq!(message.signed_text(), b"a: 1\r\n- b\r\n\r\nc");
        assert_eq!(message.signature.unwrap(), b"hello world");
    }

    #[test]
    fn what_stands_around_a_text_is_no_part_of_it() {
        let message = decode(&format!("before\n{}after", clearsigned("a")));
        assert_eq!(message.signed_text(), b"a");
    }

    #[test]
    fn what_is_no_clearsigned_text_is_refused() {
        let good = clearsigned("a");
        for bad in [
            String::new(),
            "hello".to_owned(),
            format!(" {good}"),
            good.replacen("MESSAGE-----", "MESSAGE----- ", 1),
            good.replace("Hash: SHA512", "Hash: SHA0"),
            good.replace("Hash: SHA512", "Comment: x"),
            good.replace("Hash: SHA512", "x"),
            good.replace("-----END PGP SIGNATURE-----", ""),
        ] {
            assert!(CleartextMessage::decode(bad.as_bytes()).is_none(), "{bad}");
        }
        assert_eq!(decode(&good.replace("aGVsbG8gd29ybGQ=", "*")).signature, None);
        for length in 0..good.len() - 1 {
            assert!(CleartextMessage::decode(&good.as_bytes()[..length]).is_none(), "{length}");
        }
    }

    #[test]
    fn the_second_document_promises_digests() {
        let message = decode(&clearsigned(
            "name: a\nfiles: {x: 1}\n\n...\nfiles:\n  a-1.tgz: sha256:00\n...\nfiles: {}",
        ));
        assert_eq!(message.promised("a-1.tgz").unwrap(), "sha256:00");
        let error = message.promised("x").unwrap_err().to_string();
        assert_eq!(error, r#"provenance does not contain a SHA for a file named "x""#);
        let error = decode(&clearsigned("files: {x: a}")).promised("x").unwrap_err().to_string();
        assert_eq!(error, "message block must have at least two parts");
    }
}

//! GnuPG's keybox (`pubring.kbx`): blobs one after the other, some of which hold OpenPGP certificates.
//!
//! A blob begins with its length (4 bytes, its own included), type, version and flags (2 bytes); one of OpenPGP goes on
//! with the place and the length of the certificate in it. GnuPG: `kbx/keybox-blob.c`.

const HEADER: u8 = 1;
const OPENPGP: u8 = 2;
/// GnuPG does not count these as part of the keyring.
const EPHEMERAL: u16 = 2;

/// Whether a file is a keybox.
pub(super) fn is_keybox(data: &[u8]) -> bool {
    data.get(4) == Some(&HEADER) && data.get(8..12) == Some(b"KBXf")
}

/// All certificates of a keybox, one after the other.
pub(super) fn certificates(data: &[u8]) -> Result<Vec<u8>, String> {
    let mut certificates = Vec::new();
    let mut offset = 0;
    while offset < data.len() {
        let rest = data.get(offset..).unwrap_or_default();
        let length = number(rest, 0).ok_or_else(|| format!("truncated blob header at offset {offset}"))?;
        if length < 5 {
            return Err(format!("invalid blob length {length} at offset {offset}"));
        }
        let blob = rest.get(..length).ok_or_else(|| {
            let left = rest.len();
            format!("blob at offset {offset} has length {length} exceeding the {left} remaining bytes")
        })?;
        if blob.get(4) == Some(&OPENPGP) {
            certificates.extend_from_slice(certificate(blob, offset)?);
        }
        offset += length;
    }
    match certificates.is_empty() {
        true => Err("keybox contains no OpenPGP keys".to_owned()),
        false => Ok(certificates),
    }
}

fn certificate(blob: &[u8], offset: usize) -> Result<&[u8], String> {
    let (Some(flags), Some(start), Some(length)) = (number(blob, 4), number(blob, 8), number(blob, 12))
    else {
        return Err(format!("OpenPGP blob at offset {offset} is too short"));
    };
    let end = start.checked_add(length);
    let certificate = end.and_then(|end| blob.get(start..end));
    let certificate =
        certificate.ok_or_else(|| format!("OpenPGP blob at offset {offset} has an out-of-range keyblock"))?;
    let is_ephemeral = flags & usize::from(EPHEMERAL) != 0;
    Ok(if is_ephemeral { &[] } else { certificate })
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(kind: u8, flags: u16, certificate: &[u8]) -> Vec<u8> {
        let mut blob = vec![0, 0, 0, 0, kind, 1];
        blob.extend(flags.to_be_bytes());
        blob.extend(16_u32.to_be_bytes());
        blob.extend(u32::try_from(certificate.len()).unwrap().to_be_bytes());
        blob.extend(certificate);
        let length = u32::try_from(blob.len()).unwrap().to_be_bytes();
        blob[..4].copy_from_slice(&length);
        blob
    }

    fn header() -> Vec<u8> {
        let mut header = blob(HEADER, 0, b"");
        header[8..12].copy_from_slice(b"KBXf");
        header
    }

    #[test]
    fn certificates_come_out_and_all_else_stays() {
        let keybox = [
            header(),
            blob(OPENPGP, 0, b"one"),
            blob(3, 0, b"x509"),
            blob(OPENPGP, EPHEMERAL, b"no"),
            blob(OPENPGP, 0, b"two"),
        ]
        .concat();
        assert!(is_keybox(&keybox));
        assert_eq!(certificates(&keybox).unwrap(), b"onetwo");
        assert_eq!(certificates(&header()).unwrap_err(), "keybox contains no OpenPGP keys");
    }

    #[test]
    fn what_points_outside_is_refused() {
        let whole = [header(), blob(OPENPGP, 0, b"one")].concat();
        for length in 1..whole.len() {
            assert!(certificates(&whole[..length]).is_err(), "{length}");
        }
        let mut outside = blob(OPENPGP, 0, b"one");
        outside[12..16].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(certificates(&outside).unwrap_err().ends_with("has an out-of-range keyblock"));
        assert!(certificates(&[0; 16]).unwrap_err().starts_with("invalid blob length 0"));
    }
}

//! What a signature packet says of itself, by the rules of Helm's OpenPGP library.

use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{Signature, SignatureVersion, Subpacket, SubpacketData};
use pgp::types::KeyId;

use super::ProvenanceError;

/// Whether a signature is one that counts. What is made by an algorithm that is broken, or has a critical part that
/// nobody knows, is as if it weren't there.
pub(super) fn is_understood(signature: &Signature) -> bool {
    use HashAlgorithm::{Sha1, Sha3_256, Sha3_512, Sha224, Sha256, Sha384, Sha512};
    let is_hash = match signature.hash_alg() {
        Some(Sha224 | Sha256 | Sha384 | Sha512 | Sha3_256 | Sha3_512) => true,
        // Attacks on SHA-1 are seen when it is computed.
        Some(Sha1) => signature.version() == SignatureVersion::V4,
        _ => false,
    };
    let is_unknown = |subpacket: &Subpacket| {
        subpacket.is_critical
            && matches!(subpacket.data, SubpacketData::Other(..) | SubpacketData::Experimental(..))
    };
    matches!(signature.version(), SignatureVersion::V4 | SignatureVersion::V6)
        && is_hash
        && signature.created().is_some()
        && signature.config().is_some_and(|config| !config.hashed_subpackets().any(is_unknown))
}

/// The key that has made a signature, as the signature says.
pub(super) fn issuer(signature: &Signature) -> Option<KeyId> {
    let of_fingerprint = signature.issuer_fingerprint().into_iter().find_map(|fingerprint| {
        let bytes = fingerprint.as_bytes();
        let id = match bytes.len() {
            20 => bytes.last_chunk::<8>(),
            _ => bytes.first_chunk::<8>(),
        };
        id.copied().map(KeyId::from)
    });
    of_fingerprint.or_else(|| signature.issuer_key_id().first().copied().copied())
}

/// Seconds since 1970 when a signature was made.
pub(super) fn created(signature: &Signature) -> i64 {
    signature.created().map_or(i64::MAX, |created| created.as_secs().into())
}

/// Whether a signature does not hold now: it is past its time, or from the future.
pub(super) fn is_expired(signature: &Signature, now: i64) -> bool {
    let lifetime = signature.signature_expiration_time().map_or(0, |lifetime| lifetime.as_secs());
    is_past(created(signature), lifetime, now)
}

/// Whether what began then and lasts so long is over, or has not begun. What lasts for no time lasts forever.
pub(super) fn is_past(began: i64, lifetime: u32, now: i64) -> bool {
    began > now || lifetime != 0 && now > began.saturating_add(lifetime.into())
}

/// Refuses signatures with a critical notation: their makers say that whoever does not know it must not take them.
pub(super) fn check_notations(signature: &Signature) -> Result<(), ProvenanceError> {
    let mut subpackets = signature.config().into_iter().flat_map(|config| config.hashed_subpackets());
    let critical = subpackets.find_map(|subpacket| match &subpacket.data {
        SubpacketData::Notation(notation) if subpacket.is_critical => Some(&notation.name),
        _ => None,
    });
    match critical {
        Some(name) => {
            let name = String::from_utf8_lossy(name);
            Err(ProvenanceError::Invalid(format!("unknown critical notation: {name}")))
        }
        None => Ok(()),
    }
}

/// What is said of a signature that is not that of the text.
pub(super) fn failure(signature: &Signature) -> ProvenanceError {
    let algorithm = match signature.config().map(|config| config.pub_alg) {
        // The beginning of the digest stands in such a signature, and is compared first.
        _ if signature.version() == SignatureVersion::V6 => return tag_failure(),
        Some(PublicKeyAlgorithm::DSA) => "DSA",
        Some(PublicKeyAlgorithm::ECDSA) => "ECDSA",
        Some(PublicKeyAlgorithm::EdDSALegacy) => "EdDSA",
        Some(PublicKeyAlgorithm::Ed25519) => "Ed25519",
        Some(PublicKeyAlgorithm::Ed448) => "ed448",
        _ => "RSA",
    };
    ProvenanceError::Invalid(format!("{algorithm} verification failure"))
}

fn tag_failure() -> ProvenanceError {
    ProvenanceError::Invalid("hash tag doesn't match".to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_past;

    #[test]
    fn a_time_without_an_end_has_none() {
        assert!(!is_past(100, 0, i64::MAX));
        assert!(!is_past(100, 50, 150));
        assert!(is_past(100, 50, 151));
        assert!(is_past(100, 0, 99));
    }
}

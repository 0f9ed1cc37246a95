//! What a certificate says of a key that signs: whose it is, and whether it may. Only what the certificate's own primary
//! key has signed counts, and of that what was signed last.

use pgp::composed::{SignedPublicKey, SignedPublicSubKey};
use pgp::packet::{Signature, SignatureType};
use pgp::types::{KeyDetails as _, KeyId, KeyVersion, SignedUser, Tag};

use super::ProvenanceError;
use super::signature::{check_notations, created, is_expired, is_past, is_understood};

/// A key of a certificate that may sign.
pub(super) struct SigningKey<'a> {
    certificate: &'a SignedPublicKey,
    /// What the primary key says of itself.
    own: &'a Signature,
    is_revoked: bool,
    /// The subkey, and what the primary key says of it; none where the key is the primary one itself.
    subkey: Option<(&'a SignedPublicSubKey, &'a Signature)>,
}

/// An identity that the primary key claims.
struct Identity<'a> {
    user: &'a SignedUser,
    claim: &'a Signature,
    revocations: Vec<&'a Signature>,
}

impl<'a> SigningKey<'a> {
    /// The keys with this id that may sign. There may be several: ids are short, and anybody can make another key of one.
    pub(super) fn all(certificate: &'a SignedPublicKey, id: KeyId, now: i64) -> Vec<Self> {
        let subkeys: Vec<_> =
            certificate.public_subkeys.iter().filter(|subkey| subkey.legacy_key_id() == id).collect();
        let is_primary = certificate.legacy_key_id() == id;
        if !is_primary && subkeys.is_empty() {
            return Vec::new();
        }
        let Some((own, is_revoked)) = primary(certificate, now) else { return Vec::new() };
        let mut keys = Vec::new();
        if is_primary && own.key_flags().sign() {
            keys.push(Self { certificate, own, is_revoked, subkey: None });
        }
        for subkey in subkeys {
            let (Some(binding), Some(revocations)) =
                (binding(certificate, subkey), revocations(certificate, subkey))
            else {
                continue;
            };
            if binding.key_flags().sign() {
                let is_revoked = is_revoked || is_in_force(revocations, now);
                keys.push(Self { certificate, own, is_revoked, subkey: Some((subkey, binding)) });
            }
        }
        keys
    }

    /// Whether this key has made a signature of the text.
    pub(super) fn has_signed(&self, text: &[u8], signature: &Signature) -> bool {
        let verified = match self.subkey {
            Some((subkey, _)) => signature.verify(subkey, text),
            None => signature.verify(&self.certificate.primary_key, text),
        };
        verified.is_ok()
    }

    /// Refuses a signature that is not good any more, or not yet.
    pub(super) fn check(&self, signature: &Signature, now: i64) -> Result<(), ProvenanceError> {
        let binding = self.subkey.map(|(_, binding)| binding);
        let signatures =
            [Some(signature), Some(self.own), binding, binding.and_then(Signature::embedded_signature)];
        signatures.into_iter().flatten().try_for_each(check_notations)?;
        if self.is_revoked {
            return Err(ProvenanceError::Revoked);
        }
        let primary = &self.certificate.primary_key;
        let is_key_expired = is_key_expired(primary.created_at().as_secs(), self.own, now)
            || self
                .subkey
                .is_some_and(|(subkey, binding)| is_key_expired(subkey.created_at().as_secs(), binding, now));
        if is_key_expired {
            return Err(ProvenanceError::KeyExpired);
        }
        match signatures.into_iter().flatten().any(|signature| is_expired(signature, now)) {
            true => Err(ProvenanceError::SignatureExpired),
            false => Ok(()),
        }
    }

    /// The names in the certificate.
    pub(super) fn identities(&self) -> Vec<String> {
        names(self.certificate)
    }

    /// The fingerprint of the certificate.
    pub(super) fn fingerprint(&self) -> String {
        format!("{:X}", self.certificate.fingerprint())
    }
}

/// What a primary key says of itself, and whether it, or the identity it says it by, was revoked.
fn primary(certificate: &SignedPublicKey, now: i64) -> Option<(&Signature, bool)> {
    let key = &certificate.primary_key;
    let revocations = &certificate.details.revocation_signatures;
    // A revocation by somebody else may well be meant: better not to take the key at all.
    if revocations.iter().any(|revocation| !is_understood(revocation) || revocation.verify_key(key).is_err())
    {
        return None;
    }
    let is_revoked = is_in_force(revocations, now);
    if key.version() == KeyVersion::V6 {
        let direct = certificate.details.direct_signatures.iter().filter(|signature| {
            signature.typ() == Some(SignatureType::Key)
                && is_understood(signature)
                && signature.verify_key(key).is_ok()
        });
        return latest(direct).map(|own| (own, is_revoked));
    }
    let identity = identities(certificate).into_iter().reduce(preferred)?;
    Some((identity.claim, is_revoked || is_in_force(identity.revocations, now)))
}

/// The names in a certificate, in its order.
pub(super) fn names(certificate: &SignedPublicKey) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for identity in identities(certificate) {
        let name = String::from_utf8_lossy(identity.user.id.id()).into_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The identities that a certificate's primary key has signed.
fn identities(certificate: &SignedPublicKey) -> Vec<Identity<'_>> {
    certificate.details.users.iter().filter_map(|user| identity(certificate, user)).collect()
}

fn identity<'a>(certificate: &SignedPublicKey, user: &'a SignedUser) -> Option<Identity<'a>> {
    let key = &certificate.primary_key;
    let valid = |signature: &&Signature| {
        is_understood(signature) && signature.verify_certification(key, Tag::UserId, &user.id).is_ok()
    };
    let is_revocation = |signature: &&Signature| signature.typ() == Some(SignatureType::CertRevocation);
    let (revocations, claims): (Vec<_>, Vec<_>) =
        user.signatures.iter().filter(valid).partition(is_revocation);
    Some(Identity { user, claim: latest(claims.into_iter())?, revocations })
}

/// Which of two identities speaks for the key: the one that is revoked less, then the one that says it is the primary
/// one, then the one signed last.
fn preferred<'a>(left: Identity<'a>, right: Identity<'a>) -> Identity<'a> {
    let rank = |identity: &Identity| {
        let fewest = std::cmp::Reverse(identity.revocations.len());
        (fewest, identity.claim.is_primary(), created(identity.claim))
    };
    if rank(&right) > rank(&left) { right } else { left }
}

/// What the primary key says of a subkey. A subkey that signs has to say that it belongs to the primary key, too:
/// otherwise anybody could claim it.
fn binding<'a>(certificate: &SignedPublicKey, subkey: &'a SignedPublicSubKey) -> Option<&'a Signature> {
    let key = &certificate.primary_key;
    let is_bound_back = |binding: &Signature| {
        let back = binding.embedded_signature().filter(|back| is_understood(back));
        back.is_some_and(|back| back.verify_primary_key_binding(&subkey.key, key).is_ok())
    };
    let bindings = subkey.signatures.iter().filter(|binding| {
        binding.typ() == Some(SignatureType::SubkeyBinding)
            && is_understood(binding)
            && binding.verify_subkey_binding(key, &subkey.key).is_ok()
            && (!binding.key_flags().sign() || is_bound_back(binding))
    });
    latest(bindings)
}

/// The revocations of a subkey; none at all where one is not by the primary key.
fn revocations<'a>(
    certificate: &SignedPublicKey,
    subkey: &'a SignedPublicSubKey,
) -> Option<Vec<&'a Signature>> {
    let key = &certificate.primary_key;
    let is_revocation = |signature: &&Signature| signature.typ() == Some(SignatureType::SubkeyRevocation);
    let is_good = |signature: &&Signature| {
        is_understood(signature) && signature.verify_subkey_binding(key, &subkey.key).is_ok()
    };
    let revocations: Vec<_> = subkey.signatures.iter().filter(is_revocation).collect();
    revocations.iter().all(is_good).then_some(revocations)
}

/// Whether one of these revocations counts now. One for a key that others have got hold of counts for all times.
fn is_in_force<'a>(revocations: impl IntoIterator<Item = &'a Signature>, now: i64) -> bool {
    revocations.into_iter().any(|revocation| {
        let is_compromised =
            revocation.revocation_reason_code() == Some(&pgp::packet::RevocationCode::KeyCompromised);
        is_compromised || !is_expired(revocation, now)
    })
}

/// The signature that was made last; of several of the same second the first.
fn latest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.reduce(|left, right| if created(right) > created(left) { right } else { left })
}

fn is_key_expired(created: u32, own: &Signature, now: i64) -> bool {
    let lifetime = own.key_expiration_time().map_or(0, |lifetime| lifetime.as_secs());
    is_past(created.into(), lifetime, now)
}

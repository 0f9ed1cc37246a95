//! Signing: the text that vouches for an archive, under the signature of a secret key of a keyring.

use std::path::Path;

use chart::Flavour;
use pgp::composed::{ArmorOptions, CleartextSignedMessage, SignedPublicKey, SignedSecretKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{SecretKey, SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::types::{KeyDetails as _, KeyVersion, Password, Timestamp};
use rand::Rng as _;
use value::{Map, Value};

use super::keyring::{certificates, contents, packets, secret_keys};
use super::{SigningError, certificate};
use crate::source::Digest;

/// How long a salt of a signature of version 6 is that has SHA-512.
const SALT_BYTES: usize = 32;

/// A secret key that signs, and whose it is.
pub struct Signatory {
    key: SecretKey,
    owner: String,
    passphrase: Password,
}

impl Signatory {
    /// Finds the key whose owner's name is this, or the only one whose owner's name has this in it. Helm:
    /// `provenance.NewFromKeyring`.
    ///
    /// # Errors
    /// Fails for keyrings that can't be read, and where there is no such key, or more than one.
    pub fn find(keyring: &Path, name: &str, flavour: Flavour) -> Result<Self, SigningError> {
        let data = contents(keyring)?;
        let data = packets(&data, keyring, flavour)?;
        let mut likely = Vec::new();
        for certificate in certificates(&data)? {
            for owner in certificate::names(&certificate) {
                if owner == name {
                    return Self::of(secret_keys(&data), owner, &certificate);
                }
                if owner.contains(name) {
                    likely.push((owner, certificate.clone()));
                }
            }
        }
        match likely.pop() {
            None => Err(SigningError::NotFound),
            Some(_) if !likely.is_empty() => Err(SigningError::Ambiguous(name.to_owned())),
            Some((owner, certificate)) => Self::of(secret_keys(&data), owner, &certificate),
        }
    }

    fn of(
        keys: Vec<SignedSecretKey>,
        owner: String,
        certificate: &SignedPublicKey,
    ) -> Result<Self, SigningError> {
        let fingerprint = certificate.fingerprint();
        let mut keys = keys.into_iter().map(|key| key.primary_key);
        let key = keys.find(|key| key.fingerprint() == fingerprint).ok_or(SigningError::NotSecret)?;
        Ok(Self { key, owner, passphrase: Password::empty() })
    }

    /// Whose the key is, where it takes a passphrase.
    pub fn locked(&self) -> Option<&str> {
        self.key.secret_params().is_encrypted().then_some(self.owner.as_str())
    }

    /// Unlocks the key.
    ///
    /// # Errors
    /// Fails for another passphrase than the key's.
    pub fn unlock(self, passphrase: &[u8]) -> Result<Self, SigningError> {
        let passphrase = Password::from(passphrase);
        match self.key.unlock(&passphrase, |_, _| Ok(())) {
            Ok(Ok(())) => Ok(Self { passphrase, ..self }),
            _ => Err(SigningError::Passphrase),
        }
    }

    /// The provenance of an archive. `metadata` is what its `Chart.yaml` says.
    ///
    /// # Errors
    /// Fails for keys that can't sign.
    pub fn sign(&self, archive: &[u8], file_name: &str, metadata: &str) -> Result<String, SigningError> {
        let text = text(archive, file_name, metadata)?;
        let failed = |error: pgp::errors::Error| SigningError::Failed(error.to_string());
        let message = CleartextSignedMessage::new(&text, self.signature()?, &self.key, &self.passphrase);
        let options = ArmorOptions { headers: None, include_checksum: false };
        message.and_then(|message| message.to_armored_string(options)).map_err(failed)
    }

    fn signature(&self) -> Result<SignatureConfig, SigningError> {
        const DIGEST: HashAlgorithm = HashAlgorithm::Sha512;
        let failed = |error: pgp::errors::Error| SigningError::Failed(error.to_string());
        let subpacket = |data| Subpacket::regular(data).map_err(failed);
        let (kind, algorithm) = (SignatureType::Text, self.key.algorithm());
        let mut signature = match self.key.version() {
            KeyVersion::V6 => {
                let salt: [u8; SALT_BYTES] = rand::rng().random();
                SignatureConfig::v6_with_salt(kind, algorithm, DIGEST, salt.to_vec())
            }
            _ => {
                let mut signature = SignatureConfig::v4(kind, algorithm, DIGEST);
                let issuer = SubpacketData::IssuerKeyId(self.key.legacy_key_id());
                signature.unhashed_subpackets = vec![subpacket(issuer)?];
                signature
            }
        };
        signature.hashed_subpackets = vec![
            subpacket(SubpacketData::SignatureCreationTime(Timestamp::now()))?,
            subpacket(SubpacketData::IssuerFingerprint(self.key.fingerprint()))?,
        ];
        Ok(signature)
    }
}

/// The metadata and, behind a line of three dots, the archive's digest. Spaces at the ends of lines are never signed, so
/// there are none.
fn text(archive: &[u8], file_name: &str, metadata: &str) -> Result<String, SigningError> {
    let digest = Value::from(Digest::of(archive).to_string().as_str());
    let files: Map = [(file_name, digest)].into_iter().collect();
    let digests: Map = [("files", Value::Map(files))].into_iter().collect();
    let digests = goyaml::to_yaml(&Value::Map(digests));
    let digests = digests.map_err(|error| SigningError::Failed(error.to_string()))?;
    let metadata: Vec<&str> = metadata.lines().map(|line| line.trim_end_matches([' ', '\t'])).collect();
    Ok(format!("{}\n\n...\n{digests}", metadata.join("\n")))
}

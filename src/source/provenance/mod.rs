//! Provenance: whether an archive is the one that somebody of a keyring has signed for.
//!
//! Beside `web-1.0.0.tgz` lies `web-1.0.0.tgz.prov`, a clearsigned text of the chart's metadata and the archive's digest.
//! This says whether the two belong together and whose signature it is, and writes such texts. It fetches nothing. Helm: `pkg/provenance`.

mod certificate;
mod cleartext;
mod error;
mod file;
mod keybox;
mod keyring;
mod sign;
mod signature;

use chart::Flavour;

pub use self::error::{KeyringError, ProvenanceError, SigningError};
pub(crate) use self::file::beside;
pub use self::file::{default_keyring, verify_file};
pub use self::keyring::Keyring;
pub use self::sign::Signatory;

use self::cleartext::CleartextMessage;
use super::Digest;

/// The largest provenance file that is read. It holds the chart's metadata, which is seldom more than some kilobytes.
pub(crate) const MAX_PROVENANCE_BYTES: u64 = 1024 * 1024;

/// Who has signed for an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The identities of the certificate, such as `Name <name@example.com>`.
    pub signed_by: Vec<String>,
    /// The fingerprint of its primary key: upper-case hexadecimal digits.
    pub fingerprint: String,
    /// The archive's digest, which is the one that was signed.
    pub digest: Digest,
}

impl Keyring {
    /// Checks that `provenance` vouches for `archive` under this name, and is signed by a key of this keyring.
    ///
    /// # Errors
    /// Fails for a provenance that can't be read, a signature that is not good now, and another archive.
    pub fn verify(
        &self,
        archive: &[u8],
        provenance: &[u8],
        file_name: &str,
        flavour: Flavour,
    ) -> Result<Verification, ProvenanceError> {
        let message = CleartextMessage::decode(provenance).ok_or(ProvenanceError::NoSignature(flavour))?;
        let signer = self.signer_of(&message)?;
        let promised = message.promised(file_name)?;
        let digest = Digest::of(archive);
        // Compared as text, as Helm does: what is promised by another algorithm, or none, is not promised.
        if promised != digest.to_string() {
            let file = file_name.to_owned();
            return Err(ProvenanceError::Mismatch { file, promised, actual: digest });
        }
        Ok(Verification { signed_by: signer.identities, fingerprint: signer.fingerprint, digest })
    }
}

#[cfg(test)]
mod tests;

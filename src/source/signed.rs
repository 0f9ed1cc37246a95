//! A chart's archive with what vouches for it.

use std::path::Path;

use bytes::Bytes;
use chart::Flavour;

use super::provenance::{Keyring, ProvenanceError, Verification};
use super::{Fetched, SourceError};

/// A chart's archive, and the provenance that came with it. Nothing is verified yet.
#[derive(Debug)]
pub struct Signed {
    /// The archive.
    pub fetched: Fetched,
    /// The provenance, or why there is none.
    pub provenance: Result<Bytes, SourceError>,
}

/// A chart's archive that a keyring vouches for.
#[derive(Debug)]
pub struct Verified {
    /// The archive: the very bytes that were verified.
    pub fetched: Fetched,
    /// The provenance.
    pub provenance: Bytes,
    /// Who has signed.
    pub verification: Verification,
}

impl Signed {
    /// Verifies the archive by a keyring.
    ///
    /// # Errors
    /// Fails where there is no provenance, or the keyring does not vouch for the archive.
    pub fn verified(self, keyring: &Path, flavour: Flavour) -> Result<Verified, SourceError> {
        let Self { fetched, provenance } = self;
        let provenance = provenance.map_err(|source| ProvenanceError::NotFetched {
            url: format!("{}.prov", fetched.address()),
            source: Box::new(source),
        })?;
        let name = fetched.file_name();
        if !Path::new(&name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tgz")) {
            return Err(ProvenanceError::NotTgz.into());
        }
        let keyring = Keyring::read(keyring, flavour).map_err(ProvenanceError::from)?;
        let verification = keyring.verify(&fetched.archive, &provenance, &name, flavour)?;
        Ok(Verified { fetched, provenance, verification })
    }
}

//! Archives on this machine, and the provenance files beside them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chart::Flavour;

use super::{Keyring, MAX_PROVENANCE_BYTES, ProvenanceError, Verification};
use crate::source::SourceError;
use crate::source::directory::MAX_CHART_BYTES;

/// Reads an archive that the file `<path>.prov` vouches for: the very bytes that were verified.
///
/// # Errors
/// Fails for directories, for what is no `.tgz`, and as [`Keyring::read`] and [`Keyring::verify`] do.
pub fn verify_file(
    path: &Path,
    keyring: &Path,
    flavour: Flavour,
) -> Result<(Bytes, Verification), SourceError> {
    let failed = |source| ProvenanceError::Archive { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.is_dir() {
        return Err(ProvenanceError::Unpacked.into());
    }
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tgz")) {
        return Err(ProvenanceError::NotTgz.into());
    }
    let beside = beside(path);
    let missing = |source| ProvenanceError::NoFile { path: beside.clone(), source };
    let is_directory = std::fs::metadata(&beside).map_err(missing)?.is_dir();
    let keyring = Keyring::read(keyring, flavour).map_err(ProvenanceError::from)?;
    if is_directory && flavour == Flavour::V3 {
        return Err(ProvenanceError::Directory(beside).into());
    }
    let archive = read(path, "chart archive", MAX_CHART_BYTES)?;
    let provenance = read(&beside, "provenance file", MAX_PROVENANCE_BYTES)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let verification = keyring.verify(&archive, &provenance, &name, flavour)?;
    Ok((archive, verification))
}

/// Where the provenance of an archive lies.
pub(crate) fn beside(archive: &Path) -> PathBuf {
    let mut path = archive.as_os_str().to_owned();
    path.push(".prov");
    path.into()
}

/// Where Helm looks for a keyring when none is named: GnuPG's, and for Helm 4 its newer kind where only that is there.
pub fn default_keyring(flavour: Flavour) -> PathBuf {
    let home = std::env::var_os("GNUPGHOME").map(PathBuf::from);
    let home = home
        .unwrap_or_else(|| std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default().join(".gnupg"));
    let usual = home.join("pubring.gpg");
    let keybox = home.join("pubring.kbx");
    if flavour == Flavour::V4 && is_absent(&usual) && !is_absent(&keybox) { keybox } else { usual }
}

fn is_absent(path: &Path) -> bool {
    matches!(std::fs::metadata(path), Err(error) if error.kind() == std::io::ErrorKind::NotFound)
}

fn read(path: &Path, what: &'static str, limit: u64) -> Result<Bytes, SourceError> {
    let failed = |source| ProvenanceError::Read { what, path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(SourceError::TooLarge { what: path.display().to_string(), limit });
    }
    Ok(bytes.into())
}

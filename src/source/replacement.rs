//! Files that are written whole or not at all.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::SourceError;

/// A file that takes the place of another once it is whole.
pub(crate) struct Replacement {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
}

impl Replacement {
    /// Begins a file in the place of `path`, whose folder is made if need be.
    pub(crate) fn of(path: &Path) -> Result<Self, SourceError> {
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let failed = |source| SourceError::Write { path: temporary.clone(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(&temporary).map_err(failed)?;
        Ok(Self { file, temporary, path: path.to_owned() })
    }

    /// As [`Replacement::of`], for what nobody else may read.
    pub(crate) fn private(path: &Path) -> Result<Self, SourceError> {
        let replacement = Self::of(path)?;
        let restricted = restrict(&replacement.file);
        restricted.map_err(|source| SourceError::Write { path: path.to_owned(), source })?;
        Ok(replacement)
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        self.file
            .write_all(bytes)
            .map_err(|source| SourceError::Write { path: self.temporary.clone(), source })
    }

    /// Puts the file in its place.
    pub(crate) fn finish(self) -> Result<(), SourceError> {
        let moved = std::fs::rename(&self.temporary, &self.path);
        moved.map_err(|source| SourceError::Write { path: self.path.clone(), source })
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // OK because it is gone already where it took its place.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

#[cfg(unix)]
fn restrict(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_: &File) -> std::io::Result<()> {
    Ok(())
}

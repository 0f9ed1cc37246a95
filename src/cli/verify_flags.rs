//! Whether a chart's provenance is verified, and by which keyring.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;

use super::CliError;
use super::global::GlobalFlags;
use crate::source::provenance::{Verification, default_keyring, verify_file};

/// Flags of commands that use charts.
#[derive(Args, Debug, Default)]
pub(super) struct VerifyFlags {
    /// Verify the chart's provenance before using it
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    keyring: KeyringFlag,
}

/// The keyring.
#[derive(Args, Debug, Default)]
pub(super) struct KeyringFlag {
    /// Keyring with the public keys used for verification; GnuPG's pubring.gpg when absent
    #[arg(long, value_name = "FILE")]
    keyring: Option<PathBuf>,
}

impl VerifyFlags {
    /// The keyring by which to verify, where that is wanted.
    pub(super) fn keyring(&self, global: &GlobalFlags) -> Option<PathBuf> {
        self.verify.then(|| self.keyring.path(global))
    }
}

impl KeyringFlag {
    /// The keyring's file.
    pub(super) fn path(&self, global: &GlobalFlags) -> PathBuf {
        self.keyring.clone().unwrap_or_else(|| default_keyring(global.flavour()))
    }

    /// Reads an archive that the provenance beside it vouches for.
    pub(super) fn read(&self, path: &Path, global: &GlobalFlags) -> Result<(Bytes, Verification), CliError> {
        Ok(verify_file(path, &self.path(global), global.flavour())?)
    }
}

/// Who has signed, as Helm prints it.
pub(super) fn text(verification: &Verification) -> String {
    let Verification { signed_by, fingerprint, digest } = verification;
    let mut text: String = signed_by.iter().map(|name| format!("Signed by: {name}\n")).collect();
    text.push_str(&format!("Using Key With Fingerprint: {fingerprint}\nChart Hash Verified: {digest}\n"));
    text
}

//! Whether an archive is signed, and with which key.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use chart::{Chart, Flavour};
use clap::Args;

use super::global::GlobalFlags;
use super::{CliError, show};
use crate::source::provenance::{Signatory, default_keyring};

/// Flags of commands that make archives.
#[derive(Args, Debug)]
pub(super) struct SignFlags {
    /// Use an OpenPGP private key to sign this package
    #[arg(long)]
    sign: bool,
    /// Name of the key to use when signing: its owner's, or a part of that
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Keyring with the private key; GnuPG's pubring.gpg when absent
    #[arg(long, value_name = "FILE")]
    keyring: Option<PathBuf>,
    /// File with the passphrase of the signing key; "-" reads it from standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Signs archives. The key is looked for when the first one is there.
pub(super) struct Signer {
    name: String,
    keyring: PathBuf,
    passphrase_file: Option<PathBuf>,
    flavour: Flavour,
    signatory: Option<Signatory>,
}

/// The longest passphrase that is read.
const PASSPHRASE_BYTES: u64 = 4096;

impl SignFlags {
    /// What signs, if anything does.
    pub(super) fn signer(&self, global: &GlobalFlags) -> Result<Option<Signer>, CliError> {
        if !self.sign {
            return Ok(None);
        }
        let name = self.key.clone().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| CliError::message("--key is required for signing a package"))?;
        let flavour = global.flavour();
        let keyring = self.keyring.clone().unwrap_or_else(|| default_keyring(flavour));
        let passphrase_file = self.passphrase_file.clone();
        Ok(Some(Signer { name, keyring, passphrase_file, flavour, signatory: None }))
    }
}

impl Signer {
    /// The provenance of an archive.
    pub(super) fn sign(&mut self, chart: &Chart, archive: &[u8]) -> Result<String, CliError> {
        let signatory = match self.signatory.take() {
            Some(signatory) => signatory,
            None => self.signatory()?,
        };
        let metadata = show::definition(chart)?;
        let provenance = signatory.sign(archive, &chart.archive_name(), &metadata)?;
        self.signatory = Some(signatory);
        Ok(provenance)
    }

    fn signatory(&self) -> Result<Signatory, CliError> {
        let signatory = Signatory::find(&self.keyring, &self.name, self.flavour)?;
        let passphrase = self.passphrase_file.as_deref().map(passphrase).transpose()?;
        match (signatory.locked(), passphrase) {
            (None, _) => Ok(signatory),
            (Some(_), Some(passphrase)) => Ok(signatory.unlock(&passphrase)?),
            (Some(owner), None) => Err(CliError::message(format!(
                "the key {owner:?} is locked by a passphrase: give it with --passphrase-file"
            ))),
        }
    }
}

/// The first line of a file, or of standard input.
fn passphrase(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |source| CliError::Read { path: path.to_owned(), source };
    let mut line = Vec::new();
    if path.as_os_str() == "-" {
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            let text = "specified reading passphrase from stdin, without input on stdin";
            return Err(CliError::message(text));
        }
        stdin.lock().take(PASSPHRASE_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
    } else {
        let file = BufReader::new(std::fs::File::open(path).map_err(failed)?);
        file.take(PASSPHRASE_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
    }
    if line.is_empty() {
        return Err(CliError::message("EOF"));
    }
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    Ok(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
}

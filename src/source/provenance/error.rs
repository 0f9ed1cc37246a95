//! Why nobody vouches for an archive. The texts are Helm's, and those of its OpenPGP library.

use std::path::PathBuf;

use chart::Flavour;

use crate::source::Digest;
use crate::source::error::plain;

/// Why an archive could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceError {
    /// A chart in a directory, which nobody can sign.
    #[error("unpacked charts cannot be verified")]
    Unpacked,
    /// A file that is no archive by its name.
    #[error("chart must be a tgz file")]
    NotTgz,
    /// The archive can't be looked at.
    #[error("stat {}: {}", .path.display(), plain(.source))]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no provenance file beside the archive.
    #[error("could not load provenance file {0}: stat {0}: {1}", .path.display(), plain(.source))]
    NoFile {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is a directory in the provenance file's place. Only Helm 3 looks before it reads.
    #[error("{} cannot be a directory", .0.display())]
    Directory(PathBuf),
    /// A file can't be read.
    #[error("failed to read {what}: read {}: {}", .path.display(), plain(.source))]
    Read {
        /// Helm's word for the file.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server has no provenance for the archive.
    #[error("failed to fetch provenance {url:?}")]
    NotFetched {
        /// Where it should be.
        url: String,
        /// Why it could not be had.
        source: Box<crate::source::SourceError>,
    },
    /// The keyring can't be had.
    #[error("failed to load keyring: {0}")]
    Keyring(#[from] KeyringError),
    /// The provenance is no clearsigned text.
    #[error("{}signature block not found", decoding(*.0))]
    NoSignature(Flavour),
    /// The signature can't be understood.
    #[error("openpgp: invalid data: {0}")]
    Malformed(&'static str),
    /// The signature can't be read.
    #[error("unexpected EOF: the signature is damaged")]
    Damaged,
    /// A signature of something else than a text.
    #[error("openpgp: unsupported feature: unsupported signature type: {0}")]
    SignatureType(u8),
    /// No key of the keyring has made the signature.
    #[error("openpgp: signature made by unknown entity")]
    UnknownIssuer,
    /// The signature is not that of the text.
    #[error("openpgp: invalid signature: {0}")]
    Invalid(String),
    /// The key, or all of its certificate, was revoked.
    #[error("openpgp: signature made by revoked key")]
    Revoked,
    /// The key is past its time, or not yet in it.
    #[error("openpgp: key expired")]
    KeyExpired,
    /// The signature is past its time, or not yet in it.
    #[error("openpgp: signature expired")]
    SignatureExpired,
    /// The signed text has no part with digests.
    #[error("message block must have at least two parts")]
    OnePart,
    /// The part with the digests can't be understood.
    #[error("{0}")]
    Unreadable(String),
    /// The signed text is about other files.
    #[error("provenance does not contain a SHA for a file named {0:?}")]
    NotListed(String),
    /// The archive is not the one that was signed.
    #[error("sha256 sum does not match for {file}: {promised:?} != \"{actual}\"")]
    Mismatch {
        /// The archive's name.
        file: String,
        /// What was signed.
        promised: String,
        /// What the archive's digest is.
        actual: Digest,
    },
}

/// Why an archive could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The keyring can't be had.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Several names have the wanted one in them.
    #[error("more than one key contain the id {0:?}")]
    Ambiguous(String),
    /// No name has the wanted one in it.
    #[error("private key not found")]
    NotFound,
    /// The keyring has only the public part of the key.
    #[error("provided key is not a private key. Try providing a keyring with secret keys")]
    NotSecret,
    /// The passphrase is not that of the key.
    #[error("openpgp: invalid data: private key checksum failure")]
    Passphrase,
    /// The key does not sign.
    #[error("failed to sign: {0}")]
    Failed(String),
}

/// Why a keyring could not be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file can't be opened or read.
    #[error("{action} {}: {}", .path.display(), plain(.source))]
    File {
        /// What was done to it.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// More than we take.
    #[error("{} is larger than {limit} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// Not what OpenPGP's packets begin with.
    #[error("openpgp: invalid data: tag byte does not have MSB set")]
    NoPackets,
    /// The last packet is cut off.
    #[error("unexpected EOF")]
    Truncated,
    /// An armored keyring that can't be read.
    #[error("reading armored keyring {}: {problem}", .path.display())]
    Armored {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A keybox that can't be read.
    #[error("reading keybox {}: {problem}", .path.display())]
    Keybox {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

fn decoding(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::V3 => "failed to decode signature: ",
        Flavour::V4 => "",
    }
}

//! Keyrings: files with the certificates of those who may sign.

use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use chart::Flavour;
use pgp::armor::{BlockType, Dearmor};
use pgp::composed::{Deserializable as _, SignedPublicKey, SignedSecretKey};
use pgp::packet::{Packet, PacketHeader, PacketParser, Signature, SignatureType};
use pgp::types::{KeyDetails as _, KeyVersion, PacketLength};

use super::certificate::SigningKey;
use super::cleartext::CleartextMessage;
use super::signature::{failure, is_understood, issuer};
use super::{KeyringError, ProvenanceError, keybox};

/// The largest keyring that is read. Those of whole distributions have a tenth.
const MAX_KEYRING_BYTES: u64 = 64 * 1024 * 1024;
/// How many signatures of a text are looked at.
const MAX_SIGNATURES: usize = 64;
const ARMOR: &[u8] = b"-----BEGIN PGP";

/// The certificates of those whose signatures are good.
pub struct Keyring {
    certificates: Vec<SignedPublicKey>,
}

/// Whose certificate has the key that signed.
pub(super) struct Signer {
    pub(super) identities: Vec<String>,
    pub(super) fingerprint: String,
}

impl Keyring {
    /// Reads a keyring: certificates one after the other, and for Helm 4 also armored, or in GnuPG's keybox. Secret keys
    /// are taken for their public parts.
    ///
    /// # Errors
    /// Fails for what can't be read, or is none of these.
    pub fn read(path: &Path, flavour: Flavour) -> Result<Self, KeyringError> {
        Self::parse(&contents(path)?, path, flavour)
    }

    /// As [`Keyring::read`], for a keyring that was read already; `path` is for what is said of it.
    ///
    /// # Errors
    /// As there.
    pub fn parse(data: &[u8], path: &Path, flavour: Flavour) -> Result<Self, KeyringError> {
        Ok(Self { certificates: certificates(&packets(data, path, flavour)?)? })
    }

    /// Whoever of this keyring has signed a text. Of several signatures the first counts that is by one of them.
    pub(super) fn signer_of(&self, message: &CleartextMessage) -> Result<Signer, ProvenanceError> {
        let now = jiff::Timestamp::now().as_second();
        let packets = message.signature.as_deref().ok_or(ProvenanceError::Damaged)?;
        for packet in PacketParser::new(packets).take(MAX_SIGNATURES) {
            let signature = match packet {
                Ok(Packet::Signature(signature)) if is_understood(&signature) => signature,
                // What is not understood is passed over.
                Ok(Packet::Signature(_) | Packet::Marker(_) | Packet::Padding(_)) => continue,
                Ok(_) => return Err(ProvenanceError::Malformed("non signature packet found")),
                Err(error) if is_unsupported(&error) => continue,
                Err(_) => return Err(ProvenanceError::Damaged),
            };
            let issuer =
                issuer(&signature).ok_or(ProvenanceError::Malformed("signature doesn't have an issuer"))?;
            let of_certificate = |certificate| SigningKey::all(certificate, issuer, now);
            let keys: Vec<SigningKey> = self.certificates.iter().flat_map(of_certificate).collect();
            if !keys.is_empty() {
                return checked(&keys, &signature, &message.signed_text(), now);
            }
        }
        Err(ProvenanceError::UnknownIssuer)
    }
}

fn checked(
    keys: &[SigningKey],
    signature: &Signature,
    text: &[u8],
    now: i64,
) -> Result<Signer, ProvenanceError> {
    match signature.typ() {
        Some(SignatureType::Text | SignatureType::Binary) => {}
        other => return Err(ProvenanceError::SignatureType(other.map_or(0xFF, u8::from))),
    }
    let key = keys.iter().find(|key| key.has_signed(text, signature));
    let key = key.ok_or_else(|| failure(signature))?;
    key.check(signature, now)?;
    Ok(Signer { identities: key.identities(), fingerprint: key.fingerprint() })
}

fn is_unsupported(error: &pgp::errors::Error) -> bool {
    match error {
        pgp::errors::Error::Unsupported { .. } => true,
        pgp::errors::Error::InvalidPacketContent { source } => is_unsupported(source),
        _ => false,
    }
}

/// The packets of a keyring, whatever they are wrapped in.
pub(super) fn packets<'a>(
    data: &'a [u8],
    path: &Path,
    flavour: Flavour,
) -> Result<Cow<'a, [u8]>, KeyringError> {
    let path = path.to_owned();
    let unwrapped = if flavour == Flavour::V4 && keybox::is_keybox(data) {
        keybox::certificates(data).map_err(|problem| KeyringError::Keybox { path, problem })?
    } else if flavour == Flavour::V4 && data.trim_ascii_start().starts_with(ARMOR) {
        dearmored(data).map_err(|problem| KeyringError::Armored { path, problem })?
    } else {
        return Ok(data.into());
    };
    Ok(unwrapped.into())
}

/// A file's bytes, of which there need not be a known number: it may be a pipe.
pub(super) fn contents(path: &Path) -> Result<Vec<u8>, KeyringError> {
    let failed = |action| move |source| KeyringError::File { action, path: path.to_owned(), source };
    let file = File::open(path).map_err(failed("open"))?;
    let mut data = Vec::new();
    file.take(MAX_KEYRING_BYTES + 1).read_to_end(&mut data).map_err(failed("read"))?;
    if data.len() as u64 > MAX_KEYRING_BYTES {
        return Err(KeyringError::TooLarge { path: path.to_owned(), limit: MAX_KEYRING_BYTES });
    }
    Ok(data)
}

/// The bytes of all armored blocks, one after the other.
fn dearmored(data: &[u8]) -> Result<Vec<u8>, String> {
    let starts: Vec<usize> = memchr::memmem::find_iter(data, ARMOR)
        .filter(|at| *at == 0 || data.get(at - 1) == Some(&b'\n'))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([data.len()]);
    let mut packets = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        let mut block = Dearmor::new(data.get(*start..end).unwrap_or_default());
        block.read_to_end(&mut packets).map_err(|error| error.to_string())?;
        match block.typ {
            Some(BlockType::PublicKey | BlockType::PrivateKey) => {}
            Some(other) => return Err(format!("expected a public or private key block, got \"{other}\"")),
            None => return Err("no armored data found".to_owned()),
        }
    }
    if packets.is_empty() {
        return Err("no keys found".to_owned());
    }
    Ok(packets)
}

/// Reads certificates that come one after the other. What is not understood is passed over, so that one new or odd key
/// does not spoil a keyring.
pub(super) fn certificates(data: &[u8]) -> Result<Vec<SignedPublicKey>, KeyringError> {
    check_whole(data)?;
    let packets = PacketParser::new(data).filter_map(Result::ok).filter_map(public).map(Ok).peekable();
    Ok(SignedPublicKey::from_packets(packets).filter_map(Result::ok).collect())
}

/// Refuses what is no row of whole packets: that is no keyring, or not all of it.
fn check_whole(mut data: &[u8]) -> Result<(), KeyringError> {
    while !data.is_empty() {
        let header = PacketHeader::try_from_reader(&mut data).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => KeyringError::Truncated,
            _ => KeyringError::NoPackets,
        })?;
        // Other lengths are for what is written before its length is known, which no certificate is.
        let PacketLength::Fixed(length) = header.packet_length() else { return Err(KeyringError::NoPackets) };
        let length = usize::try_from(length).map_err(|_| KeyringError::Truncated)?;
        data = data.get(length..).ok_or(KeyringError::Truncated)?;
    }
    Ok(())
}

/// The secret keys among certificates.
pub(super) fn secret_keys(data: &[u8]) -> Vec<SignedSecretKey> {
    let packets = PacketParser::new(data).filter_map(Result::ok);
    let packets = packets.filter(|packet| !is_note(packet)).map(Ok).peekable();
    SignedSecretKey::from_packets(packets).filter_map(Result::ok).collect()
}

/// What belongs to a certificate: the public part of a secret key, and no notes.
fn public(packet: Packet) -> Option<Packet> {
    let packet = match packet {
        Packet::SecretKey(key) => Packet::PublicKey(key.public_key().clone()),
        Packet::SecretSubkey(key) => Packet::PublicSubkey(key.public_key().clone()),
        packet => packet,
    };
    let version = match &packet {
        Packet::PublicKey(key) => key.version(),
        Packet::PublicSubkey(key) => key.version(),
        other => return (!is_note(other)).then_some(packet),
    };
    // Older keys are made by what is broken, and those of version 5 never became a standard.
    matches!(version, KeyVersion::V4 | KeyVersion::V6).then_some(packet)
}

/// What GnuPG notes for itself, and what is there to be passed over.
fn is_note(packet: &Packet) -> bool {
    matches!(packet, Packet::Trust(_) | Packet::Marker(_) | Packet::Padding(_))
}

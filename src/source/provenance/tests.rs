//! Provenance files of `fixtures/provenance`, whose README says what they are.

use std::path::{Path, PathBuf};

use chart::Flavour;

use super::cleartext::CleartextMessage;
use super::{Keyring, ProvenanceError, Verification, verify_file};

const ARCHIVE: &[u8] = b"archive";
const NAME: &str = "web-1.0.0.tgz";
const UNKNOWN: &str = "openpgp: signature made by unknown entity";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/provenance").join(name)
}

fn keyring(name: &str, flavour: Flavour) -> Result<Keyring, String> {
    Keyring::read(&fixture(name), flavour).map_err(|error| error.to_string())
}

fn provenance(name: &str) -> String {
    std::fs::read_to_string(fixture(&format!("{name}.prov"))).unwrap()
}

fn verify(ring: &str, provenance: &str) -> Result<Verification, String> {
    let keyring = keyring(ring, Flavour::V4).unwrap();
    keyring
        .verify(ARCHIVE, provenance.as_bytes(), NAME, Flavour::V4)
        .map_err(|error: ProvenanceError| error.to_string())
}

#[test]
fn signatures_of_all_usual_algorithms_are_good() {
    for name in [
        "rsa",
        "rsa4096",
        "ed25519",
        "p256",
        "p384",
        "p521",
        "dsa",
        "subkey",
        "v6-ed25519",
        "v6-ed448",
        "v6-rsa",
    ] {
        let verification =
            verify("keyring.gpg", &provenance(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(verification.signed_by, [format!("{name} <{name}@example.com>")]);
    }
}

#[test]
fn a_signature_in_an_old_digest_is_good_unless_the_digest_is_broken() {
    for (name, is_good) in [("sha256", true), ("sha1", true), ("md5", false), ("ripemd160", false)] {
        let answer = verify("keyring.gpg", &provenance(name));
        assert_eq!(answer.is_ok(), is_good, "{name}: {answer:?}");
    }
}

#[test]
fn a_signature_is_refused_for_what_is_wrong_with_its_key() {
    for (name, error) in [
        ("expired", "openpgp: key expired"),
        ("expired-subkey", "openpgp: key expired"),
        ("expired-signature", "openpgp: signature expired"),
        ("future-signature", "openpgp: signature expired"),
        ("revoked", "openpgp: signature made by revoked key"),
        ("revoked-subkey", "openpgp: signature made by revoked key"),
        ("critical-notation", "openpgp: invalid signature: unknown critical notation: critical@example.com"),
        ("stranger", UNKNOWN),
    ] {
        assert_eq!(verify("keyring.gpg", &provenance(name)).unwrap_err(), error, "{name}");
    }
    assert!(verify("keyring.gpg", &provenance("notation")).is_ok());
    assert!(verify("stranger.gpg", &provenance("stranger")).is_ok());
}

#[test]
fn of_two_signatures_the_one_by_a_known_key_counts() {
    let known = verify("keyring.gpg", &provenance("two-signers")).unwrap();
    assert_eq!(known.signed_by, ["ed25519 <ed25519@example.com>"]);
    let stranger = verify("stranger.gpg", &provenance("two-signers")).unwrap();
    assert_eq!(stranger.signed_by, ["stranger <stranger@example.com>"]);
}

#[test]
fn all_names_of_a_certificate_are_told() {
    let verification = verify("keyring.gpg", &provenance("identities")).unwrap();
    let expected = ["identities <identities@example.com>", "Second (of two) <second@example.com>"];
    assert_eq!(sorted(&verification.signed_by), sorted(&expected.map(str::to_owned)));
    assert_eq!(verification.fingerprint, "6B1015A0368DB84DB44D50EA1FC150D706F5DFF9");
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names
}

#[test]
fn a_changed_text_is_not_the_one_that_was_signed() {
    for (name, error) in [
        ("rsa", "openpgp: invalid signature: RSA verification failure"),
        ("ed25519", "openpgp: invalid signature: EdDSA verification failure"),
        ("p256", "openpgp: invalid signature: ECDSA verification failure"),
        ("dsa", "openpgp: invalid signature: DSA verification failure"),
        ("v6-ed25519", "openpgp: invalid signature: hash tag doesn't match"),
    ] {
        let text = provenance(name);
        assert_eq!(verify("keyring.gpg", &text.replace("name: web", "name: wet")).unwrap_err(), error);
        // Spaces at the ends of lines and the kind of line ends are no part of the text.
        assert!(verify("keyring.gpg", &text.replace("name: web", "name: web \t")).is_ok());
        assert!(verify("keyring.gpg", &text.replace('\n', "\r\n")).is_ok());
    }
}

#[test]
fn no_changed_byte_goes_unseen() {
    let (keyring, text) = (keyring("keyring.gpg", Flavour::V4).unwrap(), provenance("ed25519"));
    let signed = text.find("\n\n").unwrap() + 2..text.find("\n-----BEGIN PGP SIGNATURE").unwrap();
    for at in signed {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        assert!(keyring.verify(ARCHIVE, &changed, NAME, Flavour::V4).is_err(), "{at}");
    }
}

#[test]
fn another_archive_and_another_name_are_refused() {
    let keyring = keyring("keyring.gpg", Flavour::V4).unwrap();
    let error = |archive: &[u8], name| {
        let text = provenance("rsa");
        keyring.verify(archive, text.as_bytes(), name, Flavour::V4).unwrap_err().to_string()
    };
    assert_eq!(
        error(b"other", NAME),
        "sha256 sum does not match for web-1.0.0.tgz: \
         \"sha256:0eb3e36bfb24dcd9bb1d1bece1531216b59539a8fde17ee80224af0653c92aa3\" != \
         \"sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa\""
    );
    let missing = "provenance does not contain a SHA for a file named \"web-1.0.1.tgz\"";
    assert_eq!(error(ARCHIVE, "web-1.0.1.tgz"), missing);
}

#[test]
fn keyrings_may_be_armored_or_a_keybox_for_helm_4() {
    for ring in ["keyring.asc", "keyring.kbx", "legacy.gpg", "secret.gpg"] {
        for (name, is_there) in [("rsa", true), ("p256", true), ("ed25519", ring == "secret.gpg")] {
            assert_eq!(verify(ring, &provenance(name)).is_ok(), is_there, "{ring} {name}");
        }
    }
    let not_packets = "openpgp: invalid data: tag byte does not have MSB set";
    for ring in ["keyring.asc", "keyring.kbx"] {
        assert_eq!(keyring(ring, Flavour::V3).err().as_deref(), Some(not_packets), "{ring}");
    }
    assert!(keyring("legacy.gpg", Flavour::V3).is_ok());
}

#[test]
fn no_part_of_a_keyring_makes_its_reader_fall_over() {
    let provenance = provenance("rsa");
    let read = |data: &[u8]| {
        if let Ok(keyring) = Keyring::parse(data, Path::new("ring"), Flavour::V4) {
            let _ = keyring.verify(ARCHIVE, provenance.as_bytes(), NAME, Flavour::V4);
        }
    };
    for ring in ["legacy.gpg", "keyring.asc", "keyring.kbx"] {
        let whole = std::fs::read(fixture(ring)).unwrap();
        for length in (0..whole.len()).step_by(7) {
            read(&whole[..length]);
            let mut changed = whole.clone();
            changed[length] ^= 0x55;
            read(&changed);
        }
    }
}

#[test]
fn a_damaged_signature_is_told() {
    let damaged = "unexpected EOF: the signature is damaged";
    for name in ["rsa", "ed25519"] {
        let text = provenance(name);
        let mut lines: Vec<&str> = text.lines().collect();
        let body = lines.iter().position(|line| line.starts_with("-----BEGIN PGP SIGNATURE")).unwrap() + 2;
        lines.remove(body + 1);
        assert_eq!(verify("keyring.gpg", &lines.join("\n")).unwrap_err(), damaged, "{name}");
        lines[body] = "*";
        assert_eq!(verify("keyring.gpg", &lines.join("\n")).unwrap_err(), damaged, "{name}");
    }
}

#[test]
fn of_very_many_signatures_only_the_first_are_looked_at() {
    let keyring = keyring("keyring.gpg", Flavour::V4).unwrap();
    let message = |name| CleartextMessage::decode(provenance(name).as_bytes()).unwrap();
    let (mut stranger, known) = (message("stranger"), message("rsa").signature.unwrap());
    let one = stranger.signature.clone().unwrap();
    let mut with = |strangers: usize| {
        stranger.signature = Some([one.repeat(strangers), known.clone()].concat());
        keyring.signer_of(&stranger).is_ok()
    };
    assert!(with(10));
    assert!(!with(100_000));
}

#[test]
fn an_archive_is_verified_by_the_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    let verify = |keyring: &str| {
        verify_file(&path, &fixture(keyring), Flavour::V4)
            .map(|(archive, _)| archive)
            .map_err(|error| error.to_string())
    };
    std::fs::write(&path, ARCHIVE).unwrap();
    let missing = folder.path().join(format!("{NAME}.prov"));
    let expected =
        format!("could not load provenance file {0}: stat {0}: no such file or directory", missing.display());
    assert_eq!(verify("keyring.gpg").unwrap_err(), expected);
    std::fs::write(&missing, provenance("rsa")).unwrap();
    assert_eq!(verify("keyring.gpg").unwrap(), ARCHIVE);
    assert_eq!(verify("stranger.gpg").unwrap_err(), UNKNOWN);
    let error = verify("nope.gpg").unwrap_err();
    assert!(error.starts_with("failed to load keyring: open /"), "{error}");
    assert!(error.ends_with("nope.gpg: no such file or directory"), "{error}");
}

//! Private keys: made, read from PEM, written as Go writes them.

use aws_lc_rs::{
    encoding::{AsBigEndian, AsDer},
    rand::SystemRandom,
    rsa::KeyPair as RsaKeyPair,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
        EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    },
};
use pem::{EncodeConfig, LineEnding, Pem};
use value::Str;

use super::{
    der::{
        self, BIT_STRING, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, bit_string,
        constructed, context, element, integer,
    },
    dsa, rsa,
};
use crate::host::Host;

/// A private key that can sign, or one of DSA, which can't here.
pub(super) enum PrivateKey {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair, &'static Curve),
    Ed25519(Ed25519KeyPair),
    /// The contents of a "DSA PRIVATE KEY".
    Dsa,
}

/// A curve of NIST's.
pub(super) struct Curve {
    algorithm: &'static EcdsaSigningAlgorithm,
    /// The object identifier's contents.
    identifier: &'static [u8],
    /// That of the signature with the hash of its size.
    signature: &'static [u8],
    scalar_bytes: usize,
}

static P256: Curve = Curve {
    algorithm: &ECDSA_P256_SHA256_ASN1_SIGNING,
    identifier: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
    signature: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02],
    scalar_bytes: 32,
};
static P384: Curve = Curve {
    algorithm: &ECDSA_P384_SHA384_ASN1_SIGNING,
    identifier: &[0x2B, 0x81, 0x04, 0x00, 0x22],
    signature: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03],
    scalar_bytes: 48,
};
static P521: Curve = Curve {
    algorithm: &ECDSA_P521_SHA512_ASN1_SIGNING,
    identifier: &[0x2B, 0x81, 0x04, 0x00, 0x23],
    signature: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04],
    scalar_bytes: 66,
};

const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];

/// A new key in PEM: `rsa` (also for ""), `dsa`, `ecdsa`, `ed25519`; the text of a refusal for anything else.
pub(crate) fn gen_private_key(host: &dyn Host, kind: Str) -> String {
    let key = match kind.as_bytes() {
        b"" | b"rsa" => PrivateKey::new_rsa(rsa::Size::Bits4096),
        b"ecdsa" => EcdsaKeyPair::generate(P256.algorithm).map(|pair| PrivateKey::Ecdsa(pair, &P256)).ok(),
        b"ed25519" => Ed25519KeyPair::generate().map(PrivateKey::Ed25519).ok(),
        b"dsa" => {
            let key = dsa::generate(host).map(|contents| pem_text("DSA PRIVATE KEY", contents));
            return key.unwrap_or_else(|| "failed to generate dsa params: no primes found".to_owned());
        }
        _ => return format!("Unknown type {}", kind.to_text()),
    };
    key.and_then(|key| key.to_pem()).unwrap_or_else(|| "failed to generate private key".to_owned())
}

/// One block of PEM, as Go writes it.
pub(super) fn pem_text(kind: &str, contents: Vec<u8>) -> String {
    pem::encode_config(&Pem::new(kind, contents), EncodeConfig::new().set_line_ending(LineEnding::LF))
}

impl PrivateKey {
    pub(super) fn new_rsa(size: rsa::Size) -> Option<Self> {
        RsaKeyPair::from_der(&rsa::generate(size)?).map(PrivateKey::Rsa).ok()
    }

    /// Reads the first block of PEM; the error is sprig's text.
    pub(super) fn from_pem(text: &[u8]) -> Result<Self, String> {
        let block = pem::parse(text).map_err(|_| "no PEM data in input".to_owned())?;
        let contents = block.contents();
        let kind = match block.tag() {
            "PRIVATE KEY" => {
                return Self::from_pkcs8(contents)
                    .ok_or_else(|| "decoding PEM as PKCS#8: malformed key".to_owned());
            }
            tag => tag
                .strip_suffix(" PRIVATE KEY")
                .ok_or_else(|| format!("no private key data in PEM block of type {tag}"))?,
        };
        let key = match kind {
            "RSA" => RsaKeyPair::from_der(contents).map(PrivateKey::Rsa).ok(),
            "EC" => Self::from_sec1(contents),
            "DSA" => Reader(contents).expect(SEQUENCE).map(|_| PrivateKey::Dsa),
            _ => return Err(format!("invalid private key type {}", block.tag())),
        };
        key.ok_or_else(|| format!("parsing {kind} private key from PEM: malformed key"))
    }

    fn from_pkcs8(contents: &[u8]) -> Option<Self> {
        let mut fields = Reader(contents).expect(SEQUENCE)?.inner();
        fields.expect(INTEGER)?;
        let mut algorithm = fields.expect(SEQUENCE)?.inner();
        match algorithm.expect(OBJECT_IDENTIFIER)?.contents {
            RSA => RsaKeyPair::from_pkcs8(contents).map(PrivateKey::Rsa).ok(),
            ED25519 => Ed25519KeyPair::from_pkcs8_maybe_unchecked(contents).map(PrivateKey::Ed25519).ok(),
            EC_PUBLIC_KEY => {
                let curve = Curve::of(algorithm.expect(OBJECT_IDENTIFIER)?.contents)?;
                let pair = EcdsaKeyPair::from_private_key_der(curve.algorithm, contents).ok()?;
                Some(PrivateKey::Ecdsa(pair, curve))
            }
            _ => None,
        }
    }

    fn from_sec1(contents: &[u8]) -> Option<Self> {
        let mut fields = Reader(contents).expect(SEQUENCE)?.inner();
        fields.expect(INTEGER)?;
        fields.expect(OCTET_STRING)?;
        let curve = fields.expect(context(0, true))?.inner().expect(OBJECT_IDENTIFIER)?;
        let curve = Curve::of(curve.contents)?;
        let pair = EcdsaKeyPair::from_private_key_der(curve.algorithm, contents).ok()?;
        Some(PrivateKey::Ecdsa(pair, curve))
    }

    /// PKCS #1 for RSA, SEC 1 for ECDSA, PKCS #8 for Ed25519.
    pub(super) fn to_pem(&self) -> Option<String> {
        Some(match self {
            PrivateKey::Rsa(pair) => {
                let pkcs8 = pair.as_der().ok()?;
                let mut fields = Reader(pkcs8.as_ref()).expect(SEQUENCE)?.inner();
                fields.expect(INTEGER)?;
                fields.expect(SEQUENCE)?;
                pem_text("RSA PRIVATE KEY", fields.expect(OCTET_STRING)?.contents.to_vec())
            }
            PrivateKey::Ecdsa(pair, curve) => pem_text("EC PRIVATE KEY", sec1(pair, curve)?),
            PrivateKey::Ed25519(pair) => {
                let seed = pair.seed().ok()?.as_be_bytes().ok()?;
                let seed = element(OCTET_STRING, element(OCTET_STRING, seed.as_ref()));
                let algorithm = constructed(SEQUENCE, &[&element(OBJECT_IDENTIFIER, ED25519)]);
                pem_text("PRIVATE KEY", constructed(SEQUENCE, &[&integer(&[0]), &algorithm, &seed]))
            }
            PrivateKey::Dsa => return None,
        })
    }

    /// Whether it can sign; otherwise why not, in Go's words.
    pub(super) fn check_signer(&self) -> Result<(), String> {
        match self {
            PrivateKey::Dsa => {
                Err("x509: certificate private key does not implement crypto.Signer".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The bits of the public key.
    pub(super) fn public_bits(&self) -> &[u8] {
        match self {
            PrivateKey::Rsa(pair) => pair.public_key().as_ref(),
            PrivateKey::Ecdsa(pair, _) => pair.public_key().as_ref(),
            PrivateKey::Ed25519(pair) => pair.public_key().as_ref(),
            PrivateKey::Dsa => &[],
        }
    }

    /// X.509's `SubjectPublicKeyInfo`.
    pub(super) fn public_key_information(&self) -> Vec<u8> {
        let algorithm = match self {
            PrivateKey::Rsa(_) => constructed(SEQUENCE, &[&element(OBJECT_IDENTIFIER, RSA), NULL]),
            PrivateKey::Ecdsa(_, curve) => {
                let parts =
                    [element(OBJECT_IDENTIFIER, EC_PUBLIC_KEY), element(OBJECT_IDENTIFIER, curve.identifier)];
                element(SEQUENCE, parts.concat())
            }
            PrivateKey::Ed25519(_) | PrivateKey::Dsa => {
                element(SEQUENCE, element(OBJECT_IDENTIFIER, ED25519))
            }
        };
        constructed(SEQUENCE, &[&algorithm, &bit_string(self.public_bits())])
    }

    /// The `AlgorithmIdentifier` of its signatures.
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        match self {
            PrivateKey::Rsa(_) => {
                constructed(SEQUENCE, &[&element(OBJECT_IDENTIFIER, SHA256_WITH_RSA), NULL])
            }
            PrivateKey::Ecdsa(_, curve) => element(SEQUENCE, element(OBJECT_IDENTIFIER, curve.signature)),
            PrivateKey::Ed25519(_) | PrivateKey::Dsa => {
                element(SEQUENCE, element(OBJECT_IDENTIFIER, ED25519))
            }
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            PrivateKey::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            PrivateKey::Ecdsa(pair, _) => {
                pair.sign(&random, message).ok().map(|signature| signature.as_ref().to_vec())
            }
            PrivateKey::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
            PrivateKey::Dsa => None,
        }
    }
}

impl Curve {
    fn of(identifier: &[u8]) -> Option<&'static Curve> {
        [&P256, &P384, &P521].into_iter().find(|curve| curve.identifier == identifier)
    }
}

/// RFC 5915's `ECPrivateKey`, with curve and public key.
fn sec1(pair: &EcdsaKeyPair, curve: &Curve) -> Option<Vec<u8>> {
    let scalar = pair.private_key().as_be_bytes().ok()?;
    let mut padded = vec![0; curve.scalar_bytes.saturating_sub(scalar.as_ref().len())];
    padded.extend_from_slice(scalar.as_ref());
    let identifier = element(OBJECT_IDENTIFIER, curve.identifier);
    let parts = [
        integer(&[1]),
        element(OCTET_STRING, padded),
        element(context(0, true), identifier),
        element(context(1, true), bit_string(pair.public_key().as_ref())),
    ];
    Some(element(SEQUENCE, parts.concat()))
}

/// The bits of the public key in a `SubjectPublicKeyInfo`.
pub(super) fn public_bits(information: der::Element<'_>) -> Option<&[u8]> {
    let mut fields = information.inner();
    fields.expect(SEQUENCE)?;
    fields.expect(BIT_STRING)?.contents.strip_prefix(&[0])
}

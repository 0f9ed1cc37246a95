//! Making X.509 certificates with the fields and extensions that Go's `x509.CreateCertificate` gives them.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::{
    der::{
        BIT_STRING, BOOLEAN, Element, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING,
        PRINTABLE_STRING, Reader, SEQUENCE, SET, UTC_TIME, UTF8_STRING, bit_string, constructed, context,
        element, integer,
    },
    keys::{PrivateKey, public_bits},
};
use crate::dates::Time;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_ID: u8 = 14;
const KEY_USAGE: u8 = 15;
const SUBJECT_ALTERNATIVE_NAME: u8 = 17;
const BASIC_CONSTRAINTS: u8 = 19;
const AUTHORITY_KEY_ID: u8 = 35;
const EXTENDED_KEY_USAGE: u8 = 37;
/// Key encipherment and digital signature.
const USAGE_OF_LEAF: &[u8] = &[5, 0xA0];
/// The same, and certificate signing.
const USAGE_OF_AUTHORITY: &[u8] = &[2, 0xA4];
const SERVER_AUTHENTICATION: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTHENTICATION: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
const KEY_ID_BYTES: usize = 20;

/// What a certificate says.
pub(super) struct Contents {
    pub(super) serial: [u8; 16],
    pub(super) common_name: Vec<u8>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) names: Vec<Vec<u8>>,
    pub(super) not_before: Time,
    pub(super) not_after: Time,
    pub(super) is_authority: bool,
}

/// What a new certificate needs of its issuer's.
pub(super) struct Issuer {
    subject: Vec<u8>,
    key_id: Option<Vec<u8>>,
    public_bits: Vec<u8>,
}

impl Issuer {
    /// Reads a certificate; `None` where it is malformed.
    pub(super) fn read(certificate: &[u8]) -> Option<Self> {
        let mut fields = Reader(certificate).expect(SEQUENCE)?.inner().expect(SEQUENCE)?.inner();
        fields.optional(context(0, true));
        fields.expect(INTEGER)?;
        fields.expect(SEQUENCE)?;
        fields.expect(SEQUENCE)?;
        fields.expect(SEQUENCE)?;
        let subject = fields.expect(SEQUENCE)?.whole.to_vec();
        let public_bits = public_bits(fields.expect(SEQUENCE)?)?.to_vec();
        fields.optional(context(1, false));
        fields.optional(context(2, false));
        let key_id = fields.optional(context(3, true)).and_then(subject_key_id);
        Some(Self { subject, key_id, public_bits })
    }

    pub(super) fn has_key(&self, key: &PrivateKey) -> bool {
        self.public_bits == key.public_bits()
    }
}

fn subject_key_id(extensions: Element<'_>) -> Option<Vec<u8>> {
    let mut all = extensions.inner().expect(SEQUENCE)?.inner();
    while let Some(extension) = all.next() {
        let mut fields = extension.inner();
        let identifier = fields.expect(OBJECT_IDENTIFIER)?;
        fields.optional(BOOLEAN);
        if identifier.contents == [0x55, 0x1D, SUBJECT_KEY_ID] {
            return Some(fields.expect(OCTET_STRING)?.inner().expect(OCTET_STRING)?.contents.to_vec());
        }
    }
    None
}

/// A signed certificate in DER; without an issuer it signs itself. The error is Go's text.
pub(super) fn issue(
    contents: &Contents,
    key: &PrivateKey,
    issuer: Option<&Issuer>,
    signer: &PrivateKey,
) -> Result<Vec<u8>, String> {
    let subject = name(&contents.common_name)?;
    let issuer_name = issuer.map_or(&subject, |issuer| &issuer.subject);
    let validity = [time(&contents.not_before)?, time(&contents.not_after)?].concat();
    let authority_key_id =
        issuer.filter(|issuer| issuer.subject != subject).and_then(|issuer| issuer.key_id.as_deref());
    let body = constructed(
        SEQUENCE,
        &[
            &element(context(0, true), integer(&[2])),
            &integer(&contents.serial),
            &signer.signature_algorithm(),
            issuer_name,
            &element(SEQUENCE, validity),
            &subject,
            &key.public_key_information(),
            &element(context(3, true), element(SEQUENCE, extensions(contents, key, authority_key_id)?)),
        ],
    );
    let signature = signer.sign(&body).ok_or_else(|| "x509: signing failed".to_owned())?;
    Ok(constructed(SEQUENCE, &[&body, &signer.signature_algorithm(), &bit_string(&signature)]))
}

fn extensions(
    contents: &Contents,
    key: &PrivateKey,
    authority_key_id: Option<&[u8]>,
) -> Result<Vec<u8>, String> {
    let usage = if contents.is_authority { USAGE_OF_AUTHORITY } else { USAGE_OF_LEAF };
    let purposes =
        [SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION].map(|purpose| element(OBJECT_IDENTIFIER, purpose));
    let constraints = if contents.is_authority { element(BOOLEAN, [0xFF]) } else { Vec::new() };
    let mut all = vec![
        extension(KEY_USAGE, true, element(BIT_STRING, usage)),
        extension(EXTENDED_KEY_USAGE, false, element(SEQUENCE, purposes.concat())),
        extension(BASIC_CONSTRAINTS, true, element(SEQUENCE, constraints)),
    ];
    if contents.is_authority {
        let hash = Sha256::digest(key.public_bits());
        let key_id = hash.get(..KEY_ID_BYTES).unwrap_or_default();
        all.push(extension(SUBJECT_KEY_ID, false, element(OCTET_STRING, key_id)));
    }
    if let Some(key_id) = authority_key_id {
        all.push(extension(AUTHORITY_KEY_ID, false, element(SEQUENCE, element(context(0, false), key_id))));
    }
    let alternatives = alternative_names(contents)?;
    if !alternatives.is_empty() {
        let critical = contents.common_name.is_empty();
        all.push(extension(SUBJECT_ALTERNATIVE_NAME, critical, element(SEQUENCE, alternatives)));
    }
    Ok(all.concat())
}

/// An extension of those that X.509 itself numbers.
fn extension(number: u8, critical: bool, contents: Vec<u8>) -> Vec<u8> {
    let critical = if critical { element(BOOLEAN, [0xFF]) } else { Vec::new() };
    constructed(
        SEQUENCE,
        &[&element(OBJECT_IDENTIFIER, [0x55, 0x1D, number]), &critical, &element(OCTET_STRING, contents)],
    )
}

fn alternative_names(contents: &Contents) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    for name in &contents.names {
        if !name.is_ascii() {
            return Err(format!("x509: {} cannot be encoded as an IA5String", value::format::quote(name)));
        }
        all.extend(element(context(2, false), name));
    }
    for address in &contents.addresses {
        all.extend(match address.to_canonical() {
            IpAddr::V4(address) => element(context(7, false), address.octets()),
            IpAddr::V6(address) => element(context(7, false), address.octets()),
        });
    }
    Ok(all)
}

/// A distinguished name of a common name alone; an empty one has no parts.
fn name(common_name: &[u8]) -> Result<Vec<u8>, String> {
    if common_name.is_empty() {
        return Ok(element(SEQUENCE, []));
    }
    if std::str::from_utf8(common_name).is_err() {
        return Err("asn1: string not valid UTF-8".to_owned());
    }
    let printable = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+,-./ :=?".contains(byte);
    let tag = if common_name.iter().all(printable) { PRINTABLE_STRING } else { UTF8_STRING };
    let attribute = [element(OBJECT_IDENTIFIER, COMMON_NAME), element(tag, common_name)].concat();
    Ok(element(SEQUENCE, element(SET, element(SEQUENCE, attribute))))
}

/// Two digits of the year up to 2049, then four.
fn time(time: &Time) -> Result<Vec<u8>, String> {
    let year = time.format(b"2006");
    match year.as_slice() {
        [b'1', b'9', b'5'..=b'9', _] | [b'2', b'0', b'0'..=b'4', _] => {
            Ok(element(UTC_TIME, time.format(b"060102150405Z")))
        }
        [_, _, _, _] => Ok(element(GENERALIZED_TIME, time.format(b"20060102150405Z"))),
        _ => Err("asn1: structure error: cannot represent time as GeneralizedTime".to_owned()),
    }
}

//! `genCA`, `genSignedCert` and their like: certificates with their keys.

use std::{any::Any, net::IpAddr};

use gotemplate::{FunctionError, ObjectType};
use value::{Kind, List, Object, Str, Value, format};

use super::{
    issue::{Contents, Issuer, issue},
    keys::{PrivateKey, pem_text},
    rsa,
};
use crate::{
    dates::{Time, Zone},
    encoding,
    host::Host,
};

const DAY: i64 = 24 * 3600 * 1_000_000_000;

/// A certificate and its key, both in PEM: the fields `Cert` and `Key`.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    certificate: Str,
    key: Str,
}

impl Object for Certificate {
    fn type_name(&self) -> &str {
        Self::TYPE_NAME
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", Value::Str(self.certificate.clone())), ("Key", Value::Str(self.key.clone()))]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl ObjectType for Certificate {
    const TYPE_NAME: &'static str = "sprig.certificate";
}

type Made = Result<Certificate, FunctionError>;

/// Certificate and key as given in base64, once both are found to be well-formed.
pub(crate) fn build_custom_cert(certificate: Str, key: Str) -> Made {
    let decoded = |text: &Str, what: &str| {
        let failed = |_| FunctionError::new(format!("unable to decode base64 {what}"));
        encoding::base64(text.as_bytes()).map_err(failed)
    };
    let certificate = decoded(&certificate, "certificate")?;
    let key = decoded(&key, "private key")?;
    let block = pem::parse(&certificate).map_err(|_| FunctionError::new("unable to decode certificate"))?;
    if Issuer::read(block.contents()).is_none() {
        return Err("error parsing certificate: decodedCert.Bytes: x509: malformed certificate".into());
    }
    let failed = |reason| FunctionError::new(format!("error parsing private key: {reason}"));
    PrivateKey::from_pem(&key).map_err(failed)?;
    Ok(Certificate { certificate: Str::from(certificate), key: Str::from(key) })
}

pub(crate) fn gen_ca(host: &dyn Host, common_name: Str, days: isize) -> Made {
    authority(host, &common_name, days, &new_key()?)
}

pub(crate) fn gen_ca_with_key(host: &dyn Host, common_name: Str, days: isize, key: Str) -> Made {
    authority(host, &common_name, days, &given_key(&key)?)
}

fn authority(host: &dyn Host, common_name: &Str, days: isize, key: &PrivateKey) -> Made {
    let empty = List::new(Vec::new());
    let contents = Contents { is_authority: true, ..contents(host, common_name, &empty, &empty, days)? };
    made(&contents, key, None, key)
}

pub(crate) fn gen_self_signed_cert(
    host: &dyn Host,
    common_name: Str,
    addresses: List,
    names: List,
    days: isize,
) -> Made {
    let key = new_key()?;
    made(&contents(host, &common_name, &addresses, &names, days)?, &key, None, &key)
}

pub(crate) fn gen_self_signed_cert_with_key(
    host: &dyn Host,
    common_name: Str,
    addresses: List,
    names: List,
    days: isize,
    key: Str,
) -> Made {
    let key = given_key(&key)?;
    made(&contents(host, &common_name, &addresses, &names, days)?, &key, None, &key)
}

pub(crate) fn gen_signed_cert(
    host: &dyn Host,
    common_name: Str,
    addresses: List,
    names: List,
    days: isize,
    authority: Certificate,
) -> Made {
    let key = new_key()?;
    signed(&contents(host, &common_name, &addresses, &names, days)?, &authority, &key)
}

/// As [`gen_signed_cert`], with a key of one's own.
pub(crate) fn gen_signed_cert_with_key(
    host: &dyn Host,
    common_name: Str,
    addresses: List,
    names: List,
    days: isize,
    authority: Certificate,
    key: Str,
) -> Made {
    let key = given_key(&key)?;
    signed(&contents(host, &common_name, &addresses, &names, days)?, &authority, &key)
}

fn signed(contents: &Contents, authority: &Certificate, key: &PrivateKey) -> Made {
    let block = pem::parse(authority.certificate.as_bytes());
    let block = block.map_err(|_| FunctionError::new("unable to decode certificate"))?;
    let issuer = Issuer::read(block.contents()).ok_or_else(|| {
        FunctionError::new("error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate")
    })?;
    let failed = |reason| FunctionError::new(format!("error parsing private key: {reason}"));
    let signer = PrivateKey::from_pem(authority.key.as_bytes()).map_err(failed)?;
    made(contents, key, Some(&issuer), &signer)
}

fn new_key() -> Result<PrivateKey, FunctionError> {
    PrivateKey::new_rsa(rsa::Size::Bits2048).ok_or_else(|| FunctionError::new("error generating rsa key"))
}

fn given_key(text: &Str) -> Result<PrivateKey, FunctionError> {
    let failed = |reason| FunctionError::new(format!("parsing private key: {reason}"));
    PrivateKey::from_pem(text.as_bytes()).map_err(failed)
}

fn made(contents: &Contents, key: &PrivateKey, issuer: Option<&Issuer>, signer: &PrivateKey) -> Made {
    let failed = |reason: String| FunctionError::new(format!("error creating certificate: {reason}"));
    signer.check_signer().map_err(failed)?;
    key.check_signer().map_err(failed)?;
    if issuer.is_some_and(|issuer| !issuer.has_key(signer)) {
        return Err(failed("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned()));
    }
    let certificate = issue(contents, key, issuer, signer).map_err(failed)?;
    let key = key.to_pem().ok_or_else(|| FunctionError::new("error pem-encoding key"))?;
    Ok(Certificate { certificate: Str::from(pem_text("CERTIFICATE", certificate)), key: Str::from(key) })
}

fn contents(
    host: &dyn Host,
    common_name: &Str,
    addresses: &List,
    names: &List,
    days: isize,
) -> Result<Contents, FunctionError> {
    let addresses = addresses.iter().map(address).collect::<Result<_, _>>()?;
    let names = names.iter().map(dns_name).collect::<Result<_, _>>()?;
    let mut serial = [0; 16];
    host.fill_random(&mut serial);
    let not_before = Time::from_system(host.now(), Zone::Utc);
    let not_after = not_before.plus(DAY.wrapping_mul(days as i64));
    let common_name = common_name.as_bytes().to_vec();
    Ok(Contents { serial, common_name, addresses, names, not_before, not_after, is_authority: false })
}

fn address(value: &Value) -> Result<IpAddr, FunctionError> {
    let Value::Str(text) = value else {
        return Err(FunctionError::new(format!(
            "error parsing ip: {} is not a string",
            format::to_text(value)
        )));
    };
    let parsed = text.as_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| FunctionError::new(format!("error parsing ip: {text}")))
}

fn dns_name(value: &Value) -> Result<Vec<u8>, FunctionError> {
    let Value::Str(text) = value else {
        let printed = format::to_text(value);
        return Err(FunctionError::new(format!(
            "error processing alternate dns name: {printed} is not a string"
        )));
    };
    Ok(text.as_bytes().to_vec())
}

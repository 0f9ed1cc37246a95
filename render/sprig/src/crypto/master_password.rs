//! Passwords derived from a master password, by the "Master Password" algorithm, version 0.

use gotemplate::{Call, FunctionError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use value::Str;

use crate::limits::charge;

const SCOPE: &[u8] = b"com.lyndir.masterpassword";
const LOG_COST: u8 = 15;
const BLOCK_SIZE: u32 = 8;
const PARALLELISM: u32 = 2;
/// What one derivation costs.
const STEPS: usize = 250_000;

const LONG: [&str; 21] = [
    "CvcvnoCvcvCvcv",
    "CvcvCvcvnoCvcv",
    "CvcvCvcvCvcvno",
    "CvccnoCvcvCvcv",
    "CvccCvcvnoCvcv",
    "CvccCvcvCvcvno",
    "CvcvnoCvccCvcv",
    "CvcvCvccnoCvcv",
    "CvcvCvccCvcvno",
    "CvcvnoCvcvCvcc",
    "CvcvCvcvnoCvcc",
    "CvcvCvcvCvccno",
    "CvccnoCvccCvcv",
    "CvccCvccnoCvcv",
    "CvccCvccCvcvno",
    "CvcvnoCvccCvcc",
    "CvcvCvccnoCvcc",
    "CvcvCvccCvccno",
    "CvccnoCvcvCvcc",
    "CvccCvcvnoCvcc",
    "CvccCvcvCvccno",
];

/// The shapes of a kind of password: a letter stands for a set of characters.
fn shapes(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &LONG,
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The password of a user at a site; the text of a refusal for a kind that doesn't exist.
pub(crate) fn derive_password(
    call: &mut Call<'_>,
    counter: u32,
    kind: Str,
    password: Str,
    user: Str,
    site: Str,
) -> Result<Str, FunctionError> {
    let Some(shapes) = shapes(kind.as_bytes()) else {
        return Ok(Str::from([b"cannot find password template ", kind.as_bytes()].concat()));
    };
    charge(call, STEPS)?;
    let seed = seed(counter, &password, &user, &site);
    let seed = seed.map_err(|reason| FunctionError::new(format!("failed to derive password: {reason}")))?;
    let (first, rest) = seed.split_first().unwrap_or((&0, &[]));
    let shape = shapes.get(usize::from(*first) % shapes.len()).copied().unwrap_or_default();
    let pick = |(class, byte): (u8, &u8)| {
        let characters = characters(class);
        characters.get(usize::from(*byte) % characters.len()).copied()
    };
    Ok(Str::from(shape.bytes().zip(rest).filter_map(pick).collect::<Vec<u8>>()))
}

fn seed(counter: u32, password: &Str, user: &Str, site: &Str) -> Result<Vec<u8>, String> {
    let salt = [SCOPE, &length(user), user.as_bytes()].concat();
    let parameters =
        scrypt::Params::new(LOG_COST, BLOCK_SIZE, PARALLELISM).map_err(|error| error.to_string())?;
    let mut key = [0; 64];
    scrypt::scrypt(password.as_bytes(), &salt, &parameters, &mut key).map_err(|error| error.to_string())?;
    let mut code = Hmac::<Sha256>::new_from_slice(&key).map_err(|error| error.to_string())?;
    code.update(&[SCOPE, &length(site), site.as_bytes(), &counter.to_be_bytes()].concat());
    Ok(code.finalize().into_bytes().to_vec())
}

fn length(text: &Str) -> [u8; 4] {
    u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes()
}

//! Passwords, encryption, keys and certificates.

mod aes;
mod certificates;
mod der;
mod dsa;
mod issue;
mod keys;
mod master_password;
mod primes;
mod rsa;

use value::Str;

pub(crate) use self::{
    aes::{decrypt_aes, encrypt_aes},
    certificates::{
        build_custom_cert, gen_ca, gen_ca_with_key, gen_self_signed_cert, gen_self_signed_cert_with_key,
        gen_signed_cert, gen_signed_cert_with_key,
    },
    keys::gen_private_key,
    master_password::derive_password,
};
use crate::host::Host;

/// Go's `bcrypt.DefaultCost`.
const COST: u32 = 10;
/// bcrypt reads no more of a password.
const PASSWORD_BYTES: usize = 72;

/// The bcrypt hash of a password, or the text of why there is none.
pub(crate) fn bcrypt(host: &dyn Host, password: Str) -> String {
    if password.len() > PASSWORD_BYTES {
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned();
    }
    let mut salt = [0; 16];
    host.fill_random(&mut salt);
    match ::bcrypt::hash_with_salt(password.as_bytes(), COST, salt) {
        Ok(hash) => hash.format_for_version(::bcrypt::Version::TwoA),
        Err(error) => format!("failed to encrypt string with bcrypt: {error}"),
    }
}

/// A line of an htpasswd file, or the text of why there is none.
pub(crate) fn htpasswd(host: &dyn Host, user: Str, password: Str) -> Str {
    let text = if user.as_bytes().contains(&b':') {
        [b"invalid username: ", user.as_bytes()].concat()
    } else {
        [user.as_bytes(), b":", bcrypt(host, password).as_bytes()].concat()
    };
    Str::from(text)
}

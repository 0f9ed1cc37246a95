//! AES-256 in CBC mode: a random first block, PKCS #7 padding, base64.

use aes::Aes256;
use cbc::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use gotemplate::FunctionError;
use value::Str;

use crate::{encoding, host::Host, panic};

const BLOCK: usize = 16;
const KEY: usize = 32;

/// The password's first bytes, filled up with zeros.
fn key(password: &Str) -> [u8; KEY] {
    let mut key = [0; KEY];
    key.iter_mut().zip(password.as_bytes()).for_each(|(byte, given)| *byte = *given);
    key
}

pub(crate) fn encrypt_aes(host: &dyn Host, password: Str, text: Str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut vector = [0; BLOCK];
    host.fill_random(&mut vector);
    let encryptor = cbc::Encryptor::<Aes256>::new(&key(&password).into(), &vector.into());
    let encrypted = encryptor.encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    encoding::b64enc(Str::from([vector.as_slice(), encrypted.as_slice()].concat()))
}

/// The text, whatever the padding; it panics where Go does.
pub(crate) fn decrypt_aes(password: Str, text: Str) -> Result<Str, FunctionError> {
    if text.is_empty() {
        return Ok(Str::default());
    }
    let bytes = encoding::base64(text.as_bytes()).map_err(FunctionError::new)?;
    let Some((vector, encrypted)) = bytes.split_first_chunk::<BLOCK>() else {
        let capacity = text.len() / 4 * 3;
        let bounds = format!("runtime error: slice bounds out of range [:{BLOCK}] with capacity {capacity}");
        return Err(FunctionError::new(bounds));
    };
    if encrypted.len() % BLOCK != 0 {
        return Err(FunctionError::new("crypto/cipher: input not full blocks"));
    }
    let mut decryptor = cbc::Decryptor::<Aes256>::new(&key(&password).into(), &(*vector).into());
    let mut plain = Vec::with_capacity(encrypted.len());
    for chunk in encrypted.as_chunks::<BLOCK>().0 {
        let mut block: Block<Aes256> = (*chunk).into();
        decryptor.decrypt_block(&mut block);
        plain.extend_from_slice(&block);
    }
    let padding = plain.last().ok_or_else(|| FunctionError::new("runtime error: index out of range [-1]"))?;
    panic::slice(&plain, 0, plain.len() as i64 - i64::from(*padding)).map(Str::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_encrypted_is_decrypted() {
        let decrypted =
            decrypt_aes(Str::from("secretkey"), Str::from("30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ="));
        assert_eq!(decrypted.unwrap(), "plaintext");
    }
}

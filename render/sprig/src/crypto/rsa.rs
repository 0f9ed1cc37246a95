//! RSA keys: two primes and what follows from them, as FIPS 186-5 wants it (appendix A.1.3).

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use crypto_bigint::{Limb, NonZero, Odd, U1024, U2048, U4096, Uint};

use super::{
    der::{SEQUENCE, element, integer},
    primes,
};

/// How many bits the product of the primes has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Size {
    Bits2048,
    Bits4096,
}

const EXPONENT: u32 = 65537;
/// The primes differ in one of their upper bits, of which there are this many.
const DIFFERENT_BITS: u32 = 100;

/// PKCS #1's `RSAPrivateKey` of a new key.
pub(super) fn generate(size: Size) -> Option<Vec<u8>> {
    let system = SystemRandom::new();
    let random = |bytes: &mut [u8]| system.fill(bytes).ok();
    match size {
        Size::Bits2048 => key::<{ U1024::LIMBS }, { U2048::LIMBS }>(&random),
        Size::Bits4096 => key::<{ U2048::LIMBS }, { U4096::LIMBS }>(&random),
    }
}

fn key<const HALF: usize, const FULL: usize>(random: &primes::Random<'_>) -> Option<Vec<u8>> {
    let exponent = Option::from(NonZero::new(Limb::from(EXPONENT)))?;
    let [one, other] = primes::two_primes::<HALF>(random, exponent)?;
    let (p, q) = if one > other { (one, other) } else { (other, one) };
    if p.wrapping_sub(&q).bit_width_vartime() <= Uint::<HALF>::BITS - DIFFERENT_BITS {
        return None;
    }
    encode::<HALF, FULL>(&p, &q)
}

fn encode<const HALF: usize, const FULL: usize>(p: &Uint<HALF>, q: &Uint<HALF>) -> Option<Vec<u8>> {
    let before = |prime: &Uint<HALF>| NonZero::new(prime.wrapping_sub(&Uint::ONE)).into_option();
    let (before_p, before_q) = (before(p)?, before(q)?);
    let common = before_p.gcd_unsigned_vartime(&before_q);
    let reduced = before_p.wrapping_div_vartime(&common);
    let multiple = NonZero::new(product::<HALF, FULL>(&reduced, &before_q)).into_option()?;
    let d = Uint::<FULL>::from(EXPONENT).invert_mod(&multiple).into_option()?;
    if d.bit_width_vartime() <= Uint::<HALF>::BITS {
        return None;
    }
    let coefficient = q.invert_odd_mod_vartime(&Odd::new(*p).into_option()?).into_option()?;
    let numbers = [
        integer(&[0]),
        integer(product::<HALF, FULL>(p, q).to_be_bytes().as_ref()),
        integer(&EXPONENT.to_be_bytes()),
        integer(d.to_be_bytes().as_ref()),
        integer(p.to_be_bytes().as_ref()),
        integer(q.to_be_bytes().as_ref()),
        integer(d.rem_vartime(&before_p).to_be_bytes().as_ref()),
        integer(d.rem_vartime(&before_q).to_be_bytes().as_ref()),
        integer(coefficient.to_be_bytes().as_ref()),
    ];
    Some(element(SEQUENCE, numbers.concat()))
}

fn product<const HALF: usize, const FULL: usize>(one: &Uint<HALF>, other: &Uint<HALF>) -> Uint<FULL> {
    one.resize::<FULL>().wrapping_mul(&other.resize::<FULL>())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rsa::KeyPair;
    use aws_lc_rs::signature::KeyPair as _;

    use super::*;
    use crate::crypto::der::Reader;

    /// The numbers of a key, without leading zeros.
    fn numbers(key: &[u8]) -> Vec<Vec<u8>> {
        let mut fields = Reader(key).expect(SEQUENCE).unwrap().inner();
        let numbers = std::iter::from_fn(|| fields.next());
        numbers.map(|field| field.contents.strip_prefix(&[0]).unwrap_or(field.contents).to_vec()).collect()
    }

    #[test]
    fn aws_lc_takes_the_keys() {
        for (size, bytes) in [(Size::Bits2048, 256), (Size::Bits4096, 512)] {
            let pair = KeyPair::from_der(&generate(size).unwrap()).unwrap();
            assert_eq!(pair.public_modulus_len(), bytes);
            assert!(!pair.public_key().as_ref().is_empty());
        }
    }

    #[test]
    fn the_product_of_the_primes_has_all_its_bits_and_they_differ() {
        for _ in 0..5 {
            let numbers = numbers(&generate(Size::Bits2048).unwrap());
            let [version, modulus, exponent, d, p, q, ..] = numbers.as_slice() else { panic!("{numbers:?}") };
            assert_eq!((version.as_slice(), exponent.as_slice()), (&[][..], &[1, 0, 1][..]));
            assert_eq!((modulus.len(), p.len(), q.len()), (256, 128, 128));
            assert!(modulus[0] >= 0x80 && p[0] >= 0xC0 && q[0] >= 0xC0);
            assert!(p > q && d.len() > 128);
        }
    }

    #[test]
    fn primes_that_follow_each_other_make_no_key() {
        let random = |bytes: &mut [u8]| {
            bytes.fill(0x5A);
            Some(())
        };
        assert!(key::<{ U1024::LIMBS }, { U2048::LIMBS }>(&random).is_none());
    }

    #[test]
    fn without_random_numbers_there_is_no_key() {
        assert!(key::<{ U1024::LIMBS }, { U2048::LIMBS }>(&|_| None).is_none());
        let ones = |bytes: &mut [u8]| {
            bytes.fill(0xFF);
            Some(())
        };
        assert!(key::<{ U1024::LIMBS }, { U2048::LIMBS }>(&ones).is_none());
    }
}

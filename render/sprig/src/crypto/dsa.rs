//! DSA keys with a prime of 2048 bits and a subgroup of 256, as Go's `crypto/dsa` makes them.

use crypto_bigint::{
    Limb, NonZero, Odd, U256, U2048, Uint,
    modular::{FixedMontyForm, FixedMontyParams},
};

use super::{
    der::{SEQUENCE, element, integer},
    primes::{self, Random, is_prime},
};
use crate::host::Host;

/// Candidates for the prime before another subgroup is tried.
const TRIES: usize = 4 * 2048;
/// Subgroups tried; nearly always the first one does.
const SUBGROUPS: usize = 4;
/// Rounds of Miller and Rabin's test.
const ROUNDS: usize = 32;
const SMALL_PRIMES_BELOW: u32 = 2000;
/// Candidates for the subgroup and for the secret, far more than a host needs whose chance is any.
const CANDIDATES: usize = 20_000;

/// The contents of a "DSA PRIVATE KEY": version, P, Q, G, Y, X. `None` where the host's random numbers give no primes.
pub(super) fn generate(host: &dyn Host) -> Option<Vec<u8>> {
    let random = |bytes: &mut [u8]| {
        host.fill_random(bytes);
        Some(())
    };
    let (prime, subgroup) = primes(&random)?;
    let exponent =
        prime.wrapping_sub(&U2048::ONE).wrapping_div_vartime(&NonZero::new(subgroup).into_option()?);
    let modulus = FixedMontyParams::new_vartime(Odd::new(prime).into_option()?);
    let powers = (2_u32..100).map(|base| FixedMontyForm::new(&U2048::from(base), &modulus).pow(&exponent));
    let generator = powers.into_iter().find(|power| power.retrieve() != U2048::ONE)?;
    let mut secrets = (0..CANDIDATES).map_while(|_| number::<{ U256::LIMBS }>(&random));
    let secret = secrets.find(|secret| *secret < subgroup && *secret != U256::ZERO)?;
    let numbers = [
        integer(&[0]),
        integer(prime.to_be_bytes().as_ref()),
        integer(subgroup.to_be_bytes().as_ref()),
        integer(generator.retrieve().to_be_bytes().as_ref()),
        integer(generator.pow(&secret).retrieve().to_be_bytes().as_ref()),
        integer(secret.to_be_bytes().as_ref()),
    ];
    Some(element(SEQUENCE, numbers.concat()))
}

/// A prime, and a prime that divides the one before it.
fn primes(random: &Random<'_>) -> Option<(U2048, U256)> {
    let small_primes = small_primes();
    let mut subgroups = (0..CANDIDATES)
        .filter_map(|_| odd_number(random))
        .filter(|number: &U256| !has_factor(number, &small_primes))
        .filter(|number| is_prime(random, number, ROUNDS) == Some(true));
    subgroups.by_ref().take(SUBGROUPS).find_map(|subgroup| {
        let divisor = NonZero::new(subgroup).into_option()?;
        let mut candidates = (0..TRIES)
            .filter_map(|_| candidate(random, &divisor))
            .filter(|number| !has_factor(number, &small_primes));
        loop {
            let next: Vec<_> = candidates.by_ref().take(primes::AT_ONCE).collect();
            let next = next.try_into().ok()?;
            let mut passing = primes::passing(&next);
            if let Some(prime) = passing.find(|number| is_prime(random, number, ROUNDS) == Some(true)) {
                return Some((*prime, subgroup));
            }
        }
    })
}

/// A random number of full length that leaves the remainder 1.
fn candidate(random: &Random<'_>, divisor: &NonZero<U256>) -> Option<U2048> {
    let number: U2048 = odd_number(random)?;
    let candidate = number.wrapping_sub(&number.rem_vartime(divisor).resize()).wrapping_add(&U2048::ONE);
    (candidate.bit_width_vartime() == U2048::BITS).then_some(candidate)
}

fn small_primes() -> Vec<NonZero<Limb>> {
    let is_prime = |number: &u32| {
        (2..*number)
            .take_while(|factor| factor * factor <= *number)
            .all(|factor| !number.is_multiple_of(factor))
    };
    let small_primes = (2..SMALL_PRIMES_BELOW).filter(is_prime);
    small_primes.filter_map(|prime| NonZero::new(Limb::from(prime)).into_option()).collect()
}

fn has_factor<const LIMBS: usize>(number: &Uint<LIMBS>, factors: &[NonZero<Limb>]) -> bool {
    factors.iter().any(|factor| number.rem_limb(*factor) == Limb::ZERO)
}

fn number<const LIMBS: usize>(random: &Random<'_>) -> Option<Uint<LIMBS>> {
    let mut bytes = vec![0; Uint::<LIMBS>::BYTES];
    random(&mut bytes)?;
    Some(Uint::from_be_slice(&bytes))
}

/// An odd number of full length.
fn odd_number<const LIMBS: usize>(random: &Random<'_>) -> Option<Uint<LIMBS>> {
    let highest = Uint::ONE.shl_vartime(Uint::<LIMBS>::BITS - 1);
    number(random).map(|number: Uint<LIMBS>| number | highest | Uint::ONE)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use aws_lc_rs::rand::{SecureRandom, SystemRandom};

    use super::*;
    use crate::crypto::der::Reader;

    /// A host whose chance is the system's, or always the same byte.
    struct TestHost(Option<u8>);

    impl Host for TestHost {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn fill_random(&self, bytes: &mut [u8]) {
            match self.0 {
                Some(byte) => bytes.fill(byte),
                None => SystemRandom::new().fill(bytes).unwrap(),
            }
        }
    }

    #[test]
    fn the_public_number_is_a_power_of_a_generator_of_the_subgroup() {
        let key = generate(&TestHost(None)).unwrap();
        let mut fields = Reader(&key).expect(SEQUENCE).unwrap().inner();
        let numbers: Vec<U2048> = std::iter::from_fn(|| fields.next())
            .map(|field| {
                let digits: Vec<u8> = [0; 257].into_iter().chain(field.contents.iter().copied()).collect();
                U2048::from_be_slice(&digits[digits.len() - 256..])
            })
            .collect();
        let [_, prime, subgroup, generator, public, secret] = numbers[..] else { panic!("{numbers:?}") };
        let modulus = FixedMontyParams::new_vartime(Odd::new(prime).unwrap());
        let generator = FixedMontyForm::new(&generator, &modulus);
        assert_eq!((prime.bit_width_vartime(), subgroup.bit_width_vartime()), (2048, 256));
        assert_eq!(generator.pow(&subgroup).retrieve(), U2048::ONE);
        assert_ne!(generator.retrieve(), U2048::ONE);
        assert_eq!(generator.pow(&secret).retrieve(), public);
        assert!(secret < subgroup);
    }

    #[test]
    fn a_host_without_chance_ends_without_a_key() {
        for byte in [0, 0x5A, 0xFF] {
            assert_eq!(generate(&TestHost(Some(byte))), None, "{byte}");
        }
    }
}

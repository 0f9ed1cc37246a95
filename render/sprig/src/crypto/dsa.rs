//! DSA keys with a prime of 2048 bits and a subgroup of 256, as Go's `crypto/dsa` makes them.

use num_bigint::BigUint;

use super::der::{SEQUENCE, element, integer};
use crate::host::Host;

const PRIME_BYTES: usize = 256;
const SUBGROUP_BYTES: usize = 32;
/// Candidates for the prime before another subgroup is tried.
const TRIES: usize = 4 * 8 * PRIME_BYTES;
/// Rounds of Miller and Rabin's test, each of which a composite passes with a chance of at most a quarter.
const ROUNDS: usize = 32;
const SMALL_PRIMES_BELOW: u32 = 2000;
/// Candidates for the subgroup and for the secret, far more than a host needs whose chance is any.
const CANDIDATES: usize = 20_000;

/// The contents of a "DSA PRIVATE KEY": version, P, Q, G, Y, X. `None` where the host's random numbers give no primes.
pub(super) fn generate(host: &dyn Host) -> Option<Vec<u8>> {
    let one = BigUint::from(1_u8);
    let small_primes = small_primes();
    let (prime, subgroup) = primes(host, &small_primes)?;
    let exponent = (&prime - &one) / &subgroup;
    let bases = (2_u32..).map(|base| BigUint::from(base).modpow(&exponent, &prime));
    let generator = bases.into_iter().find(|power| *power != one).unwrap_or_default();
    let mut secrets = (0..CANDIDATES).map(|_| random(host, SUBGROUP_BYTES));
    let secret = secrets.find(|secret| *secret < subgroup && *secret != BigUint::ZERO)?;
    let public = generator.modpow(&secret, &prime);
    let numbers = [BigUint::ZERO, prime, subgroup, generator, public, secret];
    Some(element(SEQUENCE, numbers.map(|number| integer(&number.to_bytes_be())).concat()))
}

/// A prime, and a prime that divides the one before it.
fn primes(host: &dyn Host, small_primes: &[u32]) -> Option<(BigUint, BigUint)> {
    let one = BigUint::from(1_u8);
    for _ in 0..CANDIDATES {
        let subgroup = random_with_ends(host, SUBGROUP_BYTES);
        if !is_prime(host, &subgroup, small_primes) {
            continue;
        }
        for _ in 0..TRIES {
            let candidate = random_with_ends(host, PRIME_BYTES);
            let candidate = &candidate + &one - &candidate % &subgroup;
            let bits = u64::try_from(8 * PRIME_BYTES).unwrap_or(u64::MAX);
            if candidate.bits() == bits && is_prime(host, &candidate, small_primes) {
                return Some((candidate, subgroup));
            }
        }
    }
    None
}

fn small_primes() -> Vec<u32> {
    let is_prime = |number: &u32| {
        (2..*number)
            .take_while(|factor| factor * factor <= *number)
            .all(|factor| !number.is_multiple_of(factor))
    };
    (2..SMALL_PRIMES_BELOW).filter(is_prime).collect()
}

/// Whether a large number is prime, as good as surely.
fn is_prime(host: &dyn Host, number: &BigUint, small_primes: &[u32]) -> bool {
    let one = BigUint::from(1_u8);
    if small_primes.iter().any(|prime| number % *prime == BigUint::ZERO) {
        return false;
    }
    let before = number - &one;
    let twos = before.trailing_zeros().unwrap_or(0);
    let odd = &before >> twos;
    let length = number.to_bytes_be().len();
    (0..ROUNDS).all(|_| {
        let mut power = (random(host, length) % &before + &one).modpow(&odd, number);
        if power == one || power == before {
            return true;
        }
        (1..twos).any(|_| {
            power = &power * &power % number;
            power == before
        })
    })
}

fn random(host: &dyn Host, length: usize) -> BigUint {
    let mut bytes = vec![0; length];
    host.fill_random(&mut bytes);
    BigUint::from_bytes_be(&bytes)
}

/// An odd number of full length.
fn random_with_ends(host: &dyn Host, length: usize) -> BigUint {
    let mut number = random(host, length);
    number.set_bit(0, true);
    number.set_bit(8 * u64::try_from(length).unwrap_or(0) - 1, true);
    number
}

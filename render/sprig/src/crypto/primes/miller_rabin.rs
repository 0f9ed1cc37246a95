//! Miller and Rabin's test with random bases (FIPS 186-5, appendix B.3.1).

use crypto_bigint::{Odd, Uint};
use crypto_primes::hazmat::MillerRabin;

use super::Random;

/// Numbers drawn for one base; about three of four can be one.
const DRAWS: usize = 200;

/// Whether a number is prime. Each round lets a composite pass with a chance of at most a quarter; random composites
/// nearly all have far less. `None` where no base is to be had.
pub(in crate::crypto) fn is_prime<const LIMBS: usize>(
    random: &Random<'_>,
    number: &Uint<LIMBS>,
    rounds: u32,
) -> Option<bool> {
    let Some(odd) = Option::from(Odd::new(*number)) else { return Some(false) };
    let test = MillerRabin::new(odd);
    for _ in 0..rounds {
        if test.test(&base(random, number)?).is_composite() {
            return Some(false);
        }
    }
    Some(true)
}

/// The rounds for a random prime of RSA's (table B.1): what passes is a composite with a chance of at most two to the
/// power of -112, or -144 where there are more bits.
pub(super) const fn rounds(bits: u32) -> u32 {
    if bits < 1536 { 5 } else { 4 }
}

/// A random number from 2 to two less than the number.
fn base<const LIMBS: usize>(random: &Random<'_>, number: &Uint<LIMBS>) -> Option<Uint<LIMBS>> {
    let unused_bits = Uint::<LIMBS>::BITS - number.bit_width_vartime();
    let mut bytes = vec![0; Uint::<LIMBS>::BYTES];
    let mut drawn = (0..DRAWS).map_while(|_| {
        random(&mut bytes)?;
        Some(Uint::from_be_slice(&bytes).unbounded_shr_vartime(unused_bits))
    });
    drawn.find(|base| *base > Uint::ONE && *base < number.wrapping_sub(&Uint::ONE))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use crypto_bigint::{U64, U1024, U1536};
    use crypto_primes::hazmat::minimum_mr_iterations;

    use super::*;

    /// Some number after the other.
    fn numbers() -> impl Fn(&mut [u8]) -> Option<()> + Sync {
        let state = AtomicU64::new(1);
        move |bytes: &mut [u8]| {
            for byte in bytes {
                let previous = state.load(Ordering::Relaxed);
                let next =
                    previous.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state.store(next, Ordering::Relaxed);
                *byte = (next >> 56) as u8;
            }
            Some(())
        }
    }

    #[test]
    fn rounds_are_those_of_the_standard() {
        assert_eq!(minimum_mr_iterations(1024, 112), usize::try_from(rounds(1024)).ok());
        assert_eq!(minimum_mr_iterations(2048, 144), usize::try_from(rounds(2048)).ok());
    }

    #[test]
    fn primes_pass() {
        for prime in [5_u64, 65537, 4_294_967_291, 18_446_744_073_709_551_557] {
            assert_eq!(is_prime(&numbers(), &U64::from(prime), 16), Some(true), "{prime}");
        }
        assert_eq!(is_prime(&numbers(), &U1024::MAX.wrapping_sub(&U1024::from(104_u32)), 16), Some(true));
    }

    #[test]
    fn composites_do_not_pass() {
        for even_or_composite in [4_u64, 341, 561, 2047, 3_215_031_751] {
            assert_eq!(
                is_prime(&numbers(), &U64::from(even_or_composite), 16),
                Some(false),
                "{even_or_composite}"
            );
        }
    }

    #[test]
    fn what_passes_with_base_two_alone_does_not_pass() {
        // Mersenne's numbers with a prime exponent do.
        for exponent in [1019, 1021] {
            let number = U1024::ONE.shl_vartime(exponent).wrapping_sub(&U1024::ONE);
            assert_eq!(is_prime(&numbers(), &number, 16), Some(false), "{exponent}");
        }
    }

    #[test]
    fn what_passes_with_all_small_bases_does_not_pass() {
        // F. Arnault's Carmichael number: it passes with every prime base below 307.
        let factor = U1536::from_be_hex(concat!(
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000002acf5bff060d5",
            "cb98a808aef25df948beef3f7c06c5c5c9efed1e53d19363db74537f89d3cadcc9be464335664ed21d0b6dbc736e0e23",
        ));
        let other = |multiple: u32| {
            factor.wrapping_sub(&U1536::ONE).wrapping_mul(&U1536::from(multiple)).wrapping_add(&U1536::ONE)
        };
        let number = factor.wrapping_mul(&other(313)).wrapping_mul(&other(353));
        let test = MillerRabin::new(Odd::new(number).unwrap());
        assert!([2_u32, 3, 5, 293].iter().all(|base| test.test(&U1536::from(*base)).is_probably_prime()));
        assert_eq!(is_prime(&numbers(), &number, 16), Some(false));
    }

    #[test]
    fn a_source_that_repeats_itself_ends_without_an_answer() {
        let ones = |bytes: &mut [u8]| {
            bytes.fill(0xFF);
            Some(())
        };
        assert_eq!(is_prime(&ones, &U64::from(18_446_744_073_709_551_557_u64), 16), None);
    }
}

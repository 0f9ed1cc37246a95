//! Miller and Rabin's test with random bases (FIPS 186-5, appendix B.3.1).

use crypto_bigint::Uint;

use super::{
    Random,
    lanes::{self, Calculation, Digits, Modulus},
};

/// Numbers drawn for one base; about three of four can be one.
const DRAWS: usize = 200;

/// Whether a number of at most 2048 bits is prime. Each round lets a composite pass with a chance of at most a quarter;
/// random composites nearly all have far less. There are rounds for all lanes. `None` where no base is to be had.
pub(in crate::crypto) fn is_prime<const LIMBS: usize>(
    random: &Random<'_>,
    number: &Uint<LIMBS>,
    rounds: usize,
) -> Option<bool> {
    if !number.bit_vartime(0) || *number < Uint::from(5_u32) {
        return Some(false);
    }
    for _ in 0..rounds.div_ceil(lanes::MOST) {
        let mut bases = [Uint::ZERO; lanes::MOST];
        for base in &mut bases {
            *base = some_base(random, number)?;
        }
        if !lanes::calculate(&Rounds { number, bases }) {
            return Some(false);
        }
    }
    Some(true)
}

/// Rounds for one number, each with a base in Montgomery's form: what stands for a random number is as random.
struct Rounds<'n, const LIMBS: usize> {
    number: &'n Uint<LIMBS>,
    bases: [Uint<LIMBS>; lanes::MOST],
}

impl<const LIMBS: usize> Calculation for Rounds<'_, LIMBS> {
    type Result = bool;

    #[inline(always)]
    fn with<D: Digits>(&self, processor: D::Processor) -> bool {
        let before = self.number.wrapping_sub(&Uint::ONE);
        let twos = before.trailing_zeros_vartime();
        let exponent = before.unbounded_shr_vartime(twos);
        let mut modulus = Modulus::<D>::new(processor, &vec![*self.number; D::LANES]);
        // In loops: a closure would not be inlined.
        for bases in self.bases.chunks(D::LANES) {
            let bases = modulus.numbers_in_form(bases);
            let mut power = modulus.power(&bases, &exponent);
            let mut passes = modulus.are(&power, &Uint::<LIMBS>::ONE);
            for squarings in 0..twos {
                if squarings > 0 {
                    modulus.square(&mut power);
                }
                let are_before = modulus.are(&power, &before);
                passes.iter_mut().zip(are_before).for_each(|(passes, is_before)| *passes |= is_before);
            }
            if passes.contains(&false) {
                return false;
            }
        }
        true
    }
}

/// The rounds for a random prime of RSA's (table B.1): what passes is a composite with a chance of at most two to the
/// power of -112, or -144 where there are more bits.
pub(super) const fn rounds(bits: u32) -> usize {
    if bits < 1536 { 5 } else { 4 }
}

/// A random number from 2 to two less than the number.
fn some_base<const LIMBS: usize>(random: &Random<'_>, number: &Uint<LIMBS>) -> Option<Uint<LIMBS>> {
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

    use crypto_bigint::{Odd, U64, U1024, U1536};
    use crypto_primes::hazmat::{MillerRabin, minimum_mr_iterations};

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
        assert_eq!(minimum_mr_iterations(1024, 112), Some(rounds(1024)));
        assert_eq!(minimum_mr_iterations(2048, 144), Some(rounds(2048)));
    }

    #[test]
    fn as_many_bases_let_a_number_pass_as_by_the_known_test_whatever_the_lanes() {
        for number in (5..100_u64).step_by(2) {
            let bases = || (1..number).map(U64::from);
            let test = MillerRabin::new(Odd::new(U64::from(number)).unwrap());
            let known = bases().filter(|base| test.test(base).is_probably_prime()).count();
            let passes = bases().map(|base| {
                lanes::calculate_with_each(&Rounds { number: &U64::from(number), bases: [base; lanes::MOST] })
            });
            let passes: Vec<_> = passes.collect();
            for kind in 0..passes[0].len() {
                assert_eq!(passes.iter().filter(|passes| passes[kind]).count(), known, "{number}");
            }
        }
    }

    #[test]
    fn one_base_that_lets_a_number_pass_does_not_suffice() {
        let number = U64::from(91_u32);
        let bases = |lane: usize| {
            let mut bases = [number.wrapping_sub(&U64::ONE); lanes::MOST];
            bases[lane] = U64::from(2_u32);
            bases
        };
        for lane in 0..lanes::MOST {
            let passes = lanes::calculate_with_each(&Rounds { number: &number, bases: bases(lane) });
            assert!(!passes.contains(&true), "{lane}");
        }
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

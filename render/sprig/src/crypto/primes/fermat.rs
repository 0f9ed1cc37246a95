//! Fermat's test to base 2, of several large numbers at once: nearly all composites fail it, and no prime does.
//!
//! It only chooses what is worth a better test.

mod digits;
mod modulus;

use crypto_bigint::Uint;
#[cfg(not(target_arch = "x86_64"))]
use fearless_simd::dispatch;
#[cfg(target_arch = "x86_64")]
use fearless_simd::{Avx512, Simd, u64x8};
use fearless_simd::{Level, u64x4};

use self::{digits::Digits, modulus::Modulus};

/// Numbers that are best given at once.
pub(in crate::crypto) const NUMBERS: usize = 8;
const NARROW: usize = 4;

/// The numbers for which two to the power of one less than them leaves the remainder 1. They are odd, have at most 2048
/// bits, and the highest bit that their type has is set.
pub(in crate::crypto) fn passing<const LIMBS: usize>(
    numbers: &[Uint<LIMBS>; NUMBERS],
) -> impl Iterator<Item = &Uint<LIMBS>> {
    let lanes = if has_wide_lanes() { NUMBERS } else { NARROW };
    numbers.chunks(lanes).flat_map(|numbers| {
        let tested = numbers.iter().zip(pass(numbers));
        tested.filter(|(_, passes)| *passes).map(|(number, _)| number)
    })
}

#[cfg(target_arch = "x86_64")]
fn has_wide_lanes() -> bool {
    Level::new().as_avx512().is_some()
}

#[cfg(not(target_arch = "x86_64"))]
fn has_wide_lanes() -> bool {
    false
}

/// Which of the numbers pass. There are [`NARROW`] of them or, with wide lanes, [`NUMBERS`].
#[cfg(target_arch = "x86_64")]
fn pass<const LIMBS: usize>(numbers: &[Uint<LIMBS>]) -> Vec<bool> {
    let level = Level::new();
    if numbers.len() == NUMBERS
        && let Some(processor) = level.as_avx512()
    {
        return processor.vectorize(
            #[inline(always)]
            || pass_with::<u64x8<Avx512>, LIMBS>(processor, numbers),
        );
    }
    if let Some(processor) = level.as_avx2() {
        return processor.vectorize(
            #[inline(always)]
            || pass_with::<u64x4<_>, LIMBS>(processor, numbers),
        );
    }
    // Every processor of this architecture has SSE2.
    level.as_sse2().map(|processor| pass_with::<u64x4<_>, LIMBS>(processor, numbers)).unwrap_or_default()
}

#[cfg(not(target_arch = "x86_64"))]
fn pass<const LIMBS: usize>(numbers: &[Uint<LIMBS>]) -> Vec<bool> {
    dispatch!(Level::new(), processor => pass_with::<u64x4<_>, LIMBS>(processor, numbers))
}

/// In Montgomery's form, powers of two with negative exponents need no division. So what is calculated is two to the
/// power of one minus the number, which is 1 just where its inverse is.
#[inline(always)]
fn pass_with<D: Digits, const LIMBS: usize>(processor: D::Processor, numbers: &[Uint<LIMBS>]) -> Vec<bool> {
    let bits = Uint::<LIMBS>::BITS;
    let exponents: Vec<_> = numbers.iter().map(|number| Uint::ONE.wrapping_sub(number)).collect();
    let mut modulus = Modulus::<D>::new(processor, numbers);
    // The first power takes some of the exponent's upper bits at once.
    let lower_bits = bits - (bits.ilog2() - 2);
    let below_zero = exponents.iter().map(|exponent| {
        let upper = (!*exponent).unbounded_shr_vartime(lower_bits);
        modulus::lowest_bits(&upper) as u32 + 1
    });
    let mut power = modulus.powers_of_two(below_zero);
    for bit in (0..lower_bits).rev() {
        modulus.square(&mut power);
        modulus.double(&mut power, exponents.iter().map(|exponent| exponent.bit_vartime(bit)));
    }
    modulus.are_one(&power)
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use crypto_bigint::{Odd, U1024, U2048};
    use crypto_primes::hazmat::{MillerRabin, SmallFactorsSieve};

    use super::*;

    /// The largest primes of 1024 and of 2048 bits are two to the power of that, less these.
    const BELOW_1024_BITS: u32 = 105;
    const BELOW_2048_BITS: u32 = 1_942_289;

    /// Which of the numbers that lie so far below the highest pass, whatever the lanes.
    fn passing_below<const LIMBS: usize>(below: [u32; NUMBERS]) -> Vec<bool> {
        let numbers = below.map(|below| Uint::<LIMBS>::ZERO.wrapping_sub(&Uint::from(below)));
        let narrow: Vec<bool> = numbers.chunks(NARROW).flat_map(pass).collect();
        let passing: Vec<_> = passing(&numbers).collect();
        assert_eq!(narrow.iter().filter(|passes| **passes).count(), passing.len());
        for (number, passes) in numbers.iter().zip(&narrow) {
            assert_eq!(passing.contains(&number), *passes);
        }
        narrow
    }

    #[test]
    fn primes_pass_and_composites_do_not() {
        let below = [1, 3, 5, 103, BELOW_1024_BITS, 107, 109, 111];
        assert_eq!(passing_below::<{ U1024::LIMBS }>(below), below.map(|below| below == BELOW_1024_BITS));
        let below = [BELOW_2048_BITS, 1, 3, 5, 7, 9, 11, BELOW_2048_BITS + 2];
        assert_eq!(passing_below::<{ U2048::LIMBS }>(below), below.map(|below| below == BELOW_2048_BITS));
    }

    #[test]
    fn primes_pass_in_every_lane() {
        assert_eq!(passing_below::<{ U1024::LIMBS }>([BELOW_1024_BITS; NUMBERS]), [true; NUMBERS]);
        assert_eq!(passing_below::<{ U2048::LIMBS }>([BELOW_2048_BITS; NUMBERS]), [true; NUMBERS]);
    }

    #[test]
    fn the_same_numbers_pass_as_with_base_two_of_miller_and_rabin() {
        let bits = NonZero::new(U1024::BITS).unwrap();
        let start = U1024::ONE.shl_vartime(U1024::BITS - 1);
        let mut candidates = SmallFactorsSieve::new(start, bits, false).unwrap();
        for _ in 0..10 {
            let candidates = [(); NUMBERS].map(|()| candidates.next().unwrap());
            let by_rounds = candidates.iter().filter(|candidate| {
                let test = MillerRabin::new(Odd::new(**candidate).unwrap());
                test.test_base_two().is_probably_prime()
            });
            assert_eq!(passing(&candidates).collect::<Vec<_>>(), by_rounds.collect::<Vec<_>>());
        }
    }

    #[test]
    fn sse2_suffices() {
        let numbers = [BELOW_1024_BITS, 3, BELOW_1024_BITS, 5]
            .map(|below| U1024::ZERO.wrapping_sub(&U1024::from(below)));
        #[cfg(target_arch = "x86_64")]
        let passes = pass_with::<u64x4<_>, { U1024::LIMBS }>(Level::new().as_sse2().unwrap(), &numbers);
        #[cfg(not(target_arch = "x86_64"))]
        let passes = pass(&numbers);
        assert_eq!(passes, [true, false, true, false]);
    }
}

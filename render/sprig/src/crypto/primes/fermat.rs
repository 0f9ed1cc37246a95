//! Fermat's test to base 2, of several large numbers at once: nearly all composites fail it, and no prime does.
//!
//! It only chooses what is worth a better test.

use crypto_bigint::Uint;

use super::lanes::{self, Calculation, Digits, Modulus, lowest_bits};

/// The numbers for which two to the power of one less than them leaves the remainder 1. They are odd, have at most 2048
/// bits, and the highest bit that their type has is set.
pub(in crate::crypto) fn passing<const LIMBS: usize>(
    numbers: &[Uint<LIMBS>; lanes::MOST],
) -> impl Iterator<Item = &Uint<LIMBS>> {
    let tested = numbers.iter().zip(lanes::calculate(&Test(numbers)));
    tested.filter(|(_, passes)| *passes).map(|(number, _)| number)
}

/// Which of the numbers pass.
struct Test<'n, const LIMBS: usize>(&'n [Uint<LIMBS>; lanes::MOST]);

impl<const LIMBS: usize> Calculation for Test<'_, LIMBS> {
    type Result = Vec<bool>;

    #[inline(always)]
    fn with<D: Digits>(&self, processor: D::Processor) -> Vec<bool> {
        let mut passes = Vec::with_capacity(lanes::MOST);
        for numbers in self.0.chunks(D::LANES) {
            passes.extend(pass::<D, LIMBS>(processor, numbers));
        }
        passes
    }
}

/// In Montgomery's form, powers of two with negative exponents need no division. So what is calculated is two to the
/// power of one minus the number, which is 1 just where its inverse is.
#[inline(always)]
fn pass<D: Digits, const LIMBS: usize>(processor: D::Processor, numbers: &[Uint<LIMBS>]) -> Vec<bool> {
    let bits = Uint::<LIMBS>::BITS;
    let exponents: Vec<_> = numbers.iter().map(|number| Uint::ONE.wrapping_sub(number)).collect();
    let mut modulus = Modulus::<D>::new(processor, numbers);
    // The first power takes some of the exponent's upper bits at once.
    let lower_bits = bits - (bits.ilog2() - 2);
    let below_zero = exponents.iter().map(|exponent| {
        let upper = (!*exponent).unbounded_shr_vartime(lower_bits);
        lowest_bits(&upper) as u32 + 1
    });
    let mut power = modulus.powers_of_two(below_zero);
    for bit in (0..lower_bits).rev() {
        modulus.square(&mut power);
        modulus.double(&mut power, exponents.iter().map(|exponent| exponent.bit_vartime(bit)));
    }
    modulus.are(&power, &Uint::<LIMBS>::ONE)
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
    fn passing_below<const LIMBS: usize>(below: [u32; lanes::MOST]) -> Vec<bool> {
        let numbers = below.map(|below| Uint::<LIMBS>::ZERO.wrapping_sub(&Uint::from(below)));
        let mut passes = lanes::calculate_with_each(&Test(&numbers));
        passes.dedup();
        assert_eq!(passes.len(), 1);
        passes.remove(0)
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
        assert_eq!(passing_below::<{ U1024::LIMBS }>([BELOW_1024_BITS; lanes::MOST]), [true; lanes::MOST]);
        assert_eq!(passing_below::<{ U2048::LIMBS }>([BELOW_2048_BITS; lanes::MOST]), [true; lanes::MOST]);
    }

    #[test]
    fn the_same_numbers_pass_as_with_base_two_of_miller_and_rabin() {
        let bits = NonZero::new(U1024::BITS).unwrap();
        let start = U1024::ONE.shl_vartime(U1024::BITS - 1);
        let mut candidates = SmallFactorsSieve::new(start, bits, false).unwrap();
        for _ in 0..10 {
            let candidates = [(); lanes::MOST].map(|()| candidates.next().unwrap());
            let by_rounds = candidates.iter().filter(|candidate| {
                let test = MillerRabin::new(Odd::new(**candidate).unwrap());
                test.test_base_two().is_probably_prime()
            });
            assert_eq!(passing(&candidates).collect::<Vec<_>>(), by_rounds.collect::<Vec<_>>());
        }
    }
}

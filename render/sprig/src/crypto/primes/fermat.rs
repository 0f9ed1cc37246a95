//! Fermat's test to base 2 of several large numbers at once: nearly all composites fail it, and no prime does.
//!
//! Numbers are kept in Montgomery's form, where x stands for x divided by R, the power of two just above all digits.

mod digits;

use crypto_bigint::Uint;
use fearless_simd::{Level, dispatch, u64x4};

use self::digits::Digits;

const NARROW_LANES: usize = 4;

/// How many numbers this machine tests at once.
pub(super) fn lanes() -> usize {
    #[cfg(target_arch = "x86_64")]
    if Level::new().as_avx512().is_some() {
        return fearless_simd::u64x8::<fearless_simd::Avx512>::LANES;
    }
    NARROW_LANES
}

/// For each of [`lanes`] numbers whether two to the power of one less than it leaves the remainder 1. They are odd, of
/// at most 2048 bits, and the highest bit that the type has is set.
pub(super) fn pass<const LIMBS: usize>(numbers: &[Uint<LIMBS>]) -> Vec<bool> {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx512) = Level::new().as_avx512() {
        use fearless_simd::{Avx512, Simd, u64x8};
        return avx512.vectorize(
            #[inline(always)]
            || pass_with::<u64x8<Avx512>, LIMBS>(avx512, numbers),
        );
    }
    narrow(numbers)
}

/// The same for [`NARROW_LANES`] numbers, on any processor.
fn narrow<const LIMBS: usize>(numbers: &[Uint<LIMBS>]) -> Vec<bool> {
    dispatch!(Level::new(), simd => pass_with::<u64x4<_>, LIMBS>(simd, numbers))
}

/// Powers of two with negative exponents need no division in Montgomery's form: the one of `e - R` is two to the power
/// of e. So what is calculated is two to the power of one minus the number, which is 1 just where its inverse is.
#[inline(always)]
fn pass_with<D: Digits, const LIMBS: usize>(processor: D::Processor, numbers: &[Uint<LIMBS>]) -> Vec<bool> {
    let exponents: Vec<_> = numbers.iter().map(|number| Uint::ONE.wrapping_sub(number)).collect();
    let mut modulus = Modulus::<D>::new(processor, numbers);
    // The first power takes some of the exponent's upper bits.
    let lower_bits = Uint::<LIMBS>::BITS - (Uint::<LIMBS>::BITS.ilog2() - 2);
    let below_zero = |exponent: &Uint<LIMBS>| {
        (!*exponent).shr_vartime(lower_bits).as_words().first().map_or(1, |word| *word as u32 + 1)
    };
    let mut power = modulus.powers_of_two(exponents.iter().map(below_zero));
    for bit in (0..lower_bits).rev() {
        modulus.square(&mut power);
        modulus.double(&mut power, exponents.iter().map(|exponent| exponent.bit_vartime(bit)));
    }
    modulus.are_one(&power)
}

/// The numbers that are tested, as moduli.
struct Modulus<D: Digits> {
    processor: D::Processor,
    digits: Vec<D>,
    /// The negated inverse of the lowest digit.
    negated_inverse: D,
    /// Sums by column, for twice as many digits.
    sums: Vec<D>,
}

impl<D: Digits> Modulus<D> {
    #[inline(always)]
    fn new<const LIMBS: usize>(processor: D::Processor, numbers: &[Uint<LIMBS>]) -> Self {
        // Four bits more than the numbers have, so that what is below four times a number need not be reduced.
        let length = (Uint::<LIMBS>::BITS + 4).div_ceil(D::BITS);
        let digits: Vec<_> = (0..length)
            .map(|index| {
                let lanes: Vec<_> =
                    numbers.iter().map(|number| digit::<LIMBS>(number, index * D::BITS, D::BITS)).collect();
                lanes
            })
            .collect();
        let inverses: Vec<_> = digits
            .first()
            .into_iter()
            .flatten()
            .map(|digit| negated_inverse(*digit) & mask(D::BITS))
            .collect();
        let digits: Vec<_> = digits.iter().map(|lanes| D::load(processor, lanes)).collect();
        let sums = vec![D::splat(processor, 0); 2 * digits.len()];
        Self { processor, digits, negated_inverse: D::load(processor, &inverses), sums }
    }

    /// Two to the powers of negative exponents.
    fn powers_of_two(&self, below_zero: impl Iterator<Item = u32>) -> Vec<D> {
        let exponents: Vec<_> =
            below_zero.map(|below_zero| self.digits.len() as u32 * D::BITS - below_zero).collect();
        let digit = |index: u32| {
            let lanes = exponents
                .iter()
                .map(|exponent| if exponent / D::BITS == index { 1 << (exponent % D::BITS) } else { 0 });
            D::load(self.processor, &lanes.collect::<Vec<_>>())
        };
        (0..self.digits.len() as u32).map(digit).collect()
    }

    /// Squares a number below four times the modulus; the square is below twice the modulus.
    #[inline(always)]
    fn square(&mut self, number: &mut [D]) {
        let zero = D::splat(self.processor, 0);
        self.sums.fill(zero);
        let mut rest = &*number;
        let mut sums = self.sums.as_mut_slice();
        while let ([digit, higher @ ..], [_, above @ ..]) = (rest, sums) {
            add_row(above, *digit, higher, zero, zero);
            rest = higher;
            sums = above.get_mut(1..).unwrap_or_default();
        }
        for ([even, odd], digit) in self.sums.as_chunks_mut::<2>().0.iter_mut().zip(number.iter()) {
            *even = (*even + *even).add_product(*digit, *digit);
            *odd = (*odd + *odd).add_carry(*digit, *digit);
        }
        self.reduce(number);
    }

    /// Divides the sums by R.
    #[inline(always)]
    fn reduce(&mut self, quotient: &mut [D]) {
        let zero = D::splat(self.processor, 0);
        let digit = D::splat(self.processor, mask(D::BITS));
        let Some((lowest, higher)) = self.digits.split_first() else { return };
        let mut sums = self.sums.as_mut_slice();
        for _ in 0..self.digits.len() {
            let [own, above @ ..] = sums else { return };
            let factor = zero.add_product(*own, self.negated_inverse) & digit;
            let carry = own.add_product(factor, *lowest) >> D::BITS;
            add_row(above, factor, higher, carry.add_carry(factor, *lowest), zero);
            sums = above;
        }
        let mut carry = zero;
        for (quotient, sum) in quotient.iter_mut().zip(sums) {
            carry = carry + *sum;
            *quotient = carry & digit;
            carry = carry >> D::BITS;
        }
    }

    /// Doubles the numbers that are to be.
    #[inline(always)]
    fn double(&self, number: &mut [D], doubled: impl Iterator<Item = bool>) {
        let shift = D::load(self.processor, &doubled.map(u64::from).collect::<Vec<_>>());
        let digit = D::splat(self.processor, mask(D::BITS));
        let mut carry = D::splat(self.processor, 0);
        for part in number {
            let shifted = (*part << shift) + carry;
            *part = shifted & digit;
            carry = shifted >> D::BITS;
        }
    }

    #[inline(always)]
    fn are_one(&mut self, number: &[D]) -> Vec<bool> {
        let zero = D::splat(self.processor, 0);
        self.sums.fill(zero);
        for (sum, digit) in self.sums.iter_mut().zip(number) {
            *sum = *digit;
        }
        let mut quotient = vec![zero; number.len()];
        self.reduce(&mut quotient);
        let mut are_one = vec![true; D::LANES];
        for (index, digits) in quotient.into_iter().enumerate() {
            for (is_one, digit) in are_one.iter_mut().zip(digits.store().as_ref()) {
                *is_one &= *digit == u64::from(index == 0);
            }
        }
        are_one
    }
}

/// Adds a carry and the product of a digit and a number.
#[inline(always)]
fn add_row<D: Digits>(sums: &mut [D], digit: D, number: &[D], mut carry: D, zero: D) {
    for (sum, other) in sums.iter_mut().zip(number) {
        *sum = (*sum + carry).add_product(digit, *other);
        carry = zero.add_carry(digit, *other);
    }
    if let Some(sum) = sums.get_mut(number.len()) {
        *sum = *sum + carry;
    }
}

fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

/// Some bits of a number.
fn digit<const LIMBS: usize>(number: &Uint<LIMBS>, start: u32, bits: u32) -> u64 {
    let shifted = number.unbounded_shr_vartime(start);
    let bytes = shifted.to_le_bytes();
    let first = bytes.as_ref().iter().take(8).rev().fold(0, |first, byte| first << 8 | u64::from(*byte));
    first & mask(bits)
}

fn negated_inverse(odd: u64) -> u64 {
    // An odd number is its own inverse as far as the lowest three bits go, and each step doubles how many are right.
    let better = |inverse: u64, _| inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
    (0..5).fold(odd, better).wrapping_neg()
}

#[cfg(test)]
mod tests {
    use crypto_bigint::{U1024, U2048};

    use super::*;

    /// The largest primes of 1024 and of 2048 bits are two to the power of that, less these.
    const BELOW_1024_BITS: u32 = 105;
    const BELOW_2048_BITS: u32 = 1_942_289;

    /// Which of the numbers that lie so far below the highest pass, with both kinds of digits.
    fn passing<const LIMBS: usize>(below: [u32; 8]) -> Vec<u32> {
        let numbers = below.map(|below| Uint::<LIMBS>::ZERO.wrapping_sub(&Uint::from(below)));
        let narrow: Vec<bool> = numbers.chunks(NARROW_LANES).flat_map(narrow).collect();
        let widest: Vec<bool> = numbers.chunks(lanes()).flat_map(pass).collect();
        assert_eq!(narrow, widest);
        below.into_iter().zip(narrow).filter(|(_, passes)| *passes).map(|(below, _)| below).collect()
    }

    #[test]
    fn primes_pass_and_composites_do_not() {
        assert_eq!(passing::<{ U1024::LIMBS }>([1, 3, 5, 103, BELOW_1024_BITS, 107, 109, 111]), [105]);
        assert_eq!(
            passing::<{ U2048::LIMBS }>([BELOW_2048_BITS, 1, 3, 5, 7, 9, 11, BELOW_2048_BITS + 2]),
            [BELOW_2048_BITS]
        );
    }

    #[test]
    fn primes_pass_in_every_lane() {
        assert_eq!(passing::<{ U1024::LIMBS }>([BELOW_1024_BITS; 8]), [BELOW_1024_BITS; 8]);
    }

    #[test]
    fn what_is_prime_for_miller_and_rabin_passes() {
        use crypto_primes::hazmat::{MillerRabin, SmallFactorsSieve};
        let start = U1024::ONE.shl_vartime(1023);
        let bits = std::num::NonZero::new(U1024::BITS).unwrap();
        let candidates: Vec<U1024> = SmallFactorsSieve::new(start, bits, false).unwrap().take(48).collect();
        let found: Vec<bool> = candidates.chunks(lanes()).flat_map(pass).collect();
        for (candidate, passes) in candidates.iter().zip(found) {
            let test = MillerRabin::new(crypto_bigint::Odd::new(*candidate).unwrap());
            assert_eq!(passes, test.test_base_two().is_probably_prime());
        }
    }
}

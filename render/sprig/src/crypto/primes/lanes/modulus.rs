//! Multiplying several large numbers at once, each with its own modulus.
//!
//! Numbers are in Montgomery's form: x stands for x divided by R, the power of two just above all digits.

use crypto_bigint::Uint;

use super::digits::Digits;

/// Bits of an exponent that are taken at once.
const WINDOW: u32 = 4;

/// The moduli, which are odd.
pub(in crate::crypto::primes) struct Modulus<D: Digits> {
    processor: D::Processor,
    digits: Vec<D>,
    /// The negated inverse of the lowest digit.
    negated_inverse: D,
    /// Sums by column, for twice as many digits.
    sums: Vec<D>,
}

impl<D: Digits> Modulus<D> {
    #[inline(always)]
    pub(in crate::crypto::primes) fn new<const LIMBS: usize>(
        processor: D::Processor,
        numbers: &[Uint<LIMBS>],
    ) -> Self {
        let digits: Vec<D> = digits_of(processor, numbers).collect();
        let inverses = numbers.iter().map(|number| negated_inverse(lowest_bits(number)) & mask(D::BITS));
        let negated_inverse = D::load(processor, inverses);
        let sums = vec![D::splat(processor, 0); 2 * digits.len()];
        Self { processor, digits, negated_inverse, sums }
    }

    /// Two to the powers that lie so far below zero: less than digits have bits, and not by much.
    pub(in crate::crypto::primes) fn powers_of_two(&self, below_zero: impl Iterator<Item = u32>) -> Vec<D> {
        let length = self.digits.len() as u32;
        let exponents: Vec<_> = below_zero.map(|below_zero| length * D::BITS - below_zero).collect();
        let digits = (0..length).map(|index| {
            let lanes = exponents
                .iter()
                .map(|exponent| if exponent / D::BITS == index { 1 << (exponent % D::BITS) } else { 0 });
            D::load(self.processor, lanes)
        });
        digits.collect()
    }

    /// Takes numbers below the moduli for ones in Montgomery's form.
    #[inline(always)]
    pub(in crate::crypto::primes) fn numbers_in_form<const LIMBS: usize>(
        &self,
        numbers: &[Uint<LIMBS>],
    ) -> Vec<D> {
        digits_of(self.processor, numbers).collect()
    }

    /// Raises what is below twice the modulus to a power, which is not zero. The power is below twice the modulus.
    #[inline(always)]
    pub(in crate::crypto::primes) fn power<const LIMBS: usize>(
        &mut self,
        base: &[D],
        exponent: &Uint<LIMBS>,
    ) -> Vec<D> {
        let mut powers = vec![base.to_vec()];
        for _ in 2..1 << WINDOW {
            let mut next = base.to_vec();
            if let Some(last) = powers.last() {
                self.multiply(&mut next, last);
            }
            powers.push(next);
        }
        let mut power = base.to_vec();
        let mut bits = exponent.bit_width_vartime().saturating_sub(1);
        while bits > 0 {
            let taken = bits.min(WINDOW);
            bits -= taken;
            for _ in 0..taken {
                self.square(&mut power);
            }
            let window = lowest_bits(&exponent.unbounded_shr_vartime(bits)) & mask(taken);
            if let Some(factor) = (window as usize).checked_sub(1).and_then(|index| powers.get(index)) {
                self.multiply(&mut power, factor);
            }
        }
        power
    }

    /// Multiplies two numbers below twice the modulus. The product is below twice the modulus.
    #[inline(always)]
    fn multiply(&mut self, number: &mut [D], factor: &[D]) {
        let zero = D::splat(self.processor, 0);
        self.sums.fill(zero);
        let mut sums = self.sums.as_mut_slice();
        for pair in factor.as_chunks::<2>().0 {
            add_rows(sums, *pair, zero, zero, number);
            sums = sums.get_mut(2..).unwrap_or_default();
        }
        self.reduce(number);
    }

    /// Squares what is below four times the modulus. The square is below twice the modulus.
    #[inline(always)]
    pub(in crate::crypto::primes) fn square(&mut self, number: &mut [D]) {
        let zero = D::splat(self.processor, 0);
        self.sums.fill(zero);
        let mut rest = &*number;
        let mut sums = self.sums.as_mut_slice();
        while let ([first, second, higher @ ..], [_, own, above @ ..]) = (rest, sums) {
            *own = own.add_product(*first, *second);
            add_rows(above, [*first, *second], zero, zero.add_carry(*first, *second), higher);
            rest = higher;
            sums = above.get_mut(2..).unwrap_or_default();
        }
        // So far each pair of different digits has been taken once, and no digit with itself.
        for ([even, odd], digit) in self.sums.as_chunks_mut::<2>().0.iter_mut().zip(number.iter()) {
            *even = (*even + *even).add_product(*digit, *digit);
            *odd = (*odd + *odd).add_carry(*digit, *digit);
        }
        self.reduce(number);
    }

    /// Divides the sums by R: multiples of the modulus make one column after the other zero.
    #[inline(always)]
    fn reduce(&mut self, quotient: &mut [D]) {
        let zero = D::splat(self.processor, 0);
        let digit = D::splat(self.processor, mask(D::BITS));
        let [lowest, second, higher @ ..] = self.digits.as_slice() else { return };
        let mut sums = self.sums.as_mut_slice();
        for _ in 0..self.digits.len() / 2 {
            let [own, next, above @ ..] = sums else { return };
            let factor = zero.add_product(*own, self.negated_inverse) & digit;
            let carry = own.add_product(factor, *lowest) >> D::BITS;
            let next = (*next + carry).add_carry(factor, *lowest).add_product(factor, *second);
            let other = zero.add_product(next, self.negated_inverse) & digit;
            let carry = next.add_product(other, *lowest) >> D::BITS;
            let carry = carry.add_carry(factor, *second).add_carry(other, *lowest);
            add_rows(above, [factor, other], *second, carry, higher);
            sums = above;
        }
        let mut carry = zero;
        for (quotient, sum) in quotient.iter_mut().zip(sums) {
            carry = carry + *sum;
            *quotient = carry & digit;
            carry = carry >> D::BITS;
        }
    }

    /// Doubles those of the numbers that are to be.
    #[inline(always)]
    pub(in crate::crypto::primes) fn double(
        &self,
        number: &mut [D],
        are_doubled: impl Iterator<Item = bool>,
    ) {
        let shift = D::load(self.processor, are_doubled.map(u64::from));
        let mask = D::splat(self.processor, mask(D::BITS));
        let mut carry = D::splat(self.processor, 0);
        for digit in number {
            let shifted = (*digit << shift) + carry;
            *digit = shifted & mask;
            carry = shifted >> D::BITS;
        }
    }

    /// Whether what the numbers stand for leaves that remainder, which is not zero.
    #[inline(always)]
    pub(in crate::crypto::primes) fn are<const LIMBS: usize>(
        &mut self,
        number: &[D],
        remainder: &Uint<LIMBS>,
    ) -> Vec<bool> {
        let zero = D::splat(self.processor, 0);
        self.sums.fill(zero);
        self.sums.iter_mut().zip(number).for_each(|(sum, digit)| *sum = *digit);
        let mut own = vec![zero; number.len()];
        self.reduce(&mut own);
        let mut are = vec![true; D::LANES];
        for (index, digits) in (0..).zip(own) {
            let digit = digit_of(remainder, index, D::BITS);
            for (is, own) in are.iter_mut().zip(digits.store().as_ref()) {
                *is &= *own == digit;
            }
        }
        are
    }
}

/// The digits of a number for each lane.
#[inline(always)]
fn digits_of<D: Digits, const LIMBS: usize>(
    processor: D::Processor,
    numbers: &[Uint<LIMBS>],
) -> impl Iterator<Item = D> {
    // Four bits more than the numbers have, so that what is below four times a number need not be reduced; and digits
    // are taken in pairs.
    let pairs = (Uint::<LIMBS>::BITS + 4).div_ceil(2 * D::BITS);
    (0..2 * pairs)
        .map(move |index| D::load(processor, numbers.iter().map(|number| digit_of(number, index, D::BITS))))
}

fn digit_of<const LIMBS: usize>(number: &Uint<LIMBS>, index: u32, bits: u32) -> u64 {
    lowest_bits(&number.unbounded_shr_vartime(index * bits)) & mask(bits)
}

/// Adds the products of digits with two factors, of which the second belongs one column further: there, `previous` is
/// the digit that comes first.
#[inline(always)]
fn add_rows<D: Digits>(sums: &mut [D], [first, second]: [D; 2], mut previous: D, mut carry: D, digits: &[D]) {
    let zero = D::splat(carry.processor(), 0);
    for (sum, digit) in sums.iter_mut().zip(digits) {
        *sum = (*sum + carry).add_product(first, *digit).add_product(second, previous);
        carry = zero.add_carry(first, *digit).add_carry(second, previous);
        previous = *digit;
    }
    if let Some([sum, next, ..]) = sums.get_mut(digits.len()..) {
        *sum = (*sum + carry).add_product(second, previous);
        *next = next.add_carry(second, previous);
    }
}

const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

/// The lowest 64 bits.
pub(in crate::crypto::primes) fn lowest_bits<const LIMBS: usize>(number: &Uint<LIMBS>) -> u64 {
    let bytes = number.to_le_bytes();
    bytes.as_ref().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn negated_inverse(odd: u64) -> u64 {
    // An odd number is its own inverse as far as the lowest three bits go, and each step doubles how many are right.
    let better = |inverse: u64, _| inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
    (0..5).fold(odd, better).wrapping_neg()
}

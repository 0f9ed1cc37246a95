//! Vectors with a digit of one number in each lane.

use std::ops::{Add, BitAnd, Shl, Shr};

use fearless_simd::{Simd, SimdBase, u64x4};

/// A digit of each number.
pub(super) trait Digits:
    Copy + Add<Output = Self> + BitAnd<Output = Self> + Shr<u32, Output = Self> + Shl<Output = Self>
{
    /// The proof that the processor has what it takes.
    type Processor: Copy;

    /// How many bits a digit has. Lanes have enough more to add up products column by column.
    const BITS: u32;
    /// How many numbers there are.
    const LANES: usize;

    fn splat(processor: Self::Processor, digit: u64) -> Self;

    /// Takes as many digits as there are lanes.
    fn load(processor: Self::Processor, digits: &[u64]) -> Self;

    fn store(self) -> impl AsRef<[u64]>;

    /// Adds what a product of digits gives to its own column.
    fn add_product(self, one: Self, other: Self) -> Self;

    /// Adds what a product of digits gives to the next column.
    fn add_carry(self, one: Self, other: Self) -> Self;
}

/// Digits so small that their products are left as they are.
impl<S: Simd> Digits for u64x4<S> {
    type Processor = S;

    const BITS: u32 = 28;
    const LANES: usize = 4;

    #[inline(always)]
    fn splat(processor: S, digit: u64) -> Self {
        SimdBase::splat(processor, digit)
    }

    #[inline(always)]
    fn load(processor: S, digits: &[u64]) -> Self {
        SimdBase::from_slice(processor, digits)
    }

    #[inline(always)]
    fn store(self) -> impl AsRef<[u64]> {
        <[u64; 4]>::from(self)
    }

    #[inline(always)]
    fn add_product(self, one: Self, other: Self) -> Self {
        // Processors multiply 32 bits at once. Without the mask the compiler could not know that there are no more.
        let half = u64::from(u32::MAX);
        self + (one & half) * (other & half)
    }

    #[inline(always)]
    fn add_carry(self, _one: Self, _other: Self) -> Self {
        self
    }
}

#[cfg(target_arch = "x86_64")]
mod fused {
    use fearless_simd::{Avx512, SimdBase, SimdInto, kernel, u64x8};

    use super::Digits;

    /// Digits as AVX-512's instructions for large numbers multiply them.
    impl Digits for u64x8<Avx512> {
        type Processor = Avx512;

        const BITS: u32 = 52;
        const LANES: usize = 8;

        #[inline(always)]
        fn splat(processor: Avx512, digit: u64) -> Self {
            SimdBase::splat(processor, digit)
        }

        #[inline(always)]
        fn load(processor: Avx512, digits: &[u64]) -> Self {
            SimdBase::from_slice(processor, digits)
        }

        #[inline(always)]
        fn store(self) -> impl AsRef<[u64]> {
            <[u64; 8]>::from(self)
        }

        #[inline(always)]
        fn add_product(self, one: Self, other: Self) -> Self {
            add_lower_bits(self.simd, self, one, other)
        }

        #[inline(always)]
        fn add_carry(self, one: Self, other: Self) -> Self {
            add_upper_bits(self.simd, self, one, other)
        }
    }

    kernel!(
        #[inline(always)]
        fn add_lower_bits(
            processor: Avx512,
            sum: u64x8<Avx512>,
            one: u64x8<Avx512>,
            other: u64x8<Avx512>,
        ) -> u64x8<Avx512> {
            core::arch::x86_64::_mm512_madd52lo_epu64(sum.into(), one.into(), other.into())
                .simd_into(processor)
        }
    );

    kernel!(
        #[inline(always)]
        fn add_upper_bits(
            processor: Avx512,
            sum: u64x8<Avx512>,
            one: u64x8<Avx512>,
            other: u64x8<Avx512>,
        ) -> u64x8<Avx512> {
            core::arch::x86_64::_mm512_madd52hi_epu64(sum.into(), one.into(), other.into())
                .simd_into(processor)
        }
    );
}

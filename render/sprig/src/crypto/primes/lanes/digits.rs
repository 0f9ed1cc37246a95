//! Vectors with a digit of one number in each lane.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m512i, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64};
use std::ops::{Add, BitAnd, Shl, Shr};

#[cfg(target_arch = "x86_64")]
use fearless_simd::{Avx512, SimdInto, kernel, u64x8};
use fearless_simd::{Simd, SimdBase, u64x4};

/// A digit of each number.
pub(in crate::crypto::primes) trait Digits:
    Copy + Add<Output = Self> + BitAnd<Output = Self> + Shr<u32, Output = Self> + Shl<Output = Self>
{
    /// The proof that the processor has what it takes.
    type Processor: Copy;

    /// How many bits a digit has. Lanes have enough more to add up products column by column.
    const BITS: u32;
    /// How many numbers there are.
    const LANES: usize;

    fn processor(self) -> Self::Processor;

    fn splat(processor: Self::Processor, digit: u64) -> Self;

    /// Takes as many digits as there are lanes.
    fn load(processor: Self::Processor, digits: impl Iterator<Item = u64>) -> Self;

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
    fn processor(self) -> S {
        self.simd
    }

    #[inline(always)]
    fn splat(processor: S, digit: u64) -> Self {
        SimdBase::splat(processor, digit)
    }

    #[inline(always)]
    fn load(processor: S, digits: impl Iterator<Item = u64>) -> Self {
        let mut lanes = [0; 4];
        lanes.iter_mut().zip(digits).for_each(|(lane, digit)| *lane = digit);
        SimdBase::from_slice(processor, &lanes)
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

/// Digits as AVX-512's instructions for large numbers multiply them.
#[cfg(target_arch = "x86_64")]
impl Digits for u64x8<Avx512> {
    type Processor = Avx512;

    const BITS: u32 = 52;
    const LANES: usize = 8;

    #[inline(always)]
    fn processor(self) -> Avx512 {
        self.simd
    }

    #[inline(always)]
    fn splat(processor: Avx512, digit: u64) -> Self {
        SimdBase::splat(processor, digit)
    }

    #[inline(always)]
    fn load(processor: Avx512, digits: impl Iterator<Item = u64>) -> Self {
        let mut lanes = [0; 8];
        lanes.iter_mut().zip(digits).for_each(|(lane, digit)| *lane = digit);
        SimdBase::from_slice(processor, &lanes)
    }

    #[inline(always)]
    fn store(self) -> impl AsRef<[u64]> {
        <[u64; 8]>::from(self)
    }

    #[inline(always)]
    fn add_product(self, one: Self, other: Self) -> Self {
        kernel!(
            #[inline(always)]
            fn add(processor: Avx512, sum: __m512i, one: __m512i, other: __m512i) -> u64x8<Avx512> {
                _mm512_madd52lo_epu64(sum, one, other).simd_into(processor)
            }
        );
        add(self.simd, self.into(), one.into(), other.into())
    }

    #[inline(always)]
    fn add_carry(self, one: Self, other: Self) -> Self {
        kernel!(
            #[inline(always)]
            fn add(processor: Avx512, sum: __m512i, one: __m512i, other: __m512i) -> u64x8<Avx512> {
                _mm512_madd52hi_epu64(sum, one, other).simd_into(processor)
            }
        );
        add(self.simd, self.into(), one.into(), other.into())
    }
}

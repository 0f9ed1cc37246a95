//! Calculating with several large numbers at once, one in each lane of the processor's vectors.

mod digits;
mod modulus;

#[cfg(not(target_arch = "x86_64"))]
use fearless_simd::dispatch;
#[cfg(target_arch = "x86_64")]
use fearless_simd::{Avx512, Simd, u64x8};
use fearless_simd::{Level, u64x4};

pub(super) use self::{
    digits::Digits,
    modulus::{Modulus, lowest_bits},
};

/// The most lanes; fewer divide it.
pub(in crate::crypto) const MOST: usize = 8;

/// What is to be calculated, however many lanes there are.
pub(super) trait Calculation {
    type Result: Default;

    /// Calculates with lanes of that kind. It has to be inlined, so that it is compiled for the processor.
    fn with<D: Digits>(&self, processor: D::Processor) -> Self::Result;
}

/// Calculates with the widest lanes that the processor has.
#[cfg(target_arch = "x86_64")]
pub(super) fn calculate<C: Calculation>(calculation: &C) -> C::Result {
    let level = Level::new();
    if let Some(processor) = level.as_avx512() {
        return processor.vectorize(
            #[inline(always)]
            || calculation.with::<u64x8<Avx512>>(processor),
        );
    }
    calculate_narrow(calculation)
}

/// Calculates with lanes that every processor has.
#[cfg(target_arch = "x86_64")]
fn calculate_narrow<C: Calculation>(calculation: &C) -> C::Result {
    let level = Level::new();
    if let Some(processor) = level.as_avx2() {
        return processor.vectorize(
            #[inline(always)]
            || calculation.with::<u64x4<_>>(processor),
        );
    }
    // Every processor of this architecture has SSE2.
    level.as_sse2().map(|processor| calculation.with::<u64x4<_>>(processor)).unwrap_or_default()
}

/// Calculates with the lanes that the processor has.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn calculate<C: Calculation>(calculation: &C) -> C::Result {
    dispatch!(Level::new(), processor => calculation.with::<u64x4<_>>(processor))
}

/// Calculates with each kind of lanes that the processor has.
#[cfg(test)]
pub(super) fn calculate_with_each<C: Calculation>(calculation: &C) -> Vec<C::Result> {
    #[cfg(target_arch = "x86_64")]
    let narrow = [
        calculate_narrow(calculation),
        Level::new().as_sse2().map(|processor| calculation.with::<u64x4<_>>(processor)).unwrap(),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let narrow = [];
    narrow.into_iter().chain([calculate(calculation)]).collect()
}
